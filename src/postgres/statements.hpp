#pragma once

#include "postgres/shape.hpp"

#include <string>
#include <vector>

// SQL text of the set-based statements (apply-performance, section 10.7). `batch` is the name of
// the ephemeral relation that holds the rows; its columns are named like the target's, key columns
// of the old row "old 1", "old 2", ... Columns are indexes into TableShape::columns.

namespace kcs::pg {

struct StatementTarget {
    const TableShape* table;
    const UniqueIndex* key; ///< null: keyless
};

/// The table in an UPDATE or DELETE: its own rows; inheritance children are other tables,
/// partitions belong to it.
std::string own_rows(const StatementTarget& t);

/// INSERT of `columns`; on conflict over the key, with `upsert`, an update of all the others.
std::string insert_statement(const StatementTarget& t, const std::vector<int>& columns, bool upsert,
                             const std::string& batch);
/// UPDATE of `columns` (key columns among them only find the row) where the key matches.
std::string update_statement(const StatementTarget& t, const std::vector<int>& columns,
                             const std::string& batch);
/// DELETE WHERE key = ANY($1), for keys of one column.
std::string delete_any_statement(const StatementTarget& t);
/// DELETE of the rows whose key is in the batch.
std::string delete_statement(const StatementTarget& t, const std::string& batch);
/// Rows at an old key get the batch's key where no row has it yet.
std::string move_statement(const StatementTarget& t, const std::string& batch);
/// Number of the batch's keys without a row.
std::string missing_statement(const StatementTarget& t, const std::string& batch);

/// Name of the batch's column for part `i` of the old key.
std::string old_key_name(size_t i);

/// Columns that an update writes: all but key columns, and of those the ones whose equal values may
/// look different.
std::vector<int> updated_columns(const StatementTarget& t, const std::vector<int>& columns);

} // namespace kcs::pg
