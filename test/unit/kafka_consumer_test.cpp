#include "kafka_mock.hpp"

#include <random>

namespace kcs::test {
namespace {

TEST(KafkaConsumer, RecordsAsTheyWereSent) {
    MockKafka kafka;
    kafka.topic("t", 2);
    kafka.produce("t", 1,
                  {"{\"a\":\"\\u0041\\n\"}",
                   "key",
                   false,
                   false,
                   {{"h1", "v1"}, {"none", nullptr}, {"h1", ""}}});
    kafka.produce("t", 1, {"", "", false, false, {}});
    kafka.produce("t", 1, {"", "", true, true, {}});
    kafka.flush();
    Driver driver(kafka.settings());
    driver.consumer->assign(7, "t", 1, 0);
    size_t seen = 0;
    ASSERT_TRUE(driver.until([&] { return seen >= 3; }, 10000,
                             [&](const std::vector<Record>& records) {
                                 for (const Record& record : records) {
                                     EXPECT_EQ(7u, record.slot);
                                     EXPECT_EQ(1, record.partition);
                                     EXPECT_EQ("t", record.topic);
                                     EXPECT_EQ(static_cast<int64_t>(seen), record.offset);
                                     EXPECT_GT(record.timestamp_ms, 1600000000000);
                                     if (seen == 0) {
                                         EXPECT_EQ("{\"a\":\"\\u0041\\n\"}", record.value);
                                         EXPECT_EQ("key", record.key);
                                         ASSERT_EQ(3u, record.headers().count);
                                         EXPECT_EQ("h1", record.headers().data[0].name);
                                         EXPECT_EQ("v1", record.headers().data[0].value);
                                         EXPECT_EQ("none", record.headers().data[1].name);
                                         EXPECT_EQ(nullptr, record.headers().data[1].value.data());
                                         EXPECT_NE(nullptr, record.headers().data[2].value.data());
                                         EXPECT_EQ("", record.headers().data[2].value);
                                     } else {
                                         EXPECT_EQ(0u, record.headers().count);
                                         EXPECT_EQ(seen == 1, record.has_key);
                                         EXPECT_EQ(seen == 1, record.has_value);
                                         EXPECT_EQ("", record.value);
                                     }
                                     ++seen;
                                 }
                             }));
}

TEST(KafkaConsumer, LimitsOfPollAndHeldRecords) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.fill("t", 0, 100, 100);
    Driver other(kafka.settings());
    other.consumer->assign(0, "t", 0, 0);
    std::vector<Record> records;
    auto start = Steady::now();
    bool limited = false;
    while (records.size() < 100 && elapsed_ms(start) < 10000) {
        size_t before = records.size();
        limited |= other.consumer->poll(records, 7, 1 << 20);
        EXPECT_LE(records.size() - before, 7u);
    }
    ASSERT_EQ(100u, records.size());
    EXPECT_TRUE(limited);
    other.consumer->unassign(0); // what was handed out stays valid
    for (size_t i = 0; i < records.size(); ++i) {
        EXPECT_EQ(static_cast<int64_t>(i), records[i].offset);
        EXPECT_EQ(0u, records[i].value.find(std::to_string(i) + ":"));
        EXPECT_EQ("t", records[i].topic);
    }
    other.consumer->release(0, records.size());
    other.consumer->assign(0, "t", 0, 0);
    records.clear();
    start = Steady::now();
    while (records.empty() && elapsed_ms(start) < 10000)
        other.consumer->poll(records, 1000, 250);
    EXPECT_GE(records.size(), 1u);
    EXPECT_LE(records.size(), 3u); // stops at the record that reaches the limit
}

TEST(KafkaConsumer, EndOfPartitionAndWatermark) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.topic("empty");
    kafka.fill("t", 0, 5);
    Driver driver(kafka.settings());
    EXPECT_EQ(-1, driver.consumer->high_watermark(0));
    driver.consumer->assign(0, "t", 0, 2);
    driver.consumer->assign(1, "empty", 0, 0);
    auto ends = [&] {
        std::map<uint32_t, int64_t> ends;
        for (const SourceEvent& event : driver.events) {
            if (event.kind == SourceEvent::Kind::end_of_partition)
                ends[event.slot] = event.offset;
        }
        return ends;
    };
    ASSERT_TRUE(driver.until([&] { return ends().size() == 2; }));
    EXPECT_EQ(5, ends()[0]);
    EXPECT_EQ(0, ends()[1]);
    ASSERT_EQ(3u, driver.taken.size());
    EXPECT_EQ(2, driver.taken[0].offset);
    EXPECT_EQ(5, driver.consumer->high_watermark(0));
    EXPECT_EQ(0, driver.consumer->broker_down_since_us());
    kafka.fill("t", 0, 1);
    ASSERT_TRUE(driver.until([&] { return ends()[0] == 6; })); // each new end is told
    EXPECT_EQ(4u, driver.taken.size());
}

