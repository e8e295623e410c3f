#include "debezium/derived_layouts.hpp"

#include "debezium/layouts.hpp"

#include <iterator>

#include "core/pure.hpp"

namespace kcs {

namespace {

struct Added {
    const char* name;
    const char* type;
};

/// In the order of HistoryColumns.
constexpr Added kAdded[] = {{"__op", "text"},
                            {"__source_time", "timestamp with time zone"},
                            {"__source_position", "jsonb"},
                            {"__topic", "text"},
                            {"__partition", "integer"},
                            {"__offset", "bigint"},
                            {"__unchanged", "text[]"}};
static_assert(std::size(kAdded) == HistoryColumns::count);

bool is_added(std::string_view name) {
    for (const Added& added : kAdded)
        if (name == added.name)
            return true;
    return false;
}

LayoutColumn added_column(size_t number) {
    LayoutColumn column;
    column.name = kAdded[number].name;
    column.ddl_type = kAdded[number].type;
    column.optional = number < HistoryColumns::topic || number > HistoryColumns::offset;
    return column;
}

/// As it is, but for its default: that belongs to rows of the source's table, and its text to the
/// source's layout.
LayoutColumn copied(const LayoutColumn& column) {
    LayoutColumn copy = column;
    copy.optional = true;
    copy.has_default = false;
    copy.default_value = Value();
    return copy;
}

void begin(RowLayout& row, const RowLayout& source) {
    row.id = next_layout_id();
    row.typed = source.typed;
    row.source = source.source;
    row.settings = source.settings;
}

} // namespace

DerivedLayout* DerivedLayouts::add(Map& map, uint64_t id, Retired& retired) {
    if (map.size() >= kMost) {
        for (auto& entry : map)
            retired.push_back(std::move(entry.second));
        map.clear();
    }
    return map.emplace(id, std::make_shared<DerivedLayout>()).first->second.get();
}

const DerivedLayout& DerivedLayouts::selection(const RowLayout& source,
                                               const std::vector<std::string>& names,
                                               Retired& retired) {
    auto found = selections_.find(source.id);
    if (found != selections_.end())
        return *found->second;
    DerivedLayout& made = *add(selections_, source.id, retired);
    begin(made.row, source);
    bool bare = names.size() == 1 && source.columns.size() == 1 && source.columns[0].name.empty();
    for (const std::string& name : names) {
        size_t at = 0;
        while (at < source.columns.size() && !bare && source.columns[at].name != name)
            ++at;
        if (at == source.columns.size()) {
            made.from.push_back(-1);
            made.complete = false;
            continue;
        }
        made.from.push_back(static_cast<int>(at));
        made.row.columns.push_back(copied(source.columns[at]));
        made.row.columns.back().name = name;
        made.row.columns.back().optional = false; // NULLs are refused
        made.row.columns.back().routing = false;  // the route wants it
    }
    return made;
}

const DerivedLayout& DerivedLayouts::history(const RowLayout* source, const LayoutColumn* routing,
                                             const RowRules& rules, Retired& retired) {
    uint64_t id = (source == nullptr ? 0 : 2 * source->id) + (routing != nullptr ? 1 : 0);
    auto found = histories_.find(id);
    if (found != histories_.end())
        return *found->second;
    DerivedLayout& made = *add(histories_, id, retired);
    RowLayout none;
    none.settings = rules.settings;
    const RowLayout& base = source == nullptr ? none : *source;
    begin(made.row, base);
    for (size_t i = 0; i < base.columns.size(); ++i) {
        const LayoutColumn& column = base.columns[i];
        if (rules.excludes(column.name) || column.name.empty())
            continue;
        if (is_added(column.name))
            made.clash = column.name;
        made.from.push_back(static_cast<int>(i));
        made.row.columns.push_back(copied(column));
    }
    if (routing != nullptr) {
        made.from.push_back(-1);
        made.row.columns.push_back(copied(*routing));
    }
    for (size_t i = 0; i < HistoryColumns::count; ++i)
        made.row.columns.push_back(added_column(i));
    return made;
}

const RowLayout& DerivedLayouts::history_key(const RowRules& rules) {
    if (!history_key_) {
        history_key_ = std::make_shared<DerivedLayout>();
        RowLayout& row = history_key_->row;
        row.id = next_layout_id();
        row.settings = rules.settings;
        for (size_t i : {HistoryColumns::topic, HistoryColumns::partition, HistoryColumns::offset})
            row.columns.push_back(added_column(i));
    }
    return history_key_->row;
}

void DerivedLayouts::clear(Retired& retired) {
    for (Map* map : {&selections_, &histories_}) {
        for (auto& entry : *map)
            retired.push_back(std::move(entry.second));
        map->clear();
    }
    retired.push_back(std::move(history_key_));
    history_key_ = nullptr;
}

} // namespace kcs
