// A client of a real Kafka as a program, for tests: what mockbroker does by itself, done to brokers
// that run elsewhere.
//
//   kafkaclient BOOTSTRAP
//
// prints the address as the first line, then obeys one command a line from stdin and answers each
// with one line, "ok ..." or "error ...". It ends at end of input. RECORD: see mockbroker.
//
//   topic NAME PARTITIONS [CONFIG=VALUE ...]
//   delete NAME                    returns when the brokers do not know it any more
//   partitions NAME COUNT          makes them that many
//   config NAME CONFIG=VALUE ...   all that differ from the defaults
//   trim TOPIC PARTITION OFFSET    deletes the records before it
//   produce RECORD                 -> ok OFFSET
//   produce-file PATH              one RECORD a line -> ok COUNT
//   begin TOPIC PARTITION          -> ok OFFSET (of the first record)
//   end TOPIC PARTITION            -> ok OFFSET (next to be produced)
//   compression none|gzip|snappy|lz4|zstd   for what is produced from now on
//   timestamp MILLISECONDS         likewise, as their time; 0: when they are produced
//   transaction begin ID MILLISECONDS       what is produced from now on belongs to it; the brokers
//                                  abort it when it takes longer than that
//   transaction commit|abort
//   transaction leave              leaves it open
//   transaction enter ID           what is produced from now on belongs to one that was left open
//   acl add|remove allow|deny PRINCIPAL OPERATION topic|group NAME

#include "mockbroker/producer.hpp"

#include <iostream>
#include <memory>
#include <sstream>

namespace {

/// Of a transactional call; frees it.
void require(rd_kafka_error_t* error) {
    if (error == nullptr)
        return;
    std::string text = rd_kafka_error_string(error);
    rd_kafka_error_destroy(error);
    throw Failure(text);
}

/// Who may, or may not, do what.
struct Acl {
    rd_kafka_AclPermissionType_t permission;
    std::string principal;
    rd_kafka_AclOperation_t operation;
    rd_kafka_ResourceType_t resource;
    std::string name;
};

class Client {
public:
    explicit Client(std::string bootstraps) : bootstraps_(std::move(bootstraps)) {
        compression("none");
    }
    ~Client() {
        if (queue_ != nullptr)
            rd_kafka_queue_destroy(queue_);
    }

    void compression(const std::string& codec) {
        if (queue_ != nullptr)
            rd_kafka_queue_destroy(queue_);
        plain_ = std::make_unique<Producer>(Producer::usual(bootstraps_, codec));
        queue_ = rd_kafka_queue_new(plain_->client());
    }

    void enqueue(const RecordLine& record) { producer().enqueue(record, timestamp); }
    int64_t flush() { return producer().flush(); }
    std::pair<int64_t, int64_t> ends(const std::string& topic, int32_t partition) {
        return plain_->ends(topic, partition);
    }

    void begin_transaction(const std::string& id, const std::string& timeout_ms) {
        Properties properties = Producer::usual(bootstraps_, "none");
        properties.emplace_back("transactional.id", id);
        properties.emplace_back("transaction.timeout.ms", timeout_ms);
        id_ = id;
        transaction_ = std::move(idle_[id]);
        if (!transaction_) {
            transaction_ = std::make_unique<Producer>(properties);
            require(rd_kafka_init_transactions(transaction_->client(), kTimeoutMs));
        }
        require(rd_kafka_begin_transaction(transaction_->client()));
    }
    void commit() {
        require(rd_kafka_commit_transaction(transaction_->client(), kTimeoutMs));
        idle_[id_] = std::move(transaction_);
    }
    void abort() {
        require(rd_kafka_abort_transaction(transaction_->client(), kTimeoutMs));
        idle_[id_] = std::move(transaction_);
    }
    /// Its producer lives on: destroying it would abort the transaction.
    void leave() { left_[id_] = std::move(transaction_); }
    void enter(const std::string& id) {
        auto left = left_.find(id);
        if (left == left_.end())
            throw Failure("no transaction \"" + id + "\" was left");
        id_ = id;
        transaction_ = std::move(left->second);
        left_.erase(left);
    }

