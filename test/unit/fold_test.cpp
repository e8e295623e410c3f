#include "pipeline/bisect.hpp"
#include "pipeline/fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <map>
#include <optional>
#include <random>

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
    void upsert(Op op, int64_t id, int64_t a, int64_t big, int64_t old_id = -1,
                bool moves = false) {
        Change c;
        c.op = op;
        c.moves = moves;
        c.key = key_row(id);
        c.row = row(id, a, big);
        if (old_id >= 0)
            c.old_key = key_row(old_id);
        push(c, id, old_id);
    }
    void remove(int64_t id, int64_t new_id = -1) {
        Change c;
        c.op = Op::remove;
        c.key = key_row(id);
        if (new_id >= 0)
            c.new_key = key_row(new_id);
        push(c, id, new_id);
    }

    std::vector<KeyedChange> keyed() const {
        std::vector<KeyedChange> result;
        for (size_t i = 0; i < changes_.size(); ++i)
            result.push_back({&changes_[i], ids_[i].first, ids_[i].second});
        return result;
    }
    void clear() {
        changes_.clear();
        ids_.clear();
    }

    /// (a, big) by id.
    using Table = std::map<int64_t, std::pair<int64_t, int64_t>>;

    /// What the sink does with a folded set. False: a partial row found nothing to complete it.
    static bool execute(const Folded& f, Table& table) {
        for (KeyId key : f.deletes)
            table.erase(key);
        Table before = table; // one statement: all moves see the table before it
        for (const FoldedMove& m : f.moves)
            if (before.count(m.from) != 0 && before.count(m.to) == 0) {
                if (table.count(m.to) != 0)
                    ADD_FAILURE() << "two rows move to one key";
                table[m.to] = before.at(m.from);
                table.erase(m.from);
            }
        for (const FoldedMove& m : f.moves)
            if (m.delete_from)
                table.erase(m.from);
        for (const FoldedRow& r : f.rows) {
            EXPECT_EQ(r.values[0].integer, r.key) << "key column of a carried row";
            bool partial = r.values[2].kind == ValueKind::unavailable;
            EXPECT_EQ(partial, r.partial);
            if (partial && table.count(r.key) == 0)
                return false;
            auto& target = table[r.key];
            target.first = r.values[1].integer;
            if (!partial)
                target.second = r.values[2].integer;
        }
        return true;
    }

    /// Applies the run, in halves where it does not fold.
    bool apply(const std::vector<KeyedChange>& run, Table& table) {
        Folded folded;
        if (fold(run, kKeys, arena_, folded))
            return execute(folded, table);
        EXPECT_GT(run.size(), 1U) << "a single change must fold";
        if (run.size() <= 1)
            return false;
        std::vector<KeyedChange> left(run.begin(), run.begin() + run.size() / 2);
        std::vector<KeyedChange> right(run.begin() + run.size() / 2, run.end());
        return apply(left, table) && apply(right, table);
    }

    static constexpr KeyId kKeys = 64;

private:
    void push(const Change& c, int64_t key, int64_t other) {
        Change change = c;
        change.record = static_cast<uint32_t>(changes_.size());
        changes_.push_back(change);
        ids_.emplace_back(static_cast<KeyId>(key), other < 0 ? kNoKey : static_cast<KeyId>(other));
    }

    Arena arena_;
    RowLayout layout_, key_layout_;
    std::deque<Change> changes_;
    std::vector<std::pair<KeyId, KeyId>> ids_;
};

