// The changes as records of a real Kafka.

#include "captured.hpp"
#include "output.hpp"

#include <librdkafka/rdkafka.h>

#include <cinttypes>
#include <cstdio>
#include <stdexcept>

namespace {

struct Topic {
    Frame frame;
    rd_kafka_topic_t* handle = nullptr;
    rd_kafka_headers_t* headers = nullptr;
};

int undelivered = 0;
void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    if (message->err)
        undelivered++;
}

class KafkaOutput : public Output {
public:
    KafkaOutput(const char* broker, const std::string& prefix, const char* captured,
                const std::vector<Table>& tables, int partitions, int linger_ms) {
        connect(broker, std::to_string(linger_ms));
        make_topics(prefix, tables, partitions);
        for (auto& table : tables) {
            Topic topic;
            topic.frame = read_frame(captured, table);
            topic.handle =
                rd_kafka_topic_new(client_, (prefix + ".shop." + table.name).c_str(), nullptr);
            topic.headers = rd_kafka_headers_new(topic.frame.headers.size());
            for (auto& h : topic.frame.headers)
                rd_kafka_header_add(topic.headers, h.first.data(),
                                    static_cast<ssize_t>(h.first.size()), h.second.data(),
                                    static_cast<ssize_t>(h.second.size()));
            topics_.push_back(std::move(topic));
        }
    }

    ~KafkaOutput() override {
        for (auto& topic : topics_) {
            rd_kafka_headers_destroy(topic.headers);
            rd_kafka_topic_destroy(topic.handle);
        }
        rd_kafka_destroy(client_);
    }

    void event(const Event& event) override {
        Topic& topic = topics_[static_cast<size_t>(event.table.index)];
        key_ = topic.frame.key_head;
        key_ += std::to_string(event.id);
        key_ += topic.frame.key_tail;
        value_ = topic.frame.value_head;
        value_ += "{\"before\":";
        value_ += event.op == 'd' ? former_row(event.table, event.id) : "null";
        value_ += ",\"after\":";
        value_ += event.op == 'd' ? "null" : json_of(event.row);
        add_source(event, topic.frame);
        value_ += topic.frame.value_tail;
        send(topic, event.partition, &value_);
        if (event.op == 'd')
            send(topic, event.partition, nullptr);
        count_++;
    }

    void finish() override {
        rd_kafka_flush(client_, 120000);
        int left = rd_kafka_outq_len(client_);
        if (undelivered || left)
            throw std::runtime_error(std::to_string(undelivered + left) +
                                     " messages were not delivered");
    }

private:
    void connect(const char* broker, const std::string& linger_ms) {
        char error[512];
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        const char* settings[][2] = {
            {"bootstrap.servers", broker},    {"compression.type", "lz4"},
            {"linger.ms", linger_ms.c_str()}, {"batch.size", "1000000"},
            {"batch.num.messages", "1000"},   {"queue.buffering.max.kbytes", "131072"},
        };
        for (auto& s : settings)
            if (rd_kafka_conf_set(conf, s[0], s[1], error, sizeof error) != RD_KAFKA_CONF_OK)
                throw std::runtime_error(error);
        rd_kafka_conf_set_dr_msg_cb(conf, delivered);
        client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
        if (!client_)
            throw std::runtime_error(error);
    }

