#include "postgres/rows.hpp"

extern "C" {
#include "utils/array.h"
}

#include <cstring>

namespace kcs::pg {

namespace {

/// Kilobytes before a store goes to disk.
constexpr int kStoreKilobytes = 1024 * 1024;

void set_problem(RowProblem* problem, uint32_t record, size_t column, const char* sqlstate,
                 const char* message) {
    problem->found = true;
    problem->record = record;
    problem->column = static_cast<int>(column);
    if (sqlstate != nullptr) {
        strlcpy(problem->error.sqlstate, sqlstate, sizeof problem->error.sqlstate);
        strlcpy(problem->error.message, message, sizeof problem->error.message);
    }
}

} // namespace

Tuplestorestate* make_store() {
    return tuplestore_begin_heap(false, false, kStoreKilobytes);
}

bool put_rows(Tuplestorestate* store, TupleDesc desc, const RowColumn* columns, size_t column_count,
              const FoldedRow* rows, const RowItem* items, size_t count, const KeyBook* keys,
              MemoryContext row_context, RowProblem* problem) {
    Datum* datums = static_cast<Datum*>(palloc0(sizeof(Datum) * column_count));
    bool* nulls = static_cast<bool*>(palloc0(sizeof(bool) * column_count));
    // What `__deleted` is of a row that is there, and of one that is deleted.
    Value* marks = static_cast<Value*>(palloc(2 * sizeof(Value)));
    marks[0] = Value::of(ValueKind::boolean, int64_t{0});
    marks[1] = Value::of(ValueKind::boolean, int64_t{1});
    MemoryContext before = MemoryContextSwitchTo(row_context);
    bool good = true;
    for (size_t i = 0; i < count && good; ++i) {
        CHECK_FOR_INTERRUPTS();
        const FoldedRow* row = &rows[items[i].row];
        const Datum* key = items[i].key == kNoKey ? nullptr : key_datums(keys, items[i].key);
        for (size_t c = 0; c < column_count; ++c) {
            const RowColumn* column = &columns[c];
            if (column->key_part >= 0) {
                datums[c] = key[column->key_part];
                nulls[c] = false;
                continue;
            }
            const Value* value =
                column->value < 0 ? &marks[row->deleted] : &row->values[column->value];
            if (value->kind == ValueKind::null && !OidIsValid(column->converter->domain)) {
                nulls[c] = true;
                continue;
            }
            problem->value = value;
            problem->column = static_cast<int>(c);
            if (!convert_value(*value, *column->converter, &datums[c], &nulls[c], problem->error)) {
                set_problem(problem, row->record, c, nullptr, nullptr);
                good = false;
                break;
            }
        }
        if (good)
            tuplestore_putvalues(store, desc, datums, nulls);
        MemoryContextReset(row_context);
    }
    MemoryContextSwitchTo(before);
    return good;
}

void put_keys(Tuplestorestate* store, TupleDesc desc, const KeyId* ids, size_t count,
              const KeyBook* keys) {
    bool* nulls = static_cast<bool*>(palloc0(sizeof(bool) * desc->natts));
    for (size_t i = 0; i < count; ++i)
        tuplestore_putvalues(store, desc, const_cast<Datum*>(key_datums(keys, ids[i])), nulls);
}

Datum key_array(const KeyId* ids, size_t count, const KeyBook* keys, Oid type) {
    Datum* datums = static_cast<Datum*>(palloc(sizeof(Datum) * count));
    for (size_t i = 0; i < count; ++i)
        datums[i] = *key_datums(keys, ids[i]);
    int16 length;
    bool by_value;
    char align;
    get_typlenbyvalalign(type, &length, &by_value, &align);
    return PointerGetDatum(
        construct_array(datums, static_cast<int>(count), type, length, by_value, align));
}

bool identify_keys(const KeySource* sources, size_t count, Converter* const* converters,
                   size_t part_count, KeyBook* book, KeyId* ids, RowProblem* problem) {
    Datum* key = static_cast<Datum*>(palloc(sizeof(Datum) * part_count));
    for (size_t i = 0; i < count; ++i) {
        CHECK_FOR_INTERRUPTS();
        const KeySource* source = &sources[i];
        if (source->values == nullptr) {
            ids[i] = kNoKey;
            continue;
        }
        bool fits = true;
        for (size_t p = 0; p < part_count && fits; ++p) {
            const Value* value = &source->values[source->places[p]];
            bool null = value->is_null();
            if (value->kind == ValueKind::unavailable) {
                set_problem(problem, source->record, p, "22000", "key column has no value");
                return false;
            }
            problem->value = value;
            problem->column = static_cast<int>(p);
            if (!null && !convert_value(*value, *converters[p], &key[p], &null, problem->error)) {
                fits = !source->former;
                if (!fits)
                    continue;
                set_problem(problem, source->record, p, nullptr, nullptr);
                return false;
            }
            if (null) {
                set_problem(problem, source->record, p, "23502", "null value in key column");
                return false;
            }
        }
        if (!fits) {
            ids[i] = kNoKey;
            continue;
        }
        KeyId known = key_count(book);
        ids[i] = intern_key(book, key);
        if (ids[i] < known && source->spelling)
            respell_key(book, ids[i], key);
    }
    return true;
}

} // namespace kcs::pg
