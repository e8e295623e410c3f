#pragma once

#include "core/routes.hpp"
#include "debezium/route.hpp"
#include "debezium/row_reader.hpp"
#include "debezium/scalars.hpp"

namespace kcs {

/// What holds for the topics of one route, or for those that take none.
struct TopicRules {
    TopicRules(const DecoderSettings& general, const Route* taken, TargetBook& book,
               Retired& retired)
        : routed(taken != nullptr), route(routed ? *taken : Route()), settings(route.over(general)),
          placeholder(settings.unavailable_value),
          router(book, settings, route.target.has_value(), route.history),
          rows(placeholder, settings.flattened_prefix, retired) {
        if (of_rows().excludes(kRoutingField))
            excluded_of_keys.emplace_back(kRoutingField);
    }
    TopicRules(const TopicRules&) = delete;
    TopicRules& operator=(const TopicRules&) = delete;

    RowRules of_rows() const {
        return {&settings, route.excluded_columns.empty() ? nullptr : &route.excluded_columns};
    }
    /// What is excluded of rows may be a key column, but for the field that topic routing adds.
    RowRules of_keys() const {
        return {&settings, excluded_of_keys.empty() ? nullptr : &excluded_of_keys, true};
    }

    const bool routed; ///< else `route` is an empty one
    const Route route;
    const DecoderSettings settings;
    const Placeholder placeholder;
    Router router;
    RowReader rows;
    std::vector<std::string> excluded_of_keys;
};

} // namespace kcs
