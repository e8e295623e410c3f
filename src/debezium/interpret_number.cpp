#include "debezium/interpret_number.hpp"

#include "debezium/decimal.hpp"
#include "debezium/number.hpp"
#include "debezium/temporal.hpp"

#include <algorithm>
#include <limits>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr const char* kTimeHint =
    "Set kafka_cdc_sink.time_precision_mode as the source connector has it.";
constexpr const char* kDigitsHint =
    "Declare the column's fractional digits as the source has them; or have the source write times "
    "of one unit, and set kafka_cdc_sink.time_precision_mode, or a route's, likewise.";
constexpr const char* kConnectorHint =
    "Have the source name its connector in flattened records (add.fields=connector).";

/// Unit of integers for a column as the source's adaptive modes choose it by the fractional digits
/// declared there (wire format 3.6), which the target's declaration stands for. Refused where
/// different source columns have this target and write different units.
bool adaptive_unit(const TargetType& target, const DecoderSettings& settings, TimeUnit& unit,
                   Refusal& refusal) {
    bool time_of_day = target.kind == TypeKind::time;
    bool mysql = target.source == SourceKind::mysql;
    if (time_of_day &&
        (mysql || settings.time_precision_mode == TimePrecisionMode::adaptive_time_microseconds)) {
        unit = TimeUnit::micro;
        return true;
    }
    // A plain timestamp may stand for MySQL's datetime (milliseconds) and datetime(6); and no
    // target tells SQL Server's or Oracle's nanoseconds from microseconds.
    bool unclear =
        mysql ? target.precision < 0
              : (target.source == SourceKind::sqlserver || target.source == SourceKind::oracle) &&
                    (target.precision < 0 || target.precision == 6);
    if (unclear) {
        refusal.hint = kDigitsHint;
        return refuse(refusal, "22P02", "is a number whose unit the column's type does not tell");
    }
    unit = target.precision >= 0 && target.precision <= 3 ? TimeUnit::milli : TimeUnit::micro;
    return true;
}

bool unit_of(const TargetType& target, const DecoderSettings& settings, TimeUnit& unit,
             Refusal& refusal) {
    switch (settings.time_precision_mode) {
    case TimePrecisionMode::adaptive_time_microseconds:
    case TimePrecisionMode::adaptive:
        return adaptive_unit(target, settings, unit, refusal);
    case TimePrecisionMode::connect:
        unit = TimeUnit::milli;
        return true;
    case TimePrecisionMode::microseconds:
        unit = TimeUnit::micro;
        return true;
    case TimePrecisionMode::nanoseconds:
        unit = TimeUnit::nano;
        return true;
    case TimePrecisionMode::isostring:
    case TimePrecisionMode::structured:
        break;
    }
    refusal.hint = kTimeHint;
    return refuse(refusal, "22P02", "is a number, which time_precision_mode says no time is");
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
    TimeUnit unit;
    int64_t count = 0;
    int64_t micros = 0;
    if (!unit_of(target, settings, unit, refusal) || !count_of(token, count, refusal))
        return false;
    if (target.kind == TypeKind::time) {
        if (!time_from_units(count, unit, false, micros, refusal))
            return false;
        out = Value::of(ValueKind::time, micros);
        return true;
    }
    if (!timestamp_from_units(count, unit, micros, refusal))
        return false;
    // What has no zone counts as UTC (wire format 3.3).
    out = Value::of(
        target.kind == TypeKind::timestamp ? ValueKind::timestamp : ValueKind::timestamptz, micros);
    return true;
}

/// Oracle's DATE has a time of day, which is left to the target to take or refuse; in the adaptive
/// modes it is milliseconds.
bool oracle_date_of(std::string_view token, const TargetType& target,
                    const DecoderSettings& settings, Value& out, Refusal& refusal) {
    TargetType stamp = target;
    stamp.kind = TypeKind::timestamp;
    stamp.precision = 0;
    return moment_of(token, stamp, settings, out, refusal);
}