    void create_topic(const std::string& name, int partitions, const Properties& config) {
        char text[256];
        rd_kafka_NewTopic_t* topic =
            rd_kafka_NewTopic_new(name.c_str(), partitions, 1, text, sizeof text);
        if (topic == nullptr)
            throw Failure(text);
        for (const auto& [key, value] : config)
            rd_kafka_NewTopic_set_config(topic, key.c_str(), value.c_str());
        rd_kafka_CreateTopics(client(), &topic, 1, nullptr, queue_);
        rd_kafka_NewTopic_destroy(topic);
        Answer answer(*this);
        size_t count;
        require_topics(rd_kafka_CreateTopics_result_topics(
            rd_kafka_event_CreateTopics_result(answer.event), &count));
        await_partitions(name, partitions);
    }
    void delete_topic(const std::string& name) {
        rd_kafka_DeleteTopic_t* topic = rd_kafka_DeleteTopic_new(name.c_str());
        rd_kafka_DeleteTopics(client(), &topic, 1, nullptr, queue_);
        rd_kafka_DeleteTopic_destroy(topic);
        Answer answer(*this);
        size_t count;
        require_topics(rd_kafka_DeleteTopics_result_topics(
            rd_kafka_event_DeleteTopics_result(answer.event), &count));
        await_partitions(name, 0);
    }
    void create_partitions(const std::string& name, int partitions) {
        char text[256];
        rd_kafka_NewPartitions_t* more = rd_kafka_NewPartitions_new(
            name.c_str(), static_cast<size_t>(partitions), text, sizeof text);
        if (more == nullptr)
            throw Failure(text);
        rd_kafka_CreatePartitions(client(), &more, 1, nullptr, queue_);
        rd_kafka_NewPartitions_destroy(more);
        Answer answer(*this);
        size_t count;
        require_topics(rd_kafka_CreatePartitions_result_topics(
            rd_kafka_event_CreatePartitions_result(answer.event), &count));
        await_partitions(name, partitions);
    }
    void configure(const std::string& name, const Properties& config) {
        rd_kafka_ConfigResource_t* resource =
            rd_kafka_ConfigResource_new(RD_KAFKA_RESOURCE_TOPIC, name.c_str());
        for (const auto& [key, value] : config)
            rd_kafka_ConfigResource_set_config(resource, key.c_str(), value.c_str());
        rd_kafka_AlterConfigs(client(), &resource, 1, nullptr, queue_);
        rd_kafka_ConfigResource_destroy(resource);
        Answer answer(*this);
        size_t count;
        require(rd_kafka_ConfigResource_error(rd_kafka_AlterConfigs_result_resources(
            rd_kafka_event_AlterConfigs_result(answer.event), &count)[0]));
    }
    void trim(const std::string& topic, int32_t partition, int64_t offset) {
        rd_kafka_topic_partition_list_t* list = rd_kafka_topic_partition_list_new(1);
        rd_kafka_topic_partition_list_add(list, topic.c_str(), partition)->offset = offset;
        rd_kafka_DeleteRecords_t* before = rd_kafka_DeleteRecords_new(list);
        rd_kafka_topic_partition_list_destroy(list);
        rd_kafka_DeleteRecords(client(), &before, 1, nullptr, queue_);
        rd_kafka_DeleteRecords_destroy(before);
        Answer answer(*this);
        require(
            rd_kafka_DeleteRecords_result_offsets(rd_kafka_event_DeleteRecords_result(answer.event))
                ->elems[0]
                .err);
    }
    void add_acl(const Acl& acl) {
        char text[256];
        rd_kafka_AclBinding_t* binding = rd_kafka_AclBinding_new(
            acl.resource, acl.name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
            acl.principal.c_str(), "*", acl.operation, acl.permission, text, sizeof text);
        if (binding == nullptr)
            throw Failure(text);
        rd_kafka_CreateAcls(client(), &binding, 1, nullptr, queue_);
        rd_kafka_AclBinding_destroy(binding);
        Answer answer(*this);
        size_t count;
        const rd_kafka_error_t* error = rd_kafka_acl_result_error(rd_kafka_CreateAcls_result_acls(
            rd_kafka_event_CreateAcls_result(answer.event), &count)[0]);
        if (error != nullptr)
            throw Failure(rd_kafka_error_string(error));
    }
    void remove_acl(const Acl& acl) {
        char text[256];
        rd_kafka_AclBindingFilter_t* filter = rd_kafka_AclBindingFilter_new(
            acl.resource, acl.name.c_str(), RD_KAFKA_RESOURCE_PATTERN_LITERAL,
            acl.principal.c_str(), "*", acl.operation, acl.permission, text, sizeof text);
        if (filter == nullptr)
            throw Failure(text);
        rd_kafka_DeleteAcls(client(), &filter, 1, nullptr, queue_);
        rd_kafka_AclBinding_destroy(filter);
        Answer answer(*this);
    }

