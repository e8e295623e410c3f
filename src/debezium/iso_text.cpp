#include "debezium/iso_text.hpp"

#include "core/value.hpp"
#include "debezium/temporal.hpp"
#include "debezium/text_cursor.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kDaySeconds = 86400;

struct Day {
    int64_t year = 0;
    int64_t month = 0;
    int64_t day = 0;

    bool is(int64_t y, int64_t m, int64_t d) const { return year == y && month == m && day == d; }
    int64_t number() const {
        return days_from_civil(year, static_cast<int>(month), static_cast<int>(day));
    }
};

struct Clock24 {
    int64_t seconds = 0; ///< of the day, 86400 for 24:00:00
    int64_t micros = 0;  ///< 0 ... 1000000 (rounded up)
};

bool read_day(TextCursor& in, Day& out) {
    bool negative = in.eat('-');
    if (!negative)
        in.eat('+');
    if (!in.number(4, 10, out.year) || !in.eat('-') || !in.number(2, 2, out.month) ||
        !in.eat('-') || !in.number(2, 2, out.day))
        return false;
    if (negative)
        out.year = -out.year;
    return true;
}

bool valid(const Day& day) {
    return is_civil_day(day.year, day.month, day.day);
}

/// False: not the form. `valid` tells whether there is such a time.
bool read_clock(TextCursor& in, Clock24& out, bool& valid) {
    int64_t hour = 0;
    int64_t minute = 0;
    int64_t second = 0;
    out.micros = 0;
    if (!in.number(2, 2, hour) || !in.eat(':') || !in.number(2, 2, minute))
        return false;
    if (in.eat(':')) {
        if (!in.number(2, 2, second))
            return false;
        if (in.eat('.') && !in.fraction(out.micros))
            return false;
    }
    out.seconds = hour * 3600 + minute * 60 + second;
    valid = minute < 60 && second < 60 &&
            (hour < 24 || (out.seconds == kDaySeconds && out.micros == 0));
    return true;
}

/// `Z`, `+HH`, `+HHMM`, `+HH:MM`, `+HH:MM:SS` or nothing (`present` false). Seconds east of UTC.
bool read_offset(TextCursor& in, bool& present, int64_t& east) {
    east = 0;
    present = true;
    if (in.eat('Z') || in.eat('z'))
        return true;
    bool west = in.peek() == '-';
    if (!in.eat('-') && !in.eat('+')) {
        present = false;
        return true;
    }
    TextCursor all = in;
    int64_t hours = 0;
    int64_t minutes = 0;
    int64_t seconds = 0;
    if (in.number(2, 2, hours)) {
        if (in.eat(':')) {
            if (!in.number(2, 2, minutes) || (in.eat(':') && !in.number(2, 2, seconds)))
                return false;
        }
    } else { // four digits without a colon
        in = all;
        if (!in.number(4, 4, hours))
            return false;
        minutes = hours % 100;
        hours /= 100;
    }
    east = hours * 3600 + minutes * 60 + seconds;
    if (minutes > 59 || seconds > 59 || east > 18 * 3600) // Java's limit
        return false;
    if (west)
        east = -east;
    return true;
}

/// PostgreSQL's ` BC` at the end, which turns year y into 1 - y.
bool read_era(TextCursor& in, Day& day) {
    if (in.done())
        return true;
    if (!in.eat(' ') || !in.eat('B') || !in.eat('C') || !in.done() || day.year <= 0)
        return false;
    day.year = 1 - day.year;
    return true;
}

bool infinity_word(std::string_view text, int64_t& out) {
    if (text == "infinity" || text == "Infinity") {
        out = kInfinity;
        return true;
    }
    if (text == "-infinity" || text == "-Infinity") {
        out = kMinusInfinity;
        return true;
    }
    return false;
}

/// What Java makes of PostgreSQL's infinities: its own last days, and those of pgjdbc's
/// sentinels; two neighbouring days, by the connector's time zone.
bool infinite_day(const Day& day, int64_t& out) {
    if (day.is(-5877611, 6, 21) || day.is(292278994, 8, 16) || day.is(292278994, 8, 17)) {
        out = kInfinity;
        return true;
    }
    if (day.is(-5877611, 6, 22) || day.is(292269055, 12, 2) || day.is(292269055, 12, 3)) {
        out = kMinusInfinity;
        return true;
    }
    return false;
}

