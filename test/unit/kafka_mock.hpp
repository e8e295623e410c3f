#pragma once

#include "kafka/consumer.hpp"

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>
#include <functional>
#include <map>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>
#include <utility>
#include <vector>

namespace kcs::test {

using Steady = std::chrono::steady_clock;

inline int64_t elapsed_ms(Steady::time_point since) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(Steady::now() - since).count();
}

/// Ending a mock cluster may take a second (its thread's nap), so all end together after the tests.
class Graveyard : public ::testing::Environment {
public:
    static Graveyard& instance() {
        static Graveyard* self =
            static_cast<Graveyard*>(::testing::AddGlobalTestEnvironment(new Graveyard));
        return *self;
    }
    void TearDown() override {
        std::vector<std::thread> threads;
        for (auto [mock, host] : clusters) {
            threads.emplace_back([mock = mock, host = host] {
                rd_kafka_mock_cluster_destroy(mock);
                rd_kafka_destroy(host);
            });
        }
        for (std::thread& thread : threads)
            thread.join();
        clusters.clear();
    }
    std::vector<std::pair<rd_kafka_mock_cluster_t*, rd_kafka_t*>> clusters;
};

/// librdkafka's mock cluster in this process, and a producer for it.
class MockKafka {
public:
    struct Produced {
        std::string value;
        std::string key = "k";
        bool null_key = false;
        bool null_value = false;
        std::vector<std::pair<std::string, const char*>> headers = {};
    };

    explicit MockKafka(int brokers = 1, const std::string& codec = "none",
                       const std::string& batch_records = "10000") {
        char text[512];
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
        rd_kafka_conf_set(conf, "receive.message.max.bytes", "1073741824", text, sizeof text);
        host_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
        mock_ = rd_kafka_mock_cluster_new(host_, brokers);
        conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "log_level", "0", text, sizeof text);
        rd_kafka_conf_set(conf, "bootstrap.servers", bootstraps().c_str(), text, sizeof text);
        rd_kafka_conf_set(conf, "message.max.bytes", "100000000", text, sizeof text);
        rd_kafka_conf_set(conf, "linger.ms", "2", text, sizeof text);
        rd_kafka_conf_set(conf, "batch.num.messages", batch_records.c_str(), text, sizeof text);
        EXPECT_EQ(RD_KAFKA_CONF_OK,
                  rd_kafka_conf_set(conf, "compression.codec", codec.c_str(), text, sizeof text))
            << text;
        producer_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
    }
    ~MockKafka() {
        rd_kafka_destroy(producer_);
        Graveyard::instance().clusters.push_back({mock_, host_});
    }
    MockKafka(const MockKafka&) = delete;

    std::string bootstraps() const { return rd_kafka_mock_cluster_bootstraps(mock_); }
    rd_kafka_mock_cluster_t* mock() { return mock_; }
    rd_kafka_t* producer() { return producer_; }

    void topic(const std::string& name, int partitions = 1) {
        ASSERT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR,
                  rd_kafka_mock_topic_create(mock_, name.c_str(), partitions, 1));
    }

    void produce(const std::string& topic, int partition, const Produced& record) {
        rd_kafka_headers_t* headers = nullptr;
        if (!record.headers.empty()) {
            headers = rd_kafka_headers_new(record.headers.size());
            for (const auto& [name, value] : record.headers)
                rd_kafka_header_add(headers, name.c_str(), -1, value, value == nullptr ? 0 : -1);
        }
        void* key = record.null_key ? nullptr : const_cast<char*>(record.key.data());
        void* value = record.null_value ? nullptr : const_cast<char*>(record.value.data());
        rd_kafka_resp_err_t error = rd_kafka_producev(
            producer_, RD_KAFKA_V_TOPIC(topic.c_str()), RD_KAFKA_V_PARTITION(partition),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key, record.key.size()),
            RD_KAFKA_V_VALUE(value, record.value.size()), RD_KAFKA_V_HEADERS(headers),
            RD_KAFKA_V_END);
        ASSERT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, error) << rd_kafka_err2str(error);
    }
    void flush() { ASSERT_EQ(RD_KAFKA_RESP_ERR_NO_ERROR, rd_kafka_flush(producer_, 10000)); }

    /// `count` records whose value begins with their number, `size` bytes each.
    void fill(const std::string& topic, int partition, int count, size_t size = 20) {
        for (int i = 0; i < count; ++i) {
            std::string value = std::to_string(i) + ":";
            value.resize(std::max(size, value.size()), 'x');
            produce(topic, partition, {value});
        }
        flush();
    }

    ClientSettings settings() const {
        ClientSettings settings;
        settings.bootstrap_servers = bootstraps();
        settings.client_properties = "fetch.wait.max.ms=5,fetch.error.backoff.ms=10";
        return settings;
    }

