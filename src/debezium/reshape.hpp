#pragma once

#include "core/record.hpp"
#include "debezium/topic_state.hpp"

namespace kcs {

/// What a route makes of a change that was decoded: another key, or a row of a history.
class Reshaper {
public:
    enum class Verdict : uint8_t {
        change,
        unkeyed_tombstone, ///< a tombstone that does not tell the key columns; `fault` says so
        reject             ///< `fault` says why
    };

    Reshaper(const TopicRules& rules, DerivedLayouts& layouts, Retired& retired, Arena& arena)
        : rules_(rules), layouts_(layouts), retired_(retired), arena_(arena) {}

    /// `source`: the source block as spelled, for a history; may be empty.
    Verdict reshape(Change& change, const Record& record, std::string_view source, Fault& fault);

private:
    bool select(const Row& from, Row& out, std::string& lacking);
    bool usable(const Value& value) const;
    Verdict rekey(Change& change, Fault& fault);
    bool key_of_delete(const Change& change, Row& key, Fault& fault);
    bool key_of_row(const Change& change, Row& key, Fault& fault);
    bool fill(const Change& change, const DerivedLayout& selection, Row& out);
    bool to_history(Change& change, const Record& record, std::string_view source, Fault& fault);
    Value position(std::string_view source);

    const TopicRules& rules_;
    DerivedLayouts& layouts_;
    Retired& retired_;
    Arena& arena_;
};

} // namespace kcs