    int64_t timestamp = 0;

private:
    /// The answer to an admin request.
    struct Answer {
        explicit Answer(Client& self) : event(rd_kafka_queue_poll(self.queue_, kTimeoutMs)) {
            if (event == nullptr)
                throw Failure("no answer");
            if (rd_kafka_event_error(event) != RD_KAFKA_RESP_ERR_NO_ERROR) {
                std::string text = rd_kafka_event_error_string(event);
                rd_kafka_event_destroy(event);
                throw Failure(text);
            }
        }
        ~Answer() { rd_kafka_event_destroy(event); }
        Answer(const Answer&) = delete;
        Answer& operator=(const Answer&) = delete;
        rd_kafka_event_t* event;
    };

    static void require_topics(const rd_kafka_topic_result_t** results) {
        require(rd_kafka_topic_result_error(results[0]));
    }

    /// Until the brokers tell so, and the producer has heard it; 0: the topic is gone.
    void await_partitions(const std::string& name, int partitions) {
        for (int tries = 0; tries < 300; ++tries) {
            const rd_kafka_metadata_t* metadata = nullptr;
            require(rd_kafka_metadata(client(), 1, nullptr, &metadata, kTimeoutMs));
            int count = 0;
            for (int i = 0; i < metadata->topic_cnt; ++i)
                if (name == metadata->topics[i].topic)
                    count = metadata->topics[i].partition_cnt;
            rd_kafka_metadata_destroy(metadata);
            if (count == partitions)
                return;
            rd_kafka_poll(client(), 20);
        }
        throw Failure("the brokers do not tell of it");
    }

    rd_kafka_t* client() { return plain_->client(); }
    Producer& producer() { return transaction_ ? *transaction_ : *plain_; }

