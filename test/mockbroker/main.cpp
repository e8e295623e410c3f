// librdkafka's mock Kafka cluster as a program, for tests of the server.
//
//   mockbroker [BROKERS]
//
// prints its bootstrap address as the first line, then obeys one command a line from stdin and
// answers each with one line, "ok ..." or "error ...". It ends at end of input. Ports are chosen by
// the system: the mock API has no way to ask for one.
//
//   topic NAME PARTITIONS             create a topic
//   produce RECORD                    -> ok OFFSET
//   produce-file PATH                 one RECORD a line -> ok COUNT
//   end TOPIC PARTITION               -> ok OFFSET (next to be produced)
//   compression none|gzip|snappy|lz4|zstd   for what is produced from now on
//   error-inject APIKEY ERROR COUNT   the next COUNT requests of that kind fail (Produce 0, Fetch
//   1,
//                                     ListOffsets 2, OffsetCommit 8, OffsetFetch 9,
//                                     FindCoordinator 10, ApiVersion 18; Metadata never does)
//   errors-clear APIKEY               no more of them
//   broker-error ID APIKEY ERROR MILLISECONDS COUNT
//                                     the same at one broker, which answers so much later; ERROR
//                                     may be 0
//   errors-left ID APIKEY             -> ok COUNT, of broker-error
//   topic-error NAME ERROR            metadata requests report it for the topic; 0 takes it back
//   leader TOPIC PARTITION BROKER     -1: none
//   follower TOPIC PARTITION BROKER   who is to be fetched from instead; -1: nobody
//   broker-down ID, broker-up ID      disconnect and refuse, accept again; -1: all (ids from 1)
//   rtt ID MILLISECONDS               delay of every answer
//   cut|halt|spoil BYTE COUNT         the next COUNT answers of more bytes end there with their
//                                     connection; have this program stop there; have another byte
//                                     there (COUNT 0: no more)
//   fates-left                        -> ok COUNT, of these
//   quit
//
// ERROR is a number of the Kafka protocol or a name as librdkafka spells it
// (TOPIC_AUTHORIZATION_FAILED); _TRANSPORT (-195) disconnects.
//
// RECORD is TOPIC PARTITION, a tab, KEY, a tab, VALUE, and for each header a tab and NAME=VALUE. In
// keys and values \t, \n, \r, \\ and \0 stand for the bytes they name, and a lone \N for null; any
// other backslash is an error. So double the backslashes of JSON, and nothing else of it changes.
// Topics must have been created.
//
// Limits of the mock (src/rdkafka_mock.c of 2.0.2): a partition keeps 5 MiB as produced, that is
// after compression, or 100,000 message sets; when one is added, the oldest are dropped until what
// was there before fits, so the newest set always stays, whatever its size (a record of 50 MB can
// be fetched). Dropped offsets answer "out of range". More fits into more partitions, or with
// compression. A fetch at the end of all its partitions is answered after fetch.wait.max.ms, also
// when something arrives meanwhile, and it brings one message set a partition. Topics cannot be
// deleted. Transactions are not shown to readers.

#include "producer.hpp"
#include "wire.hpp"

#include <librdkafka/rdkafka_mock.h>

#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace {

rd_kafka_resp_err_t to_error(const std::string& text) {
    const struct rd_kafka_err_desc* list;
    size_t count;
    rd_kafka_get_err_descs(&list, &count);
    for (size_t i = 0; i < count; ++i) {
        if (list[i].name != nullptr && text == list[i].name)
            return list[i].code;
    }
    return static_cast<rd_kafka_resp_err_t>(to_int(text, "error"));
}

class Cluster {
public:
    explicit Cluster(int brokers) : host_(Properties{{"receive.message.max.bytes", "1073741824"}}) {
        mock_ = rd_kafka_mock_cluster_new(host_.client(), brokers);
        if (mock_ == nullptr)
            throw Failure("no mock cluster");
        Wire::get().listeners(bootstraps());
        compression("none");
    }
    ~Cluster() {
        producer_.reset();
        rd_kafka_mock_cluster_destroy(mock_);
    }

    std::string bootstraps() const { return rd_kafka_mock_cluster_bootstraps(mock_); }
    rd_kafka_mock_cluster_t* mock() { return mock_; }

    void create_topic(const std::string& name, int partitions) {
        require(rd_kafka_mock_topic_create(mock_, name.c_str(), partitions, 1));
        topics_[name] = partitions;
    }

    void compression(const std::string& codec) {
        producer_ = std::make_unique<Producer>(Producer::usual(bootstraps(), codec));
    }

    /// Hands one record to the producer; its report comes in flush().
    void enqueue(const RecordLine& record) {
        auto topic = topics_.find(record.topic);
        if (topic == topics_.end())
            throw Failure("unknown topic \"" + record.topic + "\"");
        if (record.partition < 0 || record.partition >= topic->second)
            throw Failure("topic \"" + record.topic + "\" has no such partition");
        producer_->enqueue(record);
    }
    int64_t flush() { return producer_->flush(); }
    int64_t end(const std::string& topic, int32_t partition) {
        return producer_->ends(topic, partition).second;
    }

private:
    Producer host_; // the mock cluster lives in it
    rd_kafka_mock_cluster_t* mock_ = nullptr;
    std::unique_ptr<Producer> producer_;
    std::map<std::string, int> topics_;
};

