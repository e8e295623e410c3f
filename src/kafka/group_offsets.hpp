#pragma once

#include "kafka/handles.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>

namespace kcs {

/// The Kafka group's side of our progress, for lag tools: coalesced asynchronous commits, and a
/// small question to the group's coordinator that tells whether brokers answer again.
///
/// Both use the admin requests, whose result comes as an event: rd_kafka_commit would hold back
/// every assign() while it is under way, which can be minutes with an absent coordinator.
class GroupOffsets {
public:
    /// `client` and `results` must outlive this object.
    GroupOffsets(rd_kafka_t* client, rd_kafka_queue_t* results, std::string group_id)
        : client_(client), results_(results), group_id_(std::move(group_id)) {}

    void note(const std::string& topic, int32_t partition, int64_t next_offset);
    /// Sends what is noted when a second has passed since the last time. Returns how long to wait
    /// for that otherwise (microseconds), -1: nothing is noted, or a result will come first.
    int64_t serve(int64_t now_us);
    /// Asks for an offset of the group, unless such a question is open.
    void probe(const std::string& topic, int32_t partition);

    struct Outcome {
        bool answered = false; ///< a broker was reached, whatever it said
        bool probe = false;
        std::string error; ///< empty: done
    };
    /// Takes the event of a finished commit or probe.
    Outcome finished(rd_kafka_event_t* event);

private:
    rd_kafka_t* client_;
    rd_kafka_queue_t* results_;
    std::string group_id_;
    std::map<std::pair<std::string, int32_t>, int64_t> noted_;
    int64_t last_sent_us_ = 0;
    bool sending_ = false;
    bool probing_ = false;
};

} // namespace kcs
