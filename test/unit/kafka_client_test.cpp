// Starting, failing, losing the brokers, and dying: what has no records in it.
#include "kafka_mock.hpp"

#include "kafka/client_config.hpp"

#include <fstream>

#include <sys/stat.h>
#include <unistd.h>

namespace kcs::test {
namespace {

constexpr const char* kNobody = "127.0.0.1:1"; // nothing listens there

ClientSettings nobody() {
    ClientSettings settings;
    settings.bootstrap_servers = kNobody;
    return settings;
}

Fault refused(const ClientSettings& settings) {
    auto made = Consumer::create(settings);
    EXPECT_FALSE(static_cast<bool>(made));
    return made ? Fault{} : made.fault();
}
std::string all_text(const Fault& fault) {
    return fault.message + " " + fault.detail + " " + fault.hint;
}

/// A file of secrets for the time of a test.
struct SecretFile {
    explicit SecretFile(const std::string& text, mode_t mode = 0600) {
        char name[] = "/tmp/kcs_properties_XXXXXX";
        close(mkstemp(name));
        path = name;
        std::ofstream(path) << text;
        chmod(name, mode);
    }
    ~SecretFile() { unlink(path.c_str()); }
    std::string path;
};

TEST(KafkaClient, PropertiesAreNamedAndValuesAreNot) {
    ClientSettings settings = nobody();
    settings.client_properties = "no.such.property=hunter2";
    Fault fault = refused(settings);
    EXPECT_EQ(ErrorClass::environment, fault.cls);
    EXPECT_NE(fault.message.find("\"no.such.property\""), std::string::npos) << fault.message;
    EXPECT_EQ(all_text(fault).find("hunter2"), std::string::npos);

    settings.client_properties = "socket.timeout.ms=hunter2";
    fault = refused(settings);
    EXPECT_NE(fault.message.find("\"socket.timeout.ms\""), std::string::npos) << fault.message;
    EXPECT_EQ(all_text(fault).find("hunter2"), std::string::npos);

    settings.client_properties = "security.protocol=SSL,ssl.ca.location=/no/such/file";
    fault = refused(settings);
    EXPECT_NE(fault.message.find("ssl.ca.location"), std::string::npos) << fault.message;
}

TEST(KafkaClient, FileOfSecrets) {
    ClientSettings settings = nobody();
    settings.client_properties_file = "/no/such/file";
    EXPECT_NE(refused(settings).message.find("/no/such/file"), std::string::npos);
    settings.client_properties_file = "/tmp";
    EXPECT_NE(refused(settings).message.find("not a regular file"), std::string::npos);

    SecretFile open_file("sasl.password=hunter2\n", 0644);
    settings.client_properties_file = open_file.path;
    EXPECT_NE(refused(settings).message.find("group or world access"), std::string::npos);

    SecretFile bad("sasl.password=hunter2\nsecurity.protocol=nonsense\n");
    settings.client_properties_file = bad.path;
    Fault fault = refused(settings);
    EXPECT_NE(fault.message.find("\"security.protocol\""), std::string::npos);
    EXPECT_EQ(all_text(fault).find("hunter2"), std::string::npos);

    SecretFile owned("group.id=x\n");
    settings.client_properties_file = owned.path;
    EXPECT_NE(refused(settings).message.find("\"group.id\""), std::string::npos);

    SecretFile good("sasl.password=hunter2\nsasl.username=me\nclient.id=other\n");
    settings.client_properties_file = good.path;
    settings.client_properties = "client.rack=r1,queued.min.messages=77";
    auto config = make_client_config(settings, ClientRole::consumer);
    ASSERT_TRUE(static_cast<bool>(config));
    EXPECT_EQ("hunter2", config->sasl_password);
    EXPECT_EQ(77, config->queued_messages);
    EXPECT_EQ("the *** is out", config->scrubber.clean("the hunter2\nis out.").replace(7, 1, " "));
    char value[64];
    size_t size = sizeof value;
    ASSERT_EQ(RD_KAFKA_CONF_OK, rd_kafka_conf_get(config->conf.get(), "client.id", value, &size));
    EXPECT_STREQ("other", value);
}

TEST(KafkaClient, RunsNoKinit) {
    ClientSettings settings = nobody();
    settings.client_properties = "security.protocol=SASL_PLAINTEXT,sasl.mechanism=GSSAPI";
    auto config = make_client_config(settings, ClientRole::discovery);
    ASSERT_TRUE(static_cast<bool>(config));
    char value[64];
    size_t size = sizeof value;
    rd_kafka_conf_res_t found = rd_kafka_conf_get(
        config->conf.get(), "sasl.kerberos.min.time.before.relogin", value, &size);
    EXPECT_TRUE(found != RD_KAFKA_CONF_OK || value == std::string("0")) << value;
}

TEST(KafkaClient, ScrubberShortensAtCharacters) {
    Scrubber scrubber;
    std::string text = "a";
    for (int i = 0; i < 400; ++i)
        text += "\xc3\xa4";
    std::string clean = scrubber.clean(text);
    EXPECT_LE(clean.size(), 350u);
    EXPECT_EQ(1u, clean.size() % 2);
    EXPECT_EQ("Unrecognized sasl.oauthbearer.config",
              scrubber.clean("Unrecognized sasl.oauthbearer.config beginning at: hunter2"));
}

TEST(KafkaClient, UnreachableBrokerIsNoticedSoonAndToldOnce) {
    Driver driver(nobody());
    auto start = Steady::now();
    ASSERT_TRUE(driver.until([&] { return driver.consumer->broker_down_since_us() != 0; }, 3000));
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::client_error, 3000));
    std::string text = driver.event(SourceEvent::Kind::client_error)->text;
    EXPECT_NE(text.find("no Kafka broker can be reached"), std::string::npos) << text;
    EXPECT_NE(text.find("Connection refused"), std::string::npos) << text;
    bool lines = false;
    driver.until([&] { return (lines |= !driver.consumer->take_log().empty()); }, 2000);
    EXPECT_TRUE(lines);
    // Further attempts fail, and say nothing new.
    driver.until([&] { return elapsed_ms(start) > 1200; }, 2000);
    EXPECT_EQ(1u, driver.events.size());
}

