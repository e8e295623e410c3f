#include "postgres/convert_internal.hpp"

extern "C" {
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

// C register: date, time, timestamp and interval targets. Wall clocks are read as UTC and shown as
// UTC, whatever the session's time zone is.

namespace kcs::pg {

namespace {

constexpr const char* kNotExact = "cannot be stored exactly in";
constexpr const char* kOutOfRange = "is out of range for";

/// Whether `us` has no digits beyond the type's fractional precision.
bool fits_precision(int64 us, int32 typmod) {
    static constexpr int64 unit[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    return typmod < 0 || typmod > 6 || us % unit[typmod] == 0;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Whether the text ends in Z or a numeric offset behind a time of day.
bool has_offset(std::string_view text) {
    size_t end = text.size();
    while (end > 0 && text[end - 1] == ' ')
        end--;
    if (end > 2 && (text[end - 1] == 'C' || text[end - 1] == 'c')) { // BC
        end -= 2;
        while (end > 0 && text[end - 1] == ' ')
            end--;
    }
    const size_t colon = text.substr(0, end).find(':');
    if (colon == std::string_view::npos || end < 2)
        return false;
    if (text[end - 1] == 'Z' || text[end - 1] == 'z')
        return is_digit(text[end - 2]);
    size_t p = end;
    while (p > colon && (is_digit(text[p - 1]) || text[p - 1] == ':'))
        p--;
    return p > colon && p < end && (text[p - 1] == '+' || text[p - 1] == '-');
}

/// Whether a time's text has something before the time of day: a date.
bool has_date(std::string_view text) {
    const size_t colon = text.find(':');
    for (size_t i = 0; i < text.size() && i < colon; i++)
        if (!is_digit(text[i]) && text[i] != ' ')
            return true;
    return colon == std::string_view::npos && text.find('-') != std::string_view::npos;
}

/// Whether the text is one of the words that mean another time at each reading.
bool is_relative(std::string_view text) {
    constexpr std::string_view kWords[] = {"now", "today", "tomorrow", "yesterday"};
    for (size_t at = 0; at < text.size(); at++)
        for (const std::string_view word : kWords)
            if (text.size() - at >= word.size() &&
                pg_strncasecmp(text.data() + at, word.data(), word.size()) == 0)
                return true;
    return false;
}

bool check_time(const Value& value, std::string_view text, const Converter& c,
                ConvertError& error) {
    return !is_relative(text) ||
           refuse(value, c, error, "22007", "depends on when it is read, and is no value of");
}

/// In UTC, which is what a text without time zone means; timestamp_in would drop one.
int64 read_timestamp(std::string_view text) {
    CString string(text);
    return DatumGetTimestampTz(DirectFunctionCall3(
        timestamptz_in, string.datum(), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
}

bool store_date(const Value& value, int64 days, Converter& c, Datum* datum, ConvertError& error) {
    if (days == kInfinity || days == kMinusInfinity) {
        *datum = DateADTGetDatum(days == kInfinity ? DATEVAL_NOEND : DATEVAL_NOBEGIN);
        return true;
    }
    if (!IS_VALID_DATE(days))
        return refuse(value, c, error, "22008", kOutOfRange);
    *datum = DateADTGetDatum(static_cast<DateADT>(days));
    return true;
}

bool store_timestamp(const Value& value, int64 us, Converter& c, Datum* datum,
                     ConvertError& error) {
    if (!TIMESTAMP_NOT_FINITE(us)) { // kInfinity and kMinusInfinity are PostgreSQL's own
        if (!IS_VALID_TIMESTAMP(us))
            return refuse(value, c, error, "22008", kOutOfRange);
        if (!fits_precision(us, c.typmod))
            return refuse(value, c, error, "22008", kNotExact);
    }
    *datum = TimestampGetDatum(us);
    return true;
}

/// `seconds_west` as TimeTzADT has it.
bool store_time(const Value& value, int64 us, int32 seconds_west, Converter& c, Datum* datum,
                ConvertError& error) {
    if (us < 0 || us > USECS_PER_DAY)
        return refuse(value, c, error, "22008", kOutOfRange);
    if (!fits_precision(us, c.typmod))
        return refuse(value, c, error, "22008", kNotExact);
    if (c.kind == TypeKind::timetz) {
        TimeTzADT* time = static_cast<TimeTzADT*>(palloc(sizeof(TimeTzADT)));
        time->time = us;
        time->zone = seconds_west;
        *datum = TimeTzADTPGetDatum(time);
    } else {
        *datum = TimeADTGetDatum(us);
    }
    return true;
}

bool text_to_time(const Value& value, std::string_view text, Converter& c, Datum* datum,
                  ConvertError& error) {
    if (!check_time(value, text, c, error))
        return false;
    CString string(text);
    if (has_date(text)) // time_in would drop it
        return refuse(value, c, error, "22007", "is not just a time of day, as needed for");
    bool has_letter = false;
    for (char ch : text)
        has_letter = has_letter || (ch >= 'A' && ch <= 'Z') || (ch >= 'a' && ch <= 'z');
    if (has_offset(text) || (c.kind == TypeKind::timetz && has_letter)) {
        const TimeTzADT* time = DatumGetTimeTzADTP(DirectFunctionCall3(
            timetz_in, string.datum(), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
        if (c.kind == TypeKind::time && time->zone != 0)
            return refuse(value, c, error, "22008", kNotExact);
        return store_time(value, time->time, time->zone, c, datum, error);
    }
    const int64 us = DatumGetTimeADT(DirectFunctionCall3(
        time_in, string.datum(), ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1)));
    return store_time(value, us, 0, c, datum, error);
}

} // namespace

bool to_date(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    int64 us;
    switch (value.kind) {
    case ValueKind::date:
        return store_date(value, value.integer, c, datum, error);
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
        us = value.integer;
        break;
    case ValueKind::text: {
        const std::string_view text = server_text(value);
        if (!check_time(value, text, c, error))
            return false;
        if (text.find(':') == std::string_view::npos)
            return convert_text_through_input(text, value, c, datum, error);
        us = read_timestamp(text); // date_in would drop the time
        break;
    }
    default:
        return refuse_kind(value, c, error);
    }
    if (us == kInfinity || us == kMinusInfinity)
        return store_date(value, us, c, datum, error);
    if (us % USECS_PER_DAY != 0)
        return refuse(value, c, error, "22008", kNotExact);
    return store_date(value, us / USECS_PER_DAY, c, datum, error);
}

bool to_timestamp(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    switch (value.kind) {
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
        return store_timestamp(value, value.integer, c, datum, error);
    case ValueKind::date: {
        int64 us = value.integer;
        if (us != kInfinity && us != kMinusInfinity &&
            __builtin_mul_overflow(value.integer, USECS_PER_DAY, &us))
            return refuse(value, c, error, "22008", kOutOfRange);
        return store_timestamp(value, us, c, datum, error);
    }
    case ValueKind::text: {
        const std::string_view text = server_text(value);
        if (!check_time(value, text, c, error))
            return false;
        return store_timestamp(value, read_timestamp(text), c, datum, error);
    }
    default:
        return refuse_kind(value, c, error);
    }
}

bool to_time(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    switch (value.kind) {
    case ValueKind::time:
        return store_time(value, value.integer, 0, c, datum, error);
    case ValueKind::interval:
        if (value.scale != 0 || value.days != 0)
            return refuse(value, c, error, "22008", kNotExact);
        return store_time(value, value.integer, 0, c, datum, error);
    case ValueKind::text: {
        return text_to_time(value, server_text(value), c, datum, error);
    }
    default:
        return refuse_kind(value, c, error);
    }
}

bool to_interval(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind == ValueKind::text)
        return convert_through_input(value, c, datum, error);
    if (value.kind != ValueKind::interval && value.kind != ValueKind::time)
        return refuse_kind(value, c, error);
    Interval* interval = static_cast<Interval*>(palloc(sizeof(Interval)));
    interval->time = value.integer;
    interval->day = value.kind == ValueKind::interval ? value.days : 0;
    interval->month = value.kind == ValueKind::interval ? value.scale : 0;
#ifdef INTERVAL_NOT_FINITE
    if (INTERVAL_NOT_FINITE(interval))
        return refuse(value, c, error, "22008", kOutOfRange);
#endif
    *datum = IntervalPGetDatum(interval);
    return conform(value, c, datum, error);
}

} // namespace kcs::pg
