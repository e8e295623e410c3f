#include "kafka/consumer.hpp"

#include "kafka/assignments.hpp"
#include "kafka/client_config.hpp"
#include "kafka/control.hpp"
#include "kafka/handles.hpp"
#include "kafka/message.hpp"
#include "kafka/topic_metadata.hpp"
#include "kafka/wake_fd.hpp"

#include <algorithm>
#include <deque>
#include <iterator>
#include <new>
#include <optional>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// What the views of a record point into.
class Held final : public Headers {
public:
    Held(EventHandle event, const rd_kafka_message_t* message)
        : event_(std::move(event)), message_(message) {}

    HeaderList read() override {
        rd_kafka_headers_t* raw = nullptr; // the message's
        if (!copy_ && rd_kafka_message_headers(message_, &raw) == RD_KAFKA_RESP_ERR_NO_ERROR)
            copy(*raw);
        return {copy_.get(), count_};
    }

private:
    void copy(const rd_kafka_headers_t& raw) {
        size_t count = rd_kafka_header_cnt(&raw);
        copy_ = std::make_unique<Header[]>(count);
        for (size_t i = 0; i < count; ++i) {
            const char* name = nullptr;
            const void* value = nullptr;
            size_t size = 0;
            rd_kafka_header_get_all(&raw, i, &name, &value, &size);
            copy_[i] = {name, value == nullptr
                                  ? std::string_view()
                                  : std::string_view(static_cast<const char*>(value), size)};
        }
        count_ = static_cast<uint32_t>(count);
    }

    EventHandle event_;
    const rd_kafka_message_t* message_;
    std::unique_ptr<Header[]> copy_;
    uint32_t count_ = 0;
};

class KafkaConsumer final : public Consumer {
public:
    KafkaConsumer(ClientHandle client, ClientConfig config, std::unique_ptr<WakeFd> wake,
                  const ClientSettings& settings);

    void assign(uint32_t slot, const std::string& topic, int32_t partition,
                int64_t offset) override;
    void unassign(uint32_t slot) override;
    bool poll(std::vector<Record>& records, size_t max_records, size_t max_bytes) override;
    void release(size_t before, size_t count) override;
    void reclaim() override { released_.clear(); }
    std::vector<SourceEvent> take_events() override;
    bool take_disconnect() override;
    int64_t high_watermark(uint32_t slot) override;
    int wake_fd() const override { return wake_->fd(); }
    void drain_wake_fd() override { wake_->drain(); }
    std::vector<LogLine> take_log() override;
    int64_t broker_down_since_us() const override;
    int64_t queued_messages() const override;
    const ClientStatistics& statistics() const override { return control_->statistics(); }

private:
    void start(uint32_t slot);
    void stop(const Assigned& assigned);
    bool take_record(std::vector<Record>& records, size_t& bytes);
    void on_partition_error(rd_kafka_event_t* event);
    void on_out_of_range(uint32_t slot, int64_t offset, std::string text);
    void wake_fetchers();

    ClientConfig config_;
    std::unique_ptr<WakeFd> wake_;
    ClientHandle client_; // everything of librdkafka below dies before it
    QueueHandle control_queue_;
    QueueHandle records_queue_;
    std::optional<Control> control_;
    std::deque<Held> held_;                       ///< of the records that were handed out
    std::vector<Held> released_;                  ///< of those that came back
    EventHandle current_;                         ///< taken from the queue, not yet handed out
    const rd_kafka_message_t* message_ = nullptr; ///< of current_

    Assignments slots_;
    std::vector<SourceEvent> events_;
    size_t wake_bytes_;    ///< taken since the last waking: at which to wake again
    size_t wake_messages_; ///< likewise
    size_t taken_bytes_ = 0;
    size_t taken_messages_ = 0;
    bool assigned_ = false; ///< since the last poll()
};

KafkaConsumer::KafkaConsumer(ClientHandle client, ClientConfig config, std::unique_ptr<WakeFd> wake,
                             const ClientSettings& settings)
    : config_(std::move(config)), wake_(std::move(wake)), client_(std::move(client)),
      control_queue_(rd_kafka_queue_get_main(client_.get())),
      records_queue_(rd_kafka_queue_get_consumer(client_.get())),
      wake_bytes_(static_cast<size_t>(settings.queue_bytes) / 4),
      wake_messages_(static_cast<size_t>(config_.queued_messages) / 4) {
    control_.emplace(client_.get(), control_queue_.get(), *wake_, config_.scrubber);
    static const uint64_t kOne = 1;
    for (rd_kafka_queue_t* queue : {control_queue_.get(), records_queue_.get()})
        rd_kafka_queue_io_event_enable(queue, wake_->event_fd(), &kOne, sizeof kOne);
}

