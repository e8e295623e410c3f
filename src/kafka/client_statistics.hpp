#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

namespace kcs {

/// What matters of librdkafka's statistics, over all brokers and partitions of one client.
struct ClientStatistics {
    uint64_t number = 0; ///< of the ones that were read; 0: none came yet
    int64_t brokers_up = 0, brokers_down = 0;
    int64_t rtt_avg_us = 0, rtt_p99_us = 0; ///< of the slowest broker
    int64_t fetch_queue_messages = 0, fetch_queue_bytes = 0;
    /// Over all brokers, since the client was made: they only grow.
    uint64_t received_bytes = 0, sent_bytes = 0, connects = 0, disconnects = 0, timeouts = 0,
             receive_errors = 0, send_errors = 0;

    /// Counters as each broker told them last: librdkafka's are totals.
    struct Totals {
        uint64_t received_bytes = 0, sent_bytes = 0, connects = 0, disconnects = 0, timeouts = 0,
                 receive_errors = 0, send_errors = 0;
    };
    std::unordered_map<std::string, Totals> totals;
};

/// Takes up one report (JSON; librdkafka's STATISTICS.md). One that cannot be read changes nothing.
void read_statistics(const char* json, ClientStatistics& statistics);

} // namespace kcs
