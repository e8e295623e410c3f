#pragma once

#include "pipeline/batches.hpp"
#include "pipeline/blocked.hpp"
#include "pipeline/figures.hpp"
#include "pipeline/hold.hpp"
#include "pipeline/partitions.hpp"
#include "pipeline/pipeline.hpp"
#include "pipeline/waits.hpp"

#include <algorithm>
#include <unordered_set>

namespace kcs {

/// The corridor's own state: reading in pipeline.cpp, applying and what comes of it in
/// pipeline_apply.cpp.
struct Pipeline::Impl {
    Impl(Source& source, Sink& sink, Host& host, Status& status, Clock& clock, PartitionSlot* slots,
         WorkerSlot& self, const Settings& settings);

    // ---- reading

    Step step();
    Step out_of_memory();
    void decode();
    std::unordered_set<uint32_t> leave_rest();
    void collect_events(const std::unordered_set<uint32_t>& left);
    void fetch_again(const std::unordered_set<uint32_t>& left);
    void suspend();
    void say_idle();
    void forget_batch_of(uint32_t slot);
    int64_t linger_us(int64_t now);

    // ---- applying

    void apply();
    ApplyOutcome apply_once(Work& work, bool careful);
    void look_ahead();
    void drop_ahead();
    void advance();
    void applied(const Work& work, const ApplyOutcome& outcome, int64_t took_us);
    void block(const ApplyOutcome& outcome);
    void flows_again(const Target* target);
    void wait(const ApplyOutcome& outcome);
    void stop_at(const ApplyOutcome& outcome);

    Batch& batch() { return batches.now(); }
    Backoff backoff() const {
        return {int64_t{1000} * settings.retry_backoff_ms,
                int64_t{1000} * settings.retry_backoff_max_ms};
    }
    size_t batch_size() const { return static_cast<size_t>(std::max(1, settings.batch_size)); }
    size_t batch_bytes() const {
        return static_cast<size_t>(std::max<int64_t>(1, settings.batch_bytes));
    }
    int64_t longest_wait_us() const { return int64_t{1000} * settings.apply.constraint_retry_ms; }
    bool full() { return batch().full(batch_size(), batch_bytes()) || batch().heavy(); }
    bool routes_stale() const { return settings.routes && settings.routes->stale(); }
    static int64_t sooner(int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); }
    int64_t wait_until(int64_t due) {
        return due < 0 ? -1 : std::max<int64_t>(due - clock.steady_us(), 0);
    }

    Source& source;
    Sink& sink;
    Host& host;
    Status& status;
    Clock& clock;
    WorkerSlot& self;
    Settings settings;
    Partitions parts;
    Waits waits;
    Batches batches;
    BlockedTargets blocked;
    Hold hold;
    Figures figures;
    std::vector<SourceEvent> events; ///< not yet looked at
    bool suspended = false;
    int steady_after = 0; ///< batches to be applied before the next look ahead
};

} // namespace kcs