TEST(KafkaClient, UnknownHostIsTold) {
    ClientSettings settings;
    settings.bootstrap_servers = "no-such-host.invalid:9092";
    Driver driver(settings);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::client_error, 8000));
    std::string text = driver.event(SourceEvent::Kind::client_error)->text;
    EXPECT_NE(text.find("could not resolve"), std::string::npos) << text;
}

TEST(KafkaClient, BrokerThatComesBackIsNoticedWhileIdle) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.fill("t", 0, 3);
    ClientSettings settings = kafka.settings();
    settings.client_properties += ",reconnect.backoff.max.ms=100";
    Driver driver(settings);
    driver.consumer->assign(0, "t", 0, 0);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::end_of_partition));
    auto down = [&] { return driver.consumer->broker_down_since_us() != 0; };
    EXPECT_FALSE(down());
    rd_kafka_mock_broker_set_down(kafka.mock(), 1);
    ASSERT_TRUE(driver.until(down, 5000));
    rd_kafka_mock_broker_set_up(kafka.mock(), 1);
    ASSERT_TRUE(driver.until([&] { return !down(); }, 8000)); // and nothing was produced
    kafka.fill("t", 0, 1);
    EXPECT_TRUE(driver.until_taken(4));
}

TEST(KafkaClient, SleepsWhenNothingHappens) {
    MockKafka kafka;
    kafka.topic("t");
    ClientSettings settings = kafka.settings();
    Driver driver(settings);
    driver.consumer->assign(0, "t", 0, 0);
    ASSERT_TRUE(driver.until_event(SourceEvent::Kind::end_of_partition));
    std::vector<Record> none;
    driver.consumer->drain_wake_fd();
    EXPECT_FALSE(driver.consumer->poll(none, 10, 1000));
    pollfd fd{driver.consumer->wake_fd(), POLLIN, 0};
    EXPECT_EQ(0, ::poll(&fd, 1, 300));
    kafka.fill("t", 0, 1);
    EXPECT_EQ(1, ::poll(&fd, 1, 3000));
}

