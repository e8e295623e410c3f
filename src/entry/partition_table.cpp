#include "entry/partition_table.hpp"

#include "pipeline/assignment.hpp"
#include "postgres/recent_errors.hpp"
#include "postgres/shared_memory.hpp"

namespace kcs::pg {

namespace {

using Stage = PartitionEntry::Stage;

int slot_count() {
    return shared().header->partition_slots;
}

PartitionSlot& slot_at(size_t slot) {
    return shared().partitions[slot];
}

PartitionState state_of(const PartitionSlot& slot) {
    return static_cast<PartitionState>(slot.state.load(std::memory_order_relaxed));
}

/// Under the exclusive lock. seek_generation only ever grows.
void clear_slot(PartitionSlot& slot) noexcept {
    slot.used = false;
    slot.topic[0] = slot.reason[0] = slot.hint[0] = '\0';
    slot.desired = slot.holder = -1;
    slot.state.store(static_cast<uint8_t>(PartitionState::unused), std::memory_order_relaxed);
    for (auto* value : {&slot.next_offset, &slot.position, &slot.low_watermark,
                        &slot.high_watermark, &slot.asked_high, &slot.catchup_from})
        value->store(-1, std::memory_order_relaxed);
    slot.topic_partitions.store(0, std::memory_order_relaxed);
    for (auto* value :
         {&slot.last_event_us, &slot.last_commit_us, &slot.last_kafka_us, &slot.rate_milli})
        value->store(0, std::memory_order_relaxed);
    for (Counter* counter : {&slot.messages, &slot.message_bytes, &slot.moves})
        counter->store(0, std::memory_order_relaxed);
    slot.in_snapshot.store(false, std::memory_order_relaxed);
}

} // namespace

PartitionTable::PartitionTable() : entries_(static_cast<size_t>(slot_count())) {
    locked(false, [&] {
        for (size_t i = 0; i < entries_.size(); ++i) {
            PartitionSlot& slot = slot_at(i);
            entries_[i].used = slot.used;
            // What was given out goes on; whether the rest can be is looked at again.
            entries_[i].stage =
                slot.desired >= 0 || slot.holder >= 0 ? Stage::ready : Stage::unchecked;
            entries_[i].partition = slot.partition;
        }
    });
    for (size_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].used) {
            entries_[i].wanted = true;
            entries_[i].topic = slot_at(i).topic; // only the coordinator changes it
        }
}

size_t PartitionTable::want(const std::set<TopicPartition>& wanted,
                            const std::set<std::string>& kept) {
    std::set<TopicPartition> missing = wanted;
    std::map<std::string, int32_t> partitions;
    for (const TopicPartition& name : wanted)
        ++partitions[name.first];
    for (PartitionEntry& entry : entries_) {
        if (!entry.used)
            continue;
        entry.wanted = wanted.count(entry.name()) != 0 || kept.count(entry.topic) != 0;
        missing.erase(entry.name());
    }
    sweep();
    for (size_t i = 0; i < entries_.size(); ++i) {
        auto known = partitions.find(entries_[i].topic);
        if (entries_[i].used && known != partitions.end())
            slot_at(i).topic_partitions.store(known->second, std::memory_order_relaxed);
    }
    for (size_t i = 0; i < entries_.size() && !missing.empty(); ++i) {
        PartitionEntry& entry = entries_[i];
        if (entry.used)
            continue;
        auto [topic, partition] = *missing.begin();
        missing.erase(missing.begin());
        entry = PartitionEntry();
        entry.used = entry.wanted = true;
        entry.topic = topic;
        entry.partition = partition;
        PartitionSlot& slot = slot_at(i);
        int32_t count = partitions.at(topic);
        locked(true, [&] {
            clear_slot(slot);
            put_text(slot.topic, sizeof slot.topic, entry.topic);
            slot.partition = entry.partition;
            slot.topic_partitions.store(count, std::memory_order_relaxed);
            slot.state.store(static_cast<uint8_t>(PartitionState::waiting),
                             std::memory_order_relaxed);
            slot.used = true;
            int32_t& end = shared().header->partition_slots_end;
            end = std::max(end, static_cast<int32_t>(i + 1));
        });
    }
    return missing.size();
}

void PartitionTable::forget_all() {
    for (PartitionEntry& entry : entries_)
        entry.wanted = false;
}

bool PartitionTable::sweep() {
    bool none = true;
    bool taken_back = false;
    locked(true, [&] {
        for (size_t i = 0; i < entries_.size(); ++i) {
            PartitionEntry& entry = entries_[i];
            PartitionSlot& slot = slot_at(i);
            if (!entry.used)
                continue;
            if (!entry.wanted && slot.desired >= 0) {
                slot.desired = -1;
                taken_back = true;
            }
            if (entry.wanted || slot.holder >= 0) {
                none = false;
                continue;
            }
            clear_slot(slot);
            entry.used = false;
        }
    });
    if (taken_back)
        ring_workers();
    return none;
}

void PartitionTable::give_out(const std::vector<bool>& present) {
    std::vector<size_t> slots;
    std::vector<int32_t> current;
    for (size_t i = 0; i < entries_.size(); ++i)
        if (entries_[i].used && entries_[i].wanted && entries_[i].stage == Stage::ready) {
            slots.push_back(i);
            current.push_back(slot_at(i).desired); // only the coordinator changes it
        }
    std::vector<int32_t> next = assign_partitions(current, present);
    if (next == current)
        return;
    locked(true, [&] {
        for (size_t i = 0; i < slots.size(); ++i)
            slot_at(slots[i]).desired = next[i];
    });
    ring_workers();
}

