#pragma once

#include "core/shared_state.hpp"
#include "pipeline/pipeline.hpp"

#include <cstdint>
#include <vector>

namespace kcs::pg {

/// Under the exclusive lock: the slot has no holder any more. Noexcept: the exit callback does it.
void release_slot(PartitionSlot& slot) noexcept;

/// A worker's side of the partition slots (protocol: coordinator.cpp).
class Holdings {
public:
    /// `worker`: the slot number of this worker.
    explicit Holdings(int32_t worker);

    /// Lets go of what others shall have, claims what is free and meant for this worker, and
    /// follows seek() and resume(). True: what it holds has changed.
    bool sync(Pipeline& pipeline);
    void release_all(Pipeline& pipeline);
    size_t count() const { return count_; }

private:
    struct Holding {
        bool held = false;
        uint64_t seek_generation = 0;
    };

    void look();
    void release(Pipeline& pipeline, uint32_t slot);
    void claim(Pipeline& pipeline, uint32_t slot);

    const int32_t worker_;
    std::vector<Holding> held_;
    std::vector<uint32_t> to_release_, to_claim_, to_reread_;
    size_t count_ = 0;
    uint64_t resume_generation_;
};

} // namespace kcs::pg