private:
    rd_kafka_t* host_;
    rd_kafka_mock_cluster_t* mock_;
    rd_kafka_t* producer_;
};

/// A mock cluster in a process of its own, to be frozen: topic t with 500 records.
class BrokerProcess {
public:
    BrokerProcess() {
        int ready[2];
        if (pipe(ready) != 0)
            return;
        pid_ = fork();
        if (pid_ == 0) {
            auto* kafka = new MockKafka;
            kafka->topic("t");
            kafka->fill("t", 0, 500);
            std::string text = kafka->bootstraps();
            (void)!write(ready[1], text.data(), text.size());
            for (;;)
                pause();
        }
        close(ready[1]);
        char text[256];
        ssize_t size = read(ready[0], text, sizeof text);
        close(ready[0]);
        if (size > 0)
            address.assign(text, static_cast<size_t>(size));
    }
    ~BrokerProcess() {
        if (pid_ > 0) {
            kill(pid_, SIGKILL);
            waitpid(pid_, nullptr, 0);
        }
    }
    BrokerProcess(const BrokerProcess&) = delete;
    /// It answers nothing any more once this returns.
    void freeze() {
        kill(pid_, SIGSTOP);
        waitpid(pid_, nullptr, WUNTRACED);
    }

    std::string address; ///< empty: could not be started

private:
    pid_t pid_ = -1;
};

/// A record that outlives release().
struct Taken {
    uint32_t slot = 0;
    int64_t offset = 0;
    std::string value;
};

/// Drives a Consumer as a worker does: sleeps on its descriptor, polls, releases.
class Driver {
public:
    explicit Driver(const ClientSettings& settings) {
        auto made = Consumer::create(settings);
        EXPECT_TRUE(static_cast<bool>(made)) << (made ? "" : made.fault().message);
        consumer = std::move(*made);
    }

    /// Polls until `done` or the deadline; `on_records` sees each poll's records before release.
    bool until(const std::function<bool()>& done, int timeout_ms = 10000,
               const std::function<void(const std::vector<Record>&)>& on_records = {}) {
        auto start = Steady::now();
        while (!done()) {
            if (elapsed_ms(start) > timeout_ms)
                return false;
            records.clear();
            bool more = consumer->poll(records, max_records, max_bytes);
            for (const Record& record : records)
                taken.push_back({record.slot, record.offset, std::string(record.value)});
            if (on_records)
                on_records(records);
            consumer->release(0, records.size());
            records.clear();
            for (SourceEvent& event : consumer->take_events())
                events.push_back(std::move(event));
            if (!more && !done()) {
                pollfd fd{consumer->wake_fd(), POLLIN, 0};
                ::poll(&fd, 1, sleep_ms);
                consumer->drain_wake_fd();
            }
        }
        return true;
    }
    bool until_taken(size_t count, int timeout_ms = 10000) {
        return until([&] { return taken.size() >= count; }, timeout_ms);
    }
    const SourceEvent* event(SourceEvent::Kind kind) const {
        for (const SourceEvent& event : events) {
            if (event.kind == kind)
                return &event;
        }
        return nullptr;
    }
    bool until_event(SourceEvent::Kind kind, int timeout_ms = 10000) {
        return until([&] { return event(kind) != nullptr; }, timeout_ms);
    }

    std::unique_ptr<Consumer> consumer;
    size_t max_records = 1000, max_bytes = 1 << 20;
    int sleep_ms = 50; ///< longest wait for the descriptor
    std::vector<Record> records;
    std::vector<Taken> taken;
    std::vector<SourceEvent> events;
};

} // namespace kcs::test
