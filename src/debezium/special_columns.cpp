#include "debezium/special_columns.hpp"

#include "debezium/number.hpp"

#include <limits>

#include "core/pure.hpp"

namespace kcs {

namespace {

std::string_view trim(std::string_view text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t' || text.front() == '\n'))
        text.remove_prefix(1);
    while (!text.empty() && (text.back() == ' ' || text.back() == '\t' || text.back() == '\n'))
        text.remove_suffix(1);
    return text;
}

/// Takes the next entry off a comma list. False: none is left.
bool next_entry(std::string_view& list, std::string_view& entry) {
    while (!list.empty()) {
        size_t comma = list.find(',');
        entry = trim(list.substr(0, comma));
        list = comma == std::string_view::npos ? std::string_view{} : list.substr(comma + 1);
        if (!entry.empty())
            return true;
    }
    return false;
}

bool fits(std::string_view pattern, std::string_view name) {
    // After a mismatch, go on behind the last `*`, which then takes one character more.
    size_t p = 0;
    size_t n = 0;
    size_t star = std::string_view::npos;
    size_t resume = 0;
    while (n < name.size()) {
        if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            resume = n;
        } else if (p < pattern.size() && pattern[p] == name[n]) {
            ++p;
            ++n;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            n = ++resume;
        } else {
            return false;
        }
    }
    while (p < pattern.size() && pattern[p] == '*')
        ++p;
    return p == pattern.size();
}

} // namespace

DecimalEntry find_decimal_entry(std::string_view entries, std::string_view column) {
    DecimalEntry result;
    std::string_view entry;
    while (next_entry(entries, entry)) {
        if (entry == column) {
            result.listed = true;
            continue;
        }
        size_t colon = entry.rfind(':');
        if (colon == std::string_view::npos || trim(entry.substr(0, colon)) != column)
            continue;
        int64_t scale = 0;
        if (to_integer(trim(entry.substr(colon + 1)), 0, scale) != Exactness::exact ||
            scale < std::numeric_limits<int32_t>::min() ||
            scale > std::numeric_limits<int32_t>::max())
            continue;
        result.listed = true;
        result.scale = static_cast<int32_t>(scale);
    }
    return result;
}

bool matches_any_pattern(std::string_view patterns, std::string_view column) {
    std::string_view pattern;
    while (next_entry(patterns, pattern))
        if (fits(pattern, column))
            return true;
    return false;
}

} // namespace kcs
