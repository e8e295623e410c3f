#pragma once

#include "debezium/change.hpp"
#include "debezium/token_layouts.hpp"

#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

namespace kcs {

/// Columns that a route adds to the rows of a history.
struct HistoryColumns {
    enum : size_t { op, source_time, source_position, topic, partition, offset, unchanged, count };
};

/// A layout made of another one's columns.
struct DerivedLayout {
    RowLayout row;
    std::vector<int> from; ///< for each column taken from the source, its place there; -1: nowhere
    bool complete = true;  ///< none is nowhere
    std::string clash;     ///< a column that has the name of one that is added
};

/// What a topic's route makes of its layouts, by the layout it is made of.
class DerivedLayouts {
public:
    /// `names` of the source's columns, in this order. One column without a name is the only
    /// name's.
    const DerivedLayout& selection(const RowLayout& source, const std::vector<std::string>& names,
                                   Retired& retired);
    /// The columns and behind them those of a history; null: a row without columns. `routing`: what
    /// topic routing added to the record's key (null: nothing), which is from nowhere in the row.
    const DerivedLayout& history(const RowLayout* source, const LayoutColumn* routing,
                                 const RowRules& rules, Retired& retired);
    /// What identifies a row of a history.
    const RowLayout& history_key(const RowRules& rules);

    /// Hands all to `retired`.
    void clear(Retired& retired);

private:
    using Map = std::unordered_map<uint64_t, std::shared_ptr<DerivedLayout>>;
    /// More than a topic has at a time: what is not in use any more goes with the rest.
    static constexpr size_t kMost = 128;

    DerivedLayout* add(Map& map, uint64_t id, Retired& retired);

    Map selections_;
    Map histories_; ///< by twice the id (0: made of nothing), and 1 more with `routing`
    std::shared_ptr<DerivedLayout> history_key_;
};

} // namespace kcs