/// Unit of a number for an interval column: of PostgreSQL's and Oracle's intervals always
/// microseconds; MySQL's TIME, which is a duration, and SQL Server's have that of their time mode.
bool interval_unit(const TargetType& target, const DecoderSettings& settings, TimeUnit& unit,
                   Refusal& refusal) {
    if (target.source == SourceKind::mysql || target.source == SourceKind::sqlserver) {
        TargetType time = target;
        time.kind = TypeKind::time;
        return unit_of(time, settings, unit, refusal);
    }
    if (settings.interval_handling_mode == IntervalMode::string) {
        refusal.hint = "Set kafka_cdc_sink.interval_handling_mode as the source connector has it.";
        return refuse(
            refusal, "22P02",
            "is a number, but interval_handling_mode string says that intervals are text");
    }
    unit = TimeUnit::micro;
    bool other_unit = settings.time_precision_mode == TimePrecisionMode::connect ||
                      settings.time_precision_mode == TimePrecisionMode::nanoseconds;
    if (target.source != SourceKind::unknown || !other_unit)
        return true;
    refusal.hint = kConnectorHint;
    return refuse(refusal, "22P02",
                  "is a number of microseconds if it is an interval, but of another unit if it is "
                  "MySQL's TIME");
}

bool interval_of(std::string_view token, const TargetType& target, const DecoderSettings& settings,
                 Value& out, Refusal& refusal) {
    TimeUnit unit;
    int64_t micros = 0;
    if (!interval_unit(target, settings, unit, refusal))
        return false;
    switch (to_integer(token,
                       unit == TimeUnit::milli  ? 3
                       : unit == TimeUnit::nano ? -3
                                                : 0,
                       micros)) {
    case Exactness::no_number:
        return refuse(refusal, "22P02", "is not a number");
    case Exactness::out_of_range:
        return refuse(refusal, "22008", "is out of range for type interval");
    default:
        break;
    }
    out = Value::of(ValueKind::interval, micros);
    return true;
}

/// Whether a double holds a number as its spelling has it: Java writes no more than 17 digits, and
/// whole numbers with a point.
bool double_spells(std::string_view token) {
    size_t mantissa = token.find_first_of("eE");
    std::string_view digits = token.substr(0, mantissa);
    bool whole = mantissa == std::string_view::npos && digits.find('.') == std::string_view::npos;
    return !whole && std::count_if(digits.begin(), digits.end(),
                                   [](char c) { return c >= '0' && c <= '9'; }) <= 17;
}

} // namespace

Value real_for(std::string_view number) {
    return Value::of(double_spells(number) ? ValueKind::real : ValueKind::numeric, number);
}

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
        if (to_integer(token, 0, n) != Exactness::exact)
            return refuse(refusal, "22P02", "is no whole number, as a boolean needs");
        out = Value::of(ValueKind::boolean, static_cast<int64_t>(n != 0));
        return true;
    case TypeKind::int2:
    case TypeKind::int4:
    case TypeKind::int8:
        return integer_for(token, target.kind, out, refusal);
    case TypeKind::float4:
    case TypeKind::float8:
        out = real_for(token);
        return true;
    case TypeKind::numeric:
        return decimal_from_number(token, out, refusal);
    case TypeKind::text:
    case TypeKind::uuid:
    case TypeKind::enumeration:
    case TypeKind::opaque:
    case TypeKind::other:
        out = Value::of(ValueKind::text, token);
        return true;
    case TypeKind::json:
    case TypeKind::jsonb:
        out = Value::of(ValueKind::json, token);
        return true;
    case TypeKind::date:
        if (target.source == SourceKind::oracle)
            return oracle_date_of(token, target, settings, out, refusal);
        if (!count_of(token, n, refusal) || !date_from_days(n, n, refusal))
            return false;
        out = Value::of(ValueKind::date, n);
        return true;
    case TypeKind::time:
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
        return moment_of(token, target, settings, out, refusal);
    case TypeKind::interval:
        return interval_of(token, target, settings, out, refusal);
    case TypeKind::bytea:
    case TypeKind::timetz:
    case TypeKind::bit:
    case TypeKind::array:
    case TypeKind::hstore:
    case TypeKind::geometry:
    case TypeKind::geometric:
    case TypeKind::vector:
    case TypeKind::sparsevec:
        break;
    }
    return refuse(refusal, "22P02", "is a number, which the type does not take");
}

} // namespace kcs
