#pragma once

#include "core/fault.hpp"
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

/// Makes targets from `table_format` and hands out one object per (schema, table).
class Router {
public:
    explicit Router(const std::string& table_format) { configure(table_format); }

    /// Takes another format. Targets already given stay valid.
    void configure(const std::string& table_format);

    /// The target for these parts. Fault: class target when a name is longer than PostgreSQL's 63
    /// bytes or the format is wrong, class data when a name comes out empty.
    Result<const Target*> target(const RouteParts& parts);

private:
    static std::string render(const std::vector<FormatPiece>& pieces, const RouteParts& parts);
    const Target* intern(std::string schema, std::string table);

    std::vector<FormatPiece> schema_;
    std::vector<FormatPiece> table_;
    std::string problem_; ///< the format's flaw; empty: none
    std::deque<Target> targets_;
    std::unordered_map<std::string, const Target*> by_name_;
};

} // namespace kcs
