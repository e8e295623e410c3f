#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "entry/process.hpp"

#include <string>

namespace kcs::pg {

/// The launcher's care for the exporter: it runs while it is wanted, and nothing of it otherwise.
class ExporterKeeper {
public:
    explicit ExporterKeeper(ProcessHost& host) : host_(host) {}

    /// One look; microseconds until the next one is due, -1: when the latch is set.
    int64_t look(bool wanted);

private:
    int64_t see_off();
    void say(const std::string& text, const std::string& hint);

    ProcessHost& host_;
    SystemClock clock_;
    ChildProcess child_;
    Backoff backoff_{1000 * 1000, 30 * 1000 * 1000};
    int64_t started_at_ = 0;    ///< of the last one, until its end is dealt with
    int64_t not_before_ = 0;    ///< of the next start
    int64_t stop_deadline_ = 0; ///< when one that is not wanted is terminated; 0: none is there
};

} // namespace kcs::pg
