#pragma once

#include <map>
#include <string>
#include <string_view>

namespace kcs {

/// A table as the source block of an envelope names it.
struct SourceTable {
    std::string db;
    std::string schema;
    std::string table;
};

inline bool operator==(const SourceTable& a, const SourceTable& b) {
    return a.table == b.table && a.schema == b.schema && a.db == b.db;
}

/// The tables that the envelopes of one topic were of, by what their record keys name. A tombstone
/// has nothing but its key, whose name several tables may share: names are made of the characters
/// that topics may have, their dots are ambiguous, and topics are merged (wire format 5).
class KeyedTables {
public:
    /// `name`: like a topic's; empty where the key names nothing.
    void learn(std::string_view name, const SourceTable& table);

    /// The one table that keys of this name, which is called like it, were of; null: there is none,
    /// or there were others. An empty name: all keys of the topic, which is called `topic`.
    const SourceTable* find(std::string_view name, std::string_view topic) const;

private:
    struct Entry {
        SourceTable table;
        bool several = false;
    };
    using Entries = std::map<std::string, Entry, std::less<>>;

    void add(std::string_view name, const SourceTable& table);

    Entries entries_;
    const Entries::value_type* last_ = nullptr; ///< what learn() was told last
};

} // namespace kcs