size_t PartitionTable::ready_but_not_held() const {
    size_t count = 0;
    locked(false, [&] {
        for (size_t i = 0; i < entries_.size(); ++i)
            count += entries_[i].used && entries_[i].wanted && entries_[i].stage == Stage::ready &&
                     slot_at(i).holder < 0;
    });
    return count;
}

void PartitionTable::note_generations() {
    locked(false, [&] {
        for (size_t i = 0; i < entries_.size(); ++i)
            if (entries_[i].stage != Stage::halted)
                entries_[i].generation = slot_at(i).seek_generation;
    });
}

bool PartitionTable::wake_halted() {
    bool woken = false;
    locked(false, [&] {
        for (size_t i = 0; i < entries_.size(); ++i) {
            PartitionEntry& entry = entries_[i];
            if (!entry.used || entry.stage != Stage::halted ||
                slot_at(i).seek_generation == entry.generation)
                continue;
            entry.stage = Stage::unchecked;
            woken = true;
        }
    });
    return woken;
}

void PartitionTable::say(uint32_t slot, PartitionState state, const std::string& reason,
                         const std::string& hint) {
    PartitionSlot& part = slot_at(slot);
    bool stops = false;
    locked(true, [&] {
        if (part.holder >= 0)
            return; // its holder speaks for it
        stops = state == PartitionState::paused && state_of(part) != PartitionState::paused;
        part.state.store(static_cast<uint8_t>(state), std::memory_order_relaxed);
        put_text(part.reason, sizeof part.reason, reason);
        put_text(part.hint, sizeof part.hint, hint);
    });
    if (!stops)
        return;
    count_pause(PauseCause::partition);
    note_error({ErrorClass::environment, {}, reason, hint, part.topic, part.partition});
}

std::vector<uint32_t> PartitionTable::lost(bool with_hint) const {
    std::vector<uint32_t> slots;
    slots.reserve(entries_.size());
    locked(false, [&] {
        for (size_t i = 0; i < entries_.size(); ++i)
            if (entries_[i].used && state_of(slot_at(i)) == PartitionState::lost &&
                (with_hint || slot_at(i).hint[0] == '\0'))
                slots.push_back(static_cast<uint32_t>(i));
    });
    return slots;
}

std::string PartitionTable::advise(uint32_t slot, const std::string& reason,
                                   const std::string& hint) {
    PartitionSlot& part = slot_at(slot);
    char said[kReasonBytes] = "";
    locked(true, [&] {
        if (state_of(part) != PartitionState::lost)
            return;
        if (!reason.empty())
            put_text(part.reason, sizeof part.reason, reason);
        if (part.hint[0] == '\0')
            put_text(said, sizeof said, part.reason);
        put_text(part.hint, sizeof part.hint, hint);
    });
    return said;
}

bool PartitionTable::sought(uint32_t slot) const {
    bool sought = false;
    locked(false, [&] { sought = slot_at(slot).seek_generation != entries_[slot].generation; });
    return sought;
}

void PartitionTable::reread(uint32_t slot) {
    locked(true, [&] { ++slot_at(slot).seek_generation; });
    ring_workers();
}

bool PartitionTable::flows(uint32_t slot) const {
    bool flows = false;
    locked(false, [&] {
        flows = slot_at(slot).holder >= 0 && state_of(slot_at(slot)) == PartitionState::running;
    });
    return flows;
}

bool PartitionTable::awaits_records(uint32_t slot) const {
    bool awaits = false;
    locked(false, [&] {
        const PartitionSlot& part = slot_at(slot);
        if (part.holder < 0 || state_of(part) != PartitionState::running || part.reason[0] != '\0')
            return;
        const WorkerSlot& holder = shared().workers[part.holder];
        awaits = static_cast<WorkerState>(holder.state.load()) == WorkerState::idle &&
                 holder.queue_messages.load() == 0;
    });
    return awaits;
}

bool PartitionTable::stopped(uint32_t slot) const {
    PartitionState state = state_of(slot_at(slot));
    return state == PartitionState::paused || state == PartitionState::lost;
}

void PartitionTable::put_offsets(uint32_t slot, int64_t next, int64_t low, int64_t high) {
    PartitionSlot& part = slot_at(slot);
    locked(true, [&] {
        if (low >= 0)
            part.low_watermark.store(low, std::memory_order_relaxed);
        if (high >= 0)
            part.asked_high.store(high, std::memory_order_relaxed);
        if (next >= 0 && part.holder < 0 && part.seek_generation == entries_[slot].generation)
            part.next_offset.store(next, std::memory_order_relaxed);
    });
}

void PartitionTable::note_movement() {
    for (size_t i = 0; i < entries_.size(); ++i) {
        PartitionEntry& entry = entries_[i];
        if (!entry.used)
            continue;
        int64_t now = position(static_cast<uint32_t>(i));
        entry.stands = entry.position == PartitionEntry::kUnseen || entry.position == now;
        entry.position = now;
        if (!entry.stands) // its holder knows better
            slot_at(i).asked_high.store(-1, std::memory_order_relaxed);
    }
}

int64_t PartitionTable::position(uint32_t slot) const {
    const PartitionSlot& part = slot_at(slot);
    return std::max(part.position.load(std::memory_order_relaxed),
                    part.next_offset.load(std::memory_order_relaxed));
}

std::map<TopicPartition, int64_t> PartitionTable::progress() const {
    std::map<TopicPartition, int64_t> result;
    for (size_t i = 0; i < entries_.size(); ++i) {
        const PartitionEntry& entry = entries_[i];
        int64_t next = slot_at(i).next_offset.load(std::memory_order_relaxed);
        if (entry.used && entry.wanted && next >= 0)
            result[entry.name()] = next;
    }
    return result;
}

} // namespace kcs::pg
