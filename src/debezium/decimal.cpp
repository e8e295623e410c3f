#include "debezium/decimal.hpp"

#include "core/interruption.hpp"
#include "debezium/base64.hpp"
#include "debezium/number.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

// numeric's limits (numeric.h: NUMERIC_WEIGHT_MAX in digits, NUMERIC_DSCALE_MAX).
constexpr int64_t kMostWholeDigits = 131072;
constexpr int32_t kMostScale = 16383;
constexpr uint32_t kLimb = 1000000000; // nine decimal digits
constexpr size_t kBlock = 64;          // bytes that are taken at once
constexpr size_t kReach = 18;          // limbs of 256^kBlock
constexpr size_t kLook = 100;          // blocks between two looks at interrupts
// A sum of that many products of limbs, with what is carried, is below 2^64.
static_assert(kReach * (uint64_t{kLimb} - 1) * (kLimb - 1) <= UINT64_MAX - (kReach + 1) * kLimb);

constexpr std::make_index_sequence<kReach> kIndexes;
template <size_t... i>
uint64_t products(const uint32_t* a, const uint32_t* b, std::index_sequence<i...>) {
    return ((uint64_t{a[i]} * b[i]) + ...);
}

/// Limbs of a big-endian number, the lowest first; their number.
size_t limbs_of(const unsigned char* bytes, size_t size, uint32_t* limbs) {
    size_t count = 0;
    size_t at = 0;
    while (at < size) {
        size_t width = (size - at) % 4 == 0 ? 4 : (size - at) % 4;
        uint64_t carry = 0;
        for (size_t i = 0; i < width; ++i)
            carry = carry << 8 | bytes[at + i];
        at += width;
        unsigned shift = static_cast<unsigned>(width * 8);
        for (size_t i = 0; i < count; ++i) {
            uint64_t sum = (static_cast<uint64_t>(limbs[i]) << shift) + carry;
            limbs[i] = static_cast<uint32_t>(sum % kLimb);
            carry = sum / kLimb;
        }
        for (; carry != 0; carry /= kLimb)
            limbs[count++] = static_cast<uint32_t>(carry % kLimb);
    }
    return count;
}

/// The same for one of any length: dividing once a limb and block, not for every four bytes.
const uint32_t* limbs_of(const unsigned char* bytes, size_t size, size_t& count, Arena& arena) {
    // Each limb holds log2(10^9) = 29.9 bits; around them are zeros.
    const size_t room = size * 8 / 29 + 2 + 3 * kReach;
    uint32_t* now = arena.make_array<uint32_t>(room);
    size_t at = (size - 1) % kBlock + 1;
    std::fill_n(now, room, 0);
    now += kReach;
    count = limbs_of(bytes, at, now);
    if (at == size)
        return now;
    uint32_t* next = arena.make_array<uint32_t>(room);
    std::fill_n(next, room, 0);
    next += kReach;
    const unsigned char one[kBlock + 1] = {1};
    uint32_t power[kReach];
    limbs_of(one, sizeof one, power);
    std::reverse(power, power + kReach);
    for (; at < size; at += kBlock) {
        if (at / kBlock % kLook == 0)
            look_for_interrupts();
        uint32_t block[kReach] = {};
        limbs_of(bytes + at, kBlock, block);
        uint64_t carry = 0;
        for (size_t j = 0; j < count + kReach; ++j) {
            uint64_t sum = carry + (j < kReach ? block[j] : 0) +
                           products(power, now + j + 1 - kReach, kIndexes);
            next[j] = static_cast<uint32_t>(sum % kLimb);
            carry = sum / kLimb;
        }
        std::swap(now, next);
        for (count += kReach; count > 0 && now[count - 1] == 0;)
            --count;
    }
    return now;
}

/// Decimal digits of a big-endian magnitude, without leading zeros ("0" for zero), in the arena.
std::string_view digits_of(const unsigned char* bytes, size_t size, Arena& arena) {
    size_t count = 0;
    const uint32_t* limbs = limbs_of(bytes, size, count, arena);
    size_t length = count == 0 ? 1 : count * 9;
    char* text = arena.make_array<char>(length);
    text[0] = '0';
    for (size_t i = 0; i < count; ++i) {
        uint32_t limb = limbs[i];
        for (size_t k = 0; k < 9; ++k, limb /= 10)
            text[length - 1 - i * 9 - k] = static_cast<char>('0' + limb % 10);
    }
    std::string_view digits{text, length};
    while (digits.size() > 1 && digits[0] == '0')
        digits.remove_prefix(1);
    return digits;
}

