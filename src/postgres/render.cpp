#include "postgres/convert_internal.hpp"

extern "C" {
#include "utils/date.h"
#include "utils/datetime.h"
#include "utils/timestamp.h"
}

// C register: values as text, in the forms that do not depend on the session's settings.

namespace kcs::pg {

namespace {

constexpr int32 kMaxPlainScale = 16383; // numeric's own limit

char* copy_text(std::string_view text) {
    char* out = static_cast<char*>(palloc(text.size() + 1));
    memcpy(out, text.data(), text.size());
    out[text.size()] = '\0';
    return out;
}

/// integer x 10^-scale with exactly `scale` fractional digits.
char* render_decimal(int64 integer, int32 scale) {
    char digits[24];
    const bool negative = integer < 0;
    const uint64 magnitude =
        negative ? 0 - static_cast<uint64>(integer) : static_cast<uint64>(integer);
    const int count = pg_snprintf(digits, sizeof digits, UINT64_FORMAT, magnitude);
    if (scale > kMaxPlainScale || scale < -kMaxPlainScale)
        return psprintf("%s%sE%d", negative ? "-" : "", digits, -scale);

    const int before = scale < 0 && magnitude != 0 ? count - scale : count;
    const int fraction = scale > 0 ? scale : 0;
    char* out = static_cast<char*>(palloc(before + fraction + 4));
    char* p = out;
    if (negative)
        *p++ = '-';
    if (fraction == 0) {
        memcpy(p, digits, count);
        memset(p + count, '0', before - count);
        p += before;
    } else {
        const int whole = count > fraction ? count - fraction : 0;
        memcpy(p, digits, whole);
        p += whole;
        if (whole == 0)
            *p++ = '0';
        *p++ = '.';
        const int zeros = fraction - (count - whole);
        memset(p, '0', zeros);
        p += zeros;
        memcpy(p, digits + whole, count - whole);
        p += count - whole;
    }
    *p = '\0';
    return out;
}

/// Two digits for each byte.
char* write_hex(const Value& value, const char* digits, char* to) {
    for (uint32_t i = 0; i < value.size; i++) {
        const unsigned char byte = static_cast<unsigned char>(value.data[i]);
        *to++ = digits[byte >> 4];
        *to++ = digits[byte & 15];
    }
    return to;
}

char* render_hex(const Value& value) {
    char* out = static_cast<char*>(palloc(2 * static_cast<Size>(value.size) + 3));
    out[0] = '\\';
    out[1] = 'x';
    *write_hex(value, "0123456789abcdef", out + 2) = '\0';
    return out;
}

/// As PostGIS shows it.
char* render_geometry(const Value& value) {
    char* out = static_cast<char*>(palloc(2 * static_cast<Size>(value.size) + 1));
    *write_hex(value, "0123456789ABCDEF", out) = '\0';
    return out;
}

char* render_date(int64 days) {
    char out[MAXDATELEN + 1];
    struct pg_tm tm = {};
    j2date(static_cast<int>(days) + POSTGRES_EPOCH_JDATE, &tm.tm_year, &tm.tm_mon, &tm.tm_mday);
    EncodeDateOnly(&tm, USE_ISO_DATES, out);
    return pstrdup(out);
}

char* render_timestamp(int64 us, bool zoned) {
    char out[MAXDATELEN + 1];
    struct pg_tm tm = {};
    fsec_t fraction;
    if (timestamp2tm(us, nullptr, &tm, &fraction, nullptr, nullptr) != 0)
        return nullptr;
    tm.tm_isdst = 0; // else the offset is left out
    EncodeDateTime(&tm, fraction, zoned, 0, nullptr, USE_ISO_DATES, out);
    return pstrdup(out);
}

char* render_time(int64 us) {
    char out[MAXDATELEN + 1];
    struct pg_tm tm = {};
    fsec_t fraction;
    time2tm(us, &tm, &fraction);
    EncodeTimeOnly(&tm, fraction, false, 0, USE_ISO_DATES, out);
    return pstrdup(out);
}

char* render_interval(int64 us, int32 days, int32 months) {
    char out[MAXDATELEN + 1];
    Interval interval;
    interval.time = us;
    interval.day = days;
    interval.month = months;
#if PG_VERSION_NUM >= 150000
    struct pg_itm itm;
    interval2itm(interval, &itm);
    EncodeInterval(&itm, INTSTYLE_POSTGRES, out);
#else
    struct pg_tm tm = {};
    fsec_t fraction;
    if (interval2tm(interval, &tm, &fraction) != 0)
        return nullptr;
    EncodeInterval(&tm, fraction, INTSTYLE_POSTGRES, out);
#endif
    return pstrdup(out);
}

const char* infinity_word(int64 value) {
    return value == kInfinity ? "infinity" : value == kMinusInfinity ? "-infinity" : nullptr;
}

} // namespace

char* render_value(const Value& value, ConvertError& error) {
    char* out = nullptr;
    switch (value.kind) {
    case ValueKind::boolean:
        return pstrdup(value.integer ? "true" : "false");
    case ValueKind::integer:
        return render_decimal(value.integer, 0);
    case ValueKind::decimal:
        return render_decimal(value.integer, value.scale);
    case ValueKind::real:
    case ValueKind::numeric:
        return copy_text(value.text());
    case ValueKind::bits:
    case ValueKind::sparse:
    case ValueKind::spelled:
        return copy_text(value.text());
    case ValueKind::text:
    case ValueKind::json:
        return copy_text(server_text(value));
    case ValueKind::bytes:
        return render_hex(value);
    case ValueKind::geometry:
        return render_geometry(value);
    case ValueKind::date:
        if (const char* word = infinity_word(value.integer))
            return pstrdup(word);
        if (IS_VALID_DATE(value.integer))
            return render_date(value.integer);
        break;
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
        if (const char* word = infinity_word(value.integer))
            return pstrdup(word);
        if (IS_VALID_TIMESTAMP(value.integer))
            out = render_timestamp(value.integer, value.kind == ValueKind::timestamptz);
        if (out != nullptr)
            return out;
        break;
    case ValueKind::time:
        if (value.integer >= 0 && value.integer <= USECS_PER_DAY)
            return render_time(value.integer);
        out = render_interval(value.integer, 0, 0);
        if (out != nullptr)
            return out;
        break;
    case ValueKind::interval:
        out = render_interval(value.integer, value.days, value.scale);
        if (out != nullptr)
            return out;
        break;
    default:
        refuse_value(value, error, "22000", "has no text form");
        return nullptr;
    }
    strlcpy(error.sqlstate, "22008", sizeof error.sqlstate);
    pg_snprintf(error.message, sizeof error.message,
                "date/time value " INT64_FORMAT " is out of range", value.integer);
    return nullptr;
}

} // namespace kcs::pg
