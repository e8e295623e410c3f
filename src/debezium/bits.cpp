#include "debezium/bits.hpp"

#include "debezium/base64.hpp"
#include "debezium/field_type.hpp"

#include <cstring>

#include "core/pure.hpp"

namespace kcs {

bool bits_value(std::string_view base64, int32_t length, Arena& arena, Value& out,
                Refusal& refusal) {
    // A few characters of a record must not come to take any amount of memory.
    constexpr uint64_t kMostZeros = 1024 * 1024;
    char* bytes = arena.make_array<char>(base64.size() / 4 * 3 + 3);
    uint32_t size = 0;
    if (!decode_base64(base64, Base64Alphabet::standard, bytes, size))
        return refuse(refusal, "22P02", "is not bits in base64");
    while (size > 0 && bytes[size - 1] == 0)
        --size;
    uint64_t significant = uint64_t{size} * 8;
    if (size > 0)
        for (unsigned top = static_cast<unsigned char>(bytes[size - 1]); (top & 0x80) == 0;
             top <<= 1)
            --significant;
    uint64_t digits = length == kUnlimitedBits ? significant : static_cast<uint64_t>(length);
    if (significant > digits)
        return refuse(refusal, "22026", "has more bits than its declared length");
    if (digits - significant > kMostZeros)
        return refuse(refusal, "54000", "has more than 1048576 leading zeros");
    char* text = arena.make_array<char>(digits);
    std::memset(text, '0', digits - significant);
    for (uint64_t k = 0; k < significant; ++k)
        text[digits - 1 - k] =
            static_cast<char>('0' + (static_cast<unsigned char>(bytes[k / 8]) >> (k % 8) & 1));
    out = Value::of(ValueKind::bits, std::string_view(text, digits));
    return true;
}

} // namespace kcs
