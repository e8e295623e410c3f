#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/settings.hpp"
#include "entry/group_progress.hpp"
#include "entry/partition_table.hpp"
#include "kafka/discovery.hpp"
#include "postgres/host.hpp"
#include "postgres/start_offsets.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace kcs::pg {

/// Why the sink, as the coordinator sees it, is not simply running.
struct Problem {
    SinkState state = SinkState::running; ///< degraded or error; running: none
    std::string reason;
    std::string hint;
    explicit operator bool() const { return state != SinkState::running; }
};

/// Which partitions there are to give out: the brokers' topics against the setting, start offsets
/// for what is new, a look at the ends before a partition is first given out.
class TopicKeeper {
public:
    TopicKeeper(PartitionTable& table, ProcessHost& host, const Settings& settings);

    /// After a reload; a changed list of topics is looked at at once.
    void configure(const Settings& settings);
    /// Another client, another group: everything is found out anew.
    void restart();

    /// Does what is due. At most two calls to the brokers of 500 ms each between two looks at
    /// interrupts. Returns how long until something is due. May throw pg::Error (nothing is left
    /// open; the same is tried again later).
    int64_t look();

    Problem problem() const;
    bool seen_topics() const { return seen_topics_; }
    int32_t topics() const { return static_cast<int32_t>(selected_.size()); }

private:
    bool discover();
    bool select(const std::vector<TopicInfo>& known);
    SinkState how_bad() const;
    void settle_offsets();
    std::vector<PartitionEnds> ask_ends();
    bool store_new(const std::map<TopicPartition, PartitionEnds>& ends);
    void await_ends(uint32_t slot, const PartitionEnds& ends);
    void watch_flow(uint32_t slot, const PartitionEnds* ends, bool refreshed);
    void check(uint32_t slot, const PartitionEnds* ends);
    void advise(uint32_t slot, const PartitionEnds& ends);
    void compare_topics();
    void watch_added(uint32_t slot, const PartitionEnds* ends);
    bool barrier_passed(uint32_t slot);
    void arm_barrier(uint32_t slot);
    bool anything_to_settle() const;

    PartitionTable& table_;
    ProcessHost& host_;
    Settings settings_;
    SystemClock clock_;
    std::unique_ptr<Discovery> discovery_;
    std::vector<std::unique_ptr<Discovery>> retired_; ///< replaced, a commit is still under way
    GroupProgress progress_;
    std::map<std::string, int32_t> selected_; ///< topic, partitions
    StoredOffsets stored_;
    int64_t next_discovery_ = 0; ///< steady us
    int64_t next_settle_ = 0;
    Backoff backoff_{1000 * 1000, 10 * 1000 * 1000};
    uint32_t next_compared_ = 0; ///< slot
    int failures_ = 0;
    bool seen_topics_ = false;
    bool refreshed_ = false; ///< topics were looked at since ends were last asked for
    Problem client_problem_, topic_problem_, slot_problem_, offset_problem_;
};

} // namespace kcs::pg
