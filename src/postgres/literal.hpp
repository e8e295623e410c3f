#pragma once

#include "postgres/pg.hpp"

// The texts of arrays, rows and ranges, taken apart as their input functions do it (array_in,
// record_in, range_in). C register.

namespace kcs::pg {

/// Walks over a literal. Items are written without their quotes and escapes behind `out`.
struct LiteralReader {
    const char* at;
    const char* end;
    char* out;
};

LiteralReader read_literal(std::string_view text);

void skip_space(LiteralReader& in);
/// Whether the next character is `c`, which is passed then.
bool pass(LiteralReader& in, char c);
/// Whether only space is left.
bool at_end(LiteralReader& in);

/// An item of a row or range, up to an unquoted character of `stops`; not one of them when the item
/// is empty and unquoted. False: it has no end.
bool read_item(LiteralReader& in, const char* stops, std::string_view* item);

/// An array's elements in row-major order.
struct ArrayLiteral {
    std::string_view* items; ///< null data: NULL
    int count;
    int dimensions; ///< 0: empty
    int sizes[6];
    int lower[6];
};

/// False: malformed, or elements of one level differ in size.
bool read_array(std::string_view text, char delimiter, ArrayLiteral* out);

} // namespace kcs::pg
