#include "core/log_limiter.hpp"

#include <gtest/gtest.h>
#include <string>

namespace kcs {
namespace {

constexpr int64_t kSecond = 1000 * 1000;

TEST(LogLimiter, SameLineIsHeldBackAndCounted) {
    LogLimiter limiter;
    uint64_t suppressed = 99;
    EXPECT_TRUE(limiter.admit("broker down (after 5ms)", 0, suppressed));
    EXPECT_EQ(suppressed, 0u);
    EXPECT_FALSE(limiter.admit("broker down (after 17ms)", 1 * kSecond, suppressed));
    EXPECT_FALSE(limiter.admit("broker down (after 3ms)", 59 * kSecond, suppressed));
    EXPECT_TRUE(limiter.admit("another line", 59 * kSecond, suppressed));
    EXPECT_TRUE(limiter.admit("broker down (after 4ms)", 60 * kSecond, suppressed));
    EXPECT_EQ(suppressed, 2u);
}

TEST(LogLimiter, NumbersTellLinesApart) {
    LogLimiter limiter;
    uint64_t suppressed = 0;
    EXPECT_TRUE(limiter.admit("partition 1 is paused", 0, suppressed));
    EXPECT_TRUE(limiter.admit("partition 2 is paused", 0, suppressed));
    EXPECT_FALSE(limiter.admit("partition 2 is paused", 0, suppressed));
}

TEST(LogLimiter, AnEndlessLoopIsWrittenOnceAnHour) {
    LogLimiter limiter;
    uint64_t suppressed = 0;
    int written = 0;
    for (int64_t second = 0; second < 24 * 3600; ++second)
        written += limiter.admit("loop", second * kSecond, suppressed);
    EXPECT_GE(written, 24);
    EXPECT_LE(written, 32);
}

TEST(LogLimiter, QuietTimeForgets) {
    LogLimiter limiter;
    uint64_t suppressed = 0;
    EXPECT_TRUE(limiter.admit("x", 0, suppressed));
    EXPECT_TRUE(limiter.admit("x", 61 * kSecond, suppressed)); // interval is two minutes now
    EXPECT_FALSE(limiter.admit("x", 130 * kSecond, suppressed));
    EXPECT_TRUE(limiter.admit("x", 10000 * kSecond, suppressed)); // long quiet: back to a minute
    EXPECT_TRUE(limiter.admit("x", 10061 * kSecond, suppressed));
}

} // namespace
} // namespace kcs
