#pragma once

#include <librdkafka/rdkafka.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace kcs {

/// One of the last records of a partition, to look at its form.
struct SampledRecord {
    std::string topic; ///< asked for, with the partition's ends
    int32_t partition = 0;
    int64_t low = 0;
    int64_t high = 0;
    bool answered = false; ///< false: there was no time
    std::string error;     ///< why none could be read
    bool found = false;    ///< false: there is none (compaction, transaction markers)
    int64_t offset = -1;
    int64_t timestamp_ms = -1;
    int64_t bytes = 0;  ///< of key and value
    bool large = false; ///< more than kMostSampledBytes: key, value and headers are left out
    std::optional<std::string> key, value; ///< none: Kafka null
    std::vector<std::pair<std::string, std::optional<std::string>>> headers;
};

inline constexpr int64_t kMostSampledBytes = 4 * 1024 * 1024;

/// Reads one record of each of these partitions, all different: one of the last few, a tombstone
/// only where they are all tombstones. Nothing may be assigned to the client; `queue` is where its
/// records come. Until `deadline_us` (steady); `between` is called several times a second.
void sample_records(rd_kafka_t* client, rd_kafka_queue_t* queue,
                    std::vector<SampledRecord>& records, int64_t deadline_us,
                    const std::function<void()>& between);

} // namespace kcs