std::string produce_file(Cluster& cluster, const std::string& path) {
    size_t count = each_record(path, [&](const RecordLine& record) { cluster.enqueue(record); });
    cluster.flush();
    return std::to_string(count);
}

/// Obeys one line; what it returns follows the "ok".
std::string obey(Cluster& cluster, const std::string& line) {
    size_t gap = line.find_first_of(" \t");
    std::string verb = line.substr(0, gap);
    std::string rest = gap == std::string::npos ? "" : line.substr(gap + 1);
    if (verb == "produce") {
        cluster.enqueue(parse_record(rest));
        return std::to_string(cluster.flush());
    }
    if (verb == "produce-file")
        return produce_file(cluster, rest);

    std::istringstream words(rest);
    std::vector<std::string> args;
    for (std::string word; words >> word;)
        args.push_back(word);
    auto want = [&](size_t count) {
        if (args.size() != count)
            throw Failure(verb + " takes " + std::to_string(count) + " arguments");
    };
    rd_kafka_mock_cluster_t* mock = cluster.mock();
    if (verb == "topic") {
        want(2);
        cluster.create_topic(args[0], to_int(args[1], "number"));
    } else if (verb == "end") {
        want(2);
        return std::to_string(cluster.end(args[0], to_int(args[1], "partition")));
    } else if (verb == "compression") {
        want(1);
        cluster.compression(args[0]);
    } else if (verb == "error-inject") {
        want(3);
        int count = to_int(args[2], "count");
        if (count < 1)
            throw Failure("bad count");
        std::vector<rd_kafka_resp_err_t> errors(static_cast<size_t>(count), to_error(args[1]));
        rd_kafka_mock_push_request_errors_array(
            mock, static_cast<int16_t>(to_int(args[0], "API key")), errors.size(), errors.data());
    } else if (verb == "broker-error") {
        want(5);
        for (int count = to_int(args[4], "count"); count > 0; --count)
            require(rd_kafka_mock_broker_push_request_error_rtts(
                mock, to_int(args[0], "broker"), static_cast<int16_t>(to_int(args[1], "API key")),
                1, to_error(args[2]), to_int(args[3], "milliseconds")));
    } else if (verb == "errors-left") {
        want(2);
        size_t count = 0;
        require(rd_kafka_mock_broker_error_stack_cnt(
            mock, to_int(args[0], "broker"), static_cast<int16_t>(to_int(args[1], "API key")),
            &count));
        return std::to_string(count);
    } else if (verb == "errors-clear") {
        want(1);
        rd_kafka_mock_clear_request_errors(mock, static_cast<int16_t>(to_int(args[0], "API key")));
    } else if (verb == "topic-error") {
        want(2);
        rd_kafka_mock_topic_set_error(mock, args[0].c_str(), to_error(args[1]));
    } else if (verb == "leader") {
        want(3);
        require(rd_kafka_mock_partition_set_leader(
            mock, args[0].c_str(), to_int(args[1], "partition"), to_int(args[2], "broker")));
    } else if (verb == "follower") {
        want(3);
        require(rd_kafka_mock_partition_set_follower(
            mock, args[0].c_str(), to_int(args[1], "partition"), to_int(args[2], "broker")));
    } else if (verb == "broker-down") {
        want(1);
        require(rd_kafka_mock_broker_set_down(mock, to_int(args[0], "broker")));
    } else if (verb == "broker-up") {
        want(1);
        require(rd_kafka_mock_broker_set_up(mock, to_int(args[0], "broker")));
    } else if (verb == "rtt") {
        want(2);
        require(rd_kafka_mock_broker_set_rtt(mock, to_int(args[0], "broker"),
                                             to_int(args[1], "milliseconds")));
    } else if (verb == "fates-left") {
        want(0);
        return std::to_string(Wire::get().left());
    } else if (verb == "cut" || verb == "halt" || verb == "spoil") {
        want(2);
        Wire::get().ordain(verb == "cut"    ? Wire::Fate::cut
                           : verb == "halt" ? Wire::Fate::halt
                                            : Wire::Fate::spoil,
                           static_cast<size_t>(to_int(args[0], "byte")), to_int(args[1], "count"));
    } else {
        throw Failure("unknown command \"" + verb + "\"");
    }
    return {};
}

} // namespace

int main(int argc, char** argv) {
    try {
        Cluster cluster(argc > 1 ? to_int(argv[1], "number of brokers") : 1);
        std::cout << cluster.bootstraps() << std::endl;
        for (std::string line; std::getline(std::cin, line);) {
            if (line.empty())
                continue;
            if (line == "quit") {
                std::cout << "ok" << std::endl;
                break;
            }
            try {
                std::string result = obey(cluster, line);
                std::cout << (result.empty() ? "ok" : "ok " + result) << std::endl;
            } catch (const Failure& failure) {
                std::cout << "error " << failure.what() << std::endl;
            }
        }
        return 0;
    } catch (const std::exception& error) {
        std::cerr << "mockbroker: " << error.what() << std::endl;
        return 1;
    }
}
