#include "kafka/samples.hpp"

#include "core/clock.hpp"
#include "kafka/handles.hpp"

#include <algorithm>
#include <map>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int kPollMs = 100;
/// So far before the end it is looked for, until one is found; in the end from the beginning.
constexpr int64_t kBack[] = {5, 100, INT64_MAX};
constexpr size_t kMostHeaders = 100;

using Place = std::pair<std::string, int32_t>;

struct Question {
    SampledRecord* record = nullptr;
    size_t step = 0;  ///< into kBack
    bool open = true; ///< in this round

    int64_t start() const {
        int64_t behind = std::min(kBack[step], record->high - record->low);
        return std::max<int64_t>(record->high - behind, 0);
    }
};

std::optional<std::string> bytes_of(const void* data, size_t size) {
    if (data == nullptr)
        return {};
    return std::string(static_cast<const char*>(data), size);
}

void copy_headers(SampledRecord& to, const rd_kafka_message_t& message) {
    rd_kafka_headers_t* headers = nullptr;
    if (rd_kafka_message_headers(&message, &headers) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    const char* name;
    const void* value;
    size_t size;
    size_t bytes = 0;
    for (size_t i = 0; i < kMostHeaders; ++i) {
        if (rd_kafka_header_get_all(headers, i, &name, &value, &size) != RD_KAFKA_RESP_ERR_NO_ERROR)
            return;
        bytes += size;
        if (bytes > static_cast<size_t>(kMostSampledBytes))
            return;
        to.headers.emplace_back(name, bytes_of(value, size));
    }
}

void copy_record(SampledRecord& to, const rd_kafka_message_t& message) {
    to.found = true;
    to.offset = message.offset;
    rd_kafka_timestamp_type_t kind;
    to.timestamp_ms = rd_kafka_message_timestamp(&message, &kind);
    to.bytes = static_cast<int64_t>(message.key_len + message.len);
    to.large = to.bytes > kMostSampledBytes;
    to.key.reset();
    to.value.reset();
    to.headers.clear();
    if (to.large)
        return;
    to.key = bytes_of(message.key, message.key_len);
    to.value = bytes_of(message.payload, message.len);
    copy_headers(to, message);
}

/// Nothing more is to be asked.
void settle(Question& question) {
    question.open = false;
    question.step = std::size(kBack);
    question.record->answered = true;
}

void take_message(Question& question, const rd_kafka_message_t& message) {
    SampledRecord& record = *question.record;
    if (message.payload != nullptr || !record.found)
        copy_record(record, message);
    if (message.offset >= record.high - 1)
        settle(question);
}

void take_error(Question& question, rd_kafka_resp_err_t error) {
    SampledRecord& record = *question.record;
    if (error != RD_KAFKA_RESP_ERR__PARTITION_EOF) {
        record.error = rd_kafka_err2str(error);
        settle(question);
    } else if (record.found || question.start() <= record.low) {
        settle(question);
    } else {
        question.open = false;
        ++question.step;
    }
}

void take_event(std::map<Place, Question>& questions, rd_kafka_event_t* event) {
    if (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
        auto found = questions.find({rd_kafka_topic_name(message->rkt), message->partition});
        if (found == questions.end() || !found->second.open)
            return;
        if (message->err == RD_KAFKA_RESP_ERR_NO_ERROR)
            take_message(found->second, *message);
        else
            take_error(found->second, message->err);
    } else if (PartitionHandle where{rd_kafka_event_topic_partition(event)}) {
        auto found = questions.find({where->topic, where->partition});
        if (found != questions.end() && found->second.open)
            take_error(found->second, rd_kafka_event_error(event));
    }
}

/// Assigns what is still to be asked. False: nothing is.
bool assign(rd_kafka_t* client, std::map<Place, Question>& questions) {
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(questions.size())));
    for (auto& [place, question] : questions) {
        question.open = question.step < std::size(kBack);
        if (question.open)
            rd_kafka_topic_partition_list_add(list.get(), place.first.c_str(), place.second)
                ->offset = question.start();
    }
    return list->cnt > 0 && rd_kafka_assign(client, list.get()) == RD_KAFKA_RESP_ERR_NO_ERROR;
}

} // namespace

void sample_records(rd_kafka_t* client, rd_kafka_queue_t* queue,
                    std::vector<SampledRecord>& records, int64_t deadline_us,
                    const std::function<void()>& between) {
    SystemClock clock;
    std::map<Place, Question> questions;
    for (SampledRecord& record : records) {
        record.answered = record.high <= record.low;
        if (!record.answered)
            questions[{record.topic, record.partition}].record = &record;
    }
    auto open = [](const auto& entry) { return entry.second.open; };
    while (clock.steady_us() < deadline_us && assign(client, questions)) {
        while (clock.steady_us() < deadline_us &&
               std::any_of(questions.begin(), questions.end(), open)) {
            between();
            if (EventHandle event{rd_kafka_queue_poll(queue, kPollMs)})
                take_event(questions, event.get());
        }
    }
    rd_kafka_assign(client, nullptr);
}

} // namespace kcs
