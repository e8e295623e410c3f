#pragma once

#include "core/fault.hpp"
#include "core/settings.hpp"
#include "core/table_format.hpp"
#include "debezium/change.hpp"

#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kcs {

/// What a target name is made of. `schema` is the source's schema, or its database where the
/// source has no schemas.
struct RouteParts {
    std::string_view topic;
    std::string_view db;
    std::string_view schema;
    std::string_view table;
};

/// The parts that a topic's name alone tells (wire format section 5): the last is the table, the
/// one before it the schema, the third from the end the database.
RouteParts parts_of_topic(std::string_view topic);

/// The same where names are known (else empty) that may have dots of their own.
RouteParts parts_of_topic(std::string_view topic, std::string_view db, std::string_view schema,
                          std::string_view table);

/// The targets of a decoder: one object for each distinct content, alive as long as the book.
class TargetBook {
public:
    /// The object of this content; what its `id` is does not matter.
    const Target* intern(Target target);

private:
    std::deque<Target> targets_;
    std::unordered_map<std::string, const Target*> by_content_;
};

/// Makes the targets of topics that go by the same rules.
class Router {
public:
    /// `settings`: table_format, or the target of a route in its place (`routed`), and delete_mode.
    Router(TargetBook& book, const DecoderSettings& settings, bool routed, bool history);

    /// The target for these parts. Fault: class target when a name is longer than PostgreSQL's 63
    /// bytes or the format is wrong, class data when a name comes out empty.
    Result<const Target*> target(const RouteParts& parts);

    /// Whether targets tell tables of these parts apart by the parts, without the topic.
    bool tells_tables(const RouteParts& parts) const;

private:
    static std::string render(const std::vector<FormatPiece>& pieces, const RouteParts& parts);

    TargetBook& book_;
    DeleteMode delete_mode_;
    bool history_;
    const char* format_name_; ///< what is to be changed where a name is no good
    std::vector<FormatPiece> schema_;
    std::vector<FormatPiece> table_;
    std::string problem_; ///< the format's flaw; empty: none
};

} // namespace kcs
