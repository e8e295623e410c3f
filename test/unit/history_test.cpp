#include "http/history.hpp"

#include <gtest/gtest.h>

namespace kcs {
namespace {

constexpr int64_t kSecondUs = 1000 * 1000;

class HistoryTest : public ::testing::Test {
protected:
    void look(int64_t messages, int64_t after_us = 10 * kSecondUs) {
        steady_us += after_us;
        snapshot.now_us = 1700000000 * kSecondUs + steady_us;
        snapshot.worker_slots.resize(2);
        snapshot.worker_slots[0].batch_records.sum = 100; // of a worker that has ended
        snapshot.worker_slots[1].batch_records.sum = static_cast<double>(messages - 100);
        history.add(snapshot, steady_us);
    }
    double rate() { return history.points().back().per_second; }

    Snapshot snapshot;
    int64_t steady_us = 5;
    History history;
};

TEST_F(HistoryTest, RatesAreThoseBetweenTwoLooks) {
    look(1000);
    EXPECT_EQ(rate(), -1);
    look(1500);
    EXPECT_EQ(rate(), 50);
    look(1500);
    EXPECT_EQ(rate(), 0);
    look(1800, 20 * kSecondUs); // late
    EXPECT_EQ(rate(), 15);
}

TEST_F(HistoryTest, AResetGivesNoNegativeRate) {
    look(1000);
    look(200);
    EXPECT_EQ(rate(), 20);
    look(300);
    EXPECT_EQ(rate(), 10);
}

TEST_F(HistoryTest, KeepsAQuarterOfAnHourOfWhatTheStatusSays) {
    for (int i = 0; i < 100; ++i) {
        snapshot.status.total_lag = i;
        snapshot.status.delay_us = i == 99 ? -1 : i;
        look(1000 + i);
    }
    ASSERT_EQ(history.points().size(), History::kPoints);
    EXPECT_EQ(history.points().front().lag, 10);
    EXPECT_EQ(history.points().front().delay_us, 10);
    EXPECT_EQ(history.points().back().lag, 99);
    EXPECT_EQ(history.points().back().delay_us, -1);
    EXPECT_EQ(history.points().back().at_us - history.points().front().at_us,
              89 * History::kIntervalUs);
}

} // namespace
} // namespace kcs
