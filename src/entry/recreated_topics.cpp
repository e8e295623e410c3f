#include "entry/topic_keeper.hpp"

#include <algorithm>

// The third part of TopicKeeper: topics that were deleted and made again while they were read. The
// workers notice one that was gone for long enough to be missed; one that came back at once, and as
// long as before, looks to them as if nothing had happened. So at each refresh a record of before
// is compared with what the topic has at its offset.

namespace kcs::pg {

namespace {

constexpr int kCallMs = 500;
constexpr size_t kMostAtOnce = 200; ///< others follow at the next refresh

} // namespace

void TopicKeeper::compare_topics() {
    std::vector<PartitionEntry>& entries = table_.entries();
    std::vector<KnownRecord> records;
    std::vector<uint32_t> slots;
    size_t looked = 0;
    for (; looked < entries.size() && records.size() < kMostAtOnce; ++looked) {
        auto slot = static_cast<uint32_t>((next_compared_ + looked) % entries.size());
        PartitionEntry& entry = entries[slot];
        auto stored = stored_.find(entry.name());
        if (!entry.used || !entry.wanted || stored == stored_.end() || !table_.flows(slot))
            continue;
        const StoredOffset& now = stored->second;
        if (entry.anchor_generation != entry.generation || now.next <= entry.anchor_offset)
            entry.anchor_offset = -1;
        if (entry.anchor_offset < 0) {
            entry.anchor_offset = now.last_offset;
            entry.anchor_hash = now.last_hash;
            entry.anchor_generation = entry.generation;
        }
        if (entry.anchor_offset < 0)
            continue;
        KnownRecord& record = records.emplace_back();
        record.topic = entry.topic;
        record.partition = entry.partition;
        record.offset = entry.anchor_offset;
        record.hash = entry.anchor_hash;
        slots.push_back(slot);
    }
    next_compared_ = static_cast<uint32_t>((next_compared_ + looked) % entries.size());
    host_.activity("comparing records");
    discovery_->compare(records, kCallMs);
    host_.check_interrupts();
    for (size_t i = 0; i < slots.size(); ++i) {
        PartitionEntry& entry = entries[slots[i]];
        const KnownRecord& record = records[i];
        if (record.answer == KnownRecord::Answer::same) {
            const StoredOffset& now = stored_.at(entry.name());
            bool applied = now.last_hash != 0;
            entry.anchor_offset = applied ? now.last_offset : record.offset;
            entry.anchor_hash = applied ? now.last_hash : record.hash;
        } else if (record.answer != KnownRecord::Answer::none) {
            // Its holder compares that record, and stops; so does any later one.
            // Not where somebody said meanwhile where to go on.
            if (record.answer == KnownRecord::Answer::another && !table_.sought(slots[i]))
                put_last_record(settings_.client.group_id, entry.topic, entry.partition,
                                record.offset, record.hash);
            table_.reread(slots[i]);
        }
    }
}

} // namespace kcs::pg
