#pragma once

#include "postgres/targets.hpp"

// What values mean where the target's columns have a say in it.

namespace kcs::pg {

/// What the row's value at `place` means for a column. Fault: class data, naming the column.
Result<Value> meaning_of(const Row& row, int place, const ColumnShape& column, bool may_miss,
                         Arena& arena);

/// Values of records without schema, and others of which the schema alone does not tell it (see
/// target_has_say()), get the meaning that the target's columns give them. What it makes is in the
/// arena. Throws pg::Error (class data, naming the column).
class Meaning {
public:
    Meaning(TargetState& state, Arena& arena) : state_(state), arena_(arena) {}

    /// Whether the target's columns have a say in what the row's values are: always without
    /// schema.
    bool needed(const Row& row) const;
    /// The row with the values meant; columns that the target lacks are absent in it. The row
    /// itself where nothing is needed. `may_miss`: placeholders can occur.
    Row row(const Row& row, bool may_miss);
    /// The same of a key: generated columns count, too.
    Row key(const Row& key);
    /// The other key of a key change, from a header. No row where it cannot be understood:
    /// Connect's header converter writes decimals as numbers and its own times as text, whatever
    /// form they have in keys (wire format 1.5), and without schema only the column can tell what
    /// that means.
    Row other_key(const Row& other, const Row& key);

private:
    Value value(const Row& row, const RowBinding::Column& place, bool may_miss);
    bool has_say(const Row& row, const RowBinding::Column& place) const;

    TargetState& state_;
    Arena& arena_;
};

} // namespace kcs::pg
