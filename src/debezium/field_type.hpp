#pragma once

#include "debezium/change.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace kcs {

/// What a field of a Connect schema means: its logical name where that is known, else its base type
/// (wire format section 3).
enum class Semantic : uint8_t {
    boolean,
    int8,
    int16,
    int32,
    int64,
    float32,
    float64,
    string,
    bytes,
    decimal, ///< org.apache.kafka.connect.data.Decimal
    date,    ///< days; io.debezium.time.Date and Connect's
    time_ms,
    time_us,
    time_ns,
    timestamp_ms,
    timestamp_us,
    timestamp_ns,
    zoned_timestamp,
    zoned_time,
    iso_date,
    iso_time,
    iso_timestamp,
    interval_text, ///< io.debezium.time.Interval
    micro_duration,
    nano_duration,
    year,
    json,
    uuid,
    enumeration,
    enum_set, ///< text: members joined by commas
    xml,
    ltree,
    tsvector,
    bits, ///< base64, the least significant byte first
    // JSON arrays:
    array,
    double_vector, ///< pgvector's vector
    float_vector,  ///< pgvector's halfvec or MySQL's VECTOR
    // Structs:
    variable_decimal, ///< io.debezium.data.VariableScaleDecimal
    structured_date,  ///< io.debezium.time.Structured...
    structured_time,
    structured_timestamp,
    structured_zoned_time,
    structured_zoned_timestamp,
    structured_duration,
    sparse_vector,
    point, ///< io.debezium.data.geometry...
    geometry,
    geography,
    circle,
    line,
    document,   ///< struct without a known name, or map with string keys: kept as JSON
    unsupported ///< a logical type whose decoding is not known: a value of it is refused
};

/// Type of one field, from its schema node.
struct FieldType {
    Semantic semantic = Semantic::string;
    std::string base;         ///< Connect's type
    std::string logical_name; ///< as in the schema, for messages; empty: none
    int32_t scale = 0;        ///< decimal
    int32_t precision = -1;   ///< decimal (connect.decimal.precision), -1: not told
    int32_t length = -1;      ///< bits; kUnlimitedBits: a varbit without limit
    SourceKind source = SourceKind::unknown;
    bool string_map = false;    ///< document: a map of text (hstore.handling.mode=map)
    std::string source_type;    ///< __debezium.source.column.type, upper-cased, without the `_` of
                                ///< arrays; empty: not told. An array's elements have it too.
    int32_t source_length = -1; ///< __debezium.source.column.length
    int32_t source_scale = -1;  ///< __debezium.source.column.scale; not of elements
    std::shared_ptr<FieldType> element; ///< array and dense vectors

    bool mysql() const { return source == SourceKind::mysql; } ///< TIME is a duration
};

inline constexpr int32_t kUnlimitedBits = INT32_MAX;

/// Whether the JSON form is an array of `element`.
inline bool is_array(Semantic semantic) {
    return semantic >= Semantic::array && semantic <= Semantic::float_vector;
}

/// Whether the JSON form is an object whose members make up one value.
inline bool is_struct(Semantic semantic) {
    return semantic >= Semantic::variable_decimal && semantic <= Semantic::line;
}

} // namespace kcs
