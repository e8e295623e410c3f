#include "kafka/discovery.hpp"

#include "core/clock.hpp"
#include "kafka/client_config.hpp"
#include "kafka/handles.hpp"
#include "kafka/known_records.hpp"

#include <algorithm>
#include <map>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kGraceUs = 50 * 1000; ///< for a commit under way, when the client ends
constexpr int64_t kLeastUs = 20 * 1000; ///< with less time left, a leader is not asked any more

class KafkaDiscovery final : public Discovery {
public:
    KafkaDiscovery(ClientHandle client, ClientConfig config)
        : config_(std::move(config)), client_(std::move(client)),
          queue_(rd_kafka_queue_get_main(client_.get())),
          group_queue_(rd_kafka_queue_get_consumer(client_.get())) {}
    ~KafkaDiscovery() override {
        if (!shutdown()) {
            (void)group_queue_.release();
            (void)queue_.release();
            (void)client_.release();
        }
    }

    Result<std::vector<TopicInfo>> topics(int timeout_ms) override;
    void ends(std::vector<PartitionEnds>& partitions, int timeout_ms) override;
    void compare(std::vector<KnownRecord>& records, int timeout_ms) override;
    int brokers() const override { return static_cast<int>(leaders_.size()); }
    void sample(std::vector<SampledRecord>& records, int64_t deadline_us,
                const std::function<void()>& between) override;
    std::string group_complaint(const std::vector<GroupOffset>& partitions, int timeout_ms,
                                bool& late) override;
    void commit(const std::vector<GroupOffset>& offsets) override;
    CommitNews hear_commit() override;
    bool shutdown() noexcept override;

private:
    /// A broker, as the leader of partitions.
    struct Leader {
        std::string address;
        bool alone = false;  ///< it may be the one that does not answer: nobody is asked with it
        uint64_t failed = 0; ///< when it last failed to answer alone, in turns
    };
    using Questions = std::vector<PartitionEnds*>;

    rd_kafka_resp_err_t ask(const Questions& questions, int64_t deadline_us);
    rd_kafka_resp_err_t list_offsets(const Questions& questions, int64_t which,
                                     int64_t PartitionEnds::*result, int64_t deadline_us);
    void put_down(const rd_kafka_metadata_t& metadata);
    std::string complaint(int32_t leader, rd_kafka_resp_err_t error) const;
    void listen();
    void note_group(rd_kafka_event_t* event) {
        group_refused_ |=
            rd_kafka_event_error(event) == RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    }
    void on_committed(rd_kafka_event_t* event);
    Fault unreachable(rd_kafka_resp_err_t error, int timeout_ms);

    ClientConfig config_;
    ClientHandle client_; // dies after the queue
    QueueHandle queue_;
    QueueHandle group_queue_; ///< records to compare; what the client says of the group
    bool committing_ = false; ///< a commit is under way
    CommitNews news_;
    bool group_refused_ = false; ///< the client was told so
    SystemClock clock_;
    ClientTrouble trouble_; ///< the last one that the client told; empty after success
    std::map<int32_t, Leader> leaders_;
    std::map<std::pair<std::string, int32_t>, int32_t> leader_of_; ///< -1: it has none
    uint64_t turns_ = 0;
};

/// Hears what went wrong meanwhile; everything else on the queue is of no interest.
void KafkaDiscovery::listen() {
    while (EventHandle event{rd_kafka_queue_poll(group_queue_.get(), 0)})
        note_group(event.get());
    while (EventHandle event{rd_kafka_queue_poll(queue_.get(), 0)}) {
        if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT)
            on_committed(event.get());
        if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR)
            continue;
        note_group(event.get());
        rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
        if (concerns_group(error))
            continue;
        if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !trouble_.message.empty())
            continue; // only a count: what happened to the last connection says more
        trouble_ = describe_trouble(
            error, config_.scrubber.clean(rd_kafka_event_error_string(event.get())));
    }
}

