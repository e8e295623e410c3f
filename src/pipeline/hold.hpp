#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/settings.hpp"
#include "core/shared_state.hpp"
#include "pipeline/pipeline.hpp"

namespace kcs {

/// The wait of a batch that failed as a whole, until it is tried again: how long, and what the
/// worker shows of it. What is shown stays while the batch is tried, until changes are applied.
class Hold {
public:
    Hold(Host& host, Status& status, Clock& clock, WorkerSlot& self)
        : host_(host), status_(status), clock_(clock), self_(self) {}

    void configure(const Settings& settings);

    /// The batch failed (class retry or environment): it waits for its back-off.
    void keep(const Fault& fault);
    /// When it is tried again (steady us); -1: nothing waits.
    int64_t until() const { return until_; }
    void try_now() { until_ = -1; }
    /// Work begins; a worker in trouble goes on showing that.
    void trying();
    /// Changes were applied.
    void applied();
    /// There is nothing to try any more.
    void drop();

private:
    Host& host_;
    Status& status_;
    Clock& clock_;
    WorkerSlot& self_;
    int64_t first_us_ = 0;
    Backoff pause_{0, 0}, retry_{0, 0};
    int64_t until_ = -1;
    bool shown_ = false;
};

} // namespace kcs
