#include "postgres/group.hpp"

#include <map>

// Keys that change places: where a source checks its keys only at the end of a statement or a
// transaction (deferrable constraints), a row may take a key whose own row leaves it a few records
// later. That row's delete half must not take the new one away. So within one source transaction a
// row that is found at a key which another one takes is put aside, and the next delete half of that
// key is about it. Whether one was there only the table can tell; the halves that ask are those
// whose transaction has both on one key, or may go on in another batch.

namespace kcs::pg {

/// Transactions go by their commit time: a partition has the records of each together.
void Group::find_contended() {
    auto half = [](const GroupChange& c) { return c.other != kNoKey; };
    if (std::none_of(changes_.begin(), changes_.end(), half))
        return;
    struct Ends {
        int64_t first, last;
    };
    std::map<uint32_t, Ends> ends;
    for (const GroupChange& c : changes_) {
        int64_t at = c.change->source_us;
        ends.emplace(c.change->slot, Ends{at, at}).first->second.last = at;
    }
    std::map<std::pair<KeyId, int64_t>, GroupChange*> taken; ///< key and transaction
    for (GroupChange& c : changes_) {
        int64_t at = c.change->source_us;
        if (!half(c) || at == 0)
            continue;
        const Ends& of = ends[c.change->slot];
        bool one = c.change->moves; // a record that is both halves
        if (one || c.change->op == Op::remove) {
            auto before = taken.find({one ? c.other : c.key, at});
            c.contended = at == of.first || before != taken.end();
            if (before != taken.end())
                before->second->contended = true;
        }
        if (one || c.change->op != Op::remove) {
            c.contended = c.contended || at == of.last;
            taken[{c.key, at}] = &c;
        }
    }
}

MoveId Group::name_displaced(const GroupChange& c, KeyId key) {
    Change place = *c.change;
    place.pair = static_cast<uint64_t>(place.source_us);
    return name_move(place, key, kNoKey);
}

/// Puts the row aside that has the key which another one takes. False: there is none.
bool Group::displace_row(const GroupChange& c, ParkedRow& row) {
    if (!c.contended || !lives(c.key) || !take_row(c.key, row))
        return false;
    MoveId move = name_displaced(c, c.key);
    MemoryContext memory = context_.memory.batch;
    const ParkedRow* kept = &row;
    guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        drop_move(&move, MoveState::displaced);
        add_move(&move, MoveState::displaced, kept);
        MemoryContextSwitchTo(before);
    });
    return true;
}

/// The row that was put aside when its key was taken, if it is the one that leaves the key now.
bool Group::take_displaced(const GroupChange& c, KeyId key, ParkedRow& row) {
    if (!c.contended)
        return false;
    MoveId move = name_displaced(c, key);
    MemoryContext memory = context_.memory.batch;
    KnownMove known = guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        KnownMove found = find_move(&move);
        if (found.state == MoveState::displaced)
            drop_move(&move, MoveState::displaced);
        MemoryContextSwitchTo(before);
        return found;
    });
    row = known.row;
    return known.state == MoveState::displaced;
}

} // namespace kcs::pg