Fault KafkaDiscovery::unreachable(rd_kafka_resp_err_t error, int timeout_ms) {
    listen();
    ClientTrouble trouble = trouble_;
    if (trouble.message.empty()) {
        trouble = describe_trouble(error, {});
        if (error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__TRANSPORT)
            trouble.message =
                "no Kafka broker answered within " + std::to_string(timeout_ms) + " ms";
    }
    Fault fault = Fault::of(ErrorClass::environment, "08006", std::move(trouble.message));
    fault.hint = std::move(trouble.hint);
    return fault;
}

Result<std::vector<TopicInfo>> KafkaDiscovery::topics(int timeout_ms) {
    listen();
    const rd_kafka_metadata_t* raw = nullptr;
    rd_kafka_resp_err_t error = rd_kafka_metadata(client_.get(), 1, nullptr, &raw, timeout_ms);
    MetadataHandle metadata(raw);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return unreachable(error, timeout_ms);
    listen();
    trouble_ = {};
    put_down(*metadata);
    std::vector<TopicInfo> list;
    list.reserve(static_cast<size_t>(metadata->topic_cnt));
    for (int i = 0; i < metadata->topic_cnt; ++i) {
        const rd_kafka_metadata_topic_t& topic = metadata->topics[i];
        TopicInfo& info = list.emplace_back();
        info.name = topic.topic;
        info.partitions = topic.partition_cnt;
        if (topic.err != RD_KAFKA_RESP_ERR_NO_ERROR)
            info.error = rd_kafka_err2str(topic.err);
        for (int p = 0; p < topic.partition_cnt; ++p) {
            const rd_kafka_metadata_partition_t& partition = topic.partitions[p];
            if (partition.leader < 0 && info.error.empty())
                info.error = "partition " + std::to_string(partition.id) + " has no leader";
            if (p == 0 || partition.replica_cnt < info.replicas)
                info.replicas = partition.replica_cnt;
            info.behind += partition.isr_cnt < partition.replica_cnt;
        }
    }
    return list;
}

/// Who leads what.
void KafkaDiscovery::put_down(const rd_kafka_metadata_t& metadata) {
    std::map<int32_t, Leader> before = std::exchange(leaders_, {});
    for (int i = 0; i < metadata.broker_cnt; ++i) {
        const rd_kafka_metadata_broker_t& broker = metadata.brokers[i];
        Leader& leader = leaders_[broker.id];
        leader = before[broker.id];
        leader.address = std::string(broker.host) + ":" + std::to_string(broker.port);
    }
    leader_of_.clear();
    for (int i = 0; i < metadata.topic_cnt; ++i) {
        const rd_kafka_metadata_topic_t& topic = metadata.topics[i];
        for (int p = 0; p < topic.partition_cnt; ++p) {
            int32_t leader = topic.partitions[p].leader;
            leader_of_[{topic.topic, topic.partitions[p].id}] =
                leaders_.count(leader) != 0 ? leader : -1;
        }
    }
}

/// One request to each leader, for all its partitions; `which` is RD_KAFKA_OFFSET_BEGINNING or _END
/// in place of a time. One answer that does not come, or one partition's error, and librdkafka
/// gives no answer at all.
rd_kafka_resp_err_t KafkaDiscovery::list_offsets(const Questions& questions, int64_t which,
                                                 int64_t PartitionEnds::*result,
                                                 int64_t deadline_us) {
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(questions.size())));
    for (const PartitionEnds* ends : questions)
        rd_kafka_topic_partition_list_add(list.get(), ends->topic.c_str(), ends->partition)
            ->offset = which;
    int64_t left_ms = (deadline_us - clock_.steady_us()) / 1000;
    if (left_ms <= 0)
        return RD_KAFKA_RESP_ERR__TIMED_OUT;
    rd_kafka_resp_err_t error =
        rd_kafka_offsets_for_times(client_.get(), list.get(), static_cast<int>(left_ms));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return error;
    for (PartitionEnds* ends : questions) {
        const rd_kafka_topic_partition_t* found =
            rd_kafka_topic_partition_list_find(list.get(), ends->topic.c_str(), ends->partition);
        // What was not answered still holds the question, a negative number.
        if (found != nullptr && found->err == RD_KAFKA_RESP_ERR_NO_ERROR && found->offset >= 0)
            ends->*result = found->offset;
    }
    return error;
}