/// Each would take up to the second after which librdkafka's timer strikes again.
TEST(KafkaConsumer, TopicsThatAreNewToAConnectedClientComeAtOnce) {
    constexpr uint32_t kTopics = 4;
    MockKafka kafka;
    for (uint32_t i = 0; i < kTopics; ++i) {
        kafka.topic("t" + std::to_string(i));
        kafka.fill("t" + std::to_string(i), 0, 1);
    }
    Driver driver(kafka.settings());
    auto start = Steady::now();
    for (uint32_t i = 0; i < kTopics; ++i) {
        driver.consumer->assign(i, "t" + std::to_string(i), 0, 0);
        ASSERT_TRUE(driver.until([&] { return driver.taken.size() == i + 1; }));
    }
    EXPECT_LT(elapsed_ms(start), 1500);
}

TEST(KafkaConsumer, EveryCodec) {
    for (const char* codec : {"none", "gzip", "snappy", "lz4", "zstd"}) {
        MockKafka kafka(1, codec);
        kafka.topic("t");
        kafka.fill("t", 0, 200, 500);
        Driver driver(kafka.settings());
        driver.consumer->assign(0, "t", 0, 0);
        ASSERT_TRUE(driver.until_taken(200)) << codec;
        for (size_t i = 0; i < 200; ++i)
            ASSERT_EQ(0u, driver.taken[i].value.find(std::to_string(i) + ":")) << codec;
    }
}

TEST(KafkaConsumer, LargeRecord) {
    MockKafka kafka;
    kafka.topic("t");
    std::string big(50 * 1024 * 1024, 'b');
    kafka.produce("t", 0, {big});
    kafka.flush();
    Driver driver(kafka.settings());
    driver.consumer->assign(0, "t", 0, 0);
    ASSERT_TRUE(driver.until_taken(1));
    EXPECT_EQ(big, driver.taken[0].value);
}

// Hundreds of seeks while the queue is full of what was fetched before: the first record after each
// is the one asked for, and what follows has no gap and nothing of before.
TEST(KafkaConsumer, ReassignHandsOutNothingStale) {
    constexpr int kRecords = 4000;
    MockKafka kafka(1, "none", "50");
    kafka.topic("t", 2);
    kafka.fill("t", 0, kRecords, 50);
    kafka.fill("t", 1, kRecords, 50);
    Driver driver(kafka.settings());
    std::mt19937 random(20240501);
    driver.consumer->assign(1, "t", 1, 0);
    driver.consumer->assign(0, "t", 0, 0);
    int64_t neighbour = 0;
    for (int round = 0; round < 400; ++round) {
        int64_t offset = static_cast<int64_t>(random() % kRecords);
        if (round % 3 == 0)
            driver.consumer->unassign(0);
        driver.consumer->assign(0, "t", 0, offset);
        if (round % 5 == 0) { // twice in a row
            offset = static_cast<int64_t>(random() % kRecords);
            driver.consumer->assign(0, "t", 0, offset);
        }
        driver.max_records = 1 + random() % 60;
        size_t want = round % 7 == 0 ? 0 : 1 + random() % 40;
        want = std::min(want, static_cast<size_t>(kRecords - offset));
        int64_t next = offset;
        size_t got = 0;
        ASSERT_TRUE(driver.until([&] { return got >= want; }, 10000,
                                 [&](const std::vector<Record>& records) {
                                     for (const Record& record : records) {
                                         if (record.slot == 1) { // undisturbed
                                             ASSERT_EQ(neighbour++, record.offset);
                                             continue;
                                         }
                                         ASSERT_EQ(next++, record.offset) << "round " << round;
                                         ASSERT_EQ(0u, record.value.find(
                                                           std::to_string(record.offset) + ":"));
                                         ++got;
                                     }
                                 }))
            << "round " << round << " at " << offset;
        if (::testing::Test::HasFatalFailure())
            return;
        driver.taken.clear();
        for (const SourceEvent& event : driver.events)
            ASSERT_EQ(SourceEvent::Kind::end_of_partition, event.kind) << event.text;
    }
}

TEST(KafkaConsumer, OutOfRange) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.fill("t", 0, 10);
    Driver driver(kafka.settings());
    driver.consumer->assign(3, "t", 0, 500);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::out_of_range));
    const SourceEvent* event = driver.event(SourceEvent::Kind::out_of_range);
    EXPECT_EQ(3u, event->slot);
    EXPECT_EQ(500, event->offset);
    EXPECT_TRUE(driver.taken.empty()); // never an automatic reset
    driver.events.clear();
    driver.consumer->assign(3, "t", 0, 9);
    ASSERT_TRUE(driver.until_taken(1));
    EXPECT_EQ(9, driver.taken[0].offset);
    EXPECT_EQ(nullptr, driver.event(SourceEvent::Kind::out_of_range));
}

