#include "debezium/scalars.hpp"

#include "debezium/base64.hpp"
#include "debezium/bits.hpp"
#include "debezium/decimal.hpp"
#include "debezium/iso_text.hpp"
#include "debezium/number.hpp"
#include "debezium/refusal.hpp"
#include "debezium/temporal.hpp"
#include "debezium/text_value.hpp"

#include <cstring>
#include <limits>

#include "core/pure.hpp"

namespace kcs {

namespace {

using Kind = JsonScalar::Kind;

bool decode_integer(const JsonScalar& json, int64_t low, int64_t high, const char* range_problem,
                    Value& out, Refusal& refusal) {
    int64_t n = 0;
    if (json.kind != Kind::number)
        return refuse(refusal, "22P02", "is not a JSON number, which its schema tells");
    switch (to_integer(json.text(), 0, n)) {
    case Exactness::exact:
        break;
    case Exactness::out_of_range:
        return refuse(refusal, "22003", range_problem);
    case Exactness::rounded:
    case Exactness::no_number:
        return refuse(refusal, "22P02", "is not an integer");
    }
    if (n < low || n > high)
        return refuse(refusal, "22003", range_problem);
    out = Value::of(ValueKind::integer, n);
    return true;
}

template <typename Integer>
bool decode_integer(const JsonScalar& json, const char* range_problem, Value& out,
                    Refusal& refusal) {
    return decode_integer(json, std::numeric_limits<Integer>::min(),
                          std::numeric_limits<Integer>::max(), range_problem, out, refusal);
}

/// The 64-bit count behind a temporal type.
bool decode_count(const JsonScalar& json, int64_t& out, Refusal& refusal) {
    Value value;
    if (!decode_integer<int64_t>(json, "is out of range for its type", value, refusal))
        return false;
    out = value.integer;
    return true;
}

bool decode_real(const JsonScalar& json, Value& out, Refusal& refusal) {
    std::string_view text = json.text();
    if (json.kind == Kind::number ? !is_json_number(text)
                                  : json.kind != Kind::string || !is_real_word(text))
        return refuse(refusal, "22P02", "is not a floating-point number");
    out = Value::of(ValueKind::real, text);
    return true;
}

/// MySQL's TIME is a duration, and records need not tell their source: whether it is a time of day
/// the column says.
bool decode_time(const JsonScalar& json, TimeUnit unit, Value& out, Refusal& refusal) {
    int64_t count = 0;
    int64_t micros = 0;
    if (!decode_count(json, count, refusal) || !time_from_units(count, unit, true, micros, refusal))
        return false;
    out = Value::of(ValueKind::time, micros);
    return true;
}

bool decode_timestamp(const JsonScalar& json, TimeUnit unit, Value& out, Refusal& refusal) {
    int64_t count = 0;
    int64_t micros = 0;
    if (!decode_count(json, count, refusal) || !timestamp_from_units(count, unit, micros, refusal))
        return false;
    out = Value::of(ValueKind::timestamp, micros);
    return true;
}

bool decode_date(const JsonScalar& json, Value& out, Refusal& refusal) {
    int64_t count = 0;
    int64_t days = 0;
    if (!decode_count(json, count, refusal) || !date_from_days(count, days, refusal))
        return false;
    out = Value::of(ValueKind::date, days);
    return true;
}

/// Microseconds x 10^shift, as a number of any spelling (Oracle sends its intervals as float64).
bool decode_duration(const JsonScalar& json, int32_t shift, Value& out, Refusal& refusal) {
    int64_t micros = 0;
    Exactness exactness =
        json.kind == Kind::number ? to_integer(json.text(), shift, micros) : Exactness::no_number;
    if (exactness == Exactness::no_number)
        return refuse(refusal, "22P02", "is not a JSON number, which its schema tells");
    if (exactness == Exactness::out_of_range)
        return refuse(refusal, "22008", "is out of range for type interval");
    out = Value::of(ValueKind::interval, micros);
    return true;
}

bool decode_bytes(const JsonScalar& json, Value& out, Refusal& refusal) {
    uint32_t size = 0;
    if (!decode_base64(json.text(), Base64Alphabet::standard, json.data, size))
        return refuse(refusal, "22P02", "is not valid base64");
    out = Value::of(ValueKind::bytes, std::string_view(json.data, size));
    return true;
}

bool decode_decimal(const FieldType& type, const JsonScalar& json, Arena& arena, Value& out,
                    Refusal& refusal) {
    if (json.kind == Kind::number)
        return decimal_from_number(json.text(), out, refusal);
    if (json.kind != Kind::string)
        return refuse(refusal, "22P02", "is not a decimal");
    return base64_decimal(json.text(), type.scale, arena, out, refusal);
}

/// Semantics whose JSON form is a string.
bool decode_string(Semantic semantic, std::string_view text, Value& out, Refusal& refusal) {
    int64_t n = 0;
    switch (semantic) {
    case Semantic::json:
        return text_value(ValueKind::json, text, out, refusal);
    case Semantic::zoned_timestamp:
        if (!parse_zoned_timestamp(text, true, false, n, refusal))
            return false;
        out = Value::of(ValueKind::timestamptz, n);
        return true;
    case Semantic::iso_date:
        if (!parse_iso_date(text, n, refusal))
            return false;
        out = Value::of(ValueKind::date, n);
        return true;
    case Semantic::iso_time:
        if (!parse_iso_time(text, n, refusal))
            return false;
        out = Value::of(ValueKind::time, n);
        return true;
    case Semantic::iso_timestamp:
        if (!parse_iso_timestamp(text, false, n, refusal))
            return false;
        out = Value::of(ValueKind::timestamp, n);
        return true;
    case Semantic::interval_text:
        return interval_value(text, out, refusal);
    default: // string, uuid, enumeration and so on; zoned_time for timetz's input function
        return text_value(ValueKind::text, text, out, refusal);
    }
}

bool decode(const FieldType& type, const JsonScalar& json, Arena& arena, Value& out,
            Refusal& refusal) {
    switch (type.semantic) {
    case Semantic::boolean:
        if (json.kind != Kind::boolean)
            return refuse(refusal, "22P02", "is not a boolean");
        out = Value::of(ValueKind::boolean, static_cast<int64_t>(json.boolean));
        return true;
    case Semantic::int8: // no type of PostgreSQL is narrower
    case Semantic::int16:
        return decode_integer<int16_t>(json, "is out of range for type smallint", out, refusal);
    case Semantic::int32:
    case Semantic::year:
        return decode_integer<int32_t>(json, "is out of range for type integer", out, refusal);
    case Semantic::int64:
        return decode_integer<int64_t>(json, "is out of range for type bigint", out, refusal);
    case Semantic::float32:
    case Semantic::float64:
        return decode_real(json, out, refusal);
    case Semantic::bytes:
        if (json.kind != Kind::string)
            return refuse(refusal, "22P02", "is not base64 text");
        return decode_bytes(json, out, refusal);
    case Semantic::decimal:
        return decode_decimal(type, json, arena, out, refusal);
    case Semantic::date:
        return decode_date(json, out, refusal);
    case Semantic::time_ms:
        return decode_time(json, TimeUnit::milli, out, refusal);
    case Semantic::time_us:
        return decode_time(json, TimeUnit::micro, out, refusal);
    case Semantic::time_ns:
        return decode_time(json, TimeUnit::nano, out, refusal);
    case Semantic::timestamp_ms:
        return decode_timestamp(json, TimeUnit::milli, out, refusal);
    case Semantic::timestamp_us:
        return decode_timestamp(json, TimeUnit::micro, out, refusal);
    case Semantic::timestamp_ns:
        return decode_timestamp(json, TimeUnit::nano, out, refusal);
    case Semantic::micro_duration:
        return decode_duration(json, 0, out, refusal);
    case Semantic::nano_duration:
        return decode_duration(json, -3, out, refusal);
    case Semantic::string:
    case Semantic::zoned_timestamp:
    case Semantic::zoned_time:
    case Semantic::iso_date:
    case Semantic::iso_time:
    case Semantic::iso_timestamp:
    case Semantic::interval_text:
    case Semantic::json:
    case Semantic::uuid:
    case Semantic::enumeration:
    case Semantic::enum_set:
    case Semantic::xml:
    case Semantic::ltree:
    case Semantic::tsvector:
        if (json.kind != Kind::string)
            return refuse(refusal, "22P02", "is not a JSON string, which its schema tells");
        return decode_string(type.semantic, json.text(), out, refusal);
    case Semantic::bits:
        if (json.kind != Kind::string)
            return refuse(refusal, "22P02", "is not base64 text");
        return bits_value(json.text(), type.length, arena, out, refusal);
    case Semantic::unsupported:
        break;
    default:
        return refuse(refusal, "22P02", "is a scalar where the schema tells an object or array");
    }
    return refuse(refusal, "0A000", "is of a type that is not supported");
}

/// The JSON scalar as a message shows it.
std::string_view shown(const JsonScalar& json) {
    if (json.kind == Kind::boolean)
        return json.boolean ? "true" : "false";
    return json.text();
}

} // namespace

bool is_real_word(std::string_view text) {
    return text == "NaN" || text == "Infinity" || text == "-Infinity";
}

bool text_value(ValueKind kind, std::string_view text, Value& out, Refusal& refusal) {
    if (!text.empty() && std::memchr(text.data(), '\0', text.size()) != nullptr)
        return refuse(refusal, "22P05", "has the character U+0000, which text cannot hold");
    out = Value::of(kind, text);
    return true;
}

Value split_set(std::string_view text, Arena& arena) {
    size_t count = text.empty() ? 0 : 1;
    for (char c : text)
        count += c == ',';
    auto* items = arena.make_array<Value>(count);
    for (size_t i = 0; i < count; ++i) {
        size_t comma = text.find(',');
        items[i] = Value::of(ValueKind::text, text.substr(0, comma));
        text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
    }
    Value out = Value::of(ValueKind::array);
    out.items = items;
    out.size = static_cast<uint32_t>(count);
    return out;
}

bool interval_value(std::string_view text, Value& out, Refusal& refusal) {
    IsoInterval interval;
    if (!parse_iso_interval(text, interval, refusal))
        return false;
    out = Value::of(ValueKind::interval, interval.micros);
    out.scale = interval.months;
    out.days = interval.days;
    return true;
}

bool decode_scalar(const FieldType& type, const JsonScalar& json, Arena& arena, Value& out,
                   ValueError& error) {
    if (json.kind == Kind::null) {
        out = Value::of(ValueKind::null);
        return true;
    }
    // Decoding in place may overwrite the value, of which a message shows the beginning.
    char head[72];
    std::string_view text = shown(json);
    bool in_place = type.semantic == Semantic::bytes && json.kind == Kind::string;
    if (in_place) {
        text = text.substr(0, sizeof head);
        if (!text.empty())
            std::memcpy(head, text.data(), text.size());
        text = {head, text.size()};
    }
    Refusal refusal;
    if (decode(type, json, arena, out, refusal))
        return true;
    error.sqlstate = refusal.sqlstate;
    error.message = refusal_message(text, refusal.problem);
    if (!type.logical_name.empty())
        error.message += " (" + type.logical_name + ")";
    return false;
}

} // namespace kcs