/// Both ends; each of the two answers has half of the time to itself.
rd_kafka_resp_err_t KafkaDiscovery::ask(const Questions& questions, int64_t deadline_us) {
    int64_t middle_us = clock_.steady_us() + (deadline_us - clock_.steady_us()) / 2;
    rd_kafka_resp_err_t error =
        list_offsets(questions, RD_KAFKA_OFFSET_END, &PartitionEnds::high, middle_us);
    if (error == RD_KAFKA_RESP_ERR_NO_ERROR)
        error =
            list_offsets(questions, RD_KAFKA_OFFSET_BEGINNING, &PartitionEnds::low, deadline_us);
    return error;
}

std::string KafkaDiscovery::complaint(int32_t leader, rd_kafka_resp_err_t error) const {
    std::string text = "its leader, broker " + std::to_string(leader) + " at " +
                       leaders_.at(leader).address + ", ";
    return error > RD_KAFKA_RESP_ERR_NO_ERROR ? text + "says: " + rd_kafka_err2str(error)
                                              : text + "does not answer";
}

void KafkaDiscovery::ends(std::vector<PartitionEnds>& partitions, int timeout_ms) {
    listen();
    int64_t deadline = clock_.steady_us() + int64_t{timeout_ms} * 1000;
    std::map<int32_t, Questions> by_leader;
    for (PartitionEnds& ends : partitions) {
        ends.low = ends.high = -1;
        ends.error.clear();
        ends.late = false;
        auto known = leader_of_.find({ends.topic, ends.partition});
        if (known == leader_of_.end())
            ends.error = "the brokers do not know it";
        else if (known->second < 0)
            ends.error = "it has no leader";
        else
            by_leader[known->second].push_back(&ends);
    }

    Questions together;
    std::vector<int32_t> reliable, alone;
    for (const auto& [id, questions] : by_leader) {
        if (leaders_[id].alone) {
            alone.push_back(id);
            continue;
        }
        reliable.push_back(id);
        together.insert(together.end(), questions.begin(), questions.end());
    }
    if (!together.empty() && ask(together, deadline) != RD_KAFKA_RESP_ERR_NO_ERROR) {
        for (int32_t id : reliable) // it is one of them: which one will show
            leaders_[id].alone = true;
        alone.insert(alone.end(), reliable.begin(), reliable.end());
    }
    std::sort(alone.begin(), alone.end(),
              [this](int32_t a, int32_t b) { return leaders_[a].failed < leaders_[b].failed; });
    for (int32_t id : alone) {
        Leader& leader = leaders_[id];
        std::string error;
        if (deadline - clock_.steady_us() >= kLeastUs) {
            rd_kafka_resp_err_t answer = ask(by_leader[id], deadline);
            leader.alone = answer != RD_KAFKA_RESP_ERR_NO_ERROR;
            leader.failed = leader.alone ? ++turns_ : 0;
            error = leader.alone ? complaint(id, answer) : "";
        } else if (leader.failed != 0) {
            error = complaint(id, RD_KAFKA_RESP_ERR__TIMED_OUT);
        } else {
            error = "another broker does not answer, and its leader was not asked yet";
        }
        for (PartitionEnds* ends : by_leader[id]) {
            ends->error = error;
            ends->late = !error.empty();
        }
    }
    for (PartitionEnds& ends : partitions)
        if ((ends.low < 0 || ends.high < 0) && ends.error.empty())
            ends.error = "its leader does not say where it begins and ends";
}

void KafkaDiscovery::compare(std::vector<KnownRecord>& records, int timeout_ms) {
    listen();
    if (!committing_) // an assignment would wait for the commit
        compare_records(client_.get(), group_queue_.get(), records, timeout_ms);
}

