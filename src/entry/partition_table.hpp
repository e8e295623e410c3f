#pragma once

#include "core/shared_state.hpp"

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace kcs::pg {

using TopicPartition = std::pair<std::string, int32_t>;

/// What the coordinator knows of a partition beyond its slot.
struct PartitionEntry {
    enum class Stage : uint8_t {
        unchecked, ///< no look yet at its stored offset and the topic's ends
        added,     ///< added to the topic later: waits for the older partitions
        halted,    ///< its stored offset is not in the topic: waits for seek() or resume()
        ready      ///< can be given out
    };
    bool used = false;
    bool wanted = false; ///< false: to be given up as soon as its holder has released it
    std::string topic;
    int32_t partition = 0;
    Stage stage = Stage::unchecked;
    uint64_t generation = 0; ///< seek_generation before its offset was read
    int unanswered = 0;      ///< how often in a row its ends were asked for in vain
    static constexpr int64_t kUnseen = INT64_MIN;
    int64_t position = kUnseen; ///< at the last note_movement()
    bool stands = false;        ///< it did not move between the last two
    int missed = 0; ///< how often in a row it stood before records that its holder waits for
    /// A record that was the last one applied some time ago: while the topic still has it, it is
    /// the same topic. -1: none chosen.
    int64_t anchor_offset = -1;
    uint64_t anchor_hash = 0;
    uint64_t anchor_generation = 0; ///< seek_generation then
    /// added: ends of the older partitions (slot, end) when its first record was seen.
    std::vector<std::pair<uint32_t, int64_t>> barrier;

    TopicPartition name() const { return {topic, partition}; }
};

/// The coordinator's side of the partition slots (protocol: coordinator.cpp). The slots are the
/// truth; this adds what only the coordinator needs to know, and can be made anew from them.
class PartitionTable {
public:
    /// Adopts what is in shared memory.
    PartitionTable();

    std::vector<PartitionEntry>& entries() { return entries_; }

    /// These partitions, and those of `kept` topics that have slots already, are wanted; others are
    /// given up. Returns how many found no free slot.
    size_t want(const std::set<TopicPartition>& wanted, const std::set<std::string>& kept);
    void forget_all();
    /// Frees slots that are given up and released. True: no slot is in use.
    bool sweep();

    /// Gives ready partitions to workers that are present; rings workers when something changed.
    void give_out(const std::vector<bool>& present);
    /// Partitions that could be held and are not.
    size_t ready_but_not_held() const;

    /// Before stored offsets are read: a seek() from now on will be noticed.
    void note_generations();
    /// Wakes halted partitions that seek() or resume() concerned: they are to be checked again.
    bool wake_halted();

    /// State and texts of a partition that no worker holds.
    void say(uint32_t slot, PartitionState state, const std::string& reason = {},
             const std::string& hint = {});
    /// Partitions that stand because their topic is not what it was; or only those without a hint.
    std::vector<uint32_t> lost(bool with_hint) const;
    /// Gives such a one its hint; an empty reason leaves what was said. Returns the reason where it
    /// had no hint before.
    std::string advise(uint32_t slot, const std::string& reason, const std::string& hint);
    /// Whether seek() was called since note_generations().
    bool sought(uint32_t slot) const;
    /// Its holder reads its offset anew.
    void reread(uint32_t slot);
    /// Whether a worker holds it and nothing keeps it from flowing.
    bool flows(uint32_t slot) const;
    /// Whether it flows, and its holder has nothing to do but wait for records.
    bool awaits_records(uint32_t slot) const;
    /// Whether it stands until somebody says where it goes on.
    bool stopped(uint32_t slot) const;
    /// `next` only while no worker holds it, and seek() was not called since note_generations().
    void put_offsets(uint32_t slot, int64_t next, int64_t low, int64_t high);
    /// Tells partitions that stand, for whatever reason, from those that move.
    void note_movement();
    /// Up to where it is applied, or known to hold nothing.
    int64_t position(uint32_t slot) const;
    /// Next offset to apply of each wanted partition where it is known.
    std::map<TopicPartition, int64_t> progress() const;

private:
    std::vector<PartitionEntry> entries_;
};

} // namespace kcs::pg
