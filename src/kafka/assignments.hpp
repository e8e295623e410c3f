#pragma once

#include "kafka/handles.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace kcs {

/// Where one given-out partition stands.
struct Assigned {
    uint32_t slot = 0;
    std::string topic;
    int32_t partition = 0;
    int64_t start = 0;      ///< offset of the last assign
    int64_t next = 0;       ///< after the last record or end that was handed out
    bool delivered = false; ///< something came since the assign
    bool broken = false;    ///< an error came: what follows may lack records

    /// A list of it alone, from `start`, for (un)assigning.
    PartitionList list() const {
        PartitionList list(rd_kafka_topic_partition_list_new(1));
        rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition)->offset = start;
        return list;
    }
};

/// The partitions of one consumer, by slot and by what librdkafka calls them. A pointer stays valid
/// until that slot is removed.
class Assignments {
public:
    Assigned& add(uint32_t slot, const std::string& topic, int32_t partition, int64_t offset) {
        Assigned& assigned = slots_[slot];
        assigned = {slot, topic, partition, offset, offset, false, false};
        return assigned;
    }
    void remove(uint32_t slot) {
        forget_origins();
        slots_.erase(slot);
    }
    Assigned* find(uint32_t slot) {
        auto found = slots_.find(slot);
        return found == slots_.end() ? nullptr : &found->second;
    }
    Assigned* find(const char* topic, int32_t partition) {
        for (auto& [slot, assigned] : slots_) {
            if (assigned.partition == partition && assigned.topic == topic)
                return &assigned;
        }
        return nullptr;
    }
    /// Once per record, so from a cache.
    Assigned* find(const rd_kafka_message_t& message) {
        Origin origin{message.rkt, message.partition};
        auto cached = origins_.find(origin);
        if (cached != origins_.end())
            return cached->second;
        Assigned* assigned = find(rd_kafka_topic_name(message.rkt), message.partition);
        if (assigned != nullptr)
            origins_.emplace(origin, assigned);
        return assigned;
    }
    /// The cache is keyed by librdkafka's own topic objects, which live as long as their
    /// partitions are assigned: to be called whenever one stops being so.
    void forget_origins() { origins_.clear(); }

private:
    struct Origin {
        const rd_kafka_topic_t* topic;
        int32_t partition;
        bool operator==(const Origin& o) const {
            return topic == o.topic && partition == o.partition;
        }
    };
    struct OriginHash {
        size_t operator()(const Origin& o) const {
            return std::hash<const void*>()(o.topic) * 31 + static_cast<size_t>(o.partition);
        }
    };

    std::unordered_map<uint32_t, Assigned> slots_;
    std::unordered_map<Origin, Assigned*, OriginHash> origins_;
};

} // namespace kcs
