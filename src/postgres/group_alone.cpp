#include "postgres/group.hpp"

#include "debezium/fallback.hpp"
#include "postgres/match.hpp"
#include "postgres/names.hpp"
#include "postgres/stop.hpp"

extern "C" {
#include "catalog/heap.h"
#include "catalog/pg_inherits.h"
}

// Changes that have their place in the order alone: truncates, updates and deletes of tables
// without key, and halves of key changes (group_halves.cpp).

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

/// Whether foreign keys of other tables point to it, for which TRUNCATE refuses it.
bool is_referenced(Oid relid) {
    List* tables = find_all_inheritors(relid, AccessShareLock, nullptr);
    ListCell* cell;
    foreach (cell, heap_truncate_find_FKs(tables))
        if (!list_member_oid(tables, lfirst_oid(cell)))
            return true;
    return false;
}

void run_text(const char* sql) {
    MemoryContext before = CurrentMemoryContext;
    int level = NewGUCNestLevel();
    int rc = SPI_execute(sql, false, 0);
    if (rc < 0)
        elog(ERROR, "could not execute a statement: %s", SPI_result_code_string(rc));
    AtEOXact_GUC(false, level);
    MemoryContextSwitchTo(before);
}

// ---- C++ --------------------------------------------------------------------------------------

constexpr char kChangeOne = 'o';

bool has_unavailable(const Row& row) {
    for (size_t i = 0; i < row.layout->columns.size(); ++i)
        if (row.values[i].kind == ValueKind::unavailable)
            return true;
    return false;
}

bool is_gap(const Value& value) {
    return value.kind == ValueKind::unavailable || value.kind == ValueKind::absent;
}

} // namespace

void Group::apply_alone(const GroupChange& c) {
    if (c.change->op == Op::truncate)
        truncate(*c.change);
    else if (c.key == kNoKey)
        change_one(*c.change);
    else if (!c.is_half())
        begin_life(c);
    else if (c.change->moves)
        move_row(c);
    else if (c.change->op == Op::remove)
        leave_key(c);
    else if (c.partial)
        take_key(c);
    else
        take_whole_key(c);
}

/// An insert that lacks values (Oracle's do): a row that is marked as deleted is another one, whose
/// values are not the new one's.
void Group::begin_life(const GroupChange& c) {
    if (!lives(c.key))
        refuse("P0002", "the row is new, and not all of its values are in the record");
    apply_keyed({{c.change, c.key, false}});
}

/// As logical replication does it. Rows that foreign keys point to go one by one.
void Group::truncate(const Change& change) {
    if (!change.ordered) {
        Fault fault = Fault::data("0A000", "a truncate event has no known place among the events "
                                           "of a topic of several partitions");
        fault.table = state_.text();
        fault.hint = "Give the topic one partition, or set kafka_cdc_sink.truncate to off.";
        throw Error(std::move(fault));
    }
    Oid relid = state_.table.shape.relid;
    std::string table = own_rows(statement_target());
    int mark = mark_column();
    std::string sql;
    if (mark >= 0) {
        std::string name = quote_name(state_.table.shape.columns[mark].name);
        sql = "UPDATE " + table + " SET " + name + " = true WHERE " + name + " IS NOT TRUE";
    } else if (guard([relid] { return is_referenced(relid); })) {
        sql = "DELETE FROM " + table;
    } else {
        sql = "TRUNCATE " + table + " CONTINUE IDENTITY RESTRICT";
    }
    const char* text = sql.c_str();
    guard([text] { run_text(text); });
}

/// Changes one of the rows that are what the record says its row was.
void Group::change_one(const Change& change) {
    if (change_one(change, true) > 0 || change_one(change, false) > 0) {
        context_.met.push_back(change.slot);
        return;
    }
    Fault fault = Fault::data("P0002", std::string("the row to be ") +
                                           (change.op == Op::remove ? "deleted" : "updated") +
                                           (change.key ? ", whose key has a NULL part, is not there"
                                                       : ", of a table without key, is not there"));
    if (has_unavailable(change.before))
        fault.detail =
            "Not all of the row's former values are in the record: rows that differ in the "
            "others are not told apart.";
    fault.ours = true;
    fault.table = state_.text();
    need_other(change, std::move(fault));
}

