#pragma once

#include "postgres/pg.hpp"

// The table kafka_cdc_sink.moves: where the two halves of a key change meet that come from
// different partitions or batches, and where values stay that the records of the second half do not
// have, so that they can be applied once more. C register.

namespace kcs::pg {

/// What is known of a key change.
enum class MoveState : char {
    none = 0,
    parked = 'p',  ///< the delete half was here: the row waits for the other one
    left = 'l',    ///< the delete half was here, and found no row; or once more, after both
    created = 'c', ///< the create half was here, and needed nothing of the row
    done = 'd'     ///< both were here: the values that the create half does not have
};

/// Which one. Plain data.
struct MoveId {
    const char* group;
    const char* target;
    unsigned char id[16]; ///< of target, keys and what both halves share of their source
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
/// Notes it, and lets go of what is too old. False: something is known of it already.
bool add_move(const MoveId* move, MoveState state, const ParkedRow* row);
/// Writes another state of it, with this row, and the keys that this half tells.
void change_move(const MoveId* move, MoveState state, const ParkedRow* row);
/// Forgets it where it is in `state`. False: it is not.
bool drop_move(const MoveId* move, MoveState state);

} // namespace kcs::pg
