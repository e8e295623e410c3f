#include "debezium/temporal.hpp"

#include "core/value.hpp"

#include <limits>

#include "core/pure.hpp"

namespace kcs {

namespace {

// PostgreSQL's ranges (datatype/timestamp.h): dates in days since 1970, timestamps in microseconds
// since 2000, the end exclusive.
constexpr int64_t kFirstDay = -2440588;
constexpr int64_t kLastDay = 2145042905;
constexpr int64_t kMinTimestamp = INT64_C(-211813488000000000);
constexpr int64_t kEndTimestamp = INT64_C(9223371331200000000);
constexpr int64_t kDayMicros = INT64_C(86400000000);

constexpr const char* kTimestampRange = "is out of range for type timestamp";

bool within(int64_t value, int64_t low, int64_t high) {
    return value >= low && value <= high;
}

/// `count` units of `micros` each since 1970. The epoch changes first: counted from 1970 in
/// microseconds, PostgreSQL's last years do not fit 64 bits.
bool shift_epoch(int64_t count, int64_t micros, int64_t& out, Refusal& refusal) {
    int64_t shifted = 0;
    if (__builtin_sub_overflow(count, kEpochMicros / micros, &shifted) ||
        __builtin_mul_overflow(shifted, micros, &shifted) || shifted < kMinTimestamp ||
        shifted >= kEndTimestamp)
        return refuse(refusal, "22008", kTimestampRange);
    out = shifted;
    return true;
}

} // namespace

int64_t days_from_civil(int64_t year, int month, int day) {
    // Years begin in March here, so that the leap day is the last one; 400 years are one era.
    if (month <= 2)
        --year;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;
    int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    return era * 146097 + day_of_era - 719468;
}

bool is_civil_day(int64_t year, int64_t month, int64_t day) {
    static constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (month < 1 || month > 12 || day < 1)
        return false;
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return day <= (month == 2 && leap ? 29 : kDays[month - 1]);
}

int64_t micros_from_nanos(int64_t nanos) {
    int64_t quotient = nanos / 1000;
    int64_t rest = nanos % 1000;
    if (rest < 0) {
        rest += 1000;
        --quotient;
    }
    if (rest > 500 || (rest == 500 && quotient % 2 != 0))
        ++quotient;
    return quotient;
}

bool date_from_days(int64_t days, int64_t& out, Refusal& refusal) {
    // Streaming sends the first value of each pair, snapshots and date[] the other, which depends
    // by a day on the connector's time zone. All are far below PostgreSQL's first day.
    if (days == -2147472692 || within(days, -622191235, -622191233)) {
        out = kInfinity;
        return true;
    }
    if (days == -2147472691 || within(days, -625821273, -625821271)) {
        out = kMinusInfinity;
        return true;
    }
    if (!within(days, kFirstDay, kLastDay))
        return refuse(refusal, "22008", "is out of range for type date");
    out = days - kEpochDays;
    return true;
}

bool time_from_units(int64_t count, TimeUnit unit, bool duration, int64_t& out, Refusal& refusal) {
    const char* problem =
        duration ? "is out of range for type interval" : "is out of range for type time";
    int64_t micros = count;
    if (unit == TimeUnit::milli) {
        if (__builtin_mul_overflow(count, INT64_C(1000), &micros))
            return refuse(refusal, "22008", problem);
    } else if (unit == TimeUnit::nano) {
        micros = micros_from_nanos(count);
    }
    // Checked before rounding as well: a nanosecond below midnight is no time of this day.
    if (!duration && (count < 0 || micros > kDayMicros))
        return refuse(refusal, "22008", problem);
    out = micros;
    return true;
}

bool timestamp_from_units(int64_t count, TimeUnit unit, int64_t& out, Refusal& refusal) {
    int64_t plus = kInfinityMicros;
    int64_t minus = kMinusInfinityMicros;
    if (unit == TimeUnit::milli) {
        plus /= 1000;
        minus /= 1000;
    } else if (unit == TimeUnit::nano) {
        plus = std::numeric_limits<int64_t>::max();
        minus = std::numeric_limits<int64_t>::min();
    }
    if (count == plus || count == minus) {
        out = count == plus ? kInfinity : kMinusInfinity;
        return true;
    }
    if (unit == TimeUnit::milli)
        return shift_epoch(count, 1000, out, refusal);
    return shift_epoch(unit == TimeUnit::nano ? micros_from_nanos(count) : count, 1, out, refusal);
}

bool timestamp_from_seconds(int64_t seconds, int64_t micros, int64_t& out, Refusal& refusal) {
    // From 2000 on, where PostgreSQL counts: its last years do not fit 64 bits counted from 1970.
    int64_t shifted = 0;
    if (__builtin_mul_overflow(seconds - kEpochMicros / 1000000, INT64_C(1000000), &shifted) ||
        __builtin_add_overflow(shifted, micros, &shifted) || shifted < kMinTimestamp ||
        shifted >= kEndTimestamp)
        return refuse(refusal, "22008", kTimestampRange);
    out = shifted;
    return true;
}

} // namespace kcs