/// Whether the column is one that no UPDATE may set, and keeps its value.
bool Group::keeps_identity(const Change& change, int column, const Value& value) {
    if (!state_.table.shape.columns[column].identity_always)
        return false;
    for (const RowBinding::Column& c : state_.bind_row(*change.before.layout).columns)
        if (c.column == column)
            return same_value(change.before.values[c.value], value);
    return false;
}

uint64_t Group::change_one(const Change& change, bool exact) {
    const TableShape& shape = state_.table.shape;
    std::vector<Value> values;
    std::vector<RowColumn> datums;
    std::vector<MatchColumn> match;
    std::vector<int> columns; ///< beside `datums`
    std::vector<int> set;
    std::vector<int> untold;
    int mark = mark_column();
    std::string key = plan_prefix(*state_.target) + kChangeOne + (exact ? "x" : "l");
    auto give = [&](const Value& value, int column) {
        datums.push_back({-1, static_cast<int>(values.size()), state_.converter(column)});
        values.push_back(value);
        columns.push_back(column);
    };
    for (const RowBinding::Column& c : state_.bind_row(*change.before.layout).columns) {
        const Value& value = change.before.values[c.value];
        if (value.kind == ValueKind::unavailable) {
            untold.push_back(c.column);
            key += "?" + std::to_string(c.column);
        }
        if (is_gap(value) || c.column == mark)
            continue;
        bool null = value.kind == ValueKind::null;
        match.push_back({c.column, null, {}, {}});
        key += "," + std::to_string(c.column) + (null ? "n" : "");
        give(value, c.column);
    }
    if (match.empty())
        refuse("22000", "the row's former values have no column of table " +
                            quote_names(shape.schema, shape.name));
    bool update = change.op != Op::remove;
    const bool leaves = static_cast<bool>(change.new_key); // it lives on under another key
    key += update ? "/" : leaves ? "=" : "-";
    if (!update && mark >= 0 && !leaves) {
        set.push_back(mark);
        give(Value::of(ValueKind::boolean, int64_t{1}), mark);
    }
    if (update) {
        for (const RowBinding::Column& c : state_.bind_row(*change.row.layout).columns) {
            const Value& value = change.row.values[c.value];
            if (value.kind == ValueKind::unavailable && exact)
                ++context_.tally.kept;
            if (is_gap(value) || c.column == mark || keeps_identity(change, c.column, value))
                continue;
            set.push_back(c.column);
            key += "," + std::to_string(c.column);
            give(value, c.column);
        }
        if (set.empty())
            return 1; // nothing is said to have changed
    }
    Plan* use = plan(std::move(key), [&] {
        PlanSource source;
        source.relation = context_.plans.next_relation_name();
        for (size_t i = 0; i < match.size(); ++i) {
            match[i] = match_column(shape, match[i].column, match[i].null);
            source.columns.push_back(batch_column(shape.columns[columns[i]], match_name(i)));
        }
        for (int c : set)
            source.columns.push_back(batch_column(shape.columns[c], shape.columns[c].name));
        source.sql =
            change_one_statement(statement_target(), match, untold, set.empty() ? nullptr : &set,
                                 mark, exact, source.relation);
        return source;
    });
    FoldedRow row;
    row.values = values.data();
    row.record = change.record;
    RowItem item{kNoKey, 0};
    RowProblem problem;
    BatchMemory memory = context_.memory;
    bool* converting = context_.converting;
    uint64_t changed = guard_values(problem, columns, [&]() -> uint64_t {
        MemoryContext before = MemoryContextSwitchTo(memory.batch);
        Tuplestorestate* store = make_store();
        *converting = true;
        bool good = put_rows(store, use->desc, datums.data(), datums.size(), &row, &item, 1,
                             nullptr, memory.row, &problem);
        *converting = false;
        uint64_t count = good ? run_plan(use, store) : 0;
        tuplestore_end(store);
        MemoryContextSwitchTo(before);
        return count;
    });
    if (problem.found)
        fail(problem, columns);
    return changed;
}

/// Whether there is another partition for one of whose records it has the time to wait.
bool Group::may_wait(const Change& change) const {
    return !change.ordered && is_patient(context_.impatient, change.slot, {});
}

/// The record misses what one of another partition may bring: it waits for that one where it can,
/// and is refused else.
void Group::need_other(const Change& change, Fault fault) {
    if (!may_wait(change))
        throw Error(std::move(fault));
    throw Stop::waiting(change.record, std::move(fault));
}

} // namespace kcs::pg
