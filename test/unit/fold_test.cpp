#include "pipeline/bisect.hpp"
#include "pipeline/fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "core/pure.hpp"

namespace kcs {
namespace {

constexpr int64_t kMissing = -999; // stands for an unavailable value in the helpers below

/// Makes changes over the layout (id, a, big) and runs folds against a model table.
class World {
public:
    World() {
        layout_.id = 1;
        for (const char* name : {"id", "a", "big"}) {
            LayoutColumn column;
            column.name = name;
            layout_.columns.push_back(column);
        }
        key_layout_.id = 2;
        key_layout_.columns.push_back(layout_.columns[0]);
    }

    Row key_row(int64_t id) {
        Value* v = arena_.make_array<Value>(1);
        v[0] = Value::of(ValueKind::integer, id);
        return {&key_layout_, v};
    }
    Row row(int64_t id, int64_t a, int64_t big) {
        Value* v = arena_.make_array<Value>(3);
        v[0] = Value::of(ValueKind::integer, id);
        v[1] = Value::of(ValueKind::integer, a);
        v[2] = big == kMissing ? Value::of(ValueKind::unavailable)
                               : Value::of(ValueKind::integer, big);
        return {&layout_, v};
    }
    void upsert(Op op, int64_t id, int64_t a, int64_t big) {
        Change c;
        c.op = op;
        c.key = key_row(id);
        c.row = row(id, a, big);
        push(c, id);
    }
    void remove(int64_t id, bool moves = false) {
        Change c;
        c.op = Op::remove;
        c.key = key_row(id);
        push(c, id, moves);
    }

    std::vector<KeyedChange> keyed() const {
        std::vector<KeyedChange> result;
        for (size_t i = 0; i < changes_.size(); ++i)
            result.push_back({&changes_[i], ids_[i], moves_[i]});
        return result;
    }
    void clear() {
        changes_.clear();
        ids_.clear();
        moves_.clear();
    }

    /// (a, big) by id; and which ids are marked as deleted.
    struct Table {
        std::map<int64_t, std::pair<int64_t, int64_t>> rows;
        std::set<int64_t> marked;
        bool operator==(const Table& o) const { return rows == o.rows && marked == o.marked; }
    };

    /// What the sink does with a folded set. False: a partial row found nothing to complete it.
    static bool execute(const Folded& f, Table& table) {
        for (KeyId key : f.deletes) {
            table.rows.erase(key);
            table.marked.erase(key);
        }
        for (KeyId key : f.marks)
            if (table.rows.count(key) != 0)
                table.marked.insert(key);
        for (const FoldedRow& r : f.rows) {
            EXPECT_EQ(r.values[0].integer, r.key);
            bool partial = r.values[2].kind == ValueKind::unavailable;
            EXPECT_EQ(partial, r.partial);
            if (partial && table.rows.count(r.key) == 0)
                return false;
            auto& target = table.rows[r.key];
            target.first = r.values[1].integer;
            if (!partial)
                target.second = r.values[2].integer;
            table.marked.erase(r.key);
            if (r.deleted)
                table.marked.insert(r.key);
        }
        return true;
    }

    /// Applies the run, in halves where it does not fold.
    bool apply(const std::vector<KeyedChange>& run, Table& table, bool soft) {
        Folded folded;
        if (fold(run, kKeys, soft, arena_, folded))
            return execute(folded, table);
        EXPECT_GT(run.size(), 1U) << "a single change must fold";
        if (run.size() <= 1)
            return false;
        std::vector<KeyedChange> left(run.begin(), run.begin() + run.size() / 2);
        std::vector<KeyedChange> right(run.begin() + run.size() / 2, run.end());
        return apply(left, table, soft) && apply(right, table, soft);
    }

    static constexpr KeyId kKeys = 64;

private:
    void push(const Change& c, int64_t key, bool moves = false) {
        Change change = c;
        change.record = static_cast<uint32_t>(changes_.size());
        changes_.push_back(change);
        ids_.push_back(static_cast<KeyId>(key));
        moves_.push_back(moves);
    }

