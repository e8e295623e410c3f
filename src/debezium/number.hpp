#pragma once

#include <cstdint>
#include <string_view>

namespace kcs {

/// Whether `text` is a number as JSON spells it: -?digits[.digits][e[+-]digits], no leading zeros.
bool is_json_number(std::string_view text);

/// Whether numeric_in takes it as a finite number: like JSON, with leading zeros and `+` allowed.
bool is_decimal_number(std::string_view text);

/// What became of a number brought to 64 bits.
enum class Exactness : uint8_t {
    exact,
    rounded,      ///< half to even, as PostgreSQL rounds fractions of seconds
    out_of_range, ///< beyond int64
    no_number     ///< not a decimal number
};

/// `text` x 10^shift as an integer, computed on the digits, never through floating point.
Exactness to_integer(std::string_view text, int32_t shift, int64_t& out);

} // namespace kcs
