#pragma once

#include "core/fault.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kcs {

inline constexpr size_t kTopicNameLength = 249; ///< most characters that Kafka allows

/// One entry of the setting `topics`.
struct TopicEntry {
    bool pattern = false; ///< text is a regular expression, beginning with ^
    std::string text;
};

/// Whether Kafka allows a topic of this name: 1 to 249 of [A-Za-z0-9._-], not "." or "..".
bool legal_topic_name(std::string_view name);

/// Whether the name is one of Kafka's own topics, which no pattern stands for.
bool internal_topic(std::string_view name);

/// Entries of the comma-separated list, blanks around them removed. A comma inside brackets, braces
/// or parentheses of a pattern belongs to the pattern. An empty list is no entries. Fault (22023):
/// an empty entry or an illegal name; what is inside a pattern is the regex engine's business.
Result<std::vector<TopicEntry>> parse_topic_list(std::string_view list);

} // namespace kcs
