#include "postgres/group.hpp"

// Halves of a change of the record key where a route names other key columns. They do not tell each
// other's key in the table, which may well be the same: then the row goes nowhere. And the events
// of both record keys are about that one row, so that the insert, whole or not, waits for the
// delete: what its partition has of the old record key has been applied by then. (Why such waits
// end: group_halves.cpp.)

namespace kcs::pg {

/// A row's record key changes; its key in the table may stay. The other half learns that this one
/// was here before the row is touched: where that half could not wait, the row is its already.
void Group::leave_record_key(const GroupChange& c) {
    MoveId move = name_move(*c.change, c.key, kNoKey);
    MemoryContext memory = context_.memory.batch;
    bool first = guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        ParkedRow none = {};
        bool added = add_move(&move, MoveState::left, &none);
        MemoryContextSwitchTo(before);
        return added;
    });
    KnownMove known =
        first ? KnownMove{MoveState::left, {}, nullptr} : look_up(move, MoveState::none, false);
    ParkedRow row = {};
    bool found = !same_key(known, c) && take_row(c.key, row) && !c.stale;
    bool keep = c.change->pair != 0;
    guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        bool again = known.state == MoveState::parked && !keep;
        if (found && (known.state == MoveState::left || again))
            change_move(&move, MoveState::parked, &row);
        else if (known.state == MoveState::created && keep)
            change_move(&move, MoveState::done, &known.row);
        else if (known.state == MoveState::created)
            drop_move(&move, MoveState::created);
        else if (known.state == MoveState::done) // read for a second time, as the other may be
            change_move(&move, MoveState::left, &known.row);
        MemoryContextSwitchTo(before);
    });
}

/// Whether the create half, which was here, gave the row the key that the delete half has.
bool Group::same_key(const KnownMove& known, const GroupChange& c) {
    if (known.new_key == nullptr)
        return false;
    size_t parts = key_->parts.size();
    Value* values = context_.arena.make_array<Value>(parts);
    std::vector<Converter*> converters;
    std::vector<uint16_t> places;
    for (size_t i = 0; i < parts; ++i) {
        values[i] = Value::of(ValueKind::spelled, known.new_key[i]);
        converters.push_back(state_.converter(key_->parts[i].column));
        places.push_back(static_cast<uint16_t>(i));
    }
    KeySource source = {values, places.data(), c.change->record, false, false};
    MemoryContext memory = context_.memory.batch;
    KeyBook* book = book_;
    RowProblem problem;
    KeyId other = guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        KeyId id = kNoKey;
        identify_keys(&source, 1, converters.data(), converters.size(), book, &id, &problem);
        MemoryContextSwitchTo(before);
        return id;
    });
    return other == c.key && !problem.found;
}

/// Whether the delete half may be about to come, for the first time or once more.
bool Group::awaits_delete(const KnownMove& known, const Change& change) const {
    return (known.state == MoveState::none || known.state == MoveState::done) && may_wait(change);
}

/// A row takes its new record key, and perhaps another key; it lacks nothing that the old one has.
void Group::settle_record_key(const GroupChange& c) {
    const Change& change = *c.change;
    MoveId move = name_move(change, kNoKey, c.key);
    KnownMove known = look_up(move, MoveState::none, false);
    if (awaits_delete(known, change)) {
        Fault fault =
            Fault::data("P0002", "the delete of the row's former record key has not come");
        fault.ours = true;
        fault.table = state_.text();
        need_other(change, std::move(fault));
    }
    // In the order of one partition it is not to come any more.
    bool expected = known.state == MoveState::none && !change.ordered;
    bool keep = change.pair != 0 && !change.ordered;
    MemoryContext memory = context_.memory.batch;
    bool met = guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        ParkedRow none = {};
        if (expected && !add_move(&move, MoveState::created, nullptr))
            known.state = find_move(&move).state; // by another worker, just now
        bool left = known.state == MoveState::parked || known.state == MoveState::left;
        if (left && keep)
            change_move(&move, MoveState::done, &none);
        else if (left)
            drop_move(&move, known.state);
        MemoryContextSwitchTo(before);
        return left;
    });
    if (met)
        context_.met.push_back(change.slot);
}

} // namespace kcs::pg
