#include "core/clock.hpp"
#include "core/packet.hpp"
#include "kafka/client_advice.hpp"
#include "kafka/discovery.hpp"

#include "kafka_mock.hpp"

namespace kcs::test {
namespace {

// ---- records to look at -----------------------------------------------------------------------

class Samples : public ::testing::Test {
protected:
    SampledRecord ask(const std::string& topic, int64_t low, int64_t high) {
        SampledRecord record;
        record.topic = topic;
        record.low = low;
        record.high = high;
        std::vector<SampledRecord> records = {record};
        read(records, 10000);
        return records[0];
    }
    void read(std::vector<SampledRecord>& records, int timeout_ms) {
        if (!discovery)
            discovery = std::move(*Discovery::create(kafka.settings()));
        auto start = Steady::now();
        while (!discovery->topics(500) && elapsed_ms(start) < 5000)
            continue;
        SystemClock clock;
        discovery->sample(records, clock.steady_us() + timeout_ms * 1000, [this] { ++looks; });
    }

    MockKafka kafka;
    std::unique_ptr<Discovery> discovery;
    int looks = 0;
};

TEST_F(Samples, TheNewestWithAValue) {
    kafka.topic("t");
    kafka.fill("t", 0, 10);
    kafka.produce("t", 0, {"", "k", false, true}); // a tombstone
    kafka.flush();
    SampledRecord r = ask("t", 0, 11);
    EXPECT_TRUE(r.answered && r.found);
    EXPECT_EQ(9, r.offset);
    ASSERT_TRUE(r.value && r.key);
    EXPECT_EQ("9:", r.value->substr(0, 2));
    EXPECT_EQ("k", *r.key);
    EXPECT_GT(looks, 0);
}

TEST_F(Samples, ATombstoneWhereThereIsNothingElse) {
    kafka.topic("t");
    kafka.produce("t", 0, {"", "k", false, true});
    kafka.flush();
    SampledRecord r = ask("t", 0, 1);
    EXPECT_TRUE(r.answered && r.found);
    EXPECT_FALSE(r.value);
}

TEST_F(Samples, NullsAndHeaders) {
    kafka.topic("t");
    kafka.produce("t", 0, {"v", "", true, false, {{"a", "1"}, {"b", nullptr}}});
    kafka.flush();
    SampledRecord r = ask("t", 0, 1);
    EXPECT_FALSE(r.key);
    ASSERT_EQ(2u, r.headers.size());
    EXPECT_EQ("1", r.headers[0].second.value_or(""));
    EXPECT_FALSE(r.headers[1].second);
}

TEST_F(Samples, NoneInAnEmptyPartitionWithoutAsking) {
    kafka.topic("t");
    SampledRecord r = ask("t", 7, 7);
    EXPECT_TRUE(r.answered);
    EXPECT_FALSE(r.found);
    EXPECT_EQ(0, looks);
}

TEST_F(Samples, ManyAtOnce) {
    kafka.topic("t", 20);
    std::vector<SampledRecord> records(20);
    for (int p = 0; p < 20; ++p) {
        records[p].topic = "t";
        records[p].partition = p;
        records[p].high = 3;
        kafka.fill("t", p, 3);
    }
    read(records, 10000);
    for (const SampledRecord& r : records) {
        EXPECT_TRUE(r.answered) << r.partition;
        EXPECT_EQ(2, r.offset) << r.partition;
    }
}

TEST_F(Samples, LargeOnesAreLeftOut) {
    kafka.topic("t");
    kafka.fill("t", 0, 1, kMostSampledBytes);
    SampledRecord r = ask("t", 0, 1);
    EXPECT_TRUE(r.found && r.large);
    EXPECT_FALSE(r.value);
    EXPECT_GT(r.bytes, kMostSampledBytes);
}

TEST_F(Samples, SilenceEndsInTime) {
    kafka.topic("t");
    kafka.fill("t", 0, 1);
    rd_kafka_mock_broker_set_rtt(kafka.mock(), 1, 0);
    ask("t", 0, 1); // connected
    rd_kafka_mock_broker_set_rtt(kafka.mock(), 1, 5000);
    SampledRecord open;
    open.topic = "t";
    open.high = 1;
    std::vector<SampledRecord> records = {open};
    SystemClock clock;
    auto start = Steady::now();
    discovery->sample(records, clock.steady_us() + 300 * 1000, [] {});
    EXPECT_LT(elapsed_ms(start), 1000);
    EXPECT_FALSE(records[0].answered);
    rd_kafka_mock_broker_set_rtt(kafka.mock(), 1, 0);
}

TEST_F(Samples, TheGroupMayBeUsed) {
    kafka.topic("t");
    std::vector<SampledRecord> none;
    read(none, 100);
    bool late = true;
    std::string complaint;
    for (auto start = Steady::now(); late && elapsed_ms(start) < 5000;)
        complaint = discovery->group_complaint({{"t", 0, 0}}, 500, late);
    EXPECT_EQ("", complaint);
    EXPECT_EQ(1, discovery->brokers());
}

// ---- properties -------------------------------------------------------------------------------

std::string advice(const std::string& properties) {
    ClientSettings settings;
    settings.bootstrap_servers = "localhost:1";
    settings.client_properties = properties;
    std::string out;
    for (const Finding& finding : examine_client(settings)) {
        if (finding.verdict != Verdict::ok)
            out += std::string(verdict_name(finding.verdict)) + " " + finding.item + ": " +
                   finding.found + "\n";
        EXPECT_EQ(finding.verdict != Verdict::ok, !finding.hint.empty()) << finding.item;
    }
    return out;
}

TEST(ClientAdvice, Plain) {
    EXPECT_EQ("", advice(""));
}

TEST(ClientAdvice, PasswordsInClear) {
    EXPECT_NE(std::string::npos,
              advice("security.protocol=SASL_PLAINTEXT,sasl.mechanism=PLAIN").find("in clear"));
    EXPECT_EQ("", advice("security.protocol=SASL_SSL,sasl.mechanism=PLAIN"));
}

TEST(ClientAdvice, WhoTheBrokerIs) {
    EXPECT_NE(std::string::npos,
              advice("security.protocol=SSL,ssl.endpoint.identification.algorithm=none")
                  .find("can pass for the broker"));
    EXPECT_NE(std::string::npos,
              advice("security.protocol=SSL,enable.ssl.certificate.verification=false")
                  .find("can pass for the broker"));
    EXPECT_EQ("", advice("enable.ssl.certificate.verification=false")); // no TLS
}

TEST(ClientAdvice, WhatIsRefused) {
    EXPECT_EQ("error properties: librdkafka does not know the client property \"no.such\"\n",
              advice("no.such=secret"));
}

// ---- packets ----------------------------------------------------------------------------------

TEST(Packet, ComesAsItWent) {
    PacketWriter writer;
    writer.number(-5).text(std::string_view("a\0b", 3)).text("");
    PacketReader reader(writer.bytes());
    EXPECT_EQ(-5, reader.number());
    EXPECT_EQ(std::string("a\0b", 3), reader.string());
    EXPECT_FALSE(reader.done());
    EXPECT_EQ("", reader.text());
    EXPECT_TRUE(reader.done());
    EXPECT_THROW(reader.number(), std::runtime_error);
}

TEST(Packet, TooShort) {
    PacketWriter writer;
    writer.number(10);
    EXPECT_THROW(PacketReader(writer.bytes()).text(), std::runtime_error);
    PacketWriter negative;
    negative.number(-1);
    EXPECT_THROW(PacketReader(negative.bytes()).text(), std::runtime_error);
    EXPECT_THROW(PacketReader("abc").number(), std::runtime_error);
}

} // namespace
} // namespace kcs::test
