#pragma once

#include "core/fault.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kcs {

/// One piece of the setting `table_format`.
struct FormatPiece {
    enum class Kind : uint8_t {
        literal, ///< text as it stands
        dot,     ///< the period between schema and table
        schema,  ///< ${schema}: the source's schema, or its database where it has no schemas
        table,   ///< ${table}
        db,      ///< ${db}: the source's database
        topic,   ///< ${topic}: whole
        part     ///< ${1} to ${9}: part of the topic's name between periods
    };
    Kind kind = Kind::literal;
    std::string text; ///< literal
    int part = 0;     ///< part
};

/// The pieces of a format: a table's name, or a schema's and a table's with one period between
/// them. Periods in the values of variables do not count. Fault (22023): empty, an unknown or
/// unclosed variable, more than one period, nothing on one side of it.
Result<std::vector<FormatPiece>> parse_table_format(std::string_view format);

} // namespace kcs
