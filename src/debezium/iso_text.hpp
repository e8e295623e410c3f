#pragma once

#include "debezium/refusal.hpp"

#include <cstdint>
#include <string_view>

namespace kcs {

// ISO 8601 as Java prints it: proleptic years with a sign beyond four digits, year 0 for 1 BC; and
// PostgreSQL's own form of it (a blank for T, ` BC` behind). Fractions of any length are rounded
// half to even. Results count from 2000, as PostgreSQL's types do, or are +-kInfinity. False: not
// such a text (22007), no such day or time, or beyond PostgreSQL's range (22008).

/// `YYYY-MM-DD`, an offset behind it is decoration (IsoDate). Days.
bool parse_iso_date(std::string_view text, int64_t& days, Refusal& refusal);

/// `HH:MM[:SS[.f]]`, a `Z` behind it is decoration (IsoTime); another offset is refused.
/// Microseconds, 0 ... 24:00:00.
bool parse_iso_time(std::string_view text, int64_t& micros, Refusal& refusal);

/// Date and time; an offset is decoration, the value is the wall clock (IsoTimestamp). A date alone
/// is its midnight, as Connect's header converter writes it.
/// `maybe_zoned`: where the text may be a ZonedTimestamp as well, an offset other than zero shows
/// that it is one, and the value is UTC, as with a schema.
bool parse_iso_timestamp(std::string_view text, bool maybe_zoned, int64_t& micros,
                         Refusal& refusal);

/// Date, time and offset (ZonedTimestamp); without an offset refused where `zone_required`, else
/// read as UTC. `maybe_local`: where the text may be an IsoTimestamp as well, infinity is spelled
/// as there.
bool parse_zoned_timestamp(std::string_view text, bool zone_required, bool maybe_local,
                           int64_t& micros, Refusal& refusal);

/// `P1Y2M3DT4H5M6.789S`: at least one part, in this order, each with a sign of its own, a fraction
/// on seconds only (io.debezium.time.Interval).
struct IsoInterval {
    int32_t months = 0;
    int32_t days = 0;
    int64_t micros = 0;
};
bool parse_iso_interval(std::string_view text, IsoInterval& out, Refusal& refusal);

} // namespace kcs
