#include "core/shared_rows.hpp"

#include <gtest/gtest.h>

#include "core/pure.hpp"

namespace kcs::test {
namespace {

PartitionRow at(int64_t position, int64_t end) {
    PartitionRow p;
    p.state = PartitionState::running;
    p.next_offset = p.position = position;
    p.low_watermark = 0;
    p.high_watermark = end;
    return p;
}

TEST(Progress, NothingIsToldWhileTheEndIsNotKnown) {
    EXPECT_STREQ(at(5, -1).phase(), "");
    EXPECT_EQ(at(5, -1).done(), -1);
    EXPECT_EQ(at(5, -1).time_left_us(), -1);
}

TEST(Progress, WithoutACatchUpItFollows) {
    PartitionRow p = at(90, 100);
    EXPECT_STREQ(p.phase(), "following");
    EXPECT_EQ(p.done(), -1);
    EXPECT_EQ(p.rate(), -1);
}

TEST(Progress, ACatchUpTellsWhatIsDoneAndHowLongItTakes) {
    PartitionRow p = at(400, 1000);
    p.catchup_from = 100;
    p.rate_milli = 50000;
    EXPECT_STREQ(p.phase(), "catching up");
    EXPECT_EQ(p.done(), 300);
    EXPECT_EQ(p.lag(), 600);
    EXPECT_EQ(p.rate(), 50);
    EXPECT_EQ(p.time_left_us(), 12 * 1000000);
    p.in_snapshot = true;
    EXPECT_STREQ(p.phase(), "snapshot");
}

TEST(Progress, WhatStandsHasNoTimeLeft) {
    PartitionRow p = at(400, 1000);
    p.catchup_from = 100;
    p.rate_milli = 50000;
    p.state = PartitionState::parked;
    EXPECT_EQ(p.rate(), -1);
    EXPECT_EQ(p.time_left_us(), -1);
    EXPECT_EQ(p.done(), 300);
}

TEST(Progress, AtTheEndItIsOver) {
    PartitionRow p = at(1000, 1000);
    p.catchup_from = 100;
    EXPECT_STREQ(p.phase(), "following");
    EXPECT_EQ(p.done(), -1);
}

} // namespace
} // namespace kcs::test
