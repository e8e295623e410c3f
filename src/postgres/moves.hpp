#pragma once

#include "postgres/pg.hpp"

// The table kafka_cdc_sink.moves: where the two halves of a key change meet that come from
// different partitions or batches, and where values stay that the records of the second half do not
// have, so that they can be applied once more. C register.

namespace kcs::pg {

/// What is known of a key change.
enum class MoveState : char {
    none = 0,
    parked = 'p',   ///< the delete half was here: the row waits for the other one
    left = 'l',     ///< the delete half was here, and found no row; or once more, after both
    created = 'c',  ///< the create half was here, and needed nothing of the row
    done = 'd',     ///< both were here: the values that the create half does not have
    displaced = 'x' ///< a row took the key of this one, whose delete half is still to come
};

/// Which one. Plain data.
struct MoveId {
    const char* group;
    const char* target;
    unsigned char change[16]; ///< of target, keys and what both halves share of their source
    /// The same, but for halves that share nothing but their keys (`queued`): then it is this
    /// record's own, and after find_queued() that of the other half's which comes first.
    unsigned char id[16];
    int64 offset; ///< of the record
    bool queued;
    size_t parts;
    const char* const* old_key; ///< null: this half does not tell it
    const char* const* new_key; ///< likewise
};

/// A row as its columns' output functions write it; a value is null for NULL.
struct ParkedRow {
    size_t count;
    const char** columns;
    const char** values;
};

struct KnownMove {
    MoveState state;
    ParkedRow row;
    const char** new_key; ///< null: not told yet
};

/// Reads what is known, in the current context.
KnownMove find_move(const MoveId* move);
/// Several changes are called the same: finds the first one in `state`, as halves with equal keys
/// keep their order in their partitions, and makes it what `move` is of. `nearest`: both halves
/// have one order, so that it is the last one before this record; what stands before that one is
/// dropped. Until the end of the transaction nobody else looks for one of this table.
KnownMove find_queued(MoveId* move, MoveState state, bool nearest);
/// Notes it, and lets go of what is too old. False: something is known of it already; of a queued
/// one that is this record, read before, whose row is replaced.
bool add_move(const MoveId* move, MoveState state, const ParkedRow* row);
/// Writes another state of it, with this row, and the keys that this half tells.
void change_move(const MoveId* move, MoveState state, const ParkedRow* row);
/// Forgets it where it is in `state`. False: it is not.
bool drop_move(const MoveId* move, MoveState state);

} // namespace kcs::pg
