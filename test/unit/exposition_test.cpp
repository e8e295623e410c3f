#include "http/exposition.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace kcs {
namespace {

constexpr MetricDefinition kLag = {"k_lag", MetricType::gauge, "topic partition",
                                   "Behind by so much"};
constexpr MetricDefinition kSeen = {"k_seen_total", MetricType::counter, "", "Seen"};
constexpr MetricDefinition kTook = {"k_took_seconds", MetricType::histogram, "worker", "Took"};
constexpr double kInfinity = std::numeric_limits<double>::infinity();

TEST(Exposition, Text) {
    MetricSample took;
    took.labels = {{"worker", "0"}};
    took.buckets = {{0.001, 1}, {2.5, 3}, {kInfinity, 4}};
    took.sum = 12.5;
    took.count = 4;
    EXPECT_EQ(exposition({{&kLag,
                           {{{{"topic", "a\"b\\c"}, {"partition", "3"}}, 17, {}, 0, 0},
                            {{{"topic", "gr\xf6\xdf"
                                        "e\n"}},
                             -0.5,
                             {},
                             0,
                             0}}},
                          {&kSeen, {{{}, 9007199254740993.0, {}, 0, 0}}},
                          {&kTook, {took}}}),
              "# HELP k_lag Behind by so much\n"
              "# TYPE k_lag gauge\n"
              "k_lag{topic=\"a\\\"b\\\\c\",partition=\"3\"} 17\n"
              "k_lag{topic=\"gr\\\\xf6\\\\xdfe\\\\x0a\"} -0.5\n"
              "# HELP k_seen_total Seen\n"
              "# TYPE k_seen_total counter\n"
              "k_seen_total 9007199254740992\n"
              "# HELP k_took_seconds Took\n"
              "# TYPE k_took_seconds histogram\n"
              "k_took_seconds_count{worker=\"0\"} 4\n"
              "k_took_seconds_sum{worker=\"0\"} 12.5\n"
              "k_took_seconds_bucket{worker=\"0\",le=\"0.001\"} 1\n"
              "k_took_seconds_bucket{worker=\"0\",le=\"2.5\"} 3\n"
              "k_took_seconds_bucket{worker=\"0\",le=\"+Inf\"} 4\n");
    EXPECT_EQ(exposition({}), "");
}

} // namespace
} // namespace kcs
