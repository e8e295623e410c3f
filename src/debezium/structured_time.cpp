#include "debezium/number.hpp"
#include "debezium/struct_values.hpp"
#include "debezium/temporal.hpp"

#include <cstdio>
#include <cstdlib>
#include <limits>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kSecond = 1000000; // microseconds
constexpr int64_t kDaySeconds = 86400;
constexpr const char* kIncomplete = "lacks a part of a date or time";
constexpr const char* kNone = "is out of range: there is no such date or time";

/// A member that is a whole number. False: it is missing, null or something else.
bool number_of(const JsonParts& members, const char* name, int64_t& out) {
    const Value* value = members.find(name);
    return value != nullptr && value->kind == ValueKind::token_number &&
           to_integer(value->text(), 0, out) == Exactness::exact;
}

/// The same where null, or no member at all, is 0.
bool optional_number(const JsonParts& members, const char* name, int64_t& out) {
    const Value* value = members.find(name);
    out = 0;
    return value == nullptr || value->is_null() || number_of(members, name, out);
}

bool special_value(const JsonParts& members, int64_t& out) {
    const Value* special = members.find("specialValue");
    if (special == nullptr || special->kind != ValueKind::token_text)
        return false;
    out = special->text() == "POSITIVE_INFINITY"   ? kInfinity
          : special->text() == "NEGATIVE_INFINITY" ? kMinusInfinity
                                                   : 0;
    return out != 0;
}

bool read_day(const JsonParts& members, int64_t& days, Refusal& refusal) {
    int64_t year = 0, month = 0, day = 0;
    if (!number_of(members, "year", year) || !number_of(members, "month", month) ||
        !number_of(members, "day", day))
        return refuse(refusal, "22007", kIncomplete);
    // MySQL's dates may have zeros for parts.
    if (year < std::numeric_limits<int32_t>::min() || year > std::numeric_limits<int32_t>::max() ||
        !is_civil_day(year, month, day))
        return refuse(refusal, "22008", kNone);
    days = days_from_civil(year, static_cast<int>(month), static_cast<int>(day));
    return true;
}

/// On either side of zero.
bool beyond(int64_t number, int64_t most) {
    return number > most || number < -most;
}

struct TimeOfDay {
    int64_t seconds = 0;
    int64_t micros = 0; ///< beyond the seconds; 1000000 where nanoseconds were rounded up
};

/// `duration`: any length, signed.
bool read_clock(const JsonParts& members, bool duration, TimeOfDay& out, Refusal& refusal) {
    constexpr int64_t kMostHours = 1000000;
    int64_t hour = 0, minute = 0, second = 0, nanos = 0;
    if (!number_of(members, "hour", hour) || !number_of(members, "minute", minute) ||
        !number_of(members, "second", second) || !optional_number(members, "nanos", nanos))
        return refuse(refusal, "22007", kIncomplete);
    if (beyond(minute, 59) || beyond(second, 59) || beyond(nanos, 999999999) ||
        beyond(hour, kMostHours))
        return refuse(refusal, "22008", kNone);
    out.seconds = hour * 3600 + minute * 60 + second;
    out.micros = micros_from_nanos(nanos);
    bool negative = hour < 0 || minute < 0 || second < 0 || nanos < 0;
    bool within = hour < 24 || (out.seconds == kDaySeconds && nanos == 0);
    if (!duration && (negative || !within))
        return refuse(refusal, "22008", kNone);
    return true;
}

bool read_offset(const JsonParts& members, int64_t& east, Refusal& refusal) {
    if (!number_of(members, "offsetSeconds", east))
        return refuse(refusal, "22007", "lacks its offset from UTC");
    if (beyond(east, 18 * 3600)) // Java's limit
        return refuse(refusal, "22008", "has an offset that is out of range");
    return true;
}

bool date_value(const JsonParts& members, Value& out, Refusal& refusal) {
    int64_t days = 0;
    if (!special_value(members, days) &&
        (!read_day(members, days, refusal) || !date_from_days(days, days, refusal)))
        return false;
    out = Value::of(ValueKind::date, days);
    return true;
}

bool time_value(const JsonParts& members, bool mysql, Value& out, Refusal& refusal) {
    TimeOfDay clock;
    if (!read_clock(members, mysql, clock, refusal))
        return false;
    out = Value::of(ValueKind::time, clock.seconds * kSecond + clock.micros);
    return true;
}