    void make_topics(const std::string& prefix, const std::vector<Table>& tables, int partitions) {
        char error[512];
        std::vector<rd_kafka_NewTopic_t*> wanted;
        for (auto& table : tables)
            wanted.push_back(rd_kafka_NewTopic_new((prefix + ".shop." + table.name).c_str(),
                                                   partitions, 1, error, sizeof error));
        rd_kafka_queue_t* queue = rd_kafka_queue_new(client_);
        rd_kafka_CreateTopics(client_, wanted.data(), wanted.size(), nullptr, queue);
        rd_kafka_event_t* answer = rd_kafka_queue_poll(queue, 60000);
        std::string fault = answer ? "" : "no answer";
        if (answer) {
            size_t count = 0;
            auto** made = rd_kafka_CreateTopics_result_topics(
                rd_kafka_event_CreateTopics_result(answer), &count);
            if (rd_kafka_event_error(answer))
                fault = rd_kafka_event_error_string(answer);
            for (size_t i = 0; i < count; i++) {
                auto code = rd_kafka_topic_result_error(made[i]);
                if (code && code != RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS)
                    fault = rd_kafka_err2str(code);
            }
            rd_kafka_event_destroy(answer);
        }
        rd_kafka_queue_destroy(queue);
        rd_kafka_NewTopic_destroy_array(wanted.data(), wanted.size());
        if (!fault.empty())
            throw std::runtime_error("topics could not be made: " + fault);
    }

    void add_source(const Event& event, const Frame& frame) {
        char text[900], sequence[80];
        int64_t ms = 1795360031435 + count_ / 10, us = ms * 1000 + count_ % 1000,
                lsn = 22391952 + count_ * 64;
        if (event.op == 'r')
            std::snprintf(sequence, sizeof sequence, "[null,\\\"%" PRId64 "\\\"]", lsn);
        else
            std::snprintf(sequence, sizeof sequence, "[\\\"%" PRId64 "\\\",\\\"%" PRId64 "\\\"]",
                          lsn - lsn % 64000, lsn);
        std::snprintf(
            text, sizeof text,
            ",\"source\":{\"version\":\"3.6.3.Final\",\"connector\":\"postgresql\","
            "\"name\":\"%s\",\"ts_ms\":%" PRId64
            ",\"snapshot\":%s,\"db\":\"postgres\",\"sequence\":\"%s\",\"ts_us\":%" PRId64
            ",\"ts_ns\":%" PRId64 "000,\"schema\":\"shop\",\"table\":\"%s\",\"txId\":%" PRId64
            ",\"lsn\":%" PRId64
            ",\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,"
            "\"op\":\"%c\",\"ts_ms\":%" PRId64 ",\"ts_us\":%" PRId64 ",\"ts_ns\":%" PRId64 "000}",
            frame.source_name.c_str(), ms, event.op == 'r' ? "\"true\"" : "null", sequence, us, us,
            event.table.name.c_str(), 740 + count_ / 4, lsn, event.op, ms + 400, us + 400000,
            us + 400000);
        value_ += text;
    }

    void send(const Topic& topic, int32_t partition, const std::string* value) {
        for (;;) {
            rd_kafka_headers_t* headers = rd_kafka_headers_copy(topic.headers);
            auto code = rd_kafka_producev(
                client_, RD_KAFKA_V_RKT(topic.handle), RD_KAFKA_V_PARTITION(partition),
                RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY), RD_KAFKA_V_KEY(key_.data(), key_.size()),
                RD_KAFKA_V_VALUE(value ? const_cast<char*>(value->data()) : nullptr,
                                 value ? value->size() : 0),
                RD_KAFKA_V_HEADERS(headers), RD_KAFKA_V_END);
            if (!code)
                break;
            rd_kafka_headers_destroy(headers);
            if (code != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                throw std::runtime_error(rd_kafka_err2str(code));
            rd_kafka_poll(client_, 50);
        }
        if (count_ % 1024 == 0)
            rd_kafka_poll(client_, 0);
    }

    rd_kafka_t* client_ = nullptr;
    std::vector<Topic> topics_;
    std::string key_, value_;
    int64_t count_ = 0;
};

} // namespace

std::unique_ptr<Output> kafka_output(const char* broker, const std::string& prefix,
                                     const char* captured, const std::vector<Table>& tables,
                                     int partitions, int linger_ms) {
    return std::make_unique<KafkaOutput>(broker, prefix, captured, tables, partitions, linger_ms);
}
