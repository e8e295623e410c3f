#pragma once

#include <cstdint>
#include <limits>
#include <string_view>
#include <type_traits>

namespace kcs {

/// What a decoded value means, whatever its spelling on the wire was.
enum class ValueKind : uint8_t {
    absent,      ///< the record has no such member
    null,        ///< SQL NULL
    unavailable, ///< unchanged TOAST or LOB: never written (wire format section 4)
    boolean,     ///< integer is 0 or 1
    integer,     ///< integer
    real,        ///< text: a JSON number token, or NaN, Infinity, -Infinity
    text,        ///< text: UTF-8 without U+0000
    bytes,       ///< text: the decoded bytes
    decimal,     ///< integer x 10^-scale, exactly; scale may be negative
    numeric,     ///< text: digits as numeric_in takes them ([-]ddd[.ddd][E+-n], NaN, +-Infinity)
    date,        ///< integer: days since 2000-01-01, or kInfinity / kMinusInfinity
    time,        ///< integer: microseconds of the day; or any signed duration (MySQL's TIME)
    timestamp,   ///< integer: microseconds since 2000-01-01 00:00, wall clock, or +-infinity
    timestamptz, ///< integer: microseconds since 2000-01-01 00:00 UTC, or +-infinity
    interval,    ///< integer: microseconds; days; months
    json,        ///< text: a JSON document
    array,       ///< items[size]
    bits,        ///< text: '0' and '1', the most significant first
    geometry,    ///< text: EWKB, little-endian; scale 1: a closed path (wire format 3.5)
    sparse,      ///< text: a sparse vector as pgvector spells it, {1:1.5,3:2}/5
    spelled,     ///< text in the server's encoding, as the column's own output function wrote it
    // Without an embedded schema the target column decides (wire format section 3.8); until
    // debezium/interpret.hpp has been asked, a value is one of:
    token_number, ///< text: the JSON number as spelled
    token_text,   ///< text: the JSON string, unescaped
    token_json    ///< text: a JSON object or array, as spelled
};

/// Stand for infinity in date, timestamp and timestamptz.
inline constexpr int64_t kInfinity = std::numeric_limits<int64_t>::max();
inline constexpr int64_t kMinusInfinity = std::numeric_limits<int64_t>::min();

/// Days, and microseconds, from 1970-01-01 to PostgreSQL's epoch 2000-01-01.
inline constexpr int64_t kEpochDays = 10957;
inline constexpr int64_t kEpochMicros = INT64_C(946684800000000);

/// One decoded value: plain data, so that it may sit in frames that a longjmp can cross. Text and
/// items point into the batch's arena (or a layout's own storage, for defaults).
struct Value {
    ValueKind kind = ValueKind::absent;
    int32_t scale = 0; ///< decimal: scale; interval: months
    union {
        int64_t integer = 0;
        const char* data;
        const Value* items;
    };
    uint32_t size = 0; ///< bytes of data, or number of items
    int32_t days = 0;  ///< interval

    std::string_view text() const { return {data, size}; }
    bool is_null() const { return kind == ValueKind::null || kind == ValueKind::absent; }

    static Value of(ValueKind kind) {
        Value v;
        v.kind = kind;
        return v;
    }
    static Value of(ValueKind kind, int64_t integer) {
        Value v;
        v.kind = kind;
        v.integer = integer;
        return v;
    }
    static Value of(ValueKind kind, std::string_view text) {
        Value v;
        v.kind = kind;
        v.data = text.data();
        v.size = static_cast<uint32_t>(text.size());
        return v;
    }
};
static_assert(std::is_trivially_copyable_v<Value> && std::is_trivially_destructible_v<Value>);
static_assert(sizeof(Value) == 24);

} // namespace kcs
