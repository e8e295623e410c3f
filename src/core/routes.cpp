#include "core/routes.hpp"

#include "core/table_format.hpp"
#include "core/topic_list.hpp"

#include <algorithm>
#include <tuple>

#include "core/pure.hpp"

namespace kcs {

namespace {

Fault flaw(std::string message, std::string detail = {}) {
    Fault fault = Fault::data("22023", std::move(message));
    fault.detail = std::move(detail);
    return fault;
}

bool has(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

Fault column_flaw(const char* list, const std::vector<std::string>& names) {
    for (size_t i = 0; i < names.size(); ++i) {
        if (names[i].empty())
            return flaw(std::string(list) + " has a column without a name");
        if (std::find(names.begin(), names.begin() + static_cast<ptrdiff_t>(i), names[i]) !=
            names.begin() + static_cast<ptrdiff_t>(i))
            return flaw(std::string(list) + " names column \"" + names[i] + "\" twice");
    }
    return flaw({});
}

template <typename T> void put(T& to, const std::optional<T>& from) {
    if (from)
        to = *from;
}

} // namespace

DecoderSettings Route::over(const DecoderSettings& settings) const {
    DecoderSettings s = settings;
    put(s.table_format, target);
    put(s.delete_mode, delete_mode);
    put(s.time_precision_mode, time_precision_mode);
    put(s.decimal_handling_mode, decimal_handling_mode);
    put(s.binary_handling_mode, binary_handling_mode);
    put(s.interval_handling_mode, interval_handling_mode);
    put(s.schemaless_decimal_columns, schemaless_decimal_columns);
    put(s.schemaless_timestamp_columns, schemaless_timestamp_columns);
    put(s.unavailable_value, unavailable_value);
    return s;
}

bool Route::operator==(const Route& o) const {
    auto all = [](const Route& r) {
        return std::tie(r.id, r.priority, r.topic, r.target, r.key_columns, r.excluded_columns,
                        r.format, r.delete_mode, r.history, r.time_precision_mode,
                        r.decimal_handling_mode, r.binary_handling_mode, r.interval_handling_mode,
                        r.schemaless_decimal_columns, r.schemaless_timestamp_columns,
                        r.unavailable_value);
    };
    return all(*this) == all(o);
}

Fault route_flaw(const Route& route) {
    if (!route.pattern() && !legal_topic_name(route.topic))
        return flaw("\"" + route.topic + "\" is not a valid topic name",
                    "A topic name has 1 to 249 letters, digits, periods, underscores and hyphens; "
                    "a regular expression begins with ^.");
    if (route.target) {
        Result<std::vector<FormatPiece>> pieces = parse_table_format(*route.target);
        if (!pieces) {
            Fault fault = pieces.fault();
            fault.message = "target \"" + *route.target + "\": " + fault.message;
            return fault;
        }
    }
    for (Fault fault : {column_flaw("key_columns", route.key_columns),
                        column_flaw("excluded_columns", route.excluded_columns)})
        if (!fault.message.empty())
            return fault;
    for (const std::string& name : route.key_columns)
        if (has(route.excluded_columns, name))
            return flaw("column \"" + name + "\" is in both key_columns and excluded_columns");
    if (route.unavailable_value && route.unavailable_value->empty())
        return flaw("unavailable_value is empty");
    return flaw({});
}

void sort_routes(std::vector<Route>& routes) {
    std::sort(routes.begin(), routes.end(), [](const Route& a, const Route& b) {
        return std::make_tuple(-int64_t{a.priority}, a.pattern(), a.id) <
               std::make_tuple(-int64_t{b.priority}, b.pattern(), b.id);
    });
}

} // namespace kcs
