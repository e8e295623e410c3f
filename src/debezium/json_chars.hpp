#pragma once

#include <cstdint>
#include <cstring>

namespace kcs {

/// What begins at a place of a JSON text.
enum class JsonToken : uint8_t { object, array, string, number, boolean, null, end, invalid };

} // namespace kcs

/// Characters of JSON text, for the scanner and the cursor.
namespace kcs::json_chars {

inline constexpr uint64_t kOnes = UINT64_C(0x0101010101010101);
inline constexpr uint64_t kHighs = UINT64_C(0x8080808080808080);

inline uint64_t load8(const char* p) {
    uint64_t word;
    std::memcpy(&word, p, sizeof word);
    return word;
}

inline bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}
inline bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
/// Token that a character begins.
struct TokenTable {
    JsonToken token[256] = {};
    constexpr TokenTable() {
        for (JsonToken& t : token)
            t = JsonToken::invalid;
        token[static_cast<unsigned char>('{')] = JsonToken::object;
        token[static_cast<unsigned char>('[')] = JsonToken::array;
        token[static_cast<unsigned char>('"')] = JsonToken::string;
        token[static_cast<unsigned char>('t')] = JsonToken::boolean;
        token[static_cast<unsigned char>('f')] = JsonToken::boolean;
        token[static_cast<unsigned char>('n')] = JsonToken::null;
        token[static_cast<unsigned char>('-')] = JsonToken::number;
        for (unsigned char c = '0'; c <= '9'; ++c)
            token[c] = JsonToken::number;
    }
    constexpr JsonToken of(char c) const { return token[static_cast<unsigned char>(c)]; }
};
inline constexpr TokenTable kTokens;

inline bool ends_plain_run(char c) {
    return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

/// First quote, backslash or control character at or after p; eight bytes at a time.
inline const char* plain_run(const char* p, const char* end) {
    while (end - p >= 8) {
        uint64_t word = load8(p);
        uint64_t quote = word ^ (kOnes * '"');
        uint64_t slash = word ^ (kOnes * '\\');
        uint64_t hit = ((quote - kOnes) & ~quote) | ((slash - kOnes) & ~slash) |
                       ((word - kOnes * 0x20) & ~word);
        if (hit & kHighs)
            break;
        p += 8;
    }
    while (p < end && !ends_plain_run(*p))
        ++p;
    return p;
}

inline int hex_digit(char c) {
    if (is_digit(c))
        return c - '0';
    c = static_cast<char>(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/// The code unit of `\uXXXX`, p at the first hex digit; -1 if there are no four.
inline int32_t code_unit(const char* p, const char* end) {
    if (end - p < 4)
        return -1;
    int32_t unit = 0;
    for (int i = 0; i < 4; ++i) {
        int digit = hex_digit(p[i]);
        if (digit < 0)
            return -1;
        unit = unit * 16 + digit;
    }
    return unit;
}

} // namespace kcs::json_chars
