#pragma once

#include "record_line.hpp"

#include <librdkafka/rdkafka.h>

#include <cstdlib>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

inline constexpr int kTimeoutMs = 30000;

inline void require(rd_kafka_resp_err_t error) {
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        throw Failure(rd_kafka_err2str(error));
}

using Properties = std::vector<std::pair<std::string, std::string>>;

/// A producer of librdkafka that remembers what became of its records.
class Producer {
public:
    explicit Producer(const Properties& properties) {
        char text[512];
        rd_kafka_conf_t* conf = rd_kafka_conf_new();
        rd_kafka_conf_set(conf, "log_level", "3", text, sizeof text);
        for (const auto& [key, value] : properties) {
            if (rd_kafka_conf_set(conf, key.c_str(), value.c_str(), text, sizeof text) !=
                RD_KAFKA_CONF_OK) {
                rd_kafka_conf_destroy(conf);
                throw Failure(text);
            }
        }
        rd_kafka_conf_set_opaque(conf, this);
        rd_kafka_conf_set_dr_msg_cb(conf, &Producer::on_delivery);
        client_ = rd_kafka_new(RD_KAFKA_PRODUCER, conf, text, sizeof text);
        if (client_ == nullptr) {
            rd_kafka_conf_destroy(conf);
            throw Failure(text);
        }
    }
    ~Producer() { rd_kafka_destroy(client_); }
    Producer(const Producer&) = delete;
    Producer& operator=(const Producer&) = delete;

    /// For records of mockbroker and kafkaclient: large ones, in order.
    static Properties usual(const std::string& bootstraps, const std::string& codec) {
        return {{"bootstrap.servers", bootstraps},
                {"compression.codec", codec},
                {"message.max.bytes", "1000000000"},
                {"max.in.flight", "1"}, // keeps the order over retries
                {"queue.buffering.max.kbytes", "2000000"},
                {"linger.ms", "1000"}};
    }

    rd_kafka_t* client() { return client_; }

    /// Hands one record to the producer; its report comes in flush(). `timestamp_ms` 0: now.
    void enqueue(const RecordLine& record, int64_t timestamp_ms = 0) {
        for (;;) {
            rd_kafka_resp_err_t error = try_enqueue(record, timestamp_ms);
            if (error != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                return require(error);
            rd_kafka_poll(client_, 100);
        }
    }

    /// Waits for all reports; returns the offset of the last record.
    int64_t flush() {
        rd_kafka_resp_err_t error = rd_kafka_flush(client_, kTimeoutMs);
        std::string failed = std::move(failed_);
        failed_.clear();
        require(error);
        if (!failed.empty())
            throw Failure(failed);
        return last_offset_;
    }

    /// First offset of a partition, and the next one to be produced.
    std::pair<int64_t, int64_t> ends(const std::string& topic, int32_t partition) {
        int64_t low = -1, high = -1;
        require(rd_kafka_query_watermark_offsets(client_, topic.c_str(), partition, &low, &high,
                                                 kTimeoutMs));
        return {low, high};
    }

private:
    static void on_delivery(rd_kafka_t*, const rd_kafka_message_t* message, void* opaque) {
        auto* self = static_cast<Producer*>(opaque);
        if (message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            self->failed_ = rd_kafka_err2str(message->err);
        else
            self->last_offset_ = message->offset;
    }

    rd_kafka_resp_err_t try_enqueue(const RecordLine& record, int64_t timestamp_ms) {
        rd_kafka_headers_t* headers = nullptr;
        if (!record.headers.empty()) {
            headers = rd_kafka_headers_new(record.headers.size());
            for (const auto& [name, value] : record.headers)
                rd_kafka_header_add(headers, name.data(), static_cast<ssize_t>(name.size()),
                                    value ? value->data() : nullptr,
                                    value ? static_cast<ssize_t>(value->size()) : 0);
        }
        auto data = [](const Field& field) {
            return field ? const_cast<char*>(field->data()) : nullptr;
        };
        auto size = [](const Field& field) { return field ? field->size() : 0; };
        rd_kafka_resp_err_t error = rd_kafka_producev(
            client_, RD_KAFKA_V_TOPIC(record.topic.c_str()), RD_KAFKA_V_PARTITION(record.partition),
            RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_KEY(data(record.key), size(record.key)),
            RD_KAFKA_V_VALUE(data(record.value), size(record.value)), RD_KAFKA_V_HEADERS(headers),
            RD_KAFKA_V_TIMESTAMP(timestamp_ms), RD_KAFKA_V_END);
        if (error != RD_KAFKA_RESP_ERR_NO_ERROR && headers != nullptr)
            rd_kafka_headers_destroy(headers);
        return error;
    }

    rd_kafka_t* client_ = nullptr;
    std::string failed_;
    int64_t last_offset_ = -1;
};

/// Hands each line of the file to `enqueue`; returns how many there were.
template <typename Enqueue> size_t each_record(const std::string& path, Enqueue&& enqueue) {
    std::ifstream file(path, std::ios::binary);
    if (!file)
        throw Failure("cannot open \"" + path + "\"");
    std::string line;
    size_t count = 0;
    while (std::getline(file, line)) {
        if (line.empty())
            continue;
        try {
            enqueue(parse_record(line));
        } catch (const Failure& failure) {
            throw Failure("record " + std::to_string(count + 1) + ": " + failure.what());
        }
        ++count;
    }
    return count;
}
