#include "kafka/known_records.hpp"

#include "core/clock.hpp"
#include "kafka/handles.hpp"
#include "kafka/message.hpp"

#include <map>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

using Place = std::pair<std::string, int32_t>;
using Answer = KnownRecord::Answer;

Answer judge_record(KnownRecord& known, const rd_kafka_message_t& message) {
    if (known.hash == 0) {
        known.offset = message.offset;
        known.hash = record_hash(record_of(message));
        return Answer::same;
    }
    if (message.offset > known.offset)
        return Answer::same;
    return record_hash(record_of(message)) == known.hash ? Answer::same : Answer::another;
}

/// The offsets of partitions are asked for by others: out of range says nothing here.
Answer judge_error(const KnownRecord& known, rd_kafka_resp_err_t error, int64_t offset) {
    if (error != RD_KAFKA_RESP_ERR__PARTITION_EOF)
        return Answer::none;
    return offset <= known.offset ? Answer::shorter : Answer::same;
}

/// Takes the answer out of the event, and its question from the open ones.
void take_answer(std::map<Place, KnownRecord*>& open, rd_kafka_event_t* event) {
    if (const rd_kafka_message_t* message = rd_kafka_event_message_next(event)) {
        auto found = open.find({rd_kafka_topic_name(message->rkt), message->partition});
        if (found == open.end() || message->err != RD_KAFKA_RESP_ERR_NO_ERROR)
            return;
        found->second->answer = judge_record(*found->second, *message);
        open.erase(found);
    } else if (PartitionHandle where{rd_kafka_event_topic_partition(event)}) {
        auto found = open.find({where->topic, where->partition});
        if (found == open.end())
            return;
        found->second->answer =
            judge_error(*found->second, rd_kafka_event_error(event), where->offset);
        open.erase(found);
    }
}

} // namespace

void compare_records(rd_kafka_t* client, rd_kafka_queue_t* queue, std::vector<KnownRecord>& records,
                     int timeout_ms) {
    if (records.empty())
        return;
    SystemClock clock;
    int64_t deadline = clock.steady_us() + int64_t{timeout_ms} * 1000;
    std::map<Place, KnownRecord*> open;
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(records.size())));
    for (KnownRecord& known : records) {
        known.answer = Answer::none;
        open[{known.topic, known.partition}] = &known;
        rd_kafka_topic_partition_list_add(list.get(), known.topic.c_str(), known.partition)
            ->offset = known.offset;
    }
    if (rd_kafka_assign(client, list.get()) != RD_KAFKA_RESP_ERR_NO_ERROR)
        return;
    for (int64_t left_us; !open.empty() && (left_us = deadline - clock.steady_us()) > 0;) {
        EventHandle event(rd_kafka_queue_poll(queue, static_cast<int>(left_us / 1000)));
        if (event)
            take_answer(open, event.get());
    }
    rd_kafka_assign(client, nullptr);
}

} // namespace kcs
