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

/// Whether a list of names, `*` standing for any run of characters, has one that fits.
bool matches_any_pattern(std::string_view patterns, std::string_view column);

} // namespace kcs
