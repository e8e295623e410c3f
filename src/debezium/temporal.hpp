#pragma once

#include "debezium/refusal.hpp"

#include <cstdint>

namespace kcs {

/// Unit of an integer time or timestamp on the wire.
enum class TimeUnit : uint8_t { milli, micro, nano };

/// Days from 1970-01-01 to a day of the proleptic Gregorian calendar. Year 0 is 1 BC; month and day
/// are valid. For years of up to ten digits.
int64_t days_from_civil(int64_t year, int month, int day);

/// Whether the calendar has that day.
bool is_civil_day(int64_t year, int64_t month, int64_t day);

/// n / 1000 rounded half to even, as PostgreSQL's text input rounds.
int64_t micros_from_nanos(int64_t nanos);

/// Days since 1970 -> days since 2000 or +-kInfinity (Debezium's sentinels of wire format 3.3).
/// False (22008): outside of PostgreSQL's dates.
bool date_from_days(int64_t days, int64_t& out, Refusal& refusal);

/// -> microseconds. `duration`: any length, signed (TIME of MySQL); else 0 ... 24:00:00 inclusive.
bool time_from_units(int64_t count, TimeUnit unit, bool duration, int64_t& out, Refusal& refusal);

/// Units since 1970 -> microseconds since 2000 or +-kInfinity (the unit's sentinels). False
/// (22008): outside of PostgreSQL's timestamps.
bool timestamp_from_units(int64_t count, TimeUnit unit, int64_t& out, Refusal& refusal);

/// Seconds since 1970 and microseconds beyond them -> microseconds since 2000, range-checked; no
/// sentinels.
bool timestamp_from_seconds(int64_t seconds, int64_t micros, int64_t& out, Refusal& refusal);

/// The sentinels for infinity among microseconds since 1970 (MicroTimestamp, and IsoTimestamp's
/// text of them).
inline constexpr int64_t kInfinityMicros = INT64_C(9223372036825200000);
inline constexpr int64_t kMinusInfinityMicros = INT64_C(-9223372036832400000);

} // namespace kcs