bool timestamp_value(const JsonParts& members, bool zoned, Value& out, Refusal& refusal) {
    int64_t days = 0, east = 0, micros = 0;
    TimeOfDay clock;
    if (!special_value(members, micros) &&
        (!read_day(members, days, refusal) || !read_clock(members, false, clock, refusal) ||
         (zoned && !read_offset(members, east, refusal)) ||
         !timestamp_from_seconds(days * kDaySeconds + clock.seconds - east, clock.micros, micros,
                                 refusal)))
        return false;
    out = Value::of(zoned ? ValueKind::timestamptz : ValueKind::timestamp, micros);
    return true;
}

/// As text, because it keeps its offset.
bool zoned_time_value(const JsonParts& members, Arena& arena, Value& out, Refusal& refusal) {
    TimeOfDay clock;
    int64_t east = 0;
    if (!read_clock(members, false, clock, refusal) || !read_offset(members, east, refusal))
        return false;
    int64_t micros = clock.seconds * kSecond + clock.micros;
    int64_t seconds = micros / kSecond;
    long long offset = std::llabs(east);
    char text[64];
    int size = std::snprintf(
        text, sizeof text, "%02lld:%02lld:%02lld.%06lld%c%02lld:%02lld:%02lld",
        static_cast<long long>(seconds / 3600), static_cast<long long>(seconds / 60 % 60),
        static_cast<long long>(seconds % 60), static_cast<long long>(micros % kSecond),
        east < 0 ? '-' : '+', offset / 3600, offset / 60 % 60, offset % 60);
    out = Value::of(ValueKind::text, arena.copy({text, static_cast<size_t>(size)}));
    return true;
}

bool add(int64_t& sum, int64_t count, int64_t factor) {
    int64_t product = 0;
    return !__builtin_mul_overflow(count, factor, &product) &&
           !__builtin_add_overflow(sum, product, &sum);
}

bool duration_value(const JsonParts& members, Value& out, Refusal& refusal) {
    constexpr int64_t kLow = std::numeric_limits<int32_t>::min();
    constexpr int64_t kHigh = std::numeric_limits<int32_t>::max();
    int64_t special = 0;
    if (special_value(members, special))
        return refuse(refusal, "22008", "is infinite, which type interval is not");
    int64_t years = 0, months = 0, days = 0, hours = 0, minutes = 0, seconds = 0, nanos = 0;
    if (!optional_number(members, "years", years) || !optional_number(members, "months", months) ||
        !optional_number(members, "days", days) || !optional_number(members, "hours", hours) ||
        !optional_number(members, "minutes", minutes) ||
        !optional_number(members, "seconds", seconds) || !optional_number(members, "nanos", nanos))
        return refuse(refusal, "22007", "has a part that is no whole number");
    int64_t micros = micros_from_nanos(nanos);
    if (!add(months, years, 12) || months < kLow || months > kHigh || days < kLow || days > kHigh ||
        !add(micros, hours, 3600 * kSecond) || !add(micros, minutes, 60 * kSecond) ||
        !add(micros, seconds, kSecond))
        return refuse(refusal, "22008", "is out of range for type interval");
    out = Value::of(ValueKind::interval, micros);
    out.scale = static_cast<int32_t>(months);
    out.days = static_cast<int32_t>(days);
    return true;
}

} // namespace

bool structured_time_value(Semantic semantic, bool mysql, const JsonParts& members, Arena& arena,
                           Value& out, Refusal& refusal) {
    switch (semantic) {
    case Semantic::structured_date:
        return date_value(members, out, refusal);
    case Semantic::structured_time:
        return time_value(members, mysql, out, refusal);
    case Semantic::structured_timestamp:
        return timestamp_value(members, false, out, refusal);
    case Semantic::structured_zoned_timestamp:
        return timestamp_value(members, true, out, refusal);
    case Semantic::structured_zoned_time:
        return zoned_time_value(members, arena, out, refusal);
    case Semantic::structured_duration:
        return duration_value(members, out, refusal);
    default:
        return refuse(refusal, "0A000", "is of a type that is not supported");
    }
}

} // namespace kcs