// The error of an older assignment may still be under way when the partition is assigned anew.
TEST(KafkaConsumer, StaleOutOfRangeNeitherShowsNorStops) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.fill("t", 0, 100);
    Driver driver(kafka.settings());
    std::mt19937 random(7);
    for (int round = 0; round < 80; ++round) {
        driver.events.clear();
        driver.taken.clear();
        driver.consumer->assign(0, "t", 0, 1000 + round);
        auto start = Steady::now();
        auto wait = std::chrono::microseconds(random() % 15000);
        while (Steady::now() - start < wait)
            continue; // not polling: the error stays queued, or comes after
        driver.consumer->assign(0, "t", 0, 40);
        ASSERT_TRUE(driver.until_taken(1)) << round;
        EXPECT_EQ(40, driver.taken[0].offset);
        EXPECT_EQ(nullptr, driver.event(SourceEvent::Kind::out_of_range)) << round;
    }
}

TEST(KafkaConsumer, UnknownTopicIsAPartitionError) {
    MockKafka kafka;
    kafka.topic("t", 1);
    ClientSettings settings = kafka.settings();
    settings.client_properties += "\ntopic.metadata.propagation.max.ms=100";
    Driver driver(settings);
    driver.consumer->assign(4, "t", 5, 0);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::partition_error));
    EXPECT_EQ(4u, driver.event(SourceEvent::Kind::partition_error)->slot);
    EXPECT_EQ("partition does not exist", driver.event(SourceEvent::Kind::partition_error)->text);
}

TEST(KafkaConsumer, NotAuthorizedIsAPartitionError) {
    MockKafka kafka;
    kafka.topic("t", 1);
    kafka.fill("t", 0, 3);
    std::vector<rd_kafka_resp_err_t> errors(100, RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rd_kafka_mock_push_request_errors_array(kafka.mock(), 1, errors.size(), errors.data());
    Driver driver(kafka.settings());
    driver.consumer->assign(2, "t", 0, 0);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::partition_error));
    EXPECT_EQ("not authorized to read the topic",
              driver.event(SourceEvent::Kind::partition_error)->text);
}

// An end that was reported is not reported again when an error has passed: the partition is
// assigned anew for that.
TEST(KafkaConsumer, ReassignAfterAnErrorReportsTheEndAgain) {
    MockKafka kafka;
    kafka.topic("t", 1);
    kafka.fill("t", 0, 3);
    Driver driver(kafka.settings());
    driver.consumer->assign(2, "t", 0, 0);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::end_of_partition));
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED;
    rd_kafka_mock_push_request_errors_array(kafka.mock(), 1, 1, &error);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::partition_error));
    driver.events.clear();
    driver.consumer->assign(2, "t", 0, 3);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::end_of_partition));
    EXPECT_EQ(nullptr, driver.event(SourceEvent::Kind::partition_error));
    EXPECT_EQ(3U, driver.taken.size());
}

// A full queue stops the fetching, so memory stays bounded; reading on does not wait for
// librdkafka's own one-second nap.
TEST(KafkaConsumer, FullQueueIsBoundedAndResumesAtOnce) {
    constexpr int kRecords = 2500;
    MockKafka kafka(1, "none", "10");
    kafka.topic("t", 2);
    kafka.fill("t", 0, kRecords, 1500);
    kafka.fill("t", 1, kRecords, 1500);
    ClientSettings settings = kafka.settings();
    settings.queue_bytes = 300 * 1024;
    Driver driver(settings);
    driver.consumer->assign(0, "t", 0, 0);
    driver.consumer->assign(1, "t", 1, 0);
    auto queued = [&] { return driver.consumer->queued_messages(); };
    for (int round = 0; round < 4; ++round) {
        int64_t last = queued(); // nobody polls: it fills up, and stays so
        auto start = Steady::now();
        for (auto settled = start; elapsed_ms(settled) < 150 && elapsed_ms(start) < 5000;) {
            if (queued() != last || last < 150) {
                last = queued();
                settled = Steady::now();
            }
        }
        EXPECT_GE(last, 150);
        EXPECT_LE(last, 200 + 100); // the limit, and the fetch that was under way
        start = Steady::now();
        ASSERT_TRUE(driver.until_taken(driver.taken.size() + static_cast<size_t>(last) + 100));
        EXPECT_LT(elapsed_ms(start), 900) << "in round " << round;
    }
    EXPECT_TRUE(driver.until_taken(2 * kRecords));
}

} // namespace
} // namespace kcs::test