    Arena arena_;
    RowLayout layout_, key_layout_;
    std::deque<Change> changes_;
    std::vector<KeyId> ids_;
    std::vector<bool> moves_;
};

Folded folded(World& world, bool soft = false) {
    static Arena arena;
    Folded out;
    EXPECT_TRUE(fold(world.keyed(), World::kKeys, soft, arena, out));
    return out;
}

TEST(Fold, LastUpsertWins) {
    World w;
    w.upsert(Op::create, 1, 1, 10);
    w.upsert(Op::update, 1, 2, 20);
    Folded f = folded(w);
    ASSERT_EQ(f.rows.size(), 1U);
    EXPECT_EQ(f.rows[0].values[1].integer, 2);
    EXPECT_TRUE(f.deletes.empty());
    EXPECT_EQ(f.folded_away, 1U);
    EXPECT_FALSE(f.rows[0].insert_only);
}

TEST(Fold, R4UnavailableNeverOverwrites) {
    World w;
    w.upsert(Op::update, 1, 1, 10);
    w.upsert(Op::update, 1, 2, kMissing);
    Folded f = folded(w);
    ASSERT_EQ(f.rows.size(), 1U);
    EXPECT_FALSE(f.rows[0].partial);
    EXPECT_EQ(f.rows[0].values[1].integer, 2);
    EXPECT_EQ(f.rows[0].values[2].integer, 10);
}

TEST(Fold, AbsentValuesKeepWhatTheBatchHas) {
    World w;
    w.upsert(Op::update, 1, 1, 10);
    w.upsert(Op::update, 1, 2, kMissing);
    auto changes = w.keyed();
    const_cast<Value*>(changes[1].change->row.values)[2] = Value(); // not in the record at all
    Arena arena;
    Folded f;
    ASSERT_TRUE(fold(changes, World::kKeys, false, arena, f));
    ASSERT_EQ(f.rows.size(), 1U);
    EXPECT_EQ(f.rows[0].values[1].integer, 2);
    EXPECT_EQ(f.rows[0].values[2].integer, 10);
    EXPECT_FALSE(f.rows[0].partial);
}

TEST(Fold, DeleteKillsAndInsertAfterItReplaces) {
    World w;
    w.upsert(Op::update, 1, 1, 10);
    w.remove(1);
    EXPECT_TRUE(folded(w).rows.empty());
    w.upsert(Op::create, 1, 3, 30);
    Folded f = folded(w);
    EXPECT_EQ(f.deletes.size(), 1U);
    ASSERT_EQ(f.rows.size(), 1U);
    EXPECT_EQ(f.rows[0].values[2].integer, 30);
}

TEST(Fold, SoftDeletesMark) {
    World w;
    w.remove(1); // of the table's row
    Folded f = folded(w, true);
    EXPECT_TRUE(f.deletes.empty());
    EXPECT_EQ(f.marks, std::vector<KeyId>{1});
    w.upsert(Op::create, 1, 3, 30); // comes back whole
    f = folded(w, true);
    EXPECT_TRUE(f.marks.empty());
    ASSERT_EQ(f.rows.size(), 1U);
    EXPECT_FALSE(f.rows[0].deleted);
    w.remove(1); // of the batch's row
    f = folded(w, true);
    EXPECT_TRUE(f.marks.empty());
    ASSERT_EQ(f.rows.size(), 1U);
    EXPECT_TRUE(f.rows[0].deleted);
    EXPECT_EQ(f.rows[0].values[2].integer, 30);
    w.upsert(Op::update, 2, 1, kMissing);
    w.remove(2); // of a row that is partly the table's
    f = folded(w, true);
    ASSERT_EQ(f.rows.size(), 2U);
    EXPECT_TRUE(f.rows[1].deleted);
    EXPECT_TRUE(f.rows[1].partial);
}

TEST(Fold, ARowThatMovesGoesAlsoWithSoftDeletes) {
    World w;
    w.remove(1, true);
    w.remove(1); // and what is not there is not marked
    Folded f = folded(w, true);
    EXPECT_EQ(f.deletes, std::vector<KeyId>{1});
    EXPECT_TRUE(f.marks.empty());
}

TEST(Fold, RowsWithoutKeyStayBeforeTheKeyedOnesBehindThem) {
    World w;
    w.upsert(Op::create, 1, 1, 10);
    auto changes = w.keyed();
    Change bare = *changes[0].change; // the table got its key afterwards
    bare.key = Row();
    changes[0] = {&bare, kNoKey, false};
    Arena arena;
    Folded f;
    ASSERT_TRUE(fold(changes, World::kKeys, false, arena, f));
    EXPECT_EQ(f.appends.size(), 1U);
    w.remove(1);
    changes = w.keyed();
    changes[0] = {&bare, kNoKey, false};
    EXPECT_FALSE(fold(changes, World::kKeys, false, arena, f));
    std::swap(changes[0], changes[1]);
    EXPECT_TRUE(fold(changes, World::kKeys, false, arena, f));
}

TEST(Fold, RowsWhoseKeyHasANullPartAreNoOthers) {
    World w;
    w.upsert(Op::create, 1, 1, 10);
    w.remove(1);
    auto changes = w.keyed();
    changes[0].key = kNoKey;
    Arena arena;
    Folded f;
    ASSERT_TRUE(fold(changes, World::kKeys, false, arena, f));
    EXPECT_EQ(f.appends.size(), 1U);
    EXPECT_EQ(f.deletes, std::vector<KeyId>{1});
}

/// A source table under random changes: folding any cut of the event stream gives its rows, and
/// with soft deletes those that were deleted beside them.
void random_stream(unsigned seed, bool soft) {
    std::mt19937 rng(seed);
    auto pick = [&rng](int n) { return static_cast<int64_t>(rng() % static_cast<unsigned>(n)); };
    World w;
    World::Table source, target;
    for (int64_t id = 0; id < 6; ++id)
        if (pick(2) != 0)
            source.rows[id] = {pick(100), pick(100)};
    target = source;
    constexpr int kKeys = 8;
    for (int i = 0; i < 40; ++i) {
        int64_t id = pick(kKeys);
        bool there = source.rows.count(id) != 0 && source.marked.count(id) == 0;
        switch (pick(4)) {
        case 0:
            if (!there) {
                source.rows[id] = {pick(100), pick(100)};
                source.marked.erase(id);
                w.upsert(Op::create, id, source.rows[id].first, source.rows[id].second);
            }
            break;
        case 1:
            if (there) {
                source.rows[id].first = pick(100);
                bool touch = pick(2) != 0;
                if (touch)
                    source.rows[id].second = pick(100);
                w.upsert(Op::update, id, source.rows[id].first,
                         touch ? source.rows[id].second : kMissing);
            }
            break;
        case 2:
            if (there) {
                if (soft)
                    source.marked.insert(id);
                else
                    source.rows.erase(id);
                w.remove(id);
            }
            break;
        case 3: {
            int64_t to = pick(kKeys);
            if (there && (source.rows.count(to) == 0 || source.marked.count(to) != 0)) {
                source.rows[to] = {pick(100), source.rows[id].second};
                source.marked.erase(to);
                source.rows.erase(id);
                w.remove(id, true);
                w.upsert(Op::create, to, source.rows[to].first, source.rows[to].second);
            }
            break;
        }
        }
    }
    std::vector<KeyedChange> all = w.keyed();
    for (size_t at = 0; at < all.size();) {
        size_t n = std::min<size_t>(all.size() - at, 1 + static_cast<size_t>(pick(20)));
        std::vector<KeyedChange> run(all.begin() + static_cast<long>(at),
                                     all.begin() + static_cast<long>(at + n));
        ASSERT_TRUE(w.apply(run, target, soft)) << "seed " << seed;
        at += n;
    }
    ASSERT_TRUE(target == source) << "seed " << seed << (soft ? " soft" : "");
}

TEST(Fold, RandomStreamsEndAsTheSource) {
    for (unsigned seed = 0; seed < 3000; ++seed)
        random_stream(seed, false);
}

TEST(Fold, RandomStreamsWithSoftDeletes) {
    for (unsigned seed = 0; seed < 3000; ++seed)
        random_stream(seed, true);
}

TEST(Bisect, FindsTheBadOnesInOrder) {
    for (size_t count : {1U, 2U, 7U, 1000U}) {
        std::vector<size_t> bad = {0, count / 2, count - 1};
        std::vector<size_t> applied, rejected;
        size_t attempts = 0;
        bool done = bisect(
            count,
            [&](size_t begin, size_t end) {
                ++attempts;
                for (size_t b : bad)
                    if (b >= begin && b < end)
                        return Try::bad;
                for (size_t i = begin; i < end; ++i)
                    applied.push_back(i);
                return Try::done;
            },
            [&](size_t index) {
                rejected.push_back(index);
                return true;
            });
        EXPECT_TRUE(done);
        EXPECT_TRUE(std::is_sorted(applied.begin(), applied.end()));
        EXPECT_EQ(applied.size() + rejected.size(), count);
        EXPECT_LE(attempts, 70U);
    }
}

TEST(Bisect, GivesUp) {
    EXPECT_FALSE(bisect(
        4, [](size_t, size_t) { return Try::abort; }, [](size_t) { return true; }));
    EXPECT_FALSE(bisect(
        4, [](size_t, size_t) { return Try::bad; }, [](size_t) { return false; }));
    EXPECT_TRUE(bisect(
        0, [](size_t, size_t) { return Try::abort; }, [](size_t) { return false; }));
}

} // namespace
} // namespace kcs
