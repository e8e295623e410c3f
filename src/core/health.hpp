#pragma once

#include "core/snapshot.hpp"

namespace kcs {

/// For who restarts, pages or takes out of service: the sink as /health tells it.
enum class HealthState : uint8_t { healthy, idle, standby, degraded, unhealthy };
const char* health_name(HealthState state);

struct Health {
    HealthState overall = HealthState::healthy;
    HealthState consumer = HealthState::healthy; ///< the side of Kafka
    HealthState writer = HealthState::healthy;   ///< the side of the tables
};

/// Unhealthy is what does not get better without somebody, or has lasted for a minute: an error, a
/// pause by on_error or max_dead_letters, all workers paused by their environment, no worker or no
/// broker for a minute. A pause() is somebody's wish: degraded. `no_worker_since_us` is the first
/// look, of an unbroken row of them, that found no worker; 0: the last one found some.
Health derive_health(const Snapshot& snapshot, int64_t no_worker_since_us);

} // namespace kcs