Folded folded(World& world) {
    static Arena arena;
    Folded out;
    EXPECT_TRUE(fold(world.keyed(), World::kKeys, arena, out));
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
    ASSERT_TRUE(fold(changes, World::kKeys, arena, f));
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

TEST(Fold, R5KeyChangeCarriesTheRow) {
    World w;
    w.remove(1, 2);
    w.upsert(Op::create, 2, 7, kMissing, 1);
    Folded f = folded(w);
    EXPECT_TRUE(f.deletes.empty());
    ASSERT_EQ(f.moves.size(), 1U);
    EXPECT_TRUE(f.moves[0].delete_from);
    World::Table table{{1, {0, 99}}};
    EXPECT_TRUE(World::execute(f, table));
    EXPECT_EQ(table, (World::Table{{2, {7, 99}}}));
}

TEST(Fold, R6CreateHalfFirst) {
    World w;
    w.upsert(Op::create, 2, 7, kMissing, 1);
    World::Table table{{1, {0, 99}}};
    EXPECT_TRUE(World::execute(folded(w), table));
    EXPECT_EQ(table, (World::Table{{2, {7, 99}}}));
    w.clear();
    w.remove(1, 2);
    EXPECT_TRUE(World::execute(folded(w), table));
    EXPECT_EQ(table, (World::Table{{2, {7, 99}}}));
}

TEST(Fold, CreateHalfFirstOverAnOccupiedKeyDropsTheOldRow) {
    World w;
    w.upsert(Op::create, 2, 7, kMissing, 1);
    w.remove(1, 2);
    World::Table table{{1, {0, 99}}, {2, {0, 50}}};
    EXPECT_TRUE(World::execute(folded(w), table));
    EXPECT_EQ(table, (World::Table{{2, {7, 50}}}));
}

TEST(Fold, CarriedRowDoesNotOverwriteANewerOneInTheTable) {
    World w; // the create half of 1 to 2 was applied from another partition before
    w.upsert(Op::create, 1, 1, 10);
    w.remove(1, 2);
    World::Table table{{2, {100, 100}}};
    EXPECT_TRUE(w.apply(w.keyed(), table));
    EXPECT_EQ(table, (World::Table{{2, {100, 100}}}));
}

TEST(Fold, WholeRowsNeedNoMove) {
    World w;
    w.remove(1, 2);
    w.upsert(Op::create, 2, 7, 70, 1);
    Folded f = folded(w);
    EXPECT_TRUE(f.moves.empty());
    EXPECT_EQ(f.deletes, std::vector<KeyId>{1});
    EXPECT_EQ(f.rows.size(), 1U);
}

TEST(Fold, AnUpdateThatAloneTellsOfTheOldKey) {
    World w;
    w.upsert(Op::update, 2, 7, 70, 1, true);
    World::Table table{{1, {0, 99}}};
    EXPECT_TRUE(World::execute(folded(w), table));
    EXPECT_EQ(table, (World::Table{{2, {7, 70}}}));
    table = {{1, {0, 99}}, {2, {0, 50}}}; // the new key is taken
    EXPECT_TRUE(World::execute(folded(w), table));
    EXPECT_EQ(table, (World::Table{{2, {7, 70}}}));
    w.clear();
    w.upsert(Op::update, 2, 7, kMissing, 1, true); // what was not sent goes along
    table = {{1, {0, 99}}};
    EXPECT_TRUE(World::execute(folded(w), table));
    EXPECT_EQ(table, (World::Table{{2, {7, 99}}}));
    w.clear();
    w.upsert(Op::create, 1, 0, 99);
    w.upsert(Op::update, 2, 7, kMissing, 1, true);
    w.upsert(Op::update, 3, 8, 88, 2, true);
    table = {};
    EXPECT_TRUE(w.apply(w.keyed(), table));
    EXPECT_EQ(table, (World::Table{{3, {8, 88}}}));
}

TEST(Fold, ShiftOfAllKeysWithCarriedValuesIsRefused) {
    World w; // 2 to 3, then 1 to 2: one statement would see key 2 occupied
    w.remove(2, 3);
    w.upsert(Op::create, 3, 7, kMissing, 2);
    w.remove(1, 2);
    w.upsert(Op::create, 2, 8, kMissing, 1);
    World::Table table{{1, {0, 10}}, {2, {0, 20}}};
    EXPECT_TRUE(w.apply(w.keyed(), table));
    EXPECT_EQ(table, (World::Table{{2, {8, 10}}, {3, {7, 20}}}));
}

/// A source table under random changes: folding any cut of the event stream gives its rows.
TEST(Fold, RowsWithoutKeyStayBeforeTheKeyedOnesBehindThem) {
    World w;
    w.upsert(Op::create, 1, 1, 10);
    auto changes = w.keyed();
    changes[0].key = kNoKey; // the table got its key afterwards
    Arena arena;
    Folded f;
    ASSERT_TRUE(fold(changes, World::kKeys, arena, f));
    EXPECT_EQ(f.appends.size(), 1U);
    w.remove(1);
    changes = w.keyed();
    changes[0].key = kNoKey;
    EXPECT_FALSE(fold(changes, World::kKeys, arena, f));
    std::swap(changes[0], changes[1]);
    EXPECT_TRUE(fold(changes, World::kKeys, arena, f));
}

TEST(Fold, RandomStreamsEndAsTheSource) {
    for (unsigned seed = 0; seed < 3000; ++seed) {
        std::mt19937 rng(seed);
        auto pick = [&rng](int n) {
            return static_cast<int64_t>(rng() % static_cast<unsigned>(n));
        };
        World w;
        World::Table source, target;
        for (int64_t id = 0; id < 6; ++id)
            if (pick(2) != 0)
                source[id] = {pick(100), pick(100)};
        target = source;
        std::vector<size_t> cuts;
        int keys = 8;
        for (int i = 0; i < 40; ++i) {
            int64_t id = pick(keys);
            bool there = source.count(id) != 0;
            switch (pick(4)) {
            case 0:
                if (!there) {
                    source[id] = {pick(100), pick(100)};
                    w.upsert(Op::create, id, source[id].first, source[id].second);
                }
                break;
            case 1:
                if (there) {
                    source[id].first = pick(100);
                    bool touch = pick(2) != 0;
                    if (touch)
                        source[id].second = pick(100);
                    w.upsert(Op::update, id, source[id].first,
                             touch ? source[id].second : kMissing);
                }
                break;
            case 2:
                if (there) {
                    source.erase(id);
                    w.remove(id);
                }
                break;
            case 3: {
                int64_t to = pick(keys);
                if (there && source.count(to) == 0) {
                    source[to] = {pick(100), source[id].second};
                    bool touch = pick(3) == 0;
                    if (touch)
                        source[to].second = pick(100);
                    source.erase(id);
                    w.remove(id, to);
                    w.upsert(Op::create, to, source[to].first, touch ? source[to].second : kMissing,
                             id);
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
            ASSERT_TRUE(w.apply(run, target)) << "seed " << seed;
            at += n;
        }
        ASSERT_EQ(target, source) << "seed " << seed;
    }
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
