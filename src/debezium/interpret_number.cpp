#include "debezium/interpret_number.hpp"

#include "debezium/decimal.hpp"
#include "debezium/number.hpp"
#include "debezium/temporal.hpp"

#include <limits>
#include <optional>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Unit of integers for a column with so many fractional digits declared (-1: none), as the source
/// chose it; none where its mode sends text.
std::optional<TimeUnit> unit_of(TimePrecisionMode mode, bool time_of_day, int32_t precision) {
    switch (mode) {
    case TimePrecisionMode::adaptive_time_microseconds:
        if (time_of_day)
            return TimeUnit::micro;
        [[fallthrough]];
    case TimePrecisionMode::adaptive:
        return precision >= 0 && precision <= 3 ? TimeUnit::milli : TimeUnit::micro;
    case TimePrecisionMode::connect:
        return TimeUnit::milli;
    case TimePrecisionMode::microseconds:
        return TimeUnit::micro;
    case TimePrecisionMode::nanoseconds:
        return TimeUnit::nano;
    case TimePrecisionMode::isostring:
        break;
    }
    return std::nullopt;
}

bool count_of(std::string_view token, int64_t& out, Refusal& refusal) {
    switch (to_integer(token, 0, out)) {
    case Exactness::exact:
        return true;
    case Exactness::out_of_range:
        return refuse(refusal, "22008", "is out of range for a date or time");
    default:
        return refuse(refusal, "22P02", "is not a whole number of units");
    }
}

bool moment_of(std::string_view token, const TargetType& target, const DecoderSettings& settings,
               Value& out, Refusal& refusal) {
    bool time_of_day = target.kind == TypeKind::time;
    auto unit = unit_of(settings.time_precision_mode, time_of_day, target.precision);
    if (!unit) {
        refusal.hint = "Set kafka_cdc_sink.time_precision_mode as the source connector has it.";
        return refuse(refusal, "22P02",
                      "is a number, but time_precision_mode isostring says that times are text");
    }
    int64_t count = 0;
    int64_t micros = 0;
    if (!count_of(token, count, refusal))
        return false;
    if (time_of_day) {
        if (!time_from_units(count, *unit, false, micros, refusal))
            return false;
        out = Value::of(ValueKind::time, micros);
        return true;
    }
    if (!timestamp_from_units(count, *unit, micros, refusal))
        return false;
    // What has no zone counts as UTC (wire format 3.3).
    out = Value::of(
        target.kind == TypeKind::timestamp ? ValueKind::timestamp : ValueKind::timestamptz, micros);
    return true;
}

} // namespace

bool integer_for(std::string_view number, TypeKind kind, Value& out, Refusal& refusal) {
    const char* problem = "is out of range for type bigint";
    int64_t low = std::numeric_limits<int64_t>::min();
    int64_t high = std::numeric_limits<int64_t>::max();
    if (kind == TypeKind::int2) {
        problem = "is out of range for type smallint";
        low = std::numeric_limits<int16_t>::min();
        high = std::numeric_limits<int16_t>::max();
    } else if (kind == TypeKind::int4) {
        problem = "is out of range for type integer";
        low = std::numeric_limits<int32_t>::min();
        high = std::numeric_limits<int32_t>::max();
    }
    int64_t n = 0;
    Exactness exactness = to_integer(number, 0, n);
    if (exactness == Exactness::no_number || exactness == Exactness::rounded)
        return refuse(refusal, "22P02", "is not an integer");
    if (exactness == Exactness::out_of_range || n < low || n > high)
        return refuse(refusal, "22003", problem);
    out = Value::of(ValueKind::integer, n);
    return true;
}

bool interpret_number(std::string_view token, const TargetType& target,
                      const DecoderSettings& settings, Value& out, Refusal& refusal) {
    int64_t n = 0;
    switch (target.kind) {
    case TypeKind::boolean: // MySQL's TINYINT(1)
        if (to_integer(token, 0, n) != Exactness::exact || (n != 0 && n != 1))
            return refuse(refusal, "22P02", "is neither 0 nor 1, which a boolean needs");
        out = Value::of(ValueKind::boolean, n);
        return true;
    case TypeKind::int2:
    case TypeKind::int4:
    case TypeKind::int8:
        return integer_for(token, target.kind, out, refusal);
    case TypeKind::float4:
    case TypeKind::float8:
        out = Value::of(ValueKind::real, token);
        return true;
    case TypeKind::numeric:
        return decimal_from_number(token, out, refusal);
    case TypeKind::text:
    case TypeKind::uuid:
    case TypeKind::enumeration:
    case TypeKind::other:
        out = Value::of(ValueKind::text, token);
        return true;
    case TypeKind::json:
    case TypeKind::jsonb:
        out = Value::of(ValueKind::json, token);
        return true;
    case TypeKind::date:
        if (!count_of(token, n, refusal) || !date_from_days(n, n, refusal))
            return false;
        out = Value::of(ValueKind::date, n);
        return true;
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
        return moment_of(token, target, settings, out, refusal);
    case TypeKind::interval: {
        Exactness exactness = to_integer(token, 0, n);
        if (exactness == Exactness::no_number)
            return refuse(refusal, "22P02", "is not a number");
        if (exactness == Exactness::out_of_range)
            return refuse(refusal, "22008", "is out of range for type interval");
        out = Value::of(ValueKind::interval, n);
        return true;
    }
    case TypeKind::bytea:
    case TypeKind::timetz:
    case TypeKind::bit:
    case TypeKind::array:
        break;
    }
    return refuse(refusal, "22P02", "is a number, which the type does not take");
}

bool variable_decimal(std::string_view scale, std::string_view base64, Arena& arena, Value& out,
                      Refusal& refusal) {
    int64_t n = 0;
    if (to_integer(scale, 0, n) != Exactness::exact || n < std::numeric_limits<int32_t>::min() ||
        n > std::numeric_limits<int32_t>::max())
        return refuse(refusal, "22P02", "has a scale that is no integer");
    return base64_decimal(base64, static_cast<int32_t>(n), arena, out, refusal);
}

} // namespace kcs
