#pragma once

#include "core/clock.hpp"
#include "core/settings.hpp"
#include "postgres/host.hpp"

#include <cstdint>

namespace kcs::pg {

/// The coordinator's care for dead letters: deletes those that are too old, and counts the open
/// ones for the metrics.
class LetterKeeper {
public:
    explicit LetterKeeper(ProcessHost& host) : host_(host) {}

    /// After a reload: what is too old may be another.
    void configure() { purge_at_ = 0; }
    /// Does what is due; returns how long until something is (microseconds).
    int64_t look(const Settings& settings);

private:
    int64_t purge(const Settings& settings);
    int64_t count(const Settings& settings);

    ProcessHost& host_;
    SystemClock clock_;
    int64_t purge_at_ = 0;                       ///< steady us
    int64_t count_at_ = 0, count_anyway_at_ = 0; ///< steady us
    uint64_t written_ = 0;                       ///< when they were counted
};

} // namespace kcs::pg
