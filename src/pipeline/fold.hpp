#pragma once

#include "core/arena.hpp"
#include "debezium/change.hpp"

#include <cstdint>
#include <vector>

namespace kcs {

/// Identity of a key inside one batch and table: equal numbers, equal keys by the key index's own
/// operators (postgres/keys.hpp gives them out, counting from 0).
using KeyId = uint32_t;
inline constexpr KeyId kNoKey = UINT32_MAX;

/// One change of one table, with its keys identified.
struct KeyedChange {
    const Change* change = nullptr;
    KeyId key = kNoKey;   ///< kNoKey: keyless
    KeyId other = kNoKey; ///< new key of a remove, old key of a create
};

/// The whole or partial row that a key shall have.
struct FoldedRow {
    KeyId key = kNoKey;
    const RowLayout* layout = nullptr;
    const Value* values = nullptr; ///< merged; `unavailable` where no change of the batch had it
    bool partial = false;          ///< some value is unavailable: the row must exist already
    bool insert_only = false;      ///< every change of it was create or read: probably new
    uint32_t record = 0;           ///< the last change's record, for error reports
};

/// A row that takes another key (wire format 1.5), carrying along what is not in the batch.
struct FoldedMove {
    KeyId from = kNoKey;
    KeyId to = kNoKey;
    /// The move came from the delete half: a row left at `from` (because one exists at `to`) goes.
    /// False: it came from the create half alone, whose delete is still to come or was applied.
    bool delete_from = true;
    uint32_t record = 0;
};

/// Net effect of the changes of one table, to be executed in this order: deletes, moves, rows
/// (each key at most once per list), appends.
struct Folded {
    std::vector<KeyId> deletes;
    std::vector<FoldedMove> moves;
    std::vector<FoldedRow> rows;
    std::vector<FoldedRow> appends; ///< keyless inserts, in order
    uint64_t folded_away = 0;       ///< changes that left no effect of their own
};

/// Folds `changes` (arrival order, one table, no truncates) to their net effect. Merged value
/// arrays are made in `arena`. Rules: design section 4, wire format 1.5 and section 4.
///   - an upsert merges over earlier upserts per column; an unavailable value overwrites nothing;
///   - a delete kills; an insert after a delete replaces the whole row (key in deletes and rows);
///   - a key change is a move; it becomes delete + whole row where nothing is unavailable, and
///     chains (1 to 2, 2 to 3) become one move.
/// Rows whose layouts differ are merged by column name onto the later layout.
/// Returns false when the changes cannot be expressed as one such set (a move onto a key whose own
/// row is moved away, a key moved twice without its whole row, a later layout that lacks columns of
/// an earlier one): apply them in order in smaller pieces. A single change always folds.
bool fold(const std::vector<KeyedChange>& changes, KeyId key_count, Arena& arena, Folded& out);

} // namespace kcs
