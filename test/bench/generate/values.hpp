#pragma once

#include <cstdint>
#include <string>
#include <vector>

/// A column's value in both forms: as the connector writes it into JSON, and as an SQL literal.
struct Value {
    const char* name;
    std::string json;
    std::string sql;
};

using Row = std::vector<Value>;

/// The row as the connector's JSON object.
std::string json_of(const Row& row);

Value null_value(const char* name);
Value boolean(const char* name, bool value);
Value integer(const char* name, int64_t value);
/// Halves only, below 10^7: these look the same everywhere.
Value floating(const char* name, int64_t halves);
/// unscaled / 10^scale
Value decimal(const char* name, int64_t unscaled, int scale);
/// Text, also of JSON, without control characters and apostrophes.
Value text(const char* name, const std::string& value);
Value bytes(const char* name, uint64_t value);
Value uuid(const char* name, uint64_t value);
Value date(const char* name, int64_t days);          ///< since 1970
Value time_of_day(const char* name, int64_t micros); ///< since midnight
Value timestamp(const char* name, int64_t micros);   ///< since 1970
Value timestamptz(const char* name, int64_t micros); ///< since 1970
