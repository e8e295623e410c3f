#pragma once

#include "core/fault.hpp"
#include "core/settings.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace kcs {

/// What the records of a topic are.
enum class RecordFormat : uint8_t {
    detect,   ///< as each record looks (wire format 1.1)
    envelope, ///< change envelopes
    flattened ///< rows, whatever the names of their members
};

/// One row of the table `routes`: what differs from the settings for the topics that it is for.
struct Route {
    int32_t id = 0;
    int32_t priority = 0;
    std::string topic; ///< a name, or a regular expression beginning with ^
    std::optional<std::string> target;
    std::vector<std::string> key_columns;      ///< in place of the record key's; none: those
    std::vector<std::string> excluded_columns; ///< neither created nor written
    RecordFormat format = RecordFormat::detect;
    std::optional<DeleteMode> delete_mode;
    bool history = false; ///< each change becomes a row
    std::optional<TimePrecisionMode> time_precision_mode;
    std::optional<DecimalMode> decimal_handling_mode;
    std::optional<BinaryMode> binary_handling_mode;
    std::optional<IntervalMode> interval_handling_mode;
    std::optional<std::string> schemaless_decimal_columns;
    std::optional<std::string> schemaless_timestamp_columns;
    std::optional<std::string> unavailable_value;

    bool pattern() const { return !topic.empty() && topic.front() == '^'; }
    /// The settings that hold for its topics, `target` in the place of table_format.
    DecoderSettings over(const DecoderSettings& settings) const;
    bool operator==(const Route& o) const;
};

/// What is wrong with a route in itself: topic, target or columns. Fault (22023) without a message:
/// nothing. What is inside a pattern is the regex engine's business.
Fault route_flaw(const Route& route);

/// Puts the one that a topic takes before others that are for it, too: the highest priority, then
/// a name before a pattern, then the oldest.
void sort_routes(std::vector<Route>& routes);

/// The routes as of one moment (postgres/route_table.hpp; tests have their own).
class Routes {
public:
    virtual ~Routes() = default;
    /// The route that a topic takes, null: none. Valid as long as this object.
    virtual const Route* find(std::string_view topic) = 0;
    /// Whether there are others by now.
    virtual bool stale() const { return false; }
};

} // namespace kcs
