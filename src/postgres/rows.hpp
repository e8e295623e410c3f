#pragma once

#include "postgres/convert.hpp"
#include "postgres/keys.hpp"

extern "C" {
#include "utils/tuplestore.h"
}

// Values and keys into tuplestores. C register throughout: called inside one guard per statement.

namespace kcs::pg {

/// Where a batch column's Datum comes from.
struct RowColumn {
    int key_part = -1; ///< part of the row's key; -1: a value
    int value = -1;    ///< index into the row's values; -1: whether it counts as deleted
    Converter* converter = nullptr;
};

/// The first value that cannot be stored exactly; while values become Datums, the one that is being
/// converted.
struct RowProblem {
    bool found = false;
    uint32_t record = 0;
    int column = 0; ///< into the RowColumns or key parts
    const Value* value = nullptr;
    ConvertError error;
};

/// A row to be put, by its place in an array of FoldedRow. The key comes first: sort_by_key().
struct RowItem {
    KeyId key;
    uint32_t row;
};

/// A new store in the current context, in memory whatever work_mem says: the batch is bounded.
Tuplestorestate* make_store();

/// Converts and appends rows; false at the first problem. `row_context` is reset for each row.
bool put_rows(Tuplestorestate* store, TupleDesc desc, const RowColumn* columns, size_t column_count,
              const FoldedRow* rows, const RowItem* items, size_t count, const KeyBook* keys,
              MemoryContext row_context, RowProblem* problem);

/// Appends keys as rows of their parts.
void put_keys(Tuplestorestate* store, TupleDesc desc, const KeyId* ids, size_t count,
              const KeyBook* keys);
/// The keys, of one part, as an array of its type.
Datum key_array(const KeyId* ids, size_t count, const KeyBook* keys, Oid type);

/// One key to be identified.
struct KeySource {
    const Value* values;
    const uint16_t* places; ///< for each part, its place among the values
    uint32_t record;
    bool spelling; ///< of a row that shall be stored: this spelling wins over earlier ones
    bool former;   ///< that a row has left: none where the table cannot have had it
};

/// Converts the keys and fills `ids`; false at the first problem. Datums are made in the current
/// context.
bool identify_keys(const KeySource* sources, size_t count, Converter* const* converters,
                   size_t part_count, KeyBook* book, KeyId* ids, RowProblem* problem);

} // namespace kcs::pg