void KafkaDiscovery::sample(std::vector<SampledRecord>& records, int64_t deadline_us,
                            const std::function<void()>& between) {
    listen();
    if (committing_) // an assignment would wait for the commit
        return;
    auto look_up = [&] {
        // As KafkaConsumer::wake_fetchers(): threads that nap after the assignment, up to a second.
        rd_kafka_error_destroy(rd_kafka_sasl_set_credentials(
            client_.get(), config_.sasl_username.c_str(), config_.sasl_password.c_str()));
        between();
    };
    sample_records(client_.get(), group_queue_.get(), records, deadline_us, look_up);
}

std::string KafkaDiscovery::group_complaint(const std::vector<GroupOffset>& partitions,
                                            int timeout_ms, bool& late) {
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const GroupOffset& offset : partitions)
        rd_kafka_topic_partition_list_add(list.get(), offset.topic.c_str(), offset.partition);
    rd_kafka_resp_err_t error = rd_kafka_committed(client_.get(), list.get(), timeout_ms);
    for (int i = 0; i < list->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        error = list->elems[i].err;
    listen();
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR && group_refused_) // librdkafka goes on asking
        error = RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED;
    late = error == RD_KAFKA_RESP_ERR__TIMED_OUT || error == RD_KAFKA_RESP_ERR__WAIT_COORD;
    return error == RD_KAFKA_RESP_ERR_NO_ERROR ? "" : rd_kafka_err2str(error);
}

// Nothing is assigned to this client, so that a commit under way holds nothing back but the
// client's end. The admin requests for the same purpose abort the process when the connection to
// the group's coordinator drops under them.
void KafkaDiscovery::commit(const std::vector<GroupOffset>& offsets) {
    listen();
    if (committing_ || offsets.empty())
        return;
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(offsets.size())));
    for (const GroupOffset& offset : offsets)
        rd_kafka_topic_partition_list_add(list.get(), offset.topic.c_str(), offset.partition)
            ->offset = offset.next;
    rd_kafka_resp_err_t error =
        rd_kafka_commit_queue(client_.get(), list.get(), queue_.get(), nullptr, nullptr);
    committing_ = error == RD_KAFKA_RESP_ERR_NO_ERROR;
    if (!committing_)
        news_ = {false, true, rd_kafka_err2str(error)};
}

void KafkaDiscovery::on_committed(rd_kafka_event_t* event) {
    committing_ = false;
    news_ = {false, true, {}};
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    const rd_kafka_topic_partition_list_t* list = rd_kafka_event_topic_partition_list(event);
    for (int i = 0; list != nullptr && i < list->cnt && error == RD_KAFKA_RESP_ERR_NO_ERROR; ++i)
        error = list->elems[i].err;
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        news_.error = rd_kafka_err2str(error);
}

Discovery::CommitNews KafkaDiscovery::hear_commit() {
    listen();
    CommitNews news = std::exchange(news_, {});
    news.pending = committing_;
    return news;
}

bool KafkaDiscovery::shutdown() noexcept {
    int64_t deadline = clock_.steady_us() + kGraceUs;
    while (client_ && committing_ && clock_.steady_us() < deadline) {
        EventHandle event(rd_kafka_queue_poll(queue_.get(), 5));
        if (event && rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT)
            committing_ = false;
    }
    if (client_ && committing_)
        return false;
    group_queue_.reset();
    queue_.reset();
    client_.reset();
    return true;
}

} // namespace

Result<std::unique_ptr<Discovery>> Discovery::create(const ClientSettings& settings) {
    auto config = make_client_config(settings, ClientRole::discovery);
    if (!config)
        return config.fault();
    auto client = start_client(*config);
    if (!client)
        return client.fault();
    return std::unique_ptr<Discovery>(
        std::make_unique<KafkaDiscovery>(std::move(*client), std::move(*config)));
}

} // namespace kcs
