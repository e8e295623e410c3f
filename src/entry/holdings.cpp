#include "entry/holdings.hpp"

#include "postgres/shared_memory.hpp"

namespace kcs::pg {

void release_slot(PartitionSlot& slot) noexcept {
    slot.holder = -1;
    slot.state.store(static_cast<uint8_t>(PartitionState::waiting));
    slot.reason[0] = slot.hint[0] = '\0';
}

Holdings::Holdings(int32_t worker)
    : worker_(worker), held_(static_cast<size_t>(shared().header->partition_slots)),
      resume_generation_(shared().header->resume_generation.load()) {
    // So that nothing allocates under the lock.
    to_release_.reserve(held_.size());
    to_claim_.reserve(held_.size());
    to_reread_.reserve(held_.size());
}

bool Holdings::sync(Pipeline& pipeline) {
    look();
    for (uint32_t slot : to_release_)
        release(pipeline, slot);
    for (uint32_t slot : to_claim_)
        claim(pipeline, slot);
    for (uint32_t slot : to_reread_) {
        PartitionSlot& part = shared().partitions[slot];
        locked(true, [&] { part.read_generation = held_[slot].seek_generation; });
        pipeline.reread(slot);
    }
    uint64_t resumes = shared().header->resume_generation.load();
    if (resumes != resume_generation_) {
        resume_generation_ = resumes;
        pipeline.resume();
    }
    return !to_release_.empty() || !to_claim_.empty();
}

void Holdings::look() {
    to_release_.clear();
    to_claim_.clear();
    to_reread_.clear();
    locked(false, [&] {
        auto end = static_cast<size_t>(shared().header->partition_slots_end);
        for (size_t i = 0; i < end; ++i) {
            const PartitionSlot& slot = shared().partitions[i];
            Holding& mine = held_[i];
            auto index = static_cast<uint32_t>(i);
            if (mine.held && slot.desired != worker_) {
                to_release_.push_back(index);
            } else if (mine.held && slot.seek_generation != mine.seek_generation) {
                mine.seek_generation = slot.seek_generation;
                to_reread_.push_back(index);
            } else if (!mine.held && slot.used && slot.desired == worker_ && slot.holder < 0) {
                to_claim_.push_back(index);
            }
        }
    });
}

void Holdings::release(Pipeline& pipeline, uint32_t slot) {
    pipeline.give_up(slot);
    held_[slot].held = false;
    --count_;
    PartitionSlot& part = shared().partitions[slot];
    int32_t next_pid = 0;
    locked(true, [&] {
        release_slot(part);
        if (part.desired >= 0 && part.desired < kMaxWorkers)
            next_pid = shared().workers[part.desired].pid;
    });
    ring(next_pid);
    ring_coordinator();
}

void Holdings::claim(Pipeline& pipeline, uint32_t slot) {
    PartitionSlot& part = shared().partitions[slot];
    char topic[kTopicBytes];
    int32_t partition = 0;
    bool mine = false;
    locked(true, [&] {
        mine = part.used && part.desired == worker_ && part.holder < 0;
        if (!mine)
            return;
        part.holder = worker_;
        bump(part.moves);
        put_text(topic, sizeof topic, part.topic);
        partition = part.partition;
        held_[slot].seek_generation = part.read_generation = part.seek_generation;
    });
    if (!mine)
        return;
    held_[slot].held = true;
    ++count_;
    pipeline.take(slot, topic, partition);
    ring_coordinator();
}

void Holdings::release_all(Pipeline& pipeline) {
    for (size_t slot = 0; slot < held_.size(); ++slot)
        if (held_[slot].held)
            release(pipeline, static_cast<uint32_t>(slot));
}

} // namespace kcs::pg
