#include "debezium/fallback.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

bool has_text(ValueKind kind) {
    switch (kind) {
    case ValueKind::real:
    case ValueKind::text:
    case ValueKind::bytes:
    case ValueKind::numeric:
    case ValueKind::json:
    case ValueKind::bits:
    case ValueKind::geometry:
    case ValueKind::sparse:
    case ValueKind::spelled:
    case ValueKind::token_number:
    case ValueKind::token_text:
    case ValueKind::token_json:
        return true;
    default:
        return false;
    }
}

bool zero_number(std::string_view text) {
    return text.find_first_not_of("0.-+eE") == std::string_view::npos;
}

bool begins(std::string_view text, std::string_view with) {
    return text.substr(0, with.size()) == with;
}

/// Zero, or nothing, as the connector's converters have it for each type.
bool zero(const Value& value) {
    switch (value.kind) {
    case ValueKind::null:
    case ValueKind::absent:
    case ValueKind::unavailable:
        return true;
    case ValueKind::boolean:
    case ValueKind::integer:
    case ValueKind::decimal:
    case ValueKind::time:
        return value.integer == 0;
    case ValueKind::interval:
        return value.integer == 0 && value.days == 0 && value.scale == 0;
    case ValueKind::date:
        return value.integer == -kEpochDays;
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
        return value.integer == -kEpochMicros;
    case ValueKind::array:
        return value.size == 0;
    case ValueKind::real:
    case ValueKind::numeric:
    case ValueKind::bits:
    case ValueKind::token_number:
        return zero_number(value.text());
    case ValueKind::text:
    case ValueKind::bytes:
    case ValueKind::json:
    case ValueKind::token_text:
    case ValueKind::token_json: {
        std::string_view text = value.text();
        return text.empty() || text == "{}" || text == "[]" || text == "AA==" ||
               begins(text, "1970-01-01") || begins(text, "00:00:00");
    }
    default:
        return false;
    }
}

bool has_column(const RowLayout& layout, const std::string& name) {
    for (const LayoutColumn& column : layout.columns)
        if (column.name == name)
            return true;
    return false;
}

} // namespace

bool same_value(const Value& a, const Value& b) {
    if (a.kind != b.kind)
        return false;
    if (has_text(a.kind))
        return a.text() == b.text();
    if (a.kind == ValueKind::array) {
        for (uint32_t i = 0; a.size == b.size && i < a.size; ++i)
            if (!same_value(a.items[i], b.items[i]))
                return false;
        return a.size == b.size;
    }
    return a.integer == b.integer && a.scale == b.scale && a.days == b.days;
}

bool only_fallbacks(const Row& former, const Row& key) {
    if (!key)
        return false;
    for (size_t i = 0; i < former.layout->columns.size(); ++i) {
        const LayoutColumn& column = former.layout->columns[i];
        bool fallback = zero(former.values[i]) ||
                        (column.has_default && same_value(former.values[i], column.default_value));
        if (!fallback && !has_column(*key.layout, column.name))
            return false;
    }
    return true;
}

bool same_values(const Row& a, const Row& b) {
    for (size_t i = 0; i < a.layout->columns.size(); ++i)
        if (!same_value(a.values[i], b.values[i]))
            return false;
    return true;
}

} // namespace kcs