/// Time that the destructor takes.
int64_t dying_ms(std::unique_ptr<Consumer>& consumer) {
    auto start = Steady::now();
    consumer.reset();
    return elapsed_ms(start);
}

TEST(KafkaClient, ShutdownWithRecordsAndEventsOutstanding) {
    MockKafka kafka;
    kafka.topic("t");
    kafka.fill("t", 0, 500);
    for (int round = 0; round < 5; ++round) {
        Driver driver(kafka.settings());
        driver.consumer->assign(0, "t", 0, 0);
        std::vector<Record> held;
        auto start = Steady::now();
        while (held.size() < 100 && elapsed_ms(start) < 5000)
            driver.consumer->poll(held, 100, 1 << 20);
        ASSERT_GE(held.size(), 100u);
        if (round % 2 == 1)
            driver.consumer->assign(0, "t", 0, 50);
        EXPECT_LT(dying_ms(driver.consumer), 1000);
    }
}

TEST(KafkaClient, ShutdownWithoutBroker) {
    Driver driver(nobody());
    driver.consumer->assign(0, "t", 0, 0);
    driver.until([&] { return driver.consumer->broker_down_since_us() != 0; }, 3000);
    EXPECT_LT(dying_ms(driver.consumer), 1000);
}

TEST(KafkaClient, ShutdownWithFrozenBroker) {
    BrokerProcess broker;
    ASSERT_FALSE(broker.address.empty());
    ClientSettings settings;
    settings.bootstrap_servers = broker.address;
    settings.client_properties = "fetch.wait.max.ms=5";
    Driver driver(settings);
    driver.consumer->assign(0, "t", 0, 0);
    EXPECT_TRUE(driver.until_taken(500));
    std::vector<Record> held;
    driver.consumer->assign(0, "t", 0, 0);
    auto start = Steady::now();
    while (held.empty() && elapsed_ms(start) < 5000)
        driver.consumer->poll(held, 10, 1 << 20);
    broker.freeze();
    driver.consumer->assign(0, "t", 0, 400);
    driver.consumer->poll(held, 1000, 1 << 20);
    EXPECT_LT(dying_ms(driver.consumer), 1000);
}

TEST(KafkaClient, LookingForABrokerIsShortAndRare) {
    Driver driver(nobody());
    driver.consumer->assign(0, "t", 0, 0);
    ASSERT_TRUE(driver.until([&] { return driver.consumer->broker_down_since_us() != 0; }, 3000));
    auto start = Steady::now();
    int64_t longest = 0, blocked = 0;
    int rings = 0;
    std::vector<Record> none;
    while (elapsed_ms(start) < 2500) {
        auto call = Steady::now();
        driver.consumer->poll(none, 10, 1000);
        int64_t took = elapsed_ms(call);
        longest = std::max(longest, took);
        blocked += took;
        driver.consumer->take_events();
        pollfd fd{driver.consumer->wake_fd(), POLLIN, 0};
        rings += ::poll(&fd, 1, 1500) == 1;
        driver.consumer->drain_wake_fd();
    }
    EXPECT_GT(rings, 0); // it asks by itself
    EXPECT_LT(longest, 1000);
    EXPECT_LT(blocked, 1500);
    EXPECT_NE(0, driver.consumer->broker_down_since_us());
}

} // namespace
} // namespace kcs::test
