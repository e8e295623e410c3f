#pragma once

#include "entry/partition_table.hpp"
#include "kafka/discovery.hpp"
#include "postgres/host.hpp"

#include <map>
#include <string>

namespace kcs::pg {

/// Tells the Kafka group how far we are, as a courtesy for lag tools. Our table is the truth: what
/// the group refuses does no harm.
class GroupProgress {
public:
    /// Sends what has changed since the group last took it, unless that is under way already.
    void hand_over(Discovery& discovery, const PartitionTable& table, Host& host);

private:
    std::map<TopicPartition, int64_t> sent_;  ///< under way
    std::map<TopicPartition, int64_t> taken_; ///< as the group has it
    std::string last_error_;
};

} // namespace kcs::pg
