#pragma once

#include <string_view>

namespace kcs {

/// Without the blanks at its ends.
inline std::string_view trimmed(std::string_view s) {
    constexpr std::string_view kBlanks = " \t\r\n\f\v";
    size_t first = s.find_first_not_of(kBlanks);
    if (first == std::string_view::npos)
        return {};
    return s.substr(first, s.find_last_not_of(kBlanks) - first + 1);
}

} // namespace kcs
