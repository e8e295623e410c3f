#pragma once

#include "postgres/shape.hpp"

#include <string>
#include <vector>

// SQL text of the set-based statements (apply-performance, section 10.7). `batch` is the name of
// the ephemeral relation that holds the rows; its columns are named like the target's. Columns are
// indexes into TableShape::columns.

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
/// The same, returning these columns of them.
std::string take_statement(const StatementTarget& t, const std::vector<int>& columns,
                           const std::string& batch);
/// Sets the boolean column `mark` of the rows with these keys that do not have it set.
std::string mark_statement(const StatementTarget& t, int mark, const std::string& batch);
/// Number of rows whose key is in the batch; with `mark` >= 0 of those whose column is not true.
std::string count_statement(const StatementTarget& t, int mark, const std::string& batch);
/// Number of the batch's keys without a row.
std::string missing_statement(const StatementTarget& t, const std::string& batch);
/// Keys of the rows that have the batch's values of another unique index.
std::string holder_statement(const StatementTarget& t, const UniqueIndex& other,
                             const std::string& batch);

/// Gives rows the batch's values of those identity columns among `columns` that no UPDATE may set
/// (GENERATED ALWAYS), by deleting and inserting those that have another.
std::string renumber_statement(const StatementTarget& t, const std::vector<int>& columns,
                               const std::string& batch);

/// Columns that an update writes: all but generated columns, identity columns that no UPDATE may
/// set, and key columns, of which it writes those whose equal values may look different.
std::vector<int> updated_columns(const StatementTarget& t, const std::vector<int>& columns);

} // namespace kcs::pg
