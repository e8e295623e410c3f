#include "http/pages.hpp"

#include <gtest/gtest.h>

namespace kcs {
namespace {

class FakeClock final : public Clock {
public:
    int64_t steady_us() override { return now_us; }
    int64_t wall_us() override { return now_us; }
    int64_t now_us = 1000000;
};

class PagesTest : public ::testing::Test {
protected:
    Snapshot take() {
        ++taken;
        clock.now_us += cost_us;
        Snapshot s;
        s.now_us = clock.now_us;
        s.status.state = state;
        s.workers.resize(workers);
        s.worker_slots.resize(workers);
        return s;
    }
    int status(const char* path) { return pages.respond(path).status; }

    FakeClock clock;
    int64_t cost_us = 1000;
    int taken = 0;
    size_t workers = 1;
    SinkState state = SinkState::running;
    Pages pages{[this] { return take(); }, clock};
};

TEST_F(PagesTest, Paths) {
    EXPECT_EQ(status("/metrics"), 200);
    EXPECT_EQ(status("/health"), 200);
    EXPECT_EQ(status("/status"), 200);
    EXPECT_EQ(status("/"), 200);
    EXPECT_NE(pages.respond("/").content_security_policy, "");
    for (const char* path : {"", "/metrics/", "//", "/Metrics", "metrics", "/favicon.ico", "/../"})
        EXPECT_EQ(status(path), 404) << path;
}

TEST_F(PagesTest, AnswersAreGivenAgainForAWhileThatTheirCostTells) {
    pages.respond("/metrics");
    clock.now_us += 299999;
    EXPECT_EQ(pages.respond("/metrics").body, pages.respond("/metrics").body);
    EXPECT_EQ(taken, 1);
    pages.respond("/status"); // its own
    EXPECT_EQ(taken, 2);
    clock.now_us += 1;
    pages.respond("/metrics");
    EXPECT_EQ(taken, 3);
    cost_us = 50000;
    clock.now_us += 300000;
    pages.respond("/metrics");
    clock.now_us += 1999999;
    pages.respond("/metrics");
    EXPECT_EQ(taken, 4);
    clock.now_us += 1; // two seconds at most
    pages.respond("/metrics");
    EXPECT_EQ(taken, 5);
}

TEST_F(PagesTest, TheHistoryIsLookedForEveryTenSeconds) {
    EXPECT_EQ(pages.tick(), History::kIntervalUs);
    clock.now_us += 4000000;
    EXPECT_EQ(pages.tick(), History::kIntervalUs - cost_us - 4000000);
    EXPECT_EQ(taken, 1);
    clock.now_us += 6000000;
    pages.tick();
    EXPECT_EQ(taken, 2);
}

TEST_F(PagesTest, NoWorkerForAMinuteIsUnhealthy) {
    cost_us = 0; // answers are not given again
    state = SinkState::starting;
    workers = 0;
    EXPECT_EQ(status("/health"), 200);
    clock.now_us += 59999999;
    EXPECT_EQ(status("/health"), 200);
    clock.now_us += 1;
    EXPECT_EQ(status("/health"), 503);
    workers = 1;
    pages.tick(); // any look will do
    workers = 0;
    EXPECT_EQ(status("/health"), 200);
}

} // namespace
} // namespace kcs
