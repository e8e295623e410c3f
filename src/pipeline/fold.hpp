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

/// One change of one table, with its key identified. Halves of a key change are a plain delete and
/// a plain insert here.
struct KeyedChange {
    const Change* change = nullptr;
    KeyId key = kNoKey; ///< kNoKey: keyless
    bool moves = false; ///< a remove whose row takes another key: it goes whatever deletes do
};

/// The whole or partial row that a key shall have.
struct FoldedRow {
    KeyId key = kNoKey;
    const RowLayout* layout = nullptr;
    const Value* values = nullptr; ///< merged; `unavailable` where no change of the batch had it
    bool partial = false;          ///< some value is unavailable: the row must exist already
    bool deleted = false;          ///< under soft deletes: what the row's `__deleted` shall be
    bool insert_only = false;      ///< every change of it was create or read: probably new
    uint32_t record = 0;           ///< the last change's record, for error reports
};

/// Net effect of the changes of one table, to be executed in this order: deletes, marks, rows (each
/// key at most once per list), appends.
struct Folded {
    std::vector<KeyId> deletes;
    std::vector<KeyId> marks; ///< rows whose `__deleted` becomes true
    std::vector<FoldedRow> rows;
    std::vector<FoldedRow> appends; ///< keyless inserts, in order
    uint64_t folded_away = 0;       ///< changes that left no effect of their own
};

/// Folds `changes` (arrival order, one table, no truncates, no keyless updates and deletes) to
/// their net effect. Merged value arrays are made in `arena`. Rules: design section 4, wire
/// format 4.
///   - an upsert merges over earlier upserts per column; an unavailable value overwrites nothing;
///   - a delete kills; an insert after a delete replaces the whole row (key in deletes and rows);
///   - with `soft`, a delete marks instead, the row of the batch or that of the table.
/// Rows whose layouts differ are merged by column name onto the later layout.
/// Returns false when the changes cannot be expressed as one such set (a later layout that lacks
/// columns of an earlier one, keyed changes behind keyless ones): apply them in order in smaller
/// pieces. A single change always folds.
bool fold(const std::vector<KeyedChange>& changes, KeyId key_count, bool soft, Arena& arena,
          Folded& out);

} // namespace kcs
