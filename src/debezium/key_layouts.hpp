#pragma once

#include "debezium/layouts.hpp"
#include "debezium/token_layouts.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kcs {

/// Layouts for the keys without schema of one topic whose values have one: a key's fields are
/// encoded as those of the same names in the row (wire format 1.3).
class KeyLayouts {
public:
    /// The layout of a key of these members, in their order. Null: the row lacks one of them.
    const TypedLayout* find(const TypedLayout& row, const std::vector<std::string_view>& names,
                            Retired& retired) {
        return find(row, names, false, retired);
    }
    /// The same of a key that is a bare value, the member's of this name.
    const TypedLayout* find_bare(const TypedLayout& row, std::string_view name, Retired& retired) {
        return find(row, {name}, true, retired);
    }

    /// Hands all layouts to `retired`.
    void clear(Retired& retired);

private:
    struct Entry {
        uint64_t row = 0; ///< RowLayout::id
        std::shared_ptr<TypedLayout> layout;
    };
    static constexpr size_t kMost = 16;

    const TypedLayout* find(const TypedLayout& row, const std::vector<std::string_view>& names,
                            bool bare, Retired& retired);

    std::vector<Entry> entries_; ///< latest used first
};

} // namespace kcs