/// What pgjdbc makes of them in timestamps.
bool infinite_moment(int64_t seconds, int64_t fraction, int64_t& out) {
    if (seconds == kInfinityMicros / 1000000 && fraction == kInfinityMicros % 1000000) {
        out = kInfinity;
        return true;
    }
    // Floor: the fraction is counted upwards before 1970 too.
    if (seconds == kMinusInfinityMicros / 1000000 - 1 &&
        fraction == 1000000 + kMinusInfinityMicros % 1000000) {
        out = kMinusInfinity;
        return true;
    }
    return false;
}

struct Moment {
    Day day;
    Clock24 clock;
    bool has_offset = false;
    int64_t east = 0;
};

/// `midnights`: a day alone will do.
bool read_moment(std::string_view text, bool midnights, Moment& out, Refusal& refusal) {
    TextCursor in(text);
    bool clock_valid = midnights;
    bool good = read_day(in, out.day);
    if (in.eat('T') || in.eat(' ') || in.eat('t'))
        good = good && read_clock(in, out.clock, clock_valid) &&
               read_offset(in, out.has_offset, out.east) && read_era(in, out.day);
    else
        good = good && midnights && in.done();
    if (!good)
        return refuse(refusal, "22007", "is not a timestamp in ISO 8601 form");
    if (!clock_valid || !valid(out.day))
        return refuse(refusal, "22008", "is out of range: there is no such date or time");
    return true;
}

} // namespace

bool parse_iso_date(std::string_view text, int64_t& days, Refusal& refusal) {
    if (infinity_word(text, days))
        return true;
    TextCursor in(text);
    Day day;
    bool has_offset = false;
    int64_t east = 0;
    if (!read_day(in, day) || !read_offset(in, has_offset, east) || !read_era(in, day))
        return refuse(refusal, "22007", "is not a date in ISO 8601 form");
    if (!valid(day))
        return refuse(refusal, "22008", "is out of range: there is no such date");
    if (infinite_day(day, days))
        return true;
    return date_from_days(day.number(), days, refusal);
}

bool parse_iso_time(std::string_view text, int64_t& micros, Refusal& refusal) {
    TextCursor in(text);
    Clock24 clock;
    bool clock_valid = false;
    bool has_offset = false;
    int64_t east = 0;
    if (!read_clock(in, clock, clock_valid) || !read_offset(in, has_offset, east) || !in.done())
        return refuse(refusal, "22007", "is not a time in ISO 8601 form");
    if (!clock_valid)
        return refuse(refusal, "22008", "is out of range: there is no such time");
    if (east != 0)
        return refuse(refusal, "22007", "has an offset from UTC, which the type cannot keep");
    micros = clock.seconds * 1000000 + clock.micros;
    return true;
}

bool parse_iso_timestamp(std::string_view text, bool maybe_zoned, int64_t& micros,
                         Refusal& refusal) {
    if (infinity_word(text, micros))
        return true;
    Moment at;
    if (!read_moment(text, true, at, refusal))
        return false;
    if (infinite_day(at.day, micros))
        return true;
    int64_t seconds =
        at.day.number() * kDaySeconds + at.clock.seconds - (maybe_zoned ? at.east : 0);
    if (infinite_moment(seconds, at.clock.micros, micros))
        return true;
    return timestamp_from_seconds(seconds, at.clock.micros, micros, refusal);
}

bool parse_zoned_timestamp(std::string_view text, bool zone_required, bool maybe_local,
                           int64_t& micros, Refusal& refusal) {
    if (infinity_word(text, micros))
        return true;
    Moment at;
    if (!read_moment(text, false, at, refusal))
        return false;
    if (zone_required && !at.has_offset)
        return refuse(refusal, "22007", "has no offset from UTC");
    if (infinite_day(at.day, micros)) // elements of timestamptz[]
        return true;
    int64_t seconds = at.day.number() * kDaySeconds + at.clock.seconds - at.east;
    if (maybe_local && infinite_moment(seconds, at.clock.micros, micros))
        return true;
    return timestamp_from_seconds(seconds, at.clock.micros, micros, refusal);
}

} // namespace kcs
