#pragma once

#include "core/clock.hpp"
#include "core/settings.hpp"
#include "core/shared_state.hpp"
#include "pipeline/batch.hpp"
#include "pipeline/pipeline.hpp"

#include <string>
#include <unordered_map>

namespace kcs {

/// What a worker measures of its work, in its slot and those of its partitions in shared memory.
class Figures {
public:
    Figures(Status& status, Clock& clock, PartitionSlot* slots, WorkerSlot& self)
        : status_(status), clock_(clock), slots_(slots), self_(self) {}

    void configure(const Settings& settings);

    void received(const Record& record);
    /// Something failed; `at`: for this record.
    void error(const Fault& fault, const Record* at = nullptr);
    void client_error(const std::string& text);
    /// A record was refused, and the sink pauses before it.
    void refused(const Fault& fault, const Record& record);
    /// A batch was committed, `took_us` after the first try.
    void applied(const Work& work, const ApplyOutcome& outcome, const Batch& batch,
                 int64_t took_us);
    /// The worker has let go of the partition, or reads it from another offset.
    void forget(uint32_t slot);

    /// What the worker is about to do, for pg_stat_activity, with how far it is in a catch-up.
    std::string activity(size_t changes);

private:
    /// A partition's catch-up, as measured here.
    struct CatchUp {
        int64_t since = 0; ///< begin of the present span (steady us)
        int64_t from = 0;  ///< offset then
    };

    void observe_delays(const Work& work, int64_t wall);
    void observe_progress(const OffsetMove& move);
    void end_catch_up(uint32_t slot);

    Status& status_;
    Clock& clock_;
    PartitionSlot* slots_;
    WorkerSlot& self_;
    int64_t batch_size_ = 0;
    std::unordered_map<uint32_t, CatchUp> catching_up_;
    std::string progress_; ///< text of activity(), made now and then
    int64_t progress_at_ = 0;
};

} // namespace kcs
