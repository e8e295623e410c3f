#pragma once

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
    decimal,          ///< org.apache.kafka.connect.data.Decimal
    variable_decimal, ///< io.debezium.data.VariableScaleDecimal (struct)
    date,             ///< days; io.debezium.time.Date and Connect's
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
    text_like, ///< Xml, EnumSet, Ltree, Tsvector: text that the column's input function takes
    array,
    document,   ///< struct without a known name, or map with string keys: kept as JSON
    unsupported ///< a logical type whose decoding is not known: a value of it is refused
};

/// Type of one field, from its schema node.
struct FieldType {
    Semantic semantic = Semantic::string;
    std::string logical_name;   ///< as in the schema, for messages; empty: none
    int32_t scale = 0;          ///< decimal
    int32_t precision = -1;     ///< decimal (connect.decimal.precision), -1: not told
    bool mysql = false;         ///< the source is MySQL or MariaDB: TIME is a duration
    std::string source_type;    ///< __debezium.source.column.type, upper-cased; empty: not told
    int32_t source_length = -1; ///< __debezium.source.column.length
    std::unique_ptr<FieldType> element; ///< array
};

} // namespace kcs
