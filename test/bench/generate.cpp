// Produces events of the benchmark's table (orders.sql) to a real Kafka, byte for byte as the
// connector writes them: schemas come from a recorded record (record.sh), values are made here.
//
//   generate BROKER TOPIC RECORDING snapshot|mixed COUNT ROWS
//
// snapshot: COUNT reads of ids 1 to COUNT. mixed: COUNT events on a table that holds ids 1 to ROWS:
// 20 % inserts, 70 % updates, 10 % deletes (each followed by its tombstone, which is not counted).

#include <librdkafka/rdkafka.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <random>
#include <string>
#include <vector>

namespace {

[[noreturn]] void die(const std::string& why) {
    std::fprintf(stderr, "generate: %s\n", why.c_str());
    std::exit(1);
}

/// Field `n` (from 1) of a line of the recording, unescaped (test/mockbroker says how).
std::string field(const std::string& line, int n) {
    size_t at = 0;
    for (; n > 0; n--)
        at = line.find('\t', at) + 1;
    std::string out;
    for (; at < line.size() && line[at] != '\t'; at++) {
        if (line[at] == '\\' && line[at + 1] == '\\')
            at++;
        out += line[at];
    }
    return out;
}

struct Template {
    std::string key_head, key_tail;     ///< around the id
    std::string value_head, value_tail; ///< around the payload
    bool schemas = false;
};

/// The recorded event of the table.
Template read_template(const char* path) {
    std::ifstream file(path);
    std::string line;
    while (std::getline(file, line)) {
        std::string key = field(line, 1), value = field(line, 2);
        Template t;
        size_t id = key.rfind("\"id\":") + 5;
        t.key_head = key.substr(0, id);
        t.key_tail = key.substr(key.find('}', id));
        t.schemas = value.rfind("{\"schema\":", 0) == 0;
        if (t.schemas) {
            t.value_head = value.substr(0, value.find("\"payload\":") + 10);
            t.value_tail = "}";
        }
        return t;
    }
    die(std::string("no record in ") + path);
}

std::string base64_of(int64_t n) {
    unsigned char bytes[9];
    int count = 0;
    int64_t rest = n;
    do { // big-endian two's complement, as short as the sign allows
        bytes[8 - count++] = static_cast<unsigned char>(rest);
        bool negative = (rest & 0x80) != 0;
        rest >>= 8;
        if ((rest == 0 && !negative) || (rest == -1 && negative))
            break;
    } while (count < 8);
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char* from = bytes + 9 - count;
    std::string out;
    for (int i = 0; i < count; i += 3) {
        int left = count - i;
        unsigned v =
            from[i] << 16 | (left > 1 ? from[i + 1] << 8 : 0) | (left > 2 ? from[i + 2] : 0);
        out += digits[v >> 18];
        out += digits[v >> 12 & 63];
        out += left > 1 ? digits[v >> 6 & 63] : '=';
        out += left > 2 ? digits[v & 63] : '=';
    }
    return out;
}

class Generator {
public:
    Generator(rd_kafka_t* client, rd_kafka_topic_t* topic, Template t)
        : client_(client), topic_(topic), template_(std::move(t)) {}

    void event(char op, int64_t id) {
        char after[600] = "null", before[300] = "null", text[1600];
        if (op == 'd')
            std::snprintf(before, sizeof before,
                          "{\"id\":%" PRId64
                          ",\"customer_id\":0,\"status\":\"\",\"amount\":\"AA==\",\"note\":null,"
                          "\"payload\":\"{}\",\"created_at\":\"1970-01-01T00:00:00.000000Z\","
                          "\"updated_at\":null}",
                          id);
        else
            row(after, sizeof after, id);
        int64_t ms = 1795360031435 + count_ / 10, us = ms * 1000 + count_ % 1000;
        std::snprintf(
            text, sizeof text,
            "{\"before\":%s,\"after\":%s,\"source\":{\"version\":\"3.6.3.Final\","
            "\"connector\":\"postgresql\",\"name\":\"bench\",\"ts_ms\":%" PRId64
            ",\"snapshot\":%s,\"db\":\"postgres\",\"sequence\":\"[null,\\\"%" PRId64
            "\\\"]\",\"ts_us\":%" PRId64 ",\"ts_ns\":%" PRId64
            "000,\"schema\":\"shop\",\"table\":\"orders\",\"txId\":%" PRId64 ",\"lsn\":%" PRId64
            ",\"xmin\":null,\"origin\":null,\"origin_lsn\":null},\"transaction\":null,"
            "\"op\":\"%c\",\"ts_ms\":%" PRId64 ",\"ts_us\":%" PRId64 ",\"ts_ns\":%" PRId64 "000}",
            before, after, ms, op == 'r' ? "\"true\"" : "null", 22391952 + count_ * 64, us, us,
            740 + count_ / 4, 22391952 + count_ * 64, op, ms + 400, us + 400000, us + 400000);
        count_++;
        std::string key = template_.key_head + std::to_string(id) + template_.key_tail;
        value_ = template_.value_head;
        value_ += text;
        value_ += template_.value_tail;
        send(key, &value_);
        if (op == 'd')
            send(key, nullptr);
    }

private:
    void row(char* out, size_t size, int64_t id) {
        static const char* status[] = {"open", "sent", "paid", "returned"};
        int64_t r = static_cast<int64_t>(random_() >> 2);
        char created[40], updated[40];
        timestamp(created, sizeof created, r);
        timestamp(updated, sizeof updated, r / 7);
        std::snprintf(out, size,
                      "{\"id\":%" PRId64
                      ",\"customer_id\":%d,\"status\":\"%s\",\"amount\":\"%s\",\"note\":"
                      "\"note %" PRId64 " on the order: leave it with the neighbours, %x\","
                      "\"payload\":\"{\\\"ip\\\": \\\"10.1.%d.%d\\\", \\\"items\\\": %d, "
                      "\\\"gift\\\": %s, \\\"source\\\": \\\"web\\\"}\","
                      "\"created_at\":\"%s\",\"updated_at\":\"%s\"}",
                      id, static_cast<int>(r % 50000), status[r % 4],
                      base64_of(r % 100000000 - 1000000).c_str(), id, static_cast<unsigned>(r),
                      static_cast<int>(r % 251), static_cast<int>(r % 241),
                      static_cast<int>(r % 19), r % 2 ? "true" : "false", created, updated);
    }