    std::string bootstraps_;
    std::unique_ptr<Producer> plain_, transaction_;
    std::string id_; ///< of transaction_
    std::map<std::string, std::unique_ptr<Producer>> left_, idle_;
    rd_kafka_queue_t* queue_ = nullptr;
};

Properties properties(const std::vector<std::string>& args, size_t from) {
    Properties result;
    for (size_t i = from; i < args.size(); ++i) {
        size_t equals = args[i].find('=');
        if (equals == std::string::npos)
            throw Failure("a configuration is name=value");
        result.emplace_back(args[i].substr(0, equals), args[i].substr(equals + 1));
    }
    return result;
}

Acl acl(const std::vector<std::string>& args) {
    static const std::map<std::string, rd_kafka_AclOperation_t> kOperations = {
        {"read", RD_KAFKA_ACL_OPERATION_READ}, {"describe", RD_KAFKA_ACL_OPERATION_DESCRIBE}};
    auto operation = kOperations.find(args[3]);
    if (operation == kOperations.end())
        throw Failure("unknown operation \"" + args[3] + "\"");
    return {args[1] == "allow" ? RD_KAFKA_ACL_PERMISSION_TYPE_ALLOW
                               : RD_KAFKA_ACL_PERMISSION_TYPE_DENY,
            args[2], operation->second,
            args[4] == "group" ? RD_KAFKA_RESOURCE_GROUP : RD_KAFKA_RESOURCE_TOPIC, args[5]};
}

/// Obeys one line; what it returns follows the "ok".
std::string obey(Client& client, const std::string& line) {
    size_t gap = line.find_first_of(" \t");
    std::string verb = line.substr(0, gap);
    std::string rest = gap == std::string::npos ? "" : line.substr(gap + 1);
    if (verb == "produce") {
        client.enqueue(parse_record(rest));
        return std::to_string(client.flush());
    }
    if (verb == "produce-file") {
        size_t count = each_record(rest, [&](const RecordLine& record) { client.enqueue(record); });
        client.flush();
        return std::to_string(count);
    }
    std::istringstream words(rest);
    std::vector<std::string> args;
    for (std::string word; words >> word;)
        args.push_back(word);
    auto is = [&](const char* name, size_t least) {
        if (verb != name)
            return false;
        if (args.size() < least)
            throw Failure(verb + " takes " + std::to_string(least) + " arguments");
        return true;
    };
    if (is("topic", 2))
        client.create_topic(args[0], to_int(args[1], "number"), properties(args, 2));
    else if (is("delete", 1))
        client.delete_topic(args[0]);
    else if (is("partitions", 2))
        client.create_partitions(args[0], to_int(args[1], "number"));
    else if (is("config", 1))
        client.configure(args[0], properties(args, 1));
    else if (is("trim", 3))
        client.trim(args[0], to_int(args[1], "partition"), to_int(args[2], "offset"));
    else if (is("begin", 2))
        return std::to_string(client.ends(args[0], to_int(args[1], "partition")).first);
    else if (is("end", 2))
        return std::to_string(client.ends(args[0], to_int(args[1], "partition")).second);
    else if (is("compression", 1))
        client.compression(args[0]);
    else if (is("timestamp", 1))
        client.timestamp = std::strtoll(args[0].c_str(), nullptr, 10);
    else if (is("transaction", 1) && args[0] == "begin" && args.size() == 3)
        client.begin_transaction(args[1], args[2]);
    else if (is("transaction", 1) && args[0] == "commit")
        client.commit();
    else if (is("transaction", 1) && args[0] == "abort")
        client.abort();
    else if (is("transaction", 1) && args[0] == "leave")
        client.leave();
    else if (is("transaction", 2) && args[0] == "enter")
        client.enter(args[1]);
    else if (is("acl", 6) && args[0] == "add")
        client.add_acl(acl(args));
    else if (is("acl", 6) && args[0] == "remove")
        client.remove_acl(acl(args));
    else
        throw Failure("unknown command \"" + line + "\"");
    return {};
}

} // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: kafkaclient BOOTSTRAP" << std::endl;
        return 2;
    }
    try {
        Client client(argv[1]);
        std::cout << argv[1] << std::endl;
        for (std::string line; std::getline(std::cin, line);) {
            if (line.empty())
                continue;
            try {
                std::string result = obey(client, line);
                std::cout << (result.empty() ? "ok" : "ok " + result) << std::endl;
            } catch (const Failure& failure) {
                std::cout << "error " << failure.what() << std::endl;
            }
        }
        std::_Exit(0); // transactions that were left stay open
    } catch (const std::exception& error) {
        std::cerr << "kafkaclient: " << error.what() << std::endl;
        return 1;
    }
}
