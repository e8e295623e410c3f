#pragma once

#include <cstdint>

namespace kcs::pg {

/// The one wait of a process (R25): its latch, the postmaster's death (leaves the process) and,
/// where given, a descriptor that librdkafka writes to. Built once, kept for the process's life.
/// Raises PostgreSQL's errors as pg::Error.
class WaitSet {
public:
    /// `fd` -1: none. `event_name` is what pg_stat_activity shows (17+). Process-lifetime: the
    /// kernel objects go with the process.
    WaitSet(int fd, const char* event_name);
    WaitSet(const WaitSet&) = delete;
    WaitSet& operator=(const WaitSet&) = delete;

    /// Sleeps until the latch is set, the descriptor is readable, or `timeout_us` is over (-1:
    /// never; 0: looks only). The latch is reset; the descriptor is the caller's to drain (R26).
    void wait(int64_t timeout_us);

private:
    void* set_;
    uint32_t event_;
};

} // namespace kcs::pg
