#include "debezium/keyed_tables.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// More tables than are merged into one topic: only who makes names up gets there.
constexpr size_t kMostNames = 4096;

/// Whether the name is that of the table, with anything before it.
bool called_like(std::string_view name, const SourceTable& table) {
    const std::string& schema = table.schema.empty() ? table.db : table.schema;
    std::string end = "." + schema + "." + table.table;
    return name == std::string_view(end).substr(1) ||
           (name.size() > end.size() && name.substr(name.size() - end.size()) == end);
}

} // namespace

void KeyedTables::learn(std::string_view name, const SourceTable& table) {
    if (last_ != nullptr && last_->first == name && last_->second.table == table)
        return;
    add({}, table);
    if (!name.empty())
        add(name, table);
}

void KeyedTables::add(std::string_view name, const SourceTable& table) {
    auto found = entries_.find(name);
    if (found == entries_.end()) {
        if (entries_.size() == kMostNames)
            return;
        found = entries_.emplace(name, Entry{table, false}).first;
    }
    found->second.several |= !(found->second.table == table);
    last_ = &*found;
}

const SourceTable* KeyedTables::find(std::string_view name, std::string_view topic) const {
    auto found = entries_.find(name);
    if (found == entries_.end() || found->second.several)
        return nullptr;
    const SourceTable& table = found->second.table;
    // Where a transform emptied the source block, the topic tells the table of each record.
    bool certain = table.table.empty() || called_like(name.empty() ? topic : name, table);
    return certain ? &table : nullptr;
}

} // namespace kcs
