#include "pipeline/hold.hpp"

#include "pipeline/fault_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// First delay after a deadlock or serialization failure: the other side is done by then.
constexpr int64_t kRetryFirstUs = 20 * 1000;

} // namespace

void Hold::configure(const Settings& settings) {
    first_us_ = int64_t{1000} * settings.retry_backoff_ms;
    int64_t max = int64_t{1000} * settings.retry_backoff_max_ms;
    pause_ = Backoff(first_us_, max);
    retry_ = Backoff(kRetryFirstUs, max);
}

void Hold::keep(const Fault& fault) {
    const bool retry = fault.cls == ErrorClass::retry;
    int64_t delay = (retry ? retry_ : pause_).next_us();
    until_ = clock_.steady_us() + delay;
    bump(self_.retries);
    bump(self_.retries_by[static_cast<int>(fault.cls)]);
    const std::string reason = (retry ? "retrying a batch: " : "") + safe_reason(fault);
    if (!retry)
        status_.worker(WorkerState::paused, reason, fault.hint);
    else if (delay >= first_us_) // usually it is over before anybody could look
        status_.worker(WorkerState::running, reason, fault.hint);
    else
        return host_.log(LogLevel::info, reason);
    shown_ = true;
    host_.log(LogLevel::error, retry ? reason : "paused: " + reason, {}, fault.hint);
}

void Hold::trying() {
    if (!shown_)
        status_.worker(WorkerState::running, {}, {});
}

void Hold::applied() {
    pause_.reset();
    retry_.reset();
    if (!shown_)
        return;
    shown_ = false;
    status_.worker(WorkerState::running, {}, {});
    host_.log(LogLevel::info, "changes are applied again");
}

void Hold::drop() {
    until_ = -1;
    shown_ = false;
}

} // namespace kcs
