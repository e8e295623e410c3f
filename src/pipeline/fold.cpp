#include "pipeline/fold.hpp"

#include <cstring>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Where the row that a key holds comes from, as far as the table (not the batch) is concerned.
enum class Origin : uint8_t {
    self, ///< whatever the table holds at this key
    gone, ///< nothing: deleted, or moved away
    from  ///< what the table held at another key
};

struct State {
    bool touched = false;
    Origin origin = Origin::self;
    KeyId from = kNoKey;
    bool strong = false;      ///< origin == from: by the delete half (it owns the old row)
    bool delete_base = false; ///< the table's row at this key must go
    bool moved_away = false;  ///< the table's row at this key goes to another key
    bool has_row = false;
    bool carried =
        false; ///< row was carried here by a delete half whose other half is not in the batch
    FoldedRow row;
};

/// Whether every column of `earlier` is also in `later`.
bool covers(const RowLayout& later, const RowLayout& earlier) {
    for (const LayoutColumn& column : earlier.columns) {
        bool found = false;
        for (const LayoutColumn& other : later.columns)
            found = found || other.name == column.name;
        if (!found)
            return false;
    }
    return true;
}

const Value* find_value(const RowLayout& layout, const Value* values, const std::string& name) {
    for (size_t i = 0; i < layout.columns.size(); ++i)
        if (layout.columns[i].name == name)
            return &values[i];
    return nullptr;
}

class Folder {
public:
    Folder(KeyId key_count, Arena& arena) : states_(key_count), arena_(arena) {}

    bool add(const KeyedChange& keyed) {
        const Change& change = *keyed.change;
        if (keyed.key == kNoKey) {
            appends_.push_back(make_row(change, kNoKey));
            return true;
        }
        // Rows without key go in last, whatever comes after them.
        if (!appends_.empty())
            return false;
        touch(keyed.key);
        if (change.op == Op::remove) {
            if (keyed.other == kNoKey || keyed.other == keyed.key) {
                remove(keyed.key);
                return true;
            }
            touch(keyed.other);
            return move(keyed.key, keyed.other, change.new_key, true, change.record);
        }
        FoldedRow row = make_row(change, keyed.key);
        if (keyed.other != kNoKey && keyed.other != keyed.key && (row.partial || change.moves)) {
            touch(keyed.other);
            // The delete half may have come before (then this key has the row already) or may
            // still be on another partition's way.
            if ((change.moves || states_[keyed.key].origin != Origin::from) &&
                !move(keyed.other, keyed.key, change.key, change.moves, change.record))
                return false;
        }
        return upsert(keyed.key, row);
    }

    bool finish(size_t change_count, Folded& out) {
        for (KeyId key : order_) { // a whole row needs nothing carried along
            State& s = states_[key];
            if (s.origin == Origin::from && s.has_row && !s.row.partial)
                drop_move(s);
        }
        for (KeyId key : order_) {
            State& s = states_[key];
            // The table may hold a newer row at this key, which the batch does not know.
            if (s.has_row && s.carried)
                return false;
            if (s.delete_base)
                out.deletes.push_back(key);
            if (s.origin == Origin::from) {
                // One statement moves them all, and sees the table as it was before it: a
                // target that is itself moved away would look occupied.
                if (s.moved_away)
                    return false;
                out.moves.push_back({s.from, key, s.strong, s.row.record});
            }
            if (s.has_row)
                out.rows.push_back(s.row);
        }
        out.appends = std::move(appends_);
        size_t effects =
            out.deletes.size() + out.moves.size() + out.rows.size() + out.appends.size();
        out.folded_away = change_count > effects ? change_count - effects : 0;
        return true;
    }

private:
    void touch(KeyId key) {
        if (!states_[key].touched) {
            states_[key].touched = true;
            order_.push_back(key);
        }
    }

    static FoldedRow make_row(const Change& change, KeyId key) {
        FoldedRow row;
        row.key = key;
        row.layout = change.row.layout;
        row.values = change.row.values;
        row.record = change.record;
        row.insert_only = change.op == Op::create || change.op == Op::read;
        row.partial = any_unavailable(row);
        return row;
    }

    static bool any_unavailable(const FoldedRow& row) {
        for (size_t i = 0; i < row.layout->columns.size(); ++i)
            if (row.values[i].kind == ValueKind::unavailable)
                return true;
        return false;
    }

