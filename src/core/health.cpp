#include "core/health.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kMinuteUs = 60 * 1000 * 1000;

Health both(HealthState state) {
    return {state, state, state};
}
Health of_consumer(HealthState state) {
    return {state, state, HealthState::healthy};
}
Health of_writer(HealthState state) {
    return {state, HealthState::healthy, state};
}

Health paused(const Snapshot& s) {
    bool by_itself = s.header.pause_cause == PauseCause::on_error ||
                     s.header.pause_cause == PauseCause::max_dead_letters;
    // Where the sink as a whole is not paused, all of its workers are.
    return of_writer(!s.header.paused || by_itself ? HealthState::unhealthy
                                                   : HealthState::degraded);
}

bool no_broker(const Snapshot& s) {
    return !s.workers.empty() &&
           std::all_of(s.workers.begin(), s.workers.end(), [&](const WorkerRow& w) {
               return w.broker_down_since_us != 0 && s.now_us - w.broker_down_since_us > kMinuteUs;
           });
}

bool troubled_writer(const Snapshot& s) {
    return std::any_of(s.workers.begin(), s.workers.end(),
                       [](const WorkerRow& w) { return w.reason[0] != '\0'; }) ||
           std::any_of(s.partitions.begin(), s.partitions.end(),
                       [](const PartitionRow& p) { return p.reason[0] != '\0'; });
}

} // namespace

const char* health_name(HealthState state) {
    switch (state) {
    case HealthState::healthy:
        return "healthy";
    case HealthState::idle:
        return "idle";
    case HealthState::standby:
        return "standby";
    case HealthState::degraded:
        return "degraded";
    case HealthState::unhealthy:
        return "unhealthy";
    }
    return "unhealthy";
}

Health derive_health(const Snapshot& s, int64_t no_worker_since_us) {
    switch (s.status.state) {
    case SinkState::standby:
        return both(HealthState::standby);
    case SinkState::idle:
        return both(HealthState::idle);
    case SinkState::error:
        return both(HealthState::unhealthy);
    default:
        break;
    }
    if (s.workers.empty())
        return both(no_worker_since_us != 0 && s.now_us - no_worker_since_us >= kMinuteUs
                        ? HealthState::unhealthy
                        : HealthState::degraded);
    if (no_broker(s))
        return of_consumer(HealthState::unhealthy);
    if (s.status.state == SinkState::paused)
        return paused(s);
    if (s.status.state == SinkState::degraded && troubled_writer(s))
        return of_writer(HealthState::degraded);
    return of_consumer(s.status.state == SinkState::running ? HealthState::healthy
                                                            : HealthState::degraded);
}

} // namespace kcs
