#include "http/plain_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Bytes of the well-formed UTF-8 sequence at the beginning; 0: there is none.
size_t sequence(std::string_view s) {
    auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
    auto continues = [&](size_t i) { return i < s.size() && (byte(i) & 0xC0) == 0x80; };
    unsigned char first = byte(0);
    if (first < 0x80)
        return 1;
    if (first < 0xC2 || first > 0xF4 || !continues(1))
        return 0;
    if (first < 0xE0)
        return 2;
    unsigned char second = byte(1);
    // overlong, surrogates, beyond U+10FFFF
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F) ||
        (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F) || !continues(2))
        return 0;
    if (first < 0xF0)
        return 3;
    return continues(3) ? 4 : 0;
}

bool control(std::string_view s, size_t size) {
    auto byte = [&](size_t i) { return static_cast<unsigned char>(s[i]); };
    return (size == 1 && (byte(0) < 0x20 || byte(0) == 0x7F)) ||
           (size == 2 && byte(0) == 0xC2 && byte(1) < 0xA0);
}

bool hexadecimal(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

/// A backslash that begins what would be taken for one of our own.
bool looks_escaped(std::string_view s) {
    return s.size() >= 4 && s[0] == '\\' && s[1] == 'x' && hexadecimal(s[2]) && hexadecimal(s[3]);
}

} // namespace

std::string plain_text(std::string_view text) {
    static const char digits[] = "0123456789abcdef";
    std::string out;
    out.reserve(text.size());
    while (!text.empty()) {
        size_t size = sequence(text);
        bool escape = size == 0 || control(text, size) || looks_escaped(text);
        if (size == 0)
            size = 1;
        for (size_t i = 0; i < size; ++i) {
            unsigned char byte = static_cast<unsigned char>(text[i]);
            if (escape)
                out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
            else
                out += text[i];
        }
        text.remove_prefix(size);
    }
    return out;
}

} // namespace kcs