    /// Not told by the record: the row keeps what it has.
    static bool is_gap(const Value& value) {
        return value.kind == ValueKind::unavailable || value.kind == ValueKind::absent;
    }
    static bool has_gap(const FoldedRow& row) {
        for (size_t i = 0; i < row.layout->columns.size(); ++i)
            if (is_gap(row.values[i]))
                return true;
        return false;
    }

    /// The row that was to be carried to `s` is not needed (any more).
    void drop_move(State& s) {
        State& old = states_[s.from];
        old.moved_away = false;
        if (s.strong)
            old.delete_base = true;
        s.origin = Origin::self;
        s.from = kNoKey;
    }

    void remove(KeyId key) {
        State& s = states_[key];
        if (s.origin == Origin::from)
            drop_move(s);
        if (!s.moved_away && s.origin == Origin::self)
            s.delete_base = true;
        s.origin = Origin::gone;
        s.has_row = false;
    }

    /// What `from` holds becomes what `to` holds.
    bool move(KeyId from, KeyId to, const Row& new_key, bool strong, uint32_t record) {
        State& a = states_[from];
        State& b = states_[to];
        bool occupied = b.has_row || b.origin == Origin::from;
        if (occupied || a.origin == Origin::gone) {
            if (strong) {
                // Nothing to carry of a row made in this batch alone, unless it is whole.
                if (!occupied && a.has_row && !a.row.partial)
                    carry(a, b, to, new_key, record);
                if (b.origin == Origin::from && b.from == from)
                    b.strong = true; // the delete half of what the create half began
                remove(from);
            }
            return true;
        }
        if (a.has_row && !a.row.partial) { // known entirely: no need for the table's row
            carry(a, b, to, new_key, record);
            if (strong)
                remove(from);
            return true;
        }
        if (a.origin == Origin::from)
            return false; // carried twice without its whole row: one at a time
        if (a.has_row)
            carry(a, b, to, new_key, record);
        b.origin = Origin::from;
        b.from = from;
        b.strong = strong;
        b.row.record = record;
        a.origin = Origin::gone;
        a.moved_away = true;
        a.has_row = false;
        return true;
    }

    /// Copies a's pending row to key `to`, with the key columns of the new key.
    void carry(const State& a, State& b, KeyId to, const Row& new_key, uint32_t record) {
        size_t n = a.row.layout->columns.size();
        Value* values = arena_.make_array<Value>(n);
        std::memcpy(static_cast<void*>(values), a.row.values, n * sizeof(Value));
        if (new_key)
            for (size_t i = 0; i < n; ++i) {
                const Value* v =
                    find_value(*new_key.layout, new_key.values, a.row.layout->columns[i].name);
                if (v != nullptr)
                    values[i] = *v;
            }
        b.row = a.row;
        b.row.key = to;
        b.row.values = values;
        b.row.record = record;
        b.row.insert_only = false;
        b.has_row = true;
        b.carried = true;
    }

    bool upsert(KeyId key, FoldedRow row) {
        State& s = states_[key];
        if (s.has_row) {
            bool same = s.row.layout == row.layout;
            if (!same && !covers(*row.layout, *s.row.layout))
                return false;
            row.insert_only = row.insert_only && s.row.insert_only;
            if (has_gap(row))
                merge_under(s.row, row, same);
        }
        s.row = row;
        s.has_row = true;
        s.carried = false;
        return true;
    }

    /// Fills the unavailable values of `row` from the earlier row of the same key.
    void merge_under(const FoldedRow& earlier, FoldedRow& row, bool same_layout) {
        size_t n = row.layout->columns.size();
        Value* values = arena_.make_array<Value>(n);
        for (size_t i = 0; i < n; ++i) {
            values[i] = row.values[i];
            if (!is_gap(values[i]))
                continue;
            const Value* old = same_layout ? &earlier.values[i]
                                           : find_value(*earlier.layout, earlier.values,
                                                        row.layout->columns[i].name);
            if (old != nullptr && old->kind != ValueKind::absent)
                values[i] = *old;
        }
        row.values = values;
        row.partial = any_unavailable(row);
    }

    std::vector<State> states_;
    std::vector<KeyId> order_; ///< keys in order of first appearance
    std::vector<FoldedRow> appends_;
    Arena& arena_;
};

} // namespace

bool fold(const std::vector<KeyedChange>& changes, KeyId key_count, Arena& arena, Folded& out) {
    Folder folder(key_count, arena);
    for (const KeyedChange& change : changes)
        if (!folder.add(change))
            return false;
    return folder.finish(changes.size(), out);
}

} // namespace kcs
