#include "pipeline/assignment.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <map>

namespace kcs {
namespace {

using Owners = std::vector<int32_t>;

std::map<int32_t, int> counts(const Owners& owners) {
    std::map<int32_t, int> result;
    for (int32_t owner : owners)
        ++result[owner];
    return result;
}

int moves(const Owners& before, const Owners& after) {
    int moved = 0;
    for (size_t i = 0; i < before.size(); ++i)
        moved += before[i] != after[i];
    return moved;
}

TEST(Assignment, SpreadsNeighboursOverWorkers) {
    EXPECT_EQ(assign_partitions({-1, -1, -1, -1, -1}, {true, true}), (Owners{0, 1, 0, 1, 0}));
}

TEST(Assignment, NobodyPresent) {
    EXPECT_EQ(assign_partitions({0, 1, -1}, {false, false}), (Owners{-1, -1, -1}));
    EXPECT_EQ(assign_partitions({0, 1, -1}, {}), (Owners{-1, -1, -1}));
}

TEST(Assignment, NothingToGive) {
    EXPECT_TRUE(assign_partitions({}, {true, true}).empty());
}

TEST(Assignment, EqualArrangementsStay) {
    EXPECT_EQ(assign_partitions({1, 1, 0, 0, 1}, {true, true}), (Owners{1, 1, 0, 0, 1}));
    EXPECT_EQ(assign_partitions({2, 0}, {true, true, true}), (Owners{2, 0}));
}

TEST(Assignment, ADeadWorkersPartitionsGoToTheOthersOnly) {
    Owners before = {0, 1, 2, 0, 1, 2};
    Owners after = assign_partitions(before, {true, false, true});
    EXPECT_EQ(counts(after), (std::map<int32_t, int>{{0, 3}, {2, 3}}));
    EXPECT_EQ(moves(before, after), 2);
}

TEST(Assignment, ANewWorkerGetsItsShareAndNoOtherPartitionMoves) {
    Owners before = {0, 0, 0, 1, 1, 1};
    Owners after = assign_partitions(before, {true, true, true});
    EXPECT_EQ(counts(after), (std::map<int32_t, int>{{0, 2}, {1, 2}, {2, 2}}));
    EXPECT_EQ(moves(before, after), 2);
}

TEST(Assignment, UnknownWorkerNumbersCountAsGone) {
    EXPECT_EQ(assign_partitions({63, -5}, {true}), (Owners{0, 0}));
}

TEST(Assignment, AlwaysEqualNeverMoreMovesThanNeeded) {
    uint32_t seed = 12345;
    auto next = [&seed](uint32_t n) {
        seed = seed * 1664525u + 1013904223u;
        return (seed >> 16) % n;
    };
    for (int round = 0; round < 2000; ++round) {
        std::vector<bool> present(1 + next(6));
        for (size_t w = 0; w < present.size(); ++w)
            present[w] = next(3) != 0;
        Owners before(next(20));
        for (int32_t& owner : before)
            owner = static_cast<int32_t>(next(8)) - 1;
        Owners after = assign_partitions(before, present);
        auto workers = static_cast<int>(std::count(present.begin(), present.end(), true));
        if (workers == 0) {
            EXPECT_EQ(std::count(after.begin(), after.end(), -1), std::ptrdiff_t(after.size()));
            continue;
        }
        int least = static_cast<int>(after.size()) / workers;
        int odd = static_cast<int>(after.size()) % workers;
        std::vector<int> held;
        for (size_t w = 0; w < present.size(); ++w)
            if (present[w])
                held.push_back(static_cast<int>(
                    std::count(before.begin(), before.end(), static_cast<int32_t>(w))));
        std::sort(held.rbegin(), held.rend());
        int kept = 0;
        for (int i = 0; i < workers; ++i)
            kept += std::min(held[i], least + (i < odd ? 1 : 0));
        EXPECT_EQ(moves(before, after), static_cast<int>(after.size()) - kept);
        auto now = counts(after);
        EXPECT_EQ(now.count(-1), 0u);
        for (auto& [worker, count] : now) {
            EXPECT_TRUE(present[worker]);
            EXPECT_LE(count, least + 1);
        }
        EXPECT_EQ(moves(after, assign_partitions(after, present)), 0);
        // Equal: exactly `odd` workers hold one more.
        int more = 0, sum = 0;
        for (auto& [worker, count] : now) {
            more += count == least + 1;
            sum += count;
        }
        EXPECT_EQ(more, odd);
        EXPECT_EQ(sum, static_cast<int>(after.size()));
    }
}

} // namespace
} // namespace kcs