    /// A time of 2024 as the connector writes timestamptz.
    static void timestamp(char* out, size_t size, int64_t r) {
        int minute = static_cast<int>(r % 60), hour = static_cast<int>(r / 60 % 24),
            day = static_cast<int>(1 + r / 1440 % 28), month = static_cast<int>(1 + r / 40320 % 12);
        std::snprintf(out, size, "2024-%02d-%02dT%02d:%02d:00.%06dZ", month, day, hour, minute,
                      static_cast<int>(r % 1000000));
    }

    void send(const std::string& key, const std::string* value) {
        while (rd_kafka_produce(topic_, 0, RD_KAFKA_MSG_F_COPY,
                                value ? const_cast<char*>(value->data()) : nullptr,
                                value ? value->size() : 0, key.data(), key.size(), nullptr) != 0) {
            if (rd_kafka_last_error() != RD_KAFKA_RESP_ERR__QUEUE_FULL)
                die(rd_kafka_err2str(rd_kafka_last_error()));
            rd_kafka_poll(client_, 50);
        }
        if (count_ % 1024 == 0)
            rd_kafka_poll(client_, 0);
    }

    rd_kafka_t* client_;
    rd_kafka_topic_t* topic_;
    Template template_;
    std::mt19937_64 random_{42};
    std::string value_;
    int64_t count_ = 0;
};

void mixed(Generator& generator, int64_t count, int64_t rows) {
    std::mt19937_64 random(7);
    std::vector<int64_t> living(static_cast<size_t>(rows));
    for (int64_t i = 0; i < rows; i++)
        living[static_cast<size_t>(i)] = i + 1;
    int64_t next = rows + 1;
    for (int64_t i = 0; i < count; i++) {
        unsigned kind = random() % 10;
        if (kind < 2 || living.empty()) {
            living.push_back(next);
            generator.event('c', next++);
            continue;
        }
        size_t at = random() % living.size();
        if (kind < 9) {
            generator.event('u', living[at]);
        } else {
            generator.event('d', living[at]);
            living[at] = living.back();
            living.pop_back();
        }
    }
}

int undelivered = 0;
void delivered(rd_kafka_t*, const rd_kafka_message_t* message, void*) {
    if (message->err)
        undelivered++;
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 7)
        die("usage: generate BROKER TOPIC RECORDING snapshot|mixed COUNT ROWS");
    char error[512];
    rd_kafka_conf_t* conf = rd_kafka_conf_new();
    const char* settings[][2] = {{"bootstrap.servers", argv[1]},
                                 {"compression.type", "lz4"},
                                 {"linger.ms", "20"},
                                 {"batch.size", "1000000"},
                                 {"batch.num.messages", "1000"},
                                 {"queue.buffering.max.kbytes", "131072"}};
    for (auto& s : settings)
        if (rd_kafka_conf_set(conf, s[0], s[1], error, sizeof error) != RD_KAFKA_CONF_OK)
            die(error);
    rd_kafka_conf_set_dr_msg_cb(conf, delivered);
    rd_kafka_t* client = rd_kafka_new(RD_KAFKA_PRODUCER, conf, error, sizeof error);
    if (!client)
        die(error);
    rd_kafka_topic_t* topic = rd_kafka_topic_new(client, argv[2], nullptr);
    {
        Generator generator(client, topic, read_template(argv[3]));
        int64_t count = std::atoll(argv[5]), rows = std::atoll(argv[6]);
        if (std::strcmp(argv[4], "mixed") == 0)
            mixed(generator, count, rows);
        else
            for (int64_t id = 1; id <= count; id++)
                generator.event('r', id);
    }
    rd_kafka_flush(client, 120000);
    int left = rd_kafka_outq_len(client);
    rd_kafka_topic_destroy(topic);
    rd_kafka_destroy(client);
    if (undelivered || left)
        die(std::to_string(undelivered + left) + " messages were not delivered");
}
