#include "debezium/key_layouts.hpp"

#include "debezium/schema.hpp"

#include <algorithm>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool has_fields(const TypedLayout& layout, const std::vector<std::string_view>& names) {
    return std::equal(layout.fields.begin(), layout.fields.end(), names.begin(), names.end(),
                      [](const Field& field, std::string_view name) { return field.name == name; });
}

/// Null: the row lacks a member.
std::shared_ptr<TypedLayout> made_of(const TypedLayout& row,
                                     const std::vector<std::string_view>& names) {
    auto layout = std::make_shared<TypedLayout>();
    layout->row.id = next_layout_id();
    layout->row.settings = row.row.settings;
    for (std::string_view name : names) {
        Field field;
        auto found = row.index.find(name);
        if (found != row.index.end())
            field = row.fields[found->second];
        else if (name != kRoutingField)
            return nullptr;
        field.name = name;
        field.role = FieldRole::column;
        field.column = static_cast<uint32_t>(layout->fields.size());
        layout->row.columns.push_back(layout_column(field, RowUse::key));
        layout->fields.push_back(std::move(field));
    }
    for (uint32_t i = 0; i < layout->fields.size(); ++i)
        if (!layout->index.emplace(layout->fields[i].name, i).second)
            return nullptr;
    return layout;
}

} // namespace

const TypedLayout* KeyLayouts::find(const TypedLayout& row,
                                    const std::vector<std::string_view>& names, bool bare,
                                    Retired& retired) {
    for (size_t at = 0; at < entries_.size(); ++at)
        if (entries_[at].row == row.row.id && entries_[at].layout->scalar == bare &&
            has_fields(*entries_[at].layout, names)) {
            std::rotate(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(at),
                        entries_.begin() + static_cast<ptrdiff_t>(at) + 1);
            return entries_.front().layout.get();
        }
    std::shared_ptr<TypedLayout> made = made_of(row, names);
    if (!made)
        return nullptr;
    if (bare) {
        made->scalar = true;
        made->row.columns[0].name.clear();
    }
    if (entries_.size() == kMost) {
        retired.push_back(std::move(entries_.back().layout));
        entries_.pop_back();
    }
    entries_.insert(entries_.begin(), {row.row.id, std::move(made)});
    return entries_.front().layout.get();
}

void KeyLayouts::clear(Retired& retired) {
    for (Entry& entry : entries_)
        retired.push_back(std::move(entry.layout));
    entries_.clear();
}

} // namespace kcs
