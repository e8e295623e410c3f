#include "kafka/client_statistics.hpp"

#include <gtest/gtest.h>

#include "core/pure.hpp"

namespace kcs::test {
namespace {

/// As librdkafka 2.0 writes them, shortened.
std::string report(int rx, int connects, const char* state) {
    return R"({"name":"rdkafka#consumer-1","ts":1,"brokers":{
        "b1:9092/bootstrap":{"name":"b1:9092/bootstrap","nodeid":-1,"source":"configured","state":"UP",
          "rxbytes":10,"txbytes":1,"connects":1,"disconnects":0,"rtt":{"avg":900000,"p99":900000}},
        "GroupCoordinator":{"nodeid":1,"source":"logical","state":"UP","rxbytes":0},
        "b1:9092/1":{"nodeid":1,"source":"learned","state":")" +
           std::string(state) + R"(","rxbytes":)" + std::to_string(rx) +
           R"(,"txbytes":7,"connects":)" + std::to_string(connects) +
           R"(,"disconnects":2,"req_timeouts":3,"rxerrs":4,"txerrs":5,"rtt":{"avg":150,"p99":2500}},
        "b2:9092/2":{"nodeid":2,"source":"learned","state":"INIT","rxbytes":0,"rtt":{"avg":0,"p99":0}}},
      "topics":{"t":{"topic":"t","partitions":{
        "0":{"partition":0,"fetchq_cnt":5,"fetchq_size":500},
        "1":{"partition":1,"fetchq_cnt":1,"fetchq_size":20},
        "-1":{"partition":-1,"fetchq_cnt":0,"fetchq_size":0}}}}})";
}

TEST(ClientStatistics, AreSummedOverBrokersAndPartitions) {
    ClientStatistics s;
    read_statistics(report(100, 1, "UP").c_str(), s);
    EXPECT_EQ(s.number, 1U);
    EXPECT_EQ(s.brokers_up, 1);
    EXPECT_EQ(s.brokers_down, 1);
    EXPECT_EQ(s.rtt_avg_us, 150);
    EXPECT_EQ(s.rtt_p99_us, 2500);
    EXPECT_EQ(s.fetch_queue_messages, 6);
    EXPECT_EQ(s.fetch_queue_bytes, 520);
    EXPECT_EQ(s.received_bytes, 110U);
    EXPECT_EQ(s.sent_bytes, 8U);
    EXPECT_EQ(s.connects, 2U);
    EXPECT_EQ(s.disconnects, 2U);
    EXPECT_EQ(s.timeouts, 3U);
    EXPECT_EQ(s.receive_errors, 4U);
    EXPECT_EQ(s.send_errors, 5U);
}

TEST(ClientStatistics, CountersOnlyGrow) {
    ClientStatistics s;
    read_statistics(report(100, 1, "UP").c_str(), s);
    read_statistics(report(130, 2, "DOWN").c_str(), s);
    EXPECT_EQ(s.number, 2U);
    EXPECT_EQ(s.received_bytes, 140U);
    EXPECT_EQ(s.connects, 3U);
    EXPECT_EQ(s.timeouts, 3U);
    EXPECT_EQ(s.brokers_up, 0);
    read_statistics(report(5, 2, "UP").c_str(), s); // it began anew
    EXPECT_EQ(s.received_bytes, 145U);
}

TEST(ClientStatistics, WhatCannotBeReadChangesNothing) {
    ClientStatistics s;
    read_statistics(report(100, 1, "UP").c_str(), s);
    for (const char* text : {"", "no", "[]", "{", "3", "{\"brokers\":[1],\"topics\":3}"})
        read_statistics(text, s);
    EXPECT_EQ(s.brokers_up, 0); // the last one is an object without brokers
    EXPECT_EQ(s.number, 2U);
    read_statistics(R"({"brokers":{"x":3,"y":{"nodeid":"z","rxbytes":"w","rtt":[]}}})", s);
    EXPECT_EQ(s.number, 3U);
}

} // namespace
} // namespace kcs::test