/// Bytes that the longest numeric of this scale has: longer ones cost no time.
size_t most_bytes(int32_t scale) {
    return static_cast<size_t>(kMostWholeDigits + scale) * 3322 / 8000 + 2; // log2(10) = 3.3219
}

/// Text with exactly `scale` fractional digits; a negative scale appends zeros.
std::string_view place_point(std::string_view digits, bool negative, int32_t scale, Arena& arena) {
    bool zero = digits == "0";
    size_t zeros = scale < 0 && !zero ? static_cast<size_t>(-static_cast<int64_t>(scale)) : 0;
    size_t fraction = scale > 0 ? static_cast<size_t>(scale) : 0;
    size_t whole = digits.size() > fraction ? digits.size() - fraction : 0;
    char* text = arena.make_array<char>(digits.size() + zeros + fraction + 3);
    char* to = text;
    auto put = [&to](const char* from, size_t size) {
        std::memcpy(to, from, size);
        to += size;
    };
    if (negative)
        *to++ = '-';
    if (whole == 0)
        *to++ = '0';
    put(digits.data(), whole);
    std::memset(to, '0', zeros);
    to += zeros;
    if (fraction > 0) {
        *to++ = '.';
        size_t missing = whole == 0 ? fraction - digits.size() : 0;
        std::memset(to, '0', missing);
        to += missing;
        put(digits.data() + whole, digits.size() - whole);
    }
    return {text, static_cast<size_t>(to - text)};
}

} // namespace

bool decimal_from_bytes(std::string_view unscaled, int32_t scale, Arena& arena, Value& out,
                        Refusal& refusal) {
    constexpr const char* kTooLarge = "is out of range for type numeric";
    if (unscaled.empty())
        return refuse(refusal, "22P02", "is not a valid decimal: the unscaled integer is empty");
    const auto* bytes = reinterpret_cast<const unsigned char*>(unscaled.data());
    size_t size = unscaled.size();
    bool negative = (bytes[0] & 0x80) != 0;
    const unsigned char fill = negative ? 0xFF : 0x00;
    while (size > 1 && bytes[0] == fill && ((bytes[1] & 0x80) != 0) == negative) {
        ++bytes;
        --size;
    }
    if (size <= 8 && scale >= 0 && scale <= 18) {
        uint64_t bits = negative ? ~UINT64_C(0) : 0;
        for (size_t i = 0; i < size; ++i)
            bits = bits << 8 | bytes[i];
        out = Value::of(ValueKind::decimal, static_cast<int64_t>(bits));
        out.scale = scale;
        return true;
    }
    if (scale > kMostScale || scale < -kMostWholeDigits || size > most_bytes(scale))
        return refuse(refusal, "22003", kTooLarge);

    auto* magnitude = arena.make_array<unsigned char>(size);
    std::memcpy(magnitude, bytes, size);
    if (negative) {
        unsigned carry = 1;
        for (size_t i = size; i-- > 0;) {
            unsigned sum = (magnitude[i] ^ 0xFFU) + carry;
            magnitude[i] = static_cast<unsigned char>(sum);
            carry = sum >> 8;
        }
        // The most negative value of its length is its own complement; read as unsigned, it is
        // right.
    }
    std::string_view digits = digits_of(magnitude, size, arena);
    if (static_cast<int64_t>(digits.size()) - scale > kMostWholeDigits && digits != "0")
        return refuse(refusal, "22003", kTooLarge);
    out = Value::of(ValueKind::numeric, place_point(digits, negative, scale, arena));
    return true;
}

bool base64_decimal(std::string_view base64, int32_t scale, Arena& arena, Value& out,
                    Refusal& refusal) {
    char small[96];
    size_t most = base64.size() / 4 * 3 + 3;
    char* bytes = most <= sizeof small ? small : arena.make_array<char>(most);
    uint32_t size = 0;
    if (!decode_base64(base64, Base64Alphabet::standard, bytes, size))
        return refuse(refusal, "22P02", "is not a decimal in base64");
    return decimal_from_bytes({bytes, size}, scale, arena, out, refusal);
}

bool decimal_from_number(std::string_view token, Value& out, Refusal& refusal) {
    if (!is_json_number(token))
        return refuse(refusal, "22P02", "is not a valid number");
    out = Value::of(ValueKind::numeric, token);
    return true;
}

std::string_view numeric_text_from_debezium(std::string_view text) {
    if (text == "NAN")
        return "NaN";
    if (text == "POSITIVE_INFINITY")
        return "Infinity";
    if (text == "NEGATIVE_INFINITY")
        return "-Infinity";
    return text;
}

} // namespace kcs