void KafkaConsumer::assign(uint32_t slot, const std::string& topic, int32_t partition,
                           int64_t offset) {
    unassign(slot);
    slots_.add(slot, topic, partition, offset);
    start(slot);
}

void KafkaConsumer::unassign(uint32_t slot) {
    if (const Assigned* assigned = slots_.find(slot)) {
        stop(*assigned);
        slots_.remove(slot);
    }
}

// No record from before an assign() is handed out after it: incremental_unassign returns when
// librdkafka's main thread has raised the partition's version
// (rd_kafka_toppar_version_new_barrier), every fetched record carries the version that its request
// was sent with, and polling a queue drops what is older (rd_kafka_op_version_outdated).
void KafkaConsumer::start(uint32_t slot) {
    Assigned& assigned = *slots_.find(slot);
    assigned.delivered = assigned.broken = false;
    slots_.forget_origins();
    assigned_ = true;
    PartitionList list = assigned.list();
    ErrorHandle error(rd_kafka_incremental_assign(client_.get(), list.get()));
    if (error)
        events_.push_back({SourceEvent::Kind::partition_error, slot, assigned.start,
                           "partition could not be assigned: " +
                               config_.scrubber.clean(rd_kafka_error_string(error.get()))});
}

void KafkaConsumer::stop(const Assigned& assigned) {
    slots_.forget_origins();
    if (message_ != nullptr && message_->partition == assigned.partition &&
        assigned.topic == rd_kafka_topic_name(message_->rkt)) {
        message_ = nullptr;
        current_.reset();
    }
    PartitionList list = assigned.list();
    // It fails only for what is not assigned.
    ErrorHandle ignored(rd_kafka_incremental_unassign(client_.get(), list.get()));
}

bool KafkaConsumer::poll(std::vector<Record>& records, size_t max_records, size_t max_bytes) {
    control_->serve();
    if (std::exchange(assigned_, false))
        ask_for_topics(client_.get());
    size_t count = 0, bytes = 0;
    while (count < max_records && bytes < max_bytes) {
        if (!current_)
            current_.reset(rd_kafka_queue_poll(records_queue_.get(), 0));
        if (!current_)
            // It may return early; nobody would ring for what is still there.
            return rd_kafka_queue_length(records_queue_.get()) > 0;
        if (rd_kafka_event_type(current_.get()) == RD_KAFKA_EVENT_FETCH) {
            if (take_record(records, bytes))
                ++count;
        } else if (rd_kafka_event_type(current_.get()) == RD_KAFKA_EVENT_ERROR) {
            on_partition_error(current_.get());
        }
        current_.reset();
        message_ = nullptr;
    }
    return true;
}

/// Appends the record of current_. Out of memory leaves both untouched, for the next poll.
bool KafkaConsumer::take_record(std::vector<Record>& records, size_t& bytes) {
    if (message_ == nullptr) {
        message_ = rd_kafka_event_message_next(current_.get());
        if (message_ == nullptr)
            return false;
        taken_bytes_ += message_->len + message_->key_len;
        ++taken_messages_;
        if (taken_bytes_ >= wake_bytes_ || taken_messages_ >= wake_messages_)
            wake_fetchers();
    }
    const rd_kafka_message_t& message = *message_;
    Assigned* found = slots_.find(message);
    if (found == nullptr)
        return false;
    Assigned& assigned = *found;
    if (assigned.broken)
        return false;
    if (message.err != RD_KAFKA_RESP_ERR_NO_ERROR) {
        assigned.broken = true;
        events_.push_back({SourceEvent::Kind::partition_error, assigned.slot, message.offset,
                           std::string("fetching failed: ") + rd_kafka_err2str(message.err)});
        return false;
    }
    if (message.offset < assigned.next)
        return false;

    Record record = record_of(message);
    record.slot = assigned.slot;
    record.partition = message.partition;
    record.topic = rd_kafka_topic_name(message.rkt);
    records.push_back(record);
    try {
        held_.emplace_back(std::move(current_), message_);
    } catch (...) {
        records.pop_back();
        throw;
    }
    records.back().unread_headers = &held_.back();
    assigned.next = record.offset + 1;
    assigned.delivered = true;
    control_->reached();
    bytes += record.key.size() + record.value.size();
    return true;
}

void KafkaConsumer::release(size_t before, size_t count) {
    reclaim();
    auto first = held_.begin() + static_cast<std::ptrdiff_t>(before);
    auto last = first + static_cast<std::ptrdiff_t>(count);
    try {
        released_.reserve(count);
        std::move(first, last, std::back_inserter(released_));
    } catch (const std::bad_alloc&) { // then they are freed here
    }
    held_.erase(first, last);
}

