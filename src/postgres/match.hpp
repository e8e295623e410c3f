#pragma once

#include "postgres/statements.hpp"
#include "postgres/targets.hpp"

#include <string>
#include <vector>

// One row among equal ones: how the changes of a table without key find theirs (wire format
// section 5).

namespace kcs::pg {

/// A column of the row's former image.
struct MatchColumn {
    int column = 0;     ///< into TableShape::columns
    bool null = false;  ///< the row has NULL there: nothing in the batch
    std::string equals; ///< OPERATOR(...) of the type's own equality; empty: it has none
    std::string base;   ///< of a domain: the base type's name, else empty
};

/// What the table's types say of `column`. Throws pg::Error.
MatchColumn match_column(const TableShape& table, int column, bool null);

/// Name of the batch's column for the former value of match column `i`.
std::string match_name(size_t i);

/// DELETE of one row that matches; with `set`, an UPDATE of these columns of it instead (or, where
/// one of them is an identity column that no UPDATE may set, a DELETE and an INSERT). `exact`:
/// the row looks the same; else its values are equal as their types have it, or as text where a
/// type has no equality. `unmarked`: a boolean column that must not be true (soft deletes); -1:
/// none. `untold`: columns whose former value is not known; rows that match must not differ there.
std::string change_one_statement(const StatementTarget& t, const std::vector<MatchColumn>& match,
                                 const std::vector<int>& untold, const std::vector<int>* set,
                                 int unmarked, bool exact, const std::string& batch);

} // namespace kcs::pg
