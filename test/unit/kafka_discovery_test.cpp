#include "kafka/discovery.hpp"

#include "kafka_mock.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

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

TEST(KafkaDiscovery, RecordsAreCompared) {
    MockKafka kafka;
    kafka.topic("t", 5);
    std::vector<KnownRecord> known(5);
    for (int p = 0; p < 5; ++p) {
        kafka.fill("t", p, 3);
        known[p].topic = "t";
        known[p].partition = p;
        known[p].offset = 1;
    }
    known[2].offset = 3; // behind the last
    known[3].offset = 2;
    known[3].hash = 1;
    known[4].topic = "none";
    auto discovery = make(kafka.settings());
    topics_of(*discovery);
    auto consumer = Consumer::create(kafka.settings());
    ASSERT_TRUE(static_cast<bool>(consumer));
    (*consumer)->assign(0, "t", 0, 1);
    std::vector<Record> records;
    for (auto start = Steady::now(); records.empty() && elapsed_ms(start) < 5000;)
        (*consumer)->poll(records, 1, 1000000);
    ASSERT_FALSE(records.empty());
    known[0].hash = record_hash(records[0]);
    known[1].hash = known[0].hash + 1;
    discovery->compare(known, 2000);
    using Answer = KnownRecord::Answer;
    EXPECT_EQ(Answer::same, known[0].answer);
    EXPECT_EQ(Answer::another, known[1].answer);
    EXPECT_EQ(Answer::shorter, known[2].answer);
    EXPECT_EQ(Answer::another, known[3].answer);
    EXPECT_EQ(Answer::none, known[4].answer);
    known.resize(1);
    discovery->compare(known, 2000);
    EXPECT_EQ(Answer::same, known[0].answer);
    uint64_t hash = std::exchange(known[0].hash, 0); // not known yet
    discovery->compare(known, 2000);
    EXPECT_EQ(Answer::same, known[0].answer);
    EXPECT_EQ(hash, known[0].hash);
}

/// Soon, not when librdkafka's timer of a second strikes:
/// that assigning them leaves something in the queue is no reason not to fetch.
TEST(KafkaDiscovery, RecordsAreComparedAtOnce) {
    constexpr int kPartitions = 50;
    MockKafka kafka;
    kafka.topic("t", kPartitions);
    std::vector<KnownRecord> known(kPartitions);
    for (int p = 0; p < kPartitions; ++p) {
        kafka.fill("t", p, 3);
        known[p].topic = "t";
        known[p].partition = p;
        known[p].offset = 1;
    }
    auto discovery = make(kafka.settings());
    topics_of(*discovery);
    discovery->compare(known, 800);
    EXPECT_EQ(kPartitions, std::count_if(known.begin(), known.end(), [](const KnownRecord& record) {
                  return record.answer == KnownRecord::Answer::same;
              }));
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
        {"t", 0, -1, -1, {}}, {"t", 1, -1, -1, {}},        {"t", 2, -1, -1, {}},
        {"t", 9, -1, -1, {}}, {"headless", 0, -1, -1, {}},
    };
    auto start = Steady::now();
    discovery->ends(ends, 500);
    EXPECT_LT(elapsed_ms(start), 1000);
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
    EXPECT_EQ("the brokers do not know it", ends[3].error);
    EXPECT_EQ("it has no leader", ends[4].error);
    std::vector<PartitionEnds> none;
    discovery->ends(none, 500);
}

/// Two brokers; "far" and half of "wide" are led by the first, the rest by the second.
struct TwoBrokers {
    TwoBrokers() {
        kafka.topic("near", 1);
        kafka.topic("far", 1);
        kafka.topic("wide", 2);
        for (auto [topic, partition, leader] :
             {std::tuple{"near", 0, 2}, {"far", 0, 1}, {"wide", 0, 2}, {"wide", 1, 1}}) {
            rd_kafka_mock_partition_set_leader(kafka.mock(), topic, partition, leader);
            for (int i = 0; i < 5; ++i)
                kafka.produce(topic, partition, {"x"});
        }
        kafka.flush();
    }
    MockKafka kafka{2};
    std::vector<PartitionEnds> ends = {{"far", 0, -1, -1, {}},
                                       {"near", 0, -1, -1, {}},
                                       {"wide", 0, -1, -1, {}},
                                       {"wide", 1, -1, -1, {}}};
};

