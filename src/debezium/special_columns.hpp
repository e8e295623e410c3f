#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace kcs {

/// What schemaless_decimal_columns says about a column.
struct DecimalEntry {
    bool listed = false;
    std::optional<int32_t> scale; ///< of an entry `name:scale`
};

/// Looks `column` up in a list of `name` and `name:scale` entries, separated by commas.
DecimalEntry find_decimal_entry(std::string_view entries, std::string_view column);

/// What to do where a decimal in base64 has no scale.
inline constexpr const char* kScaleHint =
    "Give the scale as name:scale in kafka_cdc_sink.schemaless_decimal_columns, declare it in the "
    "column's type, or set kafka_cdc_sink.decimal_handling_mode as the source connector has it.";

/// Whether a list of names, `*` standing for any run of characters, has one that fits.
bool matches_any_pattern(std::string_view patterns, std::string_view column);

} // namespace kcs
