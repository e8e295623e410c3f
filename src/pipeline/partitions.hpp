#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/shared_state.hpp"
#include "pipeline/pipeline.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

namespace kcs {

/// What a worker knows of a partition it holds. The committed truth is the offsets table.
struct Part {
    enum class Mode : uint8_t {
        unread,  ///< the offset must be read from the table first
        flowing, ///< assigned at the source
        blocked, ///< stands before a record of a blocked target, until the target is due
        stopped  ///< stands until seek(), resume() or another holder
    };
    std::string topic;
    int32_t partition = 0;
    Mode mode = Mode::unread;
    int64_t retry_at = 0;      ///< unread, troubled: when to try again (steady us)
    int64_t retry_us = 0;      ///< troubled: how long it waits until then
    int64_t stored = -1;       ///< next_offset as committed
    int64_t next = -1;         ///< next offset to take into a batch
    int64_t eof = -1;          ///< an end reported by the source, -1 none
    int64_t store_at = -1;     ///< when that end is to be stored (steady us); -1: it is, or is none
    int64_t last_offset = -1;  ///< the last record before `stored`; -1: not known
    uint64_t last_hash = 0;    ///< 0: there is none from last_offset on
    bool looks_back = false;   ///< reads from before `next`, to know it
    bool found = false;        ///< it was found so, and is still to be stored
    int64_t check_offset = -1; ///< it, when it is to be compared; -1: no check due
    uint64_t check_hash = 0;
    int64_t check_end = -1; ///< from behind it up to there no record may be; -1: no check due
    int64_t short_end = -1; ///< an end before that; -1: none
    int64_t lost_at = -1;   ///< when such an end is believed (steady us)
    int64_t outside_since =
        -1; ///< its offset is said not to be in the topic (steady us); -1: it is
    const Target* blocked_by = nullptr;
    bool trying = false;   ///< released from a wait that is not over yet: it shows as it did
    bool troubled = false; ///< the source reported an error; over with the next record or end
};

/// What becomes of a record that was fetched.
enum class Admission : uint8_t {
    refused,
    last_applied, ///< fetched once more to be compared, and the same as it was
    taken
};

/// The partitions of one worker, and the passage of each record through their checks.
class Partitions {
public:
    Partitions(Source& source, Sink& sink, Status& status, Clock& clock, PartitionSlot* slots)
        : source_(source), sink_(sink), status_(status), clock_(clock), slots_(slots) {}

    void take(uint32_t slot, const std::string& topic, int32_t partition);
    void give_up(uint32_t slot);
    /// Forget what is known of it: the offset is read from the table by settle().
    void reread(uint32_t slot);
    void reread_all();
    /// The records from `offset` on were not taken after all (cut from a batch): consume from
    /// there again, now or when the target is due.
    void rewind(uint32_t slot, int64_t offset);
    void block(uint32_t slot, int64_t offset, const Target* target, PartitionState state,
               const std::string& reason, const std::string& hint);
    void stop(uint32_t slot, int64_t offset, const std::string& reason, const std::string& hint);
    /// The source was cut off: nothing more is taken before the last applied record was compared.
    void recheck_all();
    /// Those that stand before a record of it try once more; whether there are any.
    bool unblock(const Target* target);
    /// It waited for a record of another partition and tries once more.
    void release(uint32_t slot);
    /// Those that resume() starts over.
    std::vector<uint32_t> stopped() const;
    /// Stop fetching everything (the sink is paused); reread_all() goes on.
    void suspend();

    /// Reads offsets of unread partitions and assigns them. Returns when the next one is due
    /// (steady us), -1 for none.
    int64_t settle(int64_t retry_us);

    /// Partitions in trouble are assigned anew at back-off, so that the source says whether it is
    /// over: an end that it has reported once it does not report again. Returns when the next one
    /// is due (steady us), -1 for none.
    int64_t reassign_troubled(int64_t first_us, int64_t max_us);
    /// Stops those that kept ending before what was read. Returns as above.
    int64_t lose_short();

    /// Stores ends beyond the last record behind which nothing came for a while, and records found
    /// by looking back. Returns as above.
    int64_t store_ends();

    /// Takes the record if it is the next one of its partition. Others are passed over: stale,
    /// already applied, or of a partition that does not flow.
    Admission admit(const Record& record);
    void event(const SourceEvent& event);

    /// What was committed.
    void committed(const OffsetMove& move, int64_t source_us, int64_t now_wall_us);

    /// Whether the topic of the slot has one partition, as far as is known.
    bool ordered(uint32_t slot) const {
        return slots_[slot].topic_partitions.load(std::memory_order_relaxed) <= 1;
    }
    /// Whether one that waited is read once more, and its end was not reached yet.
    bool reads_again() const {
        return std::any_of(parts_.begin(), parts_.end(), [](const auto& entry) {
            const Part& part = entry.second;
            return part.mode == Part::Mode::flowing && part.trying && part.eof < 0;
        });
    }
    bool holds(uint32_t slot) const { return parts_.count(slot) != 0; }
    int64_t stored(uint32_t slot) const;

private:
    void assign(uint32_t slot, Part& part);
    void try_again(uint32_t slot, Part& part);
    void say_unread(uint32_t slot, const Part& part, const Fault& fault);
    /// Starts at the last applied record where that one is still to be compared, or before it where
    /// that is to be found.
    void consume(uint32_t slot, Part& part);
    /// Takes what is at the offset for the last before the next one; unknown where it is that.
    static void know(Part& part, int64_t offset, uint64_t hash);
    void dont_look_back(uint32_t slot, Part& part);
    /// Why the topic is another one if it has this record; empty: it may have it.
    static std::string compare(Part& part, const Record& record);
    /// False: it cannot end there.
    bool compare_end(uint32_t slot, Part& part, int64_t end);
    /// Takes it from the source, to stand before `offset`. False: it is not held.
    bool halt(uint32_t slot, int64_t offset, Part::Mode mode, const Target* target);
    /// Stops it: the topic is not what it was. Where to go on the coordinator says, who can ask.
    void lose(uint32_t slot, const std::string& reason);
    /// The topic may have been recreated since it was last read from.
    static void recheck(Part& part);
    void publish(uint32_t slot, Part& part);
    void note_end(Part& part, bool idle);
    void say(uint32_t slot, PartitionState state, const std::string& reason = {},
             const std::string& hint = {}) {
        status_.partition(slot, state, reason, hint);
    }
    void calm(uint32_t slot, Part& part);
    void trouble(uint32_t slot, Part& part, const std::string& reason, const std::string& hint);
    void out_of_range(uint32_t slot, Part& part);

    Source& source_;
    Sink& sink_;
    Status& status_;
    Clock& clock_;
    PartitionSlot* slots_;
    std::unordered_map<uint32_t, Part> parts_;
};

} // namespace kcs