TEST(KafkaDiscovery, ALeaderThatIsDownHoldsUpOnlyItsPartitions) {
    TwoBrokers two;
    auto discovery = make(two.kafka.settings());
    rd_kafka_mock_broker_set_down(two.kafka.mock(), 1);
    topics_of(*discovery);
    int rounds = 0;
    for (; rounds < 4 && two.ends[1].high < 0; ++rounds) {
        auto start = Steady::now();
        discovery->ends(two.ends, 500);
        EXPECT_LT(elapsed_ms(start), 1000);
    }
    EXPECT_LE(rounds, 3);
    for (int round = 0; round < 2; ++round) { // and from then on each time
        for (size_t i : {1U, 2U}) {
            EXPECT_EQ(0, two.ends[i].low) << two.ends[i].error;
            EXPECT_EQ(5, two.ends[i].high);
            EXPECT_EQ("", two.ends[i].error);
        }
        for (size_t i : {0U, 3U}) {
            EXPECT_EQ(-1, two.ends[i].high);
            EXPECT_NE(two.ends[i].error.find("broker 1 at 127.0.0.1:"), std::string::npos)
                << two.ends[i].error;
            EXPECT_NE(two.ends[i].error.find("does not answer"), std::string::npos);
        }
        auto start = Steady::now();
        discovery->ends(two.ends, 500);
        EXPECT_LT(elapsed_ms(start), 1000);
    }
    rd_kafka_mock_broker_set_up(two.kafka.mock(), 1);
    for (rounds = 0; rounds < 10 && two.ends[0].high < 0; ++rounds)
        discovery->ends(two.ends, 500);
    for (const PartitionEnds& ends : two.ends) {
        EXPECT_EQ(5, ends.high) << ends.error;
        EXPECT_EQ("", ends.error);
    }
}

TEST(KafkaDiscovery, APartitionsErrorHoldsUpOnlyItsLeader) {
    TwoBrokers two;
    auto discovery = make(two.kafka.settings());
    topics_of(*discovery);
    rd_kafka_resp_err_t error = RD_KAFKA_RESP_ERR_KAFKA_STORAGE_ERROR;
    for (int i = 0; i < 2; ++i)
        rd_kafka_mock_broker_push_request_error_rtts(two.kafka.mock(), 1, 2, 1, error, 0);
    discovery->ends(two.ends, 500);
    EXPECT_EQ(5, two.ends[1].high);
    EXPECT_EQ(-1, two.ends[0].high);
    EXPECT_NE(two.ends[0].error.find(rd_kafka_err2str(error)), std::string::npos)
        << two.ends[0].error;
    discovery->ends(two.ends, 500);
    EXPECT_EQ(5, two.ends[0].high) << two.ends[0].error;
}

