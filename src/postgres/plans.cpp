#include "postgres/plans.hpp"

extern "C" {
#include "utils/plancache.h"
#include "utils/resowner.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

/// Rows that the planner expects in a batch. One, so that looking each row up by the key's index is
/// the cheapest way for a table of any size: the plan is kept while the table grows.
constexpr double kExpectedRows = 1;

struct RawBatchColumn {
    const char* name;
    Oid type;
    int32 typmod;
    Oid collation;
};

/// What is registered in SPI's connection now; outlives an error between the two ends.
EphemeralNamedRelation registered = nullptr;
/// What there is of a plan whose making was not finished: its memory, and the statement once kept.
MemoryContext unfinished = nullptr;
SPIPlanPtr unfinished_plan = nullptr;

void unregister_relation() {
    if (registered == nullptr)
        return;
    EphemeralNamedRelation relation = registered;
    registered = nullptr;
    SPI_unregister_relation(relation->md.name);
    relation->reldata = nullptr;
}

void register_relation(EphemeralNamedRelation relation) {
    unregister_relation();
    // The list cell must live as long as the connection: it is in the current context.
    MemoryContext before = MemoryContextSwitchTo(TopTransactionContext);
    int rc = SPI_register_relation(relation);
    MemoryContextSwitchTo(before);
    if (rc != SPI_OK_REL_REGISTER)
        elog(ERROR, "could not register a batch: %s", SPI_result_code_string(rc));
    registered = relation;
}

/// For the planner, until the current level of settings ends: the key's index, by all means.
void prefer_indexes() {
    static const char* const settings[][2] = {
        {"enable_seqscan", "off"}, {"enable_hashjoin", "off"}, {"enable_mergejoin", "off"},
        {"random_page_cost", "0"}, {"seq_page_cost", "0"},
    };
    for (const char* const(&setting)[2] : settings)
        set_config_option(setting[0], setting[1], PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
                          0, false);
}

/// Plans now, while the planner is told to use the key's index: a table that is empty or small at
/// the first batch would otherwise be scanned whole by every later one.
void plan_now(SPIPlanPtr plan) {
    CachedPlan* cached = SPI_plan_get_cached_plan(plan);
    if (cached != nullptr)
        ReleaseCachedPlan(cached, CurrentResourceOwner);
}

Plan make_plan(const char* sql, const char* relation, const RawBatchColumn* columns, int count,
               Oid parameter) {
    Plan plan = {};
    MemoryContext before = CurrentMemoryContext;
    plan.context = AllocSetContextCreate(TopMemoryContext, "kafka_cdc_sink batch relation",
                                         ALLOCSET_SMALL_SIZES);
    unfinished = plan.context;
    MemoryContextSwitchTo(plan.context);
    if (count > 0) {
        plan.desc = CreateTemplateTupleDesc(count);
        for (int i = 0; i < count; ++i) {
            AttrNumber n = static_cast<AttrNumber>(i + 1);
            TupleDescInitEntry(plan.desc, n, columns[i].name, columns[i].type, columns[i].typmod,
                               0);
            TupleDescInitEntryCollation(plan.desc, n, columns[i].collation);
        }
        plan.relation =
            static_cast<EphemeralNamedRelation>(palloc0(sizeof(EphemeralNamedRelationData)));
        plan.relation->md.name = pstrdup(relation);
        plan.relation->md.reliddesc = InvalidOid;
        plan.relation->md.tupdesc = plan.desc;
        plan.relation->md.enrtype = ENR_NAMED_TUPLESTORE;
        plan.relation->md.enrtuples = kExpectedRows;
        register_relation(plan.relation);
    }
    MemoryContextSwitchTo(before);
    int level = NewGUCNestLevel();
    prefer_indexes();
    plan.plan =
        SPI_prepare_cursor(sql, OidIsValid(parameter) ? 1 : 0, &parameter, CURSOR_OPT_GENERIC_PLAN);
    if (plan.plan == nullptr)
        elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
    if (SPI_keepplan(plan.plan) != 0)
        elog(ERROR, "could not keep a statement");
    unfinished_plan = plan.plan;
    plan_now(plan.plan);
    AtEOXact_GUC(false, level);
    MemoryContextSwitchTo(before);
    unfinished = nullptr;
    unfinished_plan = nullptr;
    if (count > 0)
        unregister_relation();
    return plan;
}

/// Plans anew what an invalidation has thrown away (new schemas and operators reach every plan), as
/// at first: the server itself would plan it for the settings of the session. The plan's relation
/// is registered.
void plan_again(SPIPlanPtr plan) {
    if (SPI_plan_is_valid(plan))
        return;
    int level = NewGUCNestLevel();
    prefer_indexes();
    plan_now(plan);
    AtEOXact_GUC(false, level);
}

/// Rows that a statement changed; of a query, the number that it returned.
uint64_t affected(int rc) {
    if (rc != SPI_OK_SELECT)
        return SPI_processed;
    bool null;
    Datum value = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null);
    uint64_t result = static_cast<uint64_t>(DatumGetInt64(value));
    SPI_freetuptable(SPI_tuptable);
    return result;
}