void KafkaConsumer::on_partition_error(rd_kafka_event_t* event) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    std::string text = config_.scrubber.clean(rd_kafka_event_error_string(event));
    PartitionHandle where(rd_kafka_event_topic_partition(event));
    if (!where) {
        if (concerns_group(error))
            return;
        ClientTrouble trouble = describe_trouble(error, text);
        events_.push_back({SourceEvent::Kind::client_error, 0, 0, trouble.message});
        return;
    }
    Assigned* found = slots_.find(where->topic, where->partition);
    if (found == nullptr)
        return;
    Assigned& assigned = *found;
    if (assigned.broken)
        return;
    std::string hint;
    switch (error) {
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
        control_->reached();
        assigned.delivered = true;
        assigned.next = std::max(assigned.next, where->offset);
        events_.push_back({SourceEvent::Kind::end_of_partition, assigned.slot, where->offset, {}});
        return;
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET:
    case RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE:
        control_->reached();
        on_out_of_range(assigned.slot, where->offset, std::move(text));
        return;
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC:
    case RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART:
        text = "topic does not exist";
        break;
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION:
        text = "partition does not exist";
        break;
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED:
        text = "not authorized to read the topic";
        hint = "Let the brokers' ACLs allow the client READ on topic \"" + assigned.topic + "\".";
        break;
    default:
        break;
    }
    // librdkafka passes over what it cannot read, and over a topic that went and came back.
    assigned.broken = true;
    events_.push_back({SourceEvent::Kind::partition_error, assigned.slot, where->offset,
                       std::move(text), std::move(hint)});
}

// Unlike records, this error carries no version, and it stops the partition whatever its version
// is. One that is about an older assign() says another offset before anything else has come: then
// the newer one is started again.
void KafkaConsumer::on_out_of_range(uint32_t slot, int64_t offset, std::string text) {
    Assigned& assigned = *slots_.find(slot);
    if (!assigned.delivered && offset != assigned.start) {
        stop(assigned);
        start(slot);
        return;
    }
    events_.push_back({SourceEvent::Kind::out_of_range, slot, offset, std::move(text)});
}

// Before 2.2 a fetcher that finds the queue full sleeps for up to a second, and nothing that the
// queue's reader does wakes it. Setting the credentials to what they are is the public call that
// wakes all of them; it costs some microseconds, a few times per queue.
void KafkaConsumer::wake_fetchers() {
    taken_bytes_ = taken_messages_ = 0;
    if (config_.needs_wakeups)
        ErrorHandle(rd_kafka_sasl_set_credentials(client_.get(), config_.sasl_username.c_str(),
                                                  config_.sasl_password.c_str()));
}

std::vector<SourceEvent> KafkaConsumer::take_events() {
    control_->serve();
    std::vector<SourceEvent> events = control_->take_events();
    events.insert(events.end(), std::make_move_iterator(events_.begin()),
                  std::make_move_iterator(events_.end()));
    events_.clear();
    return events;
}

bool KafkaConsumer::take_disconnect() {
    control_->serve();
    return control_->take_disconnect();
}

int64_t KafkaConsumer::high_watermark(uint32_t slot) {
    const Assigned* assigned = slots_.find(slot);
    int64_t low = -1, high = -1;
    if (assigned == nullptr ||
        rd_kafka_get_watermark_offsets(client_.get(), assigned->topic.c_str(), assigned->partition,
                                       &low, &high) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return -1;
    return std::max<int64_t>(high, -1);
}

std::vector<Consumer::LogLine> KafkaConsumer::take_log() {
    return control_->take_log();
}

int64_t KafkaConsumer::broker_down_since_us() const {
    return control_->down_since_us();
}

int64_t KafkaConsumer::queued_messages() const {
    return static_cast<int64_t>(rd_kafka_queue_length(records_queue_.get()));
}

} // namespace

const char* kafka_client_version() {
    return rd_kafka_version_str();
}

Result<std::unique_ptr<Consumer>> Consumer::create(const ClientSettings& settings) {
    auto config = make_client_config(settings, ClientRole::consumer);
    if (!config)
        return config.fault();
    auto wake = WakeFd::create();
    if (!wake)
        return wake.fault();
    auto client = start_client(*config);
    if (!client)
        return client.fault();
    return std::unique_ptr<Consumer>(std::make_unique<KafkaConsumer>(
        std::move(*client), std::move(*config), std::move(*wake), settings));
}

} // namespace kcs