TEST(KafkaDiscovery, UnreachableBrokerIsAFaultWithAHint) {
    ClientSettings settings;
    settings.bootstrap_servers = "127.0.0.1:1";
    auto discovery = make(settings);
    for (int round = 0; round < 2; ++round) {
        auto start = Steady::now();
        auto list = discovery->topics(300);
        EXPECT_LT(elapsed_ms(start), 1000);
        ASSERT_FALSE(static_cast<bool>(list));
        EXPECT_EQ(ErrorClass::environment, list.fault().cls);
        EXPECT_NE(list.fault().message.find("Connection refused"), std::string::npos)
            << list.fault().message;
        EXPECT_NE(list.fault().hint.find("bootstrap_servers"), std::string::npos);
    }
    std::vector<PartitionEnds> ends = {{"t", 0, -1, -1, {}}};
    auto start = Steady::now();
    discovery->ends(ends, 300);
    EXPECT_LT(elapsed_ms(start), 1000);
    EXPECT_EQ(-1, ends[0].high);
    EXPECT_NE("", ends[0].error);
    start = Steady::now();
    discovery->shutdown();
    discovery->shutdown();
    discovery.reset();
    EXPECT_LT(elapsed_ms(start), 1000);
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

/// Offsets of t's partitions as the group has them.
std::vector<int64_t> committed(const std::string& bootstraps, const std::string& group,
                               int partitions) {
    char text[256];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    rd_kafka_conf_set(conf, "bootstrap.servers", bootstraps.c_str(), text, sizeof text);
    rd_kafka_conf_set(conf, "group.id", group.c_str(), text, sizeof text);
    rd_kafka_t* reader = rd_kafka_new(RD_KAFKA_CONSUMER, conf, text, sizeof text);
    auto* list = rd_kafka_topic_partition_list_new(partitions);
    for (int p = 0; p < partitions; ++p)
        rd_kafka_topic_partition_list_add(list, "t", p);
    EXPECT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_committed(reader, list, 10000));
    std::vector<int64_t> offsets;
    for (int p = 0; p < partitions; ++p)
        offsets.push_back(list->elems[p].offset);
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(reader);
    return offsets;
}

/// Waits for the end of a commit, as refreshes do.
Discovery::CommitNews finish(Discovery& discovery, int timeout_ms = 10000) {
    for (auto start = Steady::now(); elapsed_ms(start) < timeout_ms;) {
        Discovery::CommitNews news = discovery.hear_commit();
        if (news.finished)
            return news;
        (void)discovery.topics(100);
    }
    return {true, false, "not finished"};
}

/// Keeps what a commit under way does not let die.
void keep(std::unique_ptr<Discovery> discovery) {
    static auto* kept = new std::vector<std::unique_ptr<Discovery>>;
    kept->push_back(std::move(discovery));
}

/// Time that shutdown() takes; what it returned.
std::pair<int64_t, bool> dying(Discovery& discovery) {
    auto start = Steady::now();
    bool gone = discovery.shutdown();
    return {elapsed_ms(start), gone};
}

TEST(KafkaDiscovery, CommitsToTheGroup) {
    MockKafka kafka;
    kafka.topic("t", 2);
    ClientSettings settings = kafka.settings();
    settings.group_id = "lag";
    auto discovery = make(settings);
    EXPECT_FALSE(discovery->hear_commit().pending);
    discovery->commit({});
    EXPECT_FALSE(discovery->hear_commit().pending);
    discovery->commit({{"t", 0, 3}, {"t", 1, 0}});
    discovery->commit({{"t", 0, 99}}); // one is under way
    Discovery::CommitNews news = finish(*discovery);
    EXPECT_TRUE(news.finished);
    EXPECT_FALSE(news.pending);
    EXPECT_EQ("", news.error);
    EXPECT_FALSE(discovery->hear_commit().finished); // told once
    EXPECT_EQ((std::vector<int64_t>{3, 0}), committed(kafka.bootstraps(), "lag", 2));
    discovery->commit({{"t", 0, 2}});
    EXPECT_EQ("", finish(*discovery).error);
    EXPECT_EQ((std::vector<int64_t>{2, 0}), committed(kafka.bootstraps(), "lag", 2));
    discovery->commit({{"t", 0, 5}}); // under way while the client ends: there is time for it
    auto [took, gone] = dying(*discovery);
    EXPECT_LT(took, 1000);
    EXPECT_TRUE(gone);
}

