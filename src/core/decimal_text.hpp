#pragma once

#include <cstdint>
#include <string_view>

// Decimal numbers as text, compared and read without losing a digit. Plain data, calls nothing.

namespace kcs {

/// A decimal number taken apart: sign, significant digits (neither leading nor trailing zeros)
/// and the power of ten of the last of them. Points into the parsed text.
struct DecimalText {
    bool negative = false;
    const char* digits = nullptr; ///< `count` digits, with at most one '.' among them
    int32_t count = 0;            ///< 0: the number is zero
    int64_t exponent = 0;
};

/// Parses [+-]ddd[.ddd][E[+-]n]. False: not of that form, or an exponent beyond 9 digits.
bool parse_decimal(std::string_view text, DecimalText* out);

/// Whether both denote the same number.
bool same_decimal(const DecimalText& a, const DecimalText& b);

/// The number as int64; false when it has a fraction or is out of range.
bool decimal_as_int64(const DecimalText& number, int64_t* out);

/// Special spellings of floating point and numeric text, in PostgreSQL's and Debezium's words
/// (wire format 3.1, 3.2), as PostgreSQL spells them: NaN, Infinity, -Infinity; null: none of them.
const char* special_number(std::string_view text);

} // namespace kcs
