#pragma once

#include "postgres/targets.hpp"

#include <string>

// One value on its way into a column, for explain_event.

namespace kcs::pg {

/// What became of a value.
struct ExplainedValue {
    Value meant;                       ///< as interpreted; its kind may be `unavailable`
    std::optional<std::string> result; ///< as the column shows it; none: NULL
    bool failed = false;
    Fault fault;
};

/// Interprets and converts the value as `acting`, in a subtransaction of its own. What PostgreSQL
/// or we refuse of it is in the result; a cancel is thrown.
ExplainedValue explain_value(const Row& row, int place, const ColumnShape& column,
                             Converter* converter, Oid acting, bool may_miss, Arena& arena);

/// A column that has this SQL type, which is not there yet. Throws pg::Error.
ColumnShape planned_column(const std::string& name, const std::string& sql_type);
/// Ready to use, in CurrentMemoryContext. Throws pg::Error.
Converter* planned_converter(const ColumnShape& shape);

/// Type of a column as declared, with its typmod.
std::string type_text(const ColumnShape& column);

/// Whether the error ends the statement, whoever catches it.
bool ends_statement(const Fault& fault);

/// At most this many bytes of a text are shown.
inline constexpr size_t kMostShown = 200;
/// What came from Kafka, in the server's encoding: what that lacks, and control characters, as
/// \xNN.
std::string shown_bytes(std::string_view utf8);
/// Text in the server's encoding, cut between characters.
std::string shown_text(std::string text);

} // namespace kcs::pg
