#include "postgres/group.hpp"

// Whole rows that take a key. They need nothing of the row that leaves the old key, but the table
// may have columns that the source has not (or that a route excludes): their values go with the row
// where its delete half came before.

namespace kcs::pg {

/// Whether the table has columns that the record has not. What soft deletes mark is none of them.
bool Group::has_own_columns(const Row& row) {
    const std::vector<ColumnShape>& shape = state_.table.shape.columns;
    std::vector<bool> told(shape.size(), false);
    for (const RowBinding::Column& c : state_.bind_row(*row.layout).columns)
        told[c.column] = true;
    for (const KeyPart& part : key_->parts)
        told[part.column] = true;
    int mark = mark_column();
    for (size_t c = 0; c < shape.size(); ++c)
        if (!told[c] && !shape[c].generated && static_cast<int>(c) != mark)
            return true;
    return false;
}

/// The row that left the old key, if that was told before. It waits no more.
bool Group::take_parked(const GroupChange& c, ParkedRow& row) {
    MoveId move = name_move(*c.change, c.other, c.key);
    KnownMove known = look_up(move, MoveState::parked, c.change->ordered);
    if (known.state != MoveState::parked)
        return false;
    MemoryContext memory = context_.memory.batch;
    guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        drop_move(&move, MoveState::parked);
        MemoryContextSwitchTo(before);
    });
    context_.met.push_back(c.change->slot);
    row = known.row;
    return true;
}

/// A whole row takes its key; with it go the values of columns that the source does not have. Where
/// the key has a row still, that one's stay: it may be this one, read for a second time.
void Group::take_whole_key(const GroupChange& c) {
    ParkedRow row = {};
    bool left = c.carries && take_parked(c, row);
    if (!left && !c.paired)
        settle_half(c);
    ParkedRow displaced = {};
    bool put_aside = displace_row(c, displaced);
    if (!left && !put_aside) {
        apply_keyed({{c.change, c.key, false}});
        return;
    }
    std::vector<const char*> columns, values;
    write_whole(c, left ? row : displaced, columns, values);
}

} // namespace kcs::pg
