#pragma once

#include <cstdint>
#include <cstring>
#ifdef __SSE2__
#include <emmintrin.h>
#endif

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

/// Bytes of `word` that are zero, their highest bits set. Exact for the first such byte in memory
/// order; the ones behind it may be false.
inline uint64_t zero_bytes(uint64_t word) {
    return (word - kOnes) & ~word & kHighs;
}

/// What ends a run of characters that need no look, one by one and several at once.
struct PlainRun { ///< a quote, a backslash or a control character
    static bool ends(char c) {
        return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
    }
    static uint64_t ends(uint64_t word) {
        return zero_bytes(word ^ (kOnes * '"')) | zero_bytes(word ^ (kOnes * '\\')) |
               ((word - kOnes * 0x20) & ~word & kHighs);
    }
#ifdef __SSE2__
    static __m128i ends(__m128i bytes) {
        __m128i low = _mm_cmpeq_epi8(_mm_max_epu8(bytes, _mm_set1_epi8(0x20)), bytes);
        return _mm_or_si128(_mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                                         _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'))),
                            _mm_andnot_si128(low, _mm_set1_epi8(-1)));
    }
#endif
};
struct FlatRun { ///< a quote or a bracket; [ and ] lie 0x20 below { and }
    static bool ends(char c) { return c == '"' || (c | 0x20) == '{' || (c | 0x20) == '}'; }
    static uint64_t ends(uint64_t word) {
        uint64_t upper = word | (kOnes * 0x20);
        return zero_bytes(word ^ (kOnes * '"')) | zero_bytes(upper ^ (kOnes * '{')) |
               zero_bytes(upper ^ (kOnes * '}'));
    }
#ifdef __SSE2__
    static __m128i ends(__m128i bytes) {
        __m128i upper = _mm_or_si128(bytes, _mm_set1_epi8(0x20));
        return _mm_or_si128(_mm_cmpeq_epi8(bytes, _mm_set1_epi8('"')),
                            _mm_or_si128(_mm_cmpeq_epi8(upper, _mm_set1_epi8('{')),
                                         _mm_cmpeq_epi8(upper, _mm_set1_epi8('}'))));
    }
#endif
};

/// First character at or after p that ends the run, or `end`.
template <typename Run> inline const char* run(const char* p, const char* end) {
#ifdef __SSE2__
    while (end - p >= 16) {
        int hits =
            _mm_movemask_epi8(Run::ends(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
        if (hits != 0)
            return p + __builtin_ctz(static_cast<unsigned>(hits));
        p += 16;
    }
#else
    while (end - p >= 8 && Run::ends(load8(p)) == 0)
        p += 8;
#endif
    while (p < end && !Run::ends(*p))
        ++p;
    return p;
}

/// What may stand behind the backslash of an escape, but for `u`, and its meaning; else 0.
inline char escape_meaning(char c) {
    switch (c) {
    case '"':
    case '\\':
    case '/':
        return c;
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    default:
        return 0;
    }
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
