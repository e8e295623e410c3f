#include "kafka/discovery.hpp"

#include "kafka_mock.hpp"

#include <algorithm>

namespace kcs::test {
namespace {

std::unique_ptr<Discovery> make(const ClientSettings& settings) {
    auto made = Discovery::create(settings);
    EXPECT_TRUE(static_cast<bool>(made)) << (made ? "" : made.fault().message);
    return std::move(*made);
}

/// The caller's retries, as the coordinator does them.
std::vector<TopicInfo> topics_of(Discovery& discovery) {
    for (auto start = Steady::now(); elapsed_ms(start) < 5000;) {
        auto list = discovery.topics(500);
        if (list)
            return *list;
    }
    ADD_FAILURE() << "no metadata";
    return {};
}

TEST(KafkaDiscovery, Topics) {
    MockKafka kafka(2);
    kafka.topic("one", 1);
    kafka.topic("many", 7);
    kafka.topic("secret", 1);
    kafka.topic("headless", 2);
    rd_kafka_mock_topic_set_error(kafka.mock(), "secret",
                                  RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED);
    rd_kafka_mock_partition_set_leader(kafka.mock(), "headless", 1, -1);
    auto discovery = make(kafka.settings());
    std::map<std::string, TopicInfo> found;
    for (TopicInfo& info : topics_of(*discovery))
        found[info.name] = info;
    ASSERT_EQ(4u, found.size());
    EXPECT_EQ(1, found["one"].partitions);
    EXPECT_EQ("", found["one"].error);
    EXPECT_EQ(7, found["many"].partitions);
    EXPECT_NE(found["secret"].error.find("authorization failed"), std::string::npos)
        << found["secret"].error;
    EXPECT_EQ("partition 1 has no leader", found["headless"].error);
    kafka.topic("later", 3);
    auto again = topics_of(*discovery);
    EXPECT_TRUE(std::any_of(again.begin(), again.end(),
                            [](const TopicInfo& info) { return info.name == "later"; }));
}

TEST(KafkaDiscovery, Ends) {
    MockKafka kafka(2, "none", "100");
    kafka.topic("t", 3);
    kafka.topic("headless", 1);
    kafka.fill("t", 0, 5);
    kafka.fill("t", 2, 4000, 2000); // more than the mock keeps: the low end moves
    rd_kafka_mock_partition_set_leader(kafka.mock(), "headless", 0, -1);
    auto discovery = make(kafka.settings());
    topics_of(*discovery);
    std::vector<PartitionEnds> ends = {
        {"t", 0, -1, -1}, {"t", 1, -1, -1},        {"t", 2, -1, -1},
        {"t", 9, -1, -1}, {"headless", 0, -1, -1},
    };
    auto start = Steady::now();
    auto done = discovery->ends(ends, 500);
    ASSERT_TRUE(static_cast<bool>(done)) << done.fault().message;
    EXPECT_LT(elapsed_ms(start), 700);
    EXPECT_EQ(0, ends[0].low);
    EXPECT_EQ(5, ends[0].high);
    EXPECT_EQ(0, ends[1].low);
    EXPECT_EQ(0, ends[1].high);
    EXPECT_GT(ends[2].low, 0);
    EXPECT_EQ(4000, ends[2].high);
    for (size_t i = 3; i < ends.size(); ++i) {
        EXPECT_EQ(-1, ends[i].low) << ends[i].topic;
        EXPECT_EQ(-1, ends[i].high) << ends[i].topic;
    }
    std::vector<PartitionEnds> none;
    EXPECT_TRUE(static_cast<bool>(discovery->ends(none, 500)));
}

TEST(KafkaDiscovery, UnreachableBrokerIsAFaultWithAHint) {
    ClientSettings settings;
    settings.bootstrap_servers = "127.0.0.1:1";
    auto discovery = make(settings);
    for (int round = 0; round < 2; ++round) {
        auto start = Steady::now();
        auto list = discovery->topics(300);
        EXPECT_LT(elapsed_ms(start), 500);
        ASSERT_FALSE(static_cast<bool>(list));
        EXPECT_EQ(ErrorClass::environment, list.fault().cls);
        EXPECT_NE(list.fault().message.find("Connection refused"), std::string::npos)
            << list.fault().message;
        EXPECT_NE(list.fault().hint.find("bootstrap_servers"), std::string::npos);
    }
    std::vector<PartitionEnds> ends = {{"t", 0, -1, -1}};
    auto start = Steady::now();
    auto done = discovery->ends(ends, 300);
    EXPECT_LT(elapsed_ms(start), 500);
    EXPECT_FALSE(static_cast<bool>(done));
    EXPECT_EQ(-1, ends[0].high);
    start = Steady::now();
    discovery->shutdown();
    discovery->shutdown();
    discovery.reset();
    EXPECT_LT(elapsed_ms(start), 100);
}

TEST(KafkaDiscovery, WrongProtocolIsExplained) {
    MockKafka kafka;
    ClientSettings settings = kafka.settings();
    settings.client_properties = "security.protocol=SSL,enable.ssl.certificate.verification=false";
    auto discovery = make(settings);
    Fault last;
    for (int round = 0; round < 10; ++round) {
        auto list = discovery->topics(500);
        ASSERT_FALSE(static_cast<bool>(list));
        last = list.fault();
        if (last.message.find("within") == std::string::npos)
            break;
    }
    EXPECT_NE(last.hint.find("security.protocol"), std::string::npos) << last.message << last.hint;
}

} // namespace
} // namespace kcs::test
