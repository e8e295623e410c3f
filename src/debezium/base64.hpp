#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace kcs {

enum class Base64Alphabet : uint8_t {
    standard, ///< `+` and `/`, padding required
    url_safe  ///< `-` and `_`, padding may be left out
};

/// Strict decoding: nothing outside the alphabet, right padding, no stray bits at the end. `out`
/// needs 3 bytes for each 4 characters begun, and may be the memory of `in` itself. False: not
/// base64 (some of `out` may have been written).
bool decode_base64(std::string_view in, Base64Alphabet alphabet, char* out, uint32_t& size);

/// With padding, without line breaks.
std::string encode_base64(std::string_view bytes, Base64Alphabet alphabet);

/// Pairs of hexadecimal digits, either case. `out` needs half of in's size and may be its memory.
bool decode_hex(std::string_view in, char* out, uint32_t& size);

/// Lower-case digits.
std::string encode_hex(std::string_view bytes);

} // namespace kcs
