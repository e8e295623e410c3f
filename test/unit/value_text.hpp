#pragma once

#include "core/value.hpp"

#include <cstdio>
#include <string>

// Values as psql would print them (DateStyle ISO, IntervalStyle postgres, TimeZone UTC), so that
// expectations can be copied from PostgreSQL. Calendar arithmetic is written apart from the code
// under test.

namespace kcs::test {

inline std::string format(const char* pattern, long long a, long long b = 0, long long c = 0) {
    char buffer[96];
    std::snprintf(buffer, sizeof buffer, pattern, a, b, c);
    return buffer;
}

inline bool is_leap(int64_t year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

/// Year, month, day by counting from the start of a 400-year cycle. Days since 2000-01-01.
inline std::string day_text(int64_t days, bool& bc) {
    int64_t cycle = days >= 0 ? days / 146097 : -((-days + 146096) / 146097);
    int64_t rest = days - cycle * 146097;
    int64_t year = 2000 + cycle * 400;
    while (rest >= (is_leap(year) ? 366 : 365))
        rest -= is_leap(year++) ? 366 : 365;
    const int lengths[] = {31, is_leap(year) ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int month = 0;
    while (rest >= lengths[month])
        rest -= lengths[month++];
    bc = year <= 0;
    return format("%04lld-%02lld-%02lld", bc ? 1 - year : year, month + 1, rest + 1);
}

inline std::string clock_text(int64_t micros) {
    std::string out = format("%02lld:%02lld:%02lld", micros / 3600000000, micros / 60000000 % 60,
                             micros / 1000000 % 60);
    if (micros % 1000000 != 0) {
        out += format(".%06lld", micros % 1000000);
        while (out.back() == '0')
            out.pop_back();
    }
    return out;
}

inline std::string signed_clock_text(int64_t micros) {
    return micros < 0 ? "-" + clock_text(-micros) : clock_text(micros);
}

inline std::string infinity_text(int64_t n) {
    return n == kInfinity ? "infinity" : n == kMinusInfinity ? "-infinity" : "";
}

inline std::string timestamp_text(int64_t micros, const char* zone) {
    if (!infinity_text(micros).empty())
        return infinity_text(micros);
    constexpr int64_t kDay = INT64_C(86400000000);
    int64_t days = micros / kDay - (micros % kDay < 0 ? 1 : 0);
    bool bc = false;
    std::string out = day_text(days, bc) + " " + clock_text(micros - days * kDay) + zone;
    return bc ? out + " BC" : out;
}

inline std::string interval_text(const Value& v) {
    std::string out;
    bool before = false;
    auto part = [&](int64_t n, const char* unit) {
        if (n == 0)
            return;
        if (!out.empty())
            out += ' ';
        out += (before && n > 0 ? "+" : "") + std::to_string(n) + " " + unit + (n != 1 ? "s" : "");
        before = n < 0;
    };
    part(v.scale / 12, "year");
    part(v.scale % 12, "mon");
    part(v.days, "day");
    if (v.integer != 0 || out.empty()) {
        if (!out.empty())
            out += ' ';
        out += (before && v.integer > 0 ? "+" : "") + signed_clock_text(v.integer);
    }
    return out;
}

inline std::string decimal_text(const Value& v) {
    std::string digits = std::to_string(v.integer);
    bool negative = digits[0] == '-';
    if (negative)
        digits.erase(0, 1);
    size_t scale = static_cast<size_t>(v.scale);
    if (digits.size() <= scale)
        digits.insert(0, scale + 1 - digits.size(), '0');
    if (scale > 0)
        digits.insert(digits.size() - scale, ".");
    return (negative ? "-" : "") + digits;
}

inline std::string value_text(const Value& v) {
    switch (v.kind) {
    case ValueKind::absent:
        return "<absent>";
    case ValueKind::null:
        return "<null>";
    case ValueKind::unavailable:
        return "<unavailable>";
    case ValueKind::boolean:
        return v.integer != 0 ? "t" : "f";
    case ValueKind::integer:
        return std::to_string(v.integer);
    case ValueKind::bytes:
    case ValueKind::geometry: {
        std::string out = "\\x";
        for (char c : v.text())
            out += format("%02llx", static_cast<unsigned char>(c));
        return out;
    }
    case ValueKind::decimal:
        return decimal_text(v);
    case ValueKind::date: {
        if (!infinity_text(v.integer).empty())
            return infinity_text(v.integer);
        bool bc = false;
        std::string out = day_text(v.integer, bc);
        return bc ? out + " BC" : out;
    }
    case ValueKind::time:
        return signed_clock_text(v.integer);
    case ValueKind::timestamp:
        return timestamp_text(v.integer, "");
    case ValueKind::timestamptz:
        return timestamp_text(v.integer, "+00");
    case ValueKind::interval:
        return interval_text(v);
    case ValueKind::array: {
        std::string out = "{";
        for (uint32_t i = 0; i < v.size; ++i)
            out += (i > 0 ? "," : "") + value_text(v.items[i]);
        return out + "}";
    }
    default:
        return std::string(v.text());
    }
}

/// The same with the kind in front where text alone does not tell: `numeric 1.10`.
inline const char* kind_name(ValueKind kind) {
    static const char* const kNames[] = {
        "absent",    "null",        "unavailable", "boolean",      "integer",    "real",
        "text",      "bytes",       "decimal",     "numeric",      "date",       "time",
        "timestamp", "timestamptz", "interval",    "json",         "array",      "bits",
        "geometry",  "sparse",      "spelled",     "token_number", "token_text", "token_json"};
    return kNames[static_cast<int>(kind)];
}

} // namespace kcs::test
