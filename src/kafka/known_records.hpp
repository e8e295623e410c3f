#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <string>
#include <vector>

namespace kcs {

/// A record that was read once: is it still the one at its offset?
struct KnownRecord {
    std::string topic;
    int32_t partition = 0;
    int64_t offset = 0;
    /// record_hash(); 0: no record is known there, and the next one becomes the known one. (Readers
    /// of committed records do not see all that are there.)
    uint64_t hash = 0;
    enum class Answer : unsigned char {
        none,    ///< the brokers did not say
        same,    ///< or there is no record there any more
        another, ///< the topic is another one of that name
        shorter  ///< it ends before, at least at its present leader
    };
    Answer answer = Answer::none;
};

/// Reads these records, of different partitions, anew and fills in the answers. Nothing may be
/// assigned to the client; `queue` is where its records come.
void compare_records(rd_kafka_t* client, rd_kafka_queue_t* queue, std::vector<KnownRecord>& records,
                     int timeout_ms);

} // namespace kcs