/// What the target's code sets meanwhile does not outlast the statement.
int execute(SPIPlanPtr plan, Datum* parameter, int64 most_rows = 0) {
    int level = NewGUCNestLevel();
    plan_again(plan);
    int rc = SPI_execute_plan(plan, parameter, nullptr, false, most_rows);
    if (rc < 0)
        elog(ERROR, "could not execute a statement: %s", SPI_result_code_string(rc));
    AtEOXact_GUC(false, level);
    return rc;
}

} // namespace

uint64_t run_plan(Plan* plan, Tuplestorestate* store) {
    MemoryContext before = CurrentMemoryContext;
    plan->relation->reldata = store;
    register_relation(plan->relation);
    uint64_t rows = affected(execute(plan->plan, nullptr));
    MemoryContextSwitchTo(before);
    unregister_relation();
    return rows;
}

uint64_t query_plan(Plan* plan, Tuplestorestate* store) {
    MemoryContext before = CurrentMemoryContext;
    plan->relation->reldata = store;
    register_relation(plan->relation);
    execute(plan->plan, nullptr, 1);
    uint64_t rows = SPI_processed;
    MemoryContextSwitchTo(before);
    unregister_relation();
    return rows;
}

uint64_t run_plan_with(Plan* plan, Datum parameter) {
    MemoryContext before = CurrentMemoryContext;
    uint64_t rows = affected(execute(plan->plan, &parameter));
    MemoryContextSwitchTo(before);
    return rows;
}

void forget_registered_relation() {
    unregister_relation();
    if (unfinished_plan != nullptr) {
        SPI_freeplan(unfinished_plan);
        unfinished_plan = nullptr;
    }
    if (unfinished != nullptr) {
        MemoryContextDelete(unfinished);
        unfinished = nullptr;
    }
}

// ---- C++ --------------------------------------------------------------------------------------

Plan* PlanCache::find(const std::string& key) {
    auto it = index_.find(key);
    if (it == index_.end())
        return nullptr;
    entries_.splice(entries_.begin(), entries_, it->second);
    return &it->second->plan;
}

Plan* PlanCache::add(const std::string& key, const PlanSource& source) {
    while (entries_.size() >= limit_)
        drop(std::prev(entries_.end()));
    std::vector<RawBatchColumn> columns;
    for (const BatchColumn& c : source.columns)
        columns.push_back({c.name.c_str(), c.type, c.typmod, c.collation});
    entries_.push_front({key, {}});
    try {
        index_.emplace(key, entries_.begin());
        entries_.front().plan = guard([&] {
            return make_plan(source.sql.c_str(), source.relation.c_str(), columns.data(),
                             static_cast<int>(columns.size()), source.parameter);
        });
    } catch (Error& error) {
        // Of what the statement names the parser tells in a context of its own.
        if (error.fault.sqlstate.compare(0, 2, "42") == 0 && !error.fault.by_user_code)
            error.fault.contexts = 1;
        index_.erase(key);
        entries_.pop_front();
        throw;
    } catch (...) {
        index_.erase(key);
        entries_.pop_front();
        throw;
    }
    return &entries_.front().plan;
}

void PlanCache::remove(const std::string& key) {
    auto it = index_.find(key);
    if (it != index_.end())
        drop(it->second);
}

void PlanCache::forget(const std::string& prefix) {
    for (auto it = entries_.begin(); it != entries_.end();) {
        auto next = std::next(it);
        if (it->key.compare(0, prefix.size(), prefix) == 0)
            drop(it);
        it = next;
    }
}

void PlanCache::drop(std::list<Entry>::iterator entry) {
    Plan plan = entry->plan;
    index_.erase(entry->key);
    entries_.erase(entry);
    guard([&plan] {
        SPI_freeplan(plan.plan);
        MemoryContextDelete(plan.context);
    });
}

std::string PlanCache::next_relation_name() {
    return "kafka_cdc_sink batch " + std::to_string(++names_);
}

} // namespace kcs::pg
