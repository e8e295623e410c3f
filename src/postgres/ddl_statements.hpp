#pragma once

#include "debezium/change.hpp"

#include <string>
#include <vector>

// The text of the DDL that records ask for.

namespace kcs::pg {

/// Whether a table can be made from this change: every key column's type is known, and there is a
/// column.
bool can_create_from(const Change& change);

/// Whether the model's key, of a unique index, may have NULLs: a primary key's may not.
bool has_nullable_key(const Change& model);

/// The row's column of that name; null: none.
const LayoutColumn* find_column(const Row& row, const std::string& name);

/// What tells the type of a created column: the key's part, unless the row's column is the same,
/// which then tells more: only row schemas name propagated source types.
const LayoutColumn& made_from(const Change& model, const LayoutColumn& column);

/// Whether a table made from this change has a column for one of its rows' columns, or its key's.
/// What topic routing added to the key is needed where keys of several tables may meet.
bool takes_column(const Change& model, const LayoutColumn& column);

/// Type of a new column: where the database has the extension's type that the record's schema
/// prefers, that one, with its schema; else ddl_type. Throws pg::Error.
std::string column_type(const LayoutColumn& column);

/// The boolean column that soft deletes set.
const LayoutColumn& deleted_column();

/// The statement that makes the table, and the one that adds columns. Throw pg::Error and Stop.
std::string create_statement(const Target& target, const Change& model);
std::string add_statement(const Target& target, const std::vector<const LayoutColumn*>& columns);

} // namespace kcs::pg
