#include "debezium/token_layouts.hpp"

#include "debezium/layouts.hpp"
#include "debezium/row_reader.hpp"
#include "debezium/scalars.hpp"

#include <unordered_set>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

TokenLayouts::Kind TokenLayouts::kind_of(const Value& token) const {
    switch (token.kind) {
    case ValueKind::boolean:
        return Kind::boolean;
    case ValueKind::token_number: {
        if (token.text().find_first_of(".eE") != std::string_view::npos)
            return Kind::number;
        int64_t ignored;
        return parse_integer(token.text(), ignored) ? Kind::integer : Kind::big_integer;
    }
    case ValueKind::token_text: {
        // Text that may be a date and time: a timestamp column without schema depends on it.
        std::string_view text = token.text();
        if (placeholder_of(*rules_.settings).matches_text(text))
            return Kind::null; // says as little about its column
        bool iso = text.size() >= 10 && text[0] >= '0' && text[0] <= '9' && text[4] == '-' &&
                   text[7] == '-';
        return iso ? Kind::iso_text : Kind::text;
    }
    case ValueKind::token_json:
        return Kind::json;
    default:
        return Kind::null;
    }
}

/// Whether one of the two kinds covers the other.
bool TokenLayouts::family(Kind a, Kind b) {
    auto number = [](Kind k) { return k >= Kind::integer && k <= Kind::number; };
    auto text = [](Kind k) { return k == Kind::iso_text || k == Kind::text; };
    return a == b || a == Kind::null || b == Kind::null || (number(a) && number(b)) ||
           (text(a) && text(b));
}

bool TokenLayouts::same_rows(const Layout& layout, const std::vector<TokenMember>& members) const {
    if (layout.row.source != source_ || layout.row.columns.size() != members.size())
        return false;
    for (size_t i = 0; i < members.size(); ++i)
        if (layout.row.columns[i].name != members[i].name)
            return false;
    return true;
}

const RowLayout* TokenLayouts::find(const std::vector<TokenMember>& members, Retired& retired,
                                    std::string_view& name) {
    kinds_.clear();
    for (const TokenMember& member : members)
        kinds_.push_back(kind_of(member.value));

    size_t widened = layouts_.size();
    for (size_t at = 0; at < layouts_.size(); ++at) {
        const Layout& layout = *layouts_[at];
        if (!same_rows(layout, members))
            continue;
        bool covered = true, compatible = true;
        for (size_t i = 0; i < kinds_.size() && compatible; ++i) {
            compatible = family(kinds_[i], layout.kinds[i]);
            covered = covered && kinds_[i] <= layout.kinds[i];
        }
        if (compatible && covered) {
            std::rotate(layouts_.begin(), layouts_.begin() + static_cast<ptrdiff_t>(at),
                        layouts_.begin() + static_cast<ptrdiff_t>(at) + 1);
            return &layouts_.front()->row;
        }
        if (compatible && widened == layouts_.size())
            widened = at;
    }

    bool widen = widened < layouts_.size();
    std::shared_ptr<Layout> made = make(members, widen ? layouts_[widened].get() : nullptr, name);
    if (!made)
        return nullptr;
    size_t leaves = widen ? widened : layouts_.size() >= kMost ? layouts_.size() - 1 : SIZE_MAX;
    if (leaves != SIZE_MAX) {
        retired.push_back(layouts_[leaves]);
        layouts_.erase(layouts_.begin() + static_cast<ptrdiff_t>(leaves));
    }
    layouts_.insert(layouts_.begin(), std::move(made));
    return &layouts_.front()->row;
}

std::shared_ptr<TokenLayouts::Layout> TokenLayouts::make(const std::vector<TokenMember>& members,
                                                         const Layout* base,
                                                         std::string_view& name) {
    auto layout = std::make_shared<Layout>();
    layout->row.id = next_layout_id();
    layout->row.typed = false;
    layout->row.source = source_;
    layout->row.settings = rules_.settings;
    std::unordered_set<std::string_view> seen;
    for (size_t i = 0; i < members.size(); ++i) {
        name = members[i].name;
        if (!seen.insert(name).second)
            return nullptr;
        LayoutColumn column;
        column.name = name;
        Kind kind = kinds_[i];
        if (base != nullptr && base->kinds[i] >= kind) {
            kind = base->kinds[i];
            column.ddl_type = base->row.columns[i].ddl_type;
        } else {
            column.ddl_type = ddl_type_of_token(column.name, members[i].value, *rules_.settings);
        }
        if (rules_.keys && column.name == kRoutingField) {
            column.routing = true;
            column.ddl_type = "text";
        }
        layout->kinds.push_back(kind);
        layout->row.columns.push_back(std::move(column));
    }
    return layout;
}

void TokenLayouts::clear(Retired& retired) {
    for (std::shared_ptr<Layout>& layout : layouts_)
        retired.push_back(std::move(layout));
    layouts_.clear();
}

} // namespace kcs
