#pragma once

#include "core/table_shape.hpp"
#include "debezium/change.hpp"

#include <string>
#include <vector>

// schema_evolution = widen: what a column had to be to take all that the record's schema promises.

namespace kcs::pg {

/// What a column lacks. A wider type is always of the same family and keeps every stored value.
struct Shortfall {
    int value = 0;         ///< into the layout's columns
    int column = 0;        ///< into TableShape::columns
    std::string type;      ///< that the column had to have (SQL text); empty: its own will do
    bool by_value = false; ///< `type` has no limit where the record's schema tells none: it is
                           ///< needed when a value comes that the column does not hold
    bool not_null = false; ///< the column refuses NULL, the record's schema does not

    bool any() const { return !type.empty() || not_null; }
};

/// The same for one column; `value` and `column` are left alone. Throws pg::Error.
Shortfall shortfall(const ColumnShape& column, const LayoutColumn& wanted);

/// All columns of the table that lack something for rows of the layout; none where it has no
/// schema. Throws pg::Error and Stop.
std::vector<Shortfall> shortfalls(const Target& target, const TableShape& table,
                                  const RowLayout& layout);

/// Whether the value is within the column's length or precision; true for what these do not limit.
bool holds(const ColumnShape& column, const Value& value);

} // namespace kcs::pg
