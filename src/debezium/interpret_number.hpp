#pragma once

#include "core/arena.hpp"
#include "core/settings.hpp"
#include "core/table_shape.hpp"
#include "core/value.hpp"
#include "debezium/change.hpp"
#include "debezium/refusal.hpp"

#include <string>
#include <string_view>

namespace kcs {

/// What interpret() needs of a column, or of an array's element.
struct TargetType {
    TypeKind kind = TypeKind::other;
    uint32_t type_oid = 0; ///< of `kind == other`
    int32_t precision = -1;
    bool has_scale = false;
    int32_t scale = -1;
    int32_t typmod = -1; ///< bit strings: digits
    SourceKind source = SourceKind::unknown;
    const std::string& column;
    bool bytes_of_text = false; ///< strings may be (ColumnShape::element_domain)
};

/// Gives a JSON number its meaning for a target (wire format 3.8).
bool interpret_number(std::string_view token, const TargetType& target,
                      const DecoderSettings& settings, Value& out, Refusal& refusal);

/// A finite number for a float column. What a double's text would not be, a whole number or one of
/// many digits, is to be checked digit by digit.
Value real_for(std::string_view number);

/// An integral number as value of an integer column, range-checked.
bool integer_for(std::string_view number, TypeKind kind, Value& out, Refusal& refusal);

} // namespace kcs
