#include "debezium/md5.hpp"

#include <cstdint>
#include <string>

#include "core/pure.hpp"

namespace kcs {

namespace {

// RFC 1321: floor(2^32 x abs(sin(i + 1))).
constexpr uint32_t kSines[64] = {
    0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
    0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
    0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
    0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
    0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
    0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
    0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
    0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391};

constexpr unsigned kShifts[4][4] = {
    {7, 12, 17, 22}, {5, 9, 14, 20}, {4, 11, 16, 23}, {6, 10, 15, 21}};

uint32_t rotate(uint32_t x, unsigned by) {
    return x << by | x >> (32 - by);
}

void mix(const unsigned char* block, uint32_t (&state)[4]) {
    uint32_t words[16];
    for (int i = 0; i < 16; ++i) {
        words[i] = 0;
        for (int k = 0; k < 4; ++k)
            words[i] |= static_cast<uint32_t>(block[i * 4 + k]) << (8 * k);
    }
    uint32_t a = state[0];
    uint32_t b = state[1];
    uint32_t c = state[2];
    uint32_t d = state[3];
    for (unsigned i = 0; i < 64; ++i) {
        uint32_t f = 0;
        unsigned word = 0;
        switch (i / 16) {
        case 0:
            f = (b & c) | (~b & d);
            word = i;
            break;
        case 1:
            f = (d & b) | (~d & c);
            word = 5 * i + 1;
            break;
        case 2:
            f = b ^ c ^ d;
            word = 3 * i + 5;
            break;
        default:
            f = c ^ (b | ~d);
            word = 7 * i;
            break;
        }
        uint32_t sum = a + f + kSines[i] + words[word % 16];
        a = d;
        d = c;
        c = b;
        b += rotate(sum, kShifts[i / 16][i % 4]);
    }
    state[0] += a;
    state[1] += b;
    state[2] += c;
    state[3] += d;
}

} // namespace

std::array<unsigned char, 16> md5(std::string_view bytes) {
    std::string padded(bytes);
    padded += '\x80';
    padded.append((120 - padded.size() % 64) % 64, '\0');
    uint64_t bits = static_cast<uint64_t>(bytes.size()) * 8;
    for (int i = 0; i < 8; ++i)
        padded += static_cast<char>(bits >> (8 * i));

    uint32_t state[4] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476};
    for (size_t at = 0; at < padded.size(); at += 64)
        mix(reinterpret_cast<const unsigned char*>(padded.data()) + at, state);

    std::array<unsigned char, 16> digest{};
    for (size_t i = 0; i < digest.size(); ++i)
        digest[i] = static_cast<unsigned char>(state[i / 4] >> (8 * (i % 4)));
    return digest;
}

} // namespace kcs
