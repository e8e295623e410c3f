#pragma once

#include "core/settings.hpp"
#include "debezium/change.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kcs {

/// What left the caches but may still be pointed to by rows of the current batch.
using Retired = std::vector<std::shared_ptr<void>>;

/// What holds for the rows of one topic, or for its keys.
struct RowRules {
    const DecoderSettings* settings = nullptr;
    const std::vector<std::string>* excluded = nullptr; ///< columns to pass over; null: none
    bool keys = false;                                  ///< the rows are record keys

    bool excludes(std::string_view name) const {
        return excluded != nullptr &&
               std::find(excluded->begin(), excluded->end(), name) != excluded->end();
    }
};

/// One member of a row without schema.
struct TokenMember {
    std::string_view name;
    Value value;
};

/// Layouts of the schemaless rows of one topic. Rows share a layout when they have the same members
/// in the same order and JSON kinds that go together: null goes with every kind, whole numbers go
/// with wider ones. A row that widens a layout replaces it, so that nullable columns do not
/// multiply layouts.
class TokenLayouts {
public:
    /// The layout for these members. Null: a name is empty or occurs twice (`name` tells which).
    const RowLayout* find(const std::vector<TokenMember>& members, Retired& retired,
                          std::string_view& name);

    /// Before the first find(), and again only after clear().
    void set_rules(const RowRules& rules) { rules_ = rules; }
    bool excludes(std::string_view name) const { return rules_.excludes(name); }

    /// Whose rows come next, as far as it is known.
    void set_source(SourceKind source) { source_ = source; }

    /// Hands all layouts to `retired`.
    void clear(Retired& retired);

private:
    /// JSON kinds; within numbers and within texts a later one covers the earlier.
    enum class Kind : uint8_t { null, boolean, integer, big_integer, number, iso_text, text, json };
    struct Layout {
        RowLayout row;
        std::vector<Kind> kinds;
    };
    static constexpr size_t kMost = 16;

    Kind kind_of(const Value& token) const;
    static bool family(Kind a, Kind b);
    bool same_rows(const Layout& layout, const std::vector<TokenMember>& members) const;
    std::shared_ptr<Layout> make(const std::vector<TokenMember>& members, const Layout* base,
                                 std::string_view& name);

    RowRules rules_;
    std::vector<std::shared_ptr<Layout>> layouts_; ///< latest used first
    std::vector<Kind> kinds_;                      ///< of the row at hand
    SourceKind source_ = SourceKind::unknown;
};

} // namespace kcs
