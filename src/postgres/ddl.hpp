#pragma once

#include "core/settings.hpp"
#include "debezium/change.hpp"

#include <string>
#include <vector>

// Targets made and extended from what records say (design section 4 and 5.1). Called in a
// transaction of its own with SPI connected; serialised by an advisory lock per name, and what
// another worker has done meanwhile is not done again. Throws pg::Error and Stop.

namespace kcs::pg {

/// Whether a table can be made from this change: every key column's type is known, and there is a
/// column.
bool can_create_from(const Change& change);

/// The statement that makes the table, and the one that adds columns. Throw pg::Error and Stop.
std::string create_statement(const Target& target, const Change& model);
std::string add_statement(const Target& target, const std::vector<const LayoutColumn*>& columns);

/// Makes schema and table, unless they exist: primary key from the record key, typed as the key
/// tells; the other columns nullable, with the schema's default.
void create_table(const Target& target, const Change& model, const ApplySettings& settings);

/// Adds the columns that the table lacks.
void add_columns(const Target& target, const std::vector<const LayoutColumn*>& columns,
                 const ApplySettings& settings);

} // namespace kcs::pg
