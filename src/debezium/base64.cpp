#include "debezium/base64.hpp"

#include <array>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr char kStandard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr char kUrlSafe[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr uint8_t kInvalid = 0x80; // no sextet has this bit

using Sextets = std::array<uint8_t, 256>;

constexpr Sextets sextets_of(const char* alphabet) {
    Sextets table{};
    for (size_t i = 0; i < table.size(); ++i)
        table[i] = kInvalid;
    for (uint8_t i = 0; i < 64; ++i)
        table[static_cast<unsigned char>(alphabet[i])] = i;
    return table;
}

constexpr Sextets kStandardSextets = sextets_of(kStandard);
constexpr Sextets kUrlSafeSextets = sextets_of(kUrlSafe);

int nibble(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

bool decode_base64(std::string_view in, Base64Alphabet alphabet, char* out, uint32_t& size) {
    const Sextets& sextets =
        alphabet == Base64Alphabet::standard ? kStandardSextets : kUrlSafeSextets;
    size_t length = in.size();
    if (length % 4 == 0 && length > 0) {
        if (in[length - 1] == '=')
            --length;
        if (in[length - 1] == '=')
            --length;
    } else if (alphabet == Base64Alphabet::standard && length > 0) {
        return false;
    }
    const auto* from = reinterpret_cast<const unsigned char*>(in.data());
    char* to = out;
    size_t whole = length / 4 * 4;
    uint8_t seen = 0;
    for (size_t i = 0; i < whole; i += 4) {
        uint8_t a = sextets[from[i]];
        uint8_t b = sextets[from[i + 1]];
        uint8_t c = sextets[from[i + 2]];
        uint8_t d = sextets[from[i + 3]];
        seen |= a | b | c | d;
        *to++ = static_cast<char>(a << 2 | b >> 4);
        *to++ = static_cast<char>(b << 4 | c >> 2);
        *to++ = static_cast<char>(c << 6 | d);
    }
    size_t rest = length - whole;
    if (rest == 1)
        return false;
    if (rest >= 2) {
        uint8_t a = sextets[from[whole]];
        uint8_t b = sextets[from[whole + 1]];
        uint8_t c = rest == 3 ? sextets[from[whole + 2]] : uint8_t{0};
        seen |= a | b | c;
        uint8_t stray = rest == 3 ? c & 0x03 : b & 0x0F;
        if (stray != 0)
            return false;
        *to++ = static_cast<char>(a << 2 | b >> 4);
        if (rest == 3)
            *to++ = static_cast<char>(b << 4 | c >> 2);
    }
    size = static_cast<uint32_t>(to - out);
    return (seen & kInvalid) == 0;
}

std::string encode_base64(std::string_view bytes, Base64Alphabet alphabet) {
    const char* letters = alphabet == Base64Alphabet::standard ? kStandard : kUrlSafe;
    std::string out;
    out.reserve((bytes.size() + 2) / 3 * 4);
    for (size_t i = 0; i < bytes.size(); i += 3) {
        size_t left = bytes.size() - i;
        auto byte = [&](size_t k) {
            return k < left ? static_cast<unsigned char>(bytes[i + k]) : 0U;
        };
        unsigned group = byte(0) << 16 | byte(1) << 8 | byte(2);
        out += letters[group >> 18];
        out += letters[group >> 12 & 63];
        out += left > 1 ? letters[group >> 6 & 63] : '=';
        out += left > 2 ? letters[group & 63] : '=';
    }
    return out;
}

bool decode_hex(std::string_view in, char* out, uint32_t& size) {
    if (in.size() % 2 != 0)
        return false;
    for (size_t i = 0; i < in.size(); i += 2) {
        int high = nibble(in[i]);
        int low = nibble(in[i + 1]);
        if (high < 0 || low < 0)
            return false;
        out[i / 2] = static_cast<char>(high << 4 | low);
    }
    size = static_cast<uint32_t>(in.size() / 2);
    return true;
}

std::string encode_hex(std::string_view bytes) {
    static const char kDigits[] = "0123456789abcdef";
    std::string out;
    out.reserve(bytes.size() * 2);
    for (char c : bytes) {
        auto byte = static_cast<unsigned char>(c);
        out += kDigits[byte >> 4];
        out += kDigits[byte & 15];
    }
    return out;
}

} // namespace kcs
