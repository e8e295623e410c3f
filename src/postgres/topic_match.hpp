#pragma once

#include "core/topic_list.hpp"

#include <string>
#include <vector>

// Topic names against the entries of the setting `topics`, with PostgreSQL's own regular
// expressions under the C collation. Names and patterns are compared byte by byte, so that the
// answer is the same in the postmaster and in a database of any encoding.

namespace kcs::pg {

/// Empty, or why the regular expression is invalid, in the engine's words. Usable in the
/// postmaster; needs no catalog. Throws std::bad_alloc and pg::Error (out of memory).
std::string regex_complaint(const std::string& pattern);

struct TopicSelection {
    std::vector<size_t> matched;      ///< indexes into `names`, ascending
    std::vector<std::string> missing; ///< names in the list that are not in `names`
};

/// Which of the cluster's topics the list asks for. A pattern matches as the operator ~ does, so
/// it is bound at its beginning only, and never matches one of Kafka's internal topics. Throws
/// pg::Error for an invalid pattern.
TopicSelection select_topics(const std::vector<TopicEntry>& list,
                             const std::vector<std::string>& names);

/// Whether the regular expression matches the name, as it would in select_topics(). Throws
/// pg::Error for an invalid pattern.
bool topic_matches(const std::string& pattern, std::string_view name);

} // namespace kcs::pg
