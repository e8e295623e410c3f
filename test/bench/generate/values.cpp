// Values as Debezium's connector writes them under its default settings.

#include "values.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

namespace {

std::string base64(const unsigned char* from, int count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (int i = 0; i < count; i += 3) {
        int left = count - i;
        unsigned v = static_cast<unsigned>(from[i]) << 16 |
                     static_cast<unsigned>(left > 1 ? from[i + 1] : 0) << 8 |
                     static_cast<unsigned>(left > 2 ? from[i + 2] : 0);
        out += digits[v >> 18];
        out += digits[v >> 12 & 63];
        out += left > 1 ? digits[v >> 6 & 63] : '=';
        out += left > 2 ? digits[v & 63] : '=';
    }
    return out;
}

/// Big-endian two's complement, as short as the sign allows.
std::string base64_of(int64_t n) {
    unsigned char octets[9];
    int count = 0;
    int64_t rest = n;
    do {
        octets[8 - count++] = static_cast<unsigned char>(rest);
        bool negative = (rest & 0x80) != 0;
        rest >>= 8;
        if ((rest == 0 && !negative) || (rest == -1 && negative))
            break;
    } while (count < 8);
    return base64(octets + 9 - count, count);
}

struct Day {
    int year, month, day;
};

/// The Gregorian date of a day since 1970 (not before it).
Day day_of(int64_t days) {
    int64_t z = days + 719468, era = z / 146097, of_era = z - era * 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100), m = (5 * of_year + 2) / 153;
    int month = static_cast<int>(m < 10 ? m + 3 : m - 9);
    return {static_cast<int>(year + era * 400 + (month <= 2)), month,
            static_cast<int>(of_year - (153 * m + 2) / 5 + 1)};
}

std::string iso(int64_t micros, char between, const char* zone) {
    int64_t seconds = micros / 1000000;
    Day d = day_of(seconds / 86400);
    int of_day = static_cast<int>(seconds % 86400);
    char out[80];
    std::snprintf(out, sizeof out, "%04d-%02d-%02d%c%02d:%02d:%02d.%06d%s", d.year, d.month, d.day,
                  between, of_day / 3600, of_day / 60 % 60, of_day % 60,
                  static_cast<int>(micros % 1000000), zone);
    return out;
}

std::string quoted(const std::string& plain, char quote) {
    std::string out;
    out.reserve(plain.size() + 2);
    return out.append(1, quote).append(plain).append(1, quote);
}

} // namespace

std::string json_of(const Row& row) {
    std::string out;
    char before = '{';
    for (auto& column : row) {
        out += before;
        out += '"';
        out += column.name;
        out += "\":";
        out += column.json;
        before = ',';
    }
    return out += '}';
}

Value null_value(const char* name) {
    return {name, "null", "NULL"};
}

Value boolean(const char* name, bool value) {
    std::string word = value ? "true" : "false";
    return {name, word, word};
}

Value integer(const char* name, int64_t value) {
    std::string digits = std::to_string(value);
    return {name, digits, digits};
}

Value floating(const char* name, int64_t halves) {
    char out[40];
    std::snprintf(out, sizeof out, "%s%" PRId64 ".%d", halves < 0 ? "-" : "", std::abs(halves) / 2,
                  halves % 2 ? 5 : 0);
    return {name, out, out};
}

Value decimal(const char* name, int64_t unscaled, int scale) {
    int64_t unit = 1;
    for (int i = 0; i < scale; i++)
        unit *= 10;
    char out[60];
    std::snprintf(out, sizeof out, "%s%" PRId64 ".%0*" PRId64, unscaled < 0 ? "-" : "",
                  std::abs(unscaled) / unit, scale, std::abs(unscaled) % unit);
    return {name, quoted(base64_of(unscaled), '"'), out};
}

Value text(const char* name, const std::string& value) {
    std::string json = "\"";
    json.reserve(value.size() + value.size() / 8 + 2);
    for (char c : value) {
        if (c == '"' || c == '\\')
            json += '\\';
        json += c;
    }
    return {name, json += '"', quoted(value, '\'')};
}

Value bytes(const char* name, uint64_t value) {
    unsigned char octets[8];
    for (int i = 0; i < 8; i++)
        octets[i] = static_cast<unsigned char>(value >> (56 - 8 * i));
    char hex[24];
    std::snprintf(hex, sizeof hex, "'\\x%016" PRIx64 "'", value);
    return {name, quoted(base64(octets, 8), '"'), hex};
}

Value uuid(const char* name, uint64_t value) {
    char out[40];
    std::snprintf(out, sizeof out, "%08x-%04x-4%03x-8%03x-%012" PRIx64,
                  static_cast<unsigned>(value >> 32), static_cast<unsigned>(value >> 16 & 0xffff),
                  static_cast<unsigned>(value & 0xfff), static_cast<unsigned>(value >> 20 & 0xfff),
                  value & 0xffffffffffff);
    return {name, quoted(out, '"'), quoted(out, '\'')};
}

Value date(const char* name, int64_t days) {
    return {name, std::to_string(days),
            quoted(iso(days * 86400 * 1000000, ' ', "").substr(0, 10), '\'')};
}

Value time_of_day(const char* name, int64_t micros) {
    return {name, std::to_string(micros), quoted(iso(micros, ' ', "").substr(11), '\'')};
}

Value timestamp(const char* name, int64_t micros) {
    return {name, std::to_string(micros), quoted(iso(micros, ' ', ""), '\'')};
}

Value timestamptz(const char* name, int64_t micros) {
    std::string at = iso(micros, 'T', "Z");
    return {name, quoted(at, '"'), quoted(at, '\'')};
}
