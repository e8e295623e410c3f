#include "pipeline/fold.hpp"

#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

struct State {
    bool touched = false;
    bool delete_base = false; ///< the table's row at this key must go
    bool mark = false;        ///< the table's row at this key is to be marked as deleted
    bool has_row = false;
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
    Folder(KeyId key_count, bool soft, Arena& arena)
        : states_(key_count), soft_(soft), arena_(arena) {}

    bool add(const KeyedChange& keyed) {
        const Change& change = *keyed.change;
        if (keyed.key == kNoKey) {
            appends_.push_back(make_row(change, kNoKey));
            unkeyed_ |= !change.key;
            return true;
        }
        // Rows without key go in last, whatever comes after them. One whose key has a NULL part is
        // no other key's row.
        if (unkeyed_)
            return false;
        touch(keyed.key);
        if (change.op != Op::remove)
            return upsert(keyed.key, make_row(change, keyed.key));
        if (soft_ && !keyed.moves)
            mark(keyed.key);
        else
            remove(keyed.key);
        return true;
    }

    void finish(size_t change_count, Folded& out) {
        for (KeyId key : order_) {
            State& s = states_[key];
            if (s.delete_base)
                out.deletes.push_back(key);
            if (s.mark)
                out.marks.push_back(key);
            if (s.has_row)
                out.rows.push_back(s.row);
        }
        out.appends = std::move(appends_);
        size_t effects =
            out.deletes.size() + out.marks.size() + out.rows.size() + out.appends.size();
        out.folded_away = change_count > effects ? change_count - effects : 0;
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

    void remove(KeyId key) {
        State& s = states_[key];
        s.delete_base = true;
        s.mark = s.has_row = false;
    }

    void mark(KeyId key) {
        State& s = states_[key];
        if (s.has_row)
            s.row.deleted = true;
        else
            s.mark = !s.delete_base;
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
        s.mark = false; // the row says so itself
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
    bool soft_;
    bool unkeyed_ = false; ///< a record without key was among them
    Arena& arena_;
};

} // namespace

bool fold(const std::vector<KeyedChange>& changes, KeyId key_count, bool soft, Arena& arena,
          Folded& out) {
    Folder folder(key_count, soft, arena);
    for (const KeyedChange& change : changes)
        if (!folder.add(change))
            return false;
    folder.finish(changes.size(), out);
    return true;
}

} // namespace kcs