TEST(KafkaDiscovery, RefusedCommitIsOnlyTold) {
    MockKafka kafka;
    kafka.topic("t");
    std::vector<rd_kafka_resp_err_t> errors(20, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED);
    rd_kafka_mock_push_request_errors_array(kafka.mock(), 8, errors.size(), errors.data());
    auto discovery = make(kafka.settings());
    discovery->commit({{"t", 0, 3}});
    Discovery::CommitNews news = finish(*discovery);
    EXPECT_TRUE(news.finished);
    EXPECT_NE(news.error.find("authorization failed"), std::string::npos) << news.error;
    EXPECT_EQ(1u, topics_of(*discovery).size());
    auto [took, gone] = dying(*discovery);
    EXPECT_LT(took, 1000);
    EXPECT_TRUE(gone);
}

TEST(KafkaDiscovery, CommitWithoutCoordinatorHoldsNothingBack) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.fill("t", 0, 5);
    std::vector<rd_kafka_resp_err_t> errors(1000, RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE);
    rd_kafka_mock_push_request_errors_array(kafka.mock(), 10, errors.size(), errors.data());
    auto discovery = make(kafka.settings());
    topics_of(*discovery);
    discovery->commit({{"t", 0, 3}});
    for (int round = 0; round < 3; ++round) {
        auto start = Steady::now();
        EXPECT_TRUE(static_cast<bool>(discovery->topics(500)));
        std::vector<PartitionEnds> ends = {{"t", 0, -1, -1, {}}};
        discovery->ends(ends, 500);
        EXPECT_EQ(5, ends[0].high);
        EXPECT_LT(elapsed_ms(start), 1000);
    }
    EXPECT_TRUE(discovery->hear_commit().pending);
    auto [took, gone] = dying(*discovery);
    EXPECT_LT(took, 1000);
    EXPECT_FALSE(gone);
    EXPECT_FALSE(discovery->shutdown()); // says the same again
    keep(std::move(discovery));
}

TEST(KafkaDiscovery, LateAnswerToACommitHoldsNothingBack) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.fill("t", 0, 5);
    auto discovery = make(kafka.settings());
    topics_of(*discovery);
    discovery->commit({{"t", 0, 1}});
    ASSERT_EQ("", finish(*discovery).error);
    rd_kafka_mock_broker_push_request_error_rtts(kafka.mock(), 1, 8, 1, RD_KAFKA_RESP_ERR_NO_ERROR,
                                                 1500);
    discovery->commit({{"t", 0, 2}});
    auto start = Steady::now();
    EXPECT_TRUE(static_cast<bool>(discovery->topics(500)));
    std::vector<PartitionEnds> ends = {{"t", 0, -1, -1, {}}};
    discovery->ends(ends, 500);
    EXPECT_EQ(5, ends[0].high);
    EXPECT_LT(elapsed_ms(start), 1000);
    EXPECT_TRUE(discovery->hear_commit().pending);
    EXPECT_EQ("", finish(*discovery).error);
}

TEST(KafkaDiscovery, ShutdownWithACommitAndNoBroker) {
    ClientSettings settings;
    settings.bootstrap_servers = "127.0.0.1:1";
    auto discovery = make(settings);
    discovery->commit({{"t", 0, 3}});
    EXPECT_FALSE(static_cast<bool>(discovery->topics(300)));
    auto [took, gone] = dying(*discovery);
    EXPECT_LT(took, 1000);
    EXPECT_FALSE(gone);
    keep(std::move(discovery));
}

TEST(KafkaDiscovery, ShutdownWithACommitAndAFrozenBroker) {
    BrokerProcess broker;
    ASSERT_FALSE(broker.address.empty());
    ClientSettings settings;
    settings.bootstrap_servers = broker.address;
    auto discovery = make(settings);
    discovery->commit({{"t", 0, 3}});
    ASSERT_EQ("", finish(*discovery).error);
    broker.freeze();
    discovery->commit({{"t", 0, 4}});
    EXPECT_FALSE(static_cast<bool>(discovery->topics(300)));
    auto [took, gone] = dying(*discovery);
    EXPECT_LT(took, 1000);
    EXPECT_FALSE(gone);
    keep(std::move(discovery));
}

} // namespace
} // namespace kcs::test
