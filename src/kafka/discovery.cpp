#include "kafka/discovery.hpp"

#include "core/clock.hpp"
#include "kafka/client_config.hpp"
#include "kafka/handles.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kGraceUs = 50 * 1000; ///< for a commit under way, when the client ends

class KafkaDiscovery final : public Discovery {
public:
    KafkaDiscovery(ClientHandle client, Scrubber scrubber)
        : scrubber_(std::move(scrubber)), client_(std::move(client)),
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
    Result<bool> ends(std::vector<PartitionEnds>& partitions, int timeout_ms) override;
    void commit(const std::vector<GroupOffset>& offsets) override;
    CommitNews hear_commit() override;
    bool shutdown() noexcept override;

private:
    rd_kafka_resp_err_t list_offsets(std::vector<PartitionEnds>& partitions, int64_t which,
                                     int64_t PartitionEnds::*result, int64_t deadline_us);
    void listen();
    void on_committed(rd_kafka_event_t* event);
    Fault unreachable(rd_kafka_resp_err_t error, int timeout_ms);

    Scrubber scrubber_;
    ClientHandle client_; // dies after the queue
    QueueHandle queue_;
    QueueHandle group_queue_; ///< what the client says of the group, of no interest
    bool committing_ = false; ///< a commit is under way
    CommitNews news_;
    SystemClock clock_;
    ClientTrouble trouble_; ///< the last one that the client told; empty after success
    /// Asking for the ends of one such partition would take the whole time of all.
    std::set<std::pair<std::string, int32_t>> leaderless_;
};

/// Hears what went wrong meanwhile; everything else on the queue is of no interest.
void KafkaDiscovery::listen() {
    while (EventHandle event{rd_kafka_queue_poll(group_queue_.get(), 0)})
        continue;
    while (EventHandle event{rd_kafka_queue_poll(queue_.get(), 0)}) {
        if (rd_kafka_event_type(event.get()) == RD_KAFKA_EVENT_OFFSET_COMMIT)
            on_committed(event.get());
        if (rd_kafka_event_type(event.get()) != RD_KAFKA_EVENT_ERROR)
            continue;
        rd_kafka_resp_err_t error = rd_kafka_event_error(event.get());
        if (concerns_group(error))
            continue;
        if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN && !trouble_.message.empty())
            continue; // only a count: what happened to the last connection says more
        trouble_ =
            describe_trouble(error, scrubber_.clean(rd_kafka_event_error_string(event.get())));
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
    leaderless_.clear();
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
            if (topic.partitions[p].leader >= 0)
                continue;
            leaderless_.emplace(info.name, topic.partitions[p].id);
            if (info.error.empty())
                info.error =
                    "partition " + std::to_string(topic.partitions[p].id) + " has no leader";
        }
    }
    return list;
}

/// One request to each leader, for all its partitions; `which` is RD_KAFKA_OFFSET_BEGINNING or _END
/// in place of a time.
rd_kafka_resp_err_t KafkaDiscovery::list_offsets(std::vector<PartitionEnds>& partitions,
                                                 int64_t which, int64_t PartitionEnds::*result,
                                                 int64_t deadline_us) {
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(partitions.size())));
    for (const PartitionEnds& ends : partitions) {
        if (leaderless_.count({ends.topic, ends.partition}) == 0)
            rd_kafka_topic_partition_list_add(list.get(), ends.topic.c_str(), ends.partition)
                ->offset = which;
    }
    int64_t left_ms = (deadline_us - clock_.steady_us()) / 1000;
    if (list->cnt == 0)
        return RD_KAFKA_RESP_ERR_NO_ERROR;
    if (left_ms <= 0)
        return RD_KAFKA_RESP_ERR__TIMED_OUT;
    rd_kafka_resp_err_t error =
        rd_kafka_offsets_for_times(client_.get(), list.get(), static_cast<int>(left_ms));
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR)
        return error;
    for (PartitionEnds& ends : partitions) {
        const rd_kafka_topic_partition_t* found =
            rd_kafka_topic_partition_list_find(list.get(), ends.topic.c_str(), ends.partition);
        // What was not answered still holds the question, a negative number.
        if (found != nullptr && found->err == RD_KAFKA_RESP_ERR_NO_ERROR && found->offset >= 0)
            ends.*result = found->offset;
    }
    return error;
}

Result<bool> KafkaDiscovery::ends(std::vector<PartitionEnds>& partitions, int timeout_ms) {
    listen();
    for (PartitionEnds& ends : partitions)
        ends.low = ends.high = -1;
    if (partitions.empty())
        return true;
    int64_t deadline = clock_.steady_us() + int64_t{timeout_ms} * 1000;
    rd_kafka_resp_err_t high =
        list_offsets(partitions, RD_KAFKA_OFFSET_END, &PartitionEnds::high, deadline);
    rd_kafka_resp_err_t low =
        list_offsets(partitions, RD_KAFKA_OFFSET_BEGINNING, &PartitionEnds::low, deadline);
    auto answered = [](rd_kafka_resp_err_t error) {
        return error >= RD_KAFKA_RESP_ERR_NO_ERROR ||
               error == RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION ||
               error == RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC;
    };
    if (!answered(high) && !answered(low))
        return unreachable(high, timeout_ms);
    listen();
    trouble_ = {};
    return true;
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
        std::make_unique<KafkaDiscovery>(std::move(*client), std::move(config->scrubber)));
}

} // namespace kcs
