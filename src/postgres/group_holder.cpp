#include "postgres/group.hpp"

#include "postgres/held_schema.hpp"
#include "postgres/names.hpp"

extern "C" {
#include "catalog/pg_inherits.h"
}

// Who has the unique value that is refused to a row. Two rows that change places, where the source
// checks its constraints only at the end of a transaction, are two dead letters: each names the
// other's row.

namespace kcs::pg {

namespace {

constexpr char kHolder = 'h';

// ---- C register -------------------------------------------------------------------------------

/// Whether the index, or one that a partition has of it, is called so.
bool is_called(Oid index, const char* name) {
    ListCell* cell;
    foreach (cell, find_all_inheritors(index, NoLock, nullptr)) {
        const char* known = get_rel_name(lfirst_oid(cell));
        if (known != nullptr && strcmp(known, name) == 0)
            return true;
    }
    return false;
}

/// (id, part)=(2, x) of the row that a query returned; null: it returned none.
const char* returned_key() {
    if (SPI_tuptable == nullptr || SPI_tuptable->numvals == 0)
        return nullptr;
    TupleDesc desc = SPI_tuptable->tupdesc;
    StringInfoData names, values;
    initStringInfo(&names);
    initStringInfo(&values);
    for (int i = 0; i < desc->natts; ++i) {
        const char* value = SPI_getvalue(SPI_tuptable->vals[0], desc, i + 1);
        appendStringInfo(&names, "%s%s", i > 0 ? ", " : "",
                         NameStr(TupleDescAttr(desc, i)->attname));
        appendStringInfo(&values, "%s%s", i > 0 ? ", " : "", value == nullptr ? "null" : value);
    }
    return psprintf("(%s)=(%s)", names.data, values.data);
}

} // namespace

std::string Group::holder(const Change& change, const std::string& index) {
    prepare({&change});
    if (changes_.empty() || key_ == nullptr || !changes_.front().change->row)
        return {};
    const Row& row = changes_.front().change->row;
    const TableShape& shape = state_.table.shape;
    const char* name = index.c_str();
    const UniqueIndex* refusing = nullptr;
    for (const auto* indexes : {&state_.table.unique_indexes, &state_.table.deferrable})
        for (const UniqueIndex& u : *indexes) {
            Oid oid = u.oid;
            if (guard([=] { return is_called(oid, name); }))
                refusing = &u;
        }
    if (refusing == nullptr)
        return {};
    std::vector<RowColumn> datums;
    std::vector<int> columns;
    for (const KeyPart& part : refusing->parts)
        for (const RowBinding::Column& c : state_.bind_row(*row.layout).columns) {
            ValueKind kind = row.values[c.value].kind;
            if (c.column != part.column || kind == ValueKind::unavailable ||
                kind == ValueKind::absent)
                continue;
            columns.push_back(c.column);
            datums.push_back({-1, c.value, state_.converter(c.column)});
        }
    if (columns.size() != refusing->parts.size())
        return {}; // the record does not tell all of its values
    Oid acting = state_.acting, schema = state_.table.schema;
    const char* schema_name = shape.schema.c_str();
    Identity before = guard([=] {
        hold_schema(schema_name, schema);
        return act_for_target(acting);
    });
    Plan* use = plan(
        plan_prefix(*state_.target) + kHolder + std::to_string(key_->oid) + "/" +
            std::to_string(refusing->oid),
        [&] {
            PlanSource source;
            source.relation = context_.plans.next_relation_name();
            for (int c : columns)
                source.columns.push_back(batch_column(shape.columns[c], shape.columns[c].name));
            source.sql = holder_statement(statement_target(), *refusing, source.relation);
            return source;
        });
    FoldedRow given;
    given.values = row.values;
    given.record = change.record;
    RowItem item{kNoKey, 0};
    RowProblem problem;
    BatchMemory memory = context_.memory;
    bool* converting = context_.converting;
    const char* key = guard([&]() -> const char* {
        MemoryContext context = MemoryContextSwitchTo(memory.batch);
        Tuplestorestate* store = make_store();
        *converting = true;
        bool good = put_rows(store, use->desc, datums.data(), datums.size(), &given, &item, 1,
                             nullptr, memory.row, &problem);
        *converting = false;
        if (good)
            query_plan(use, store);
        const char* text = good ? returned_key() : nullptr;
        tuplestore_end(store);
        MemoryContextSwitchTo(context);
        return text;
    });
    std::string text = key == nullptr ? "" : key;
    guard([&before] {
        act_as_before(before);
        let_schema_go();
    });
    return text;
}

} // namespace kcs::pg
