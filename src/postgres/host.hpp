#pragma once

#include "core/log_limiter.hpp"
#include "core/settings.hpp"
#include "core/shared_state.hpp"
#include "pipeline/pipeline.hpp"

#include <memory>
#include <string>

namespace kcs::pg {

/// FATAL when the process shall end. A cancel that comes while no transaction is open has
/// nothing to cancel and is forgotten; otherwise it throws pg::Error.
void serve_interrupts();

/// The process around the work: interrupts, the server log, pg_stat_activity.
class ProcessHost : public Host {
public:
    explicit ProcessHost(LogLevel log_level) : log_level_(log_level) {}

    void log_level(LogLevel level) { log_level_ = level; }

    /// serve_interrupts()
    void check_interrupts() override;
    /// Admitted lines are written at LOG, whatever their level (design 5.1); a repeating line only
    /// now and then. No row values, no secrets: that is the caller's duty.
    void log(LogLevel level, const std::string& message, const std::string& detail = {},
             const std::string& hint = {}) override;
    /// Also flushes statistics when going idle.
    void activity(const char* text) override;
    /// What an idle process shows.
    void idle_text(std::string text);

protected:
    /// The text that is shown now; called when it changes.
    virtual void shown(const std::string& text);

private:
    LogLevel log_level_;
    LogLimiter limiter_;
    std::string idle_text_ = "starting";
    std::string shown_;
    bool idle_ = false;
};

/// The host of an apply worker: shows its activity in its slot, too.
class WorkerHost final : public ProcessHost {
public:
    WorkerHost(LogLevel log_level, WorkerSlot& slot) : ProcessHost(log_level), slot_(slot) {}

protected:
    void shown(const std::string& text) override;

private:
    WorkerSlot& slot_;
};

/// What a worker's pipeline says of itself, written to shared memory. Rings the coordinator, which
/// sums up the sink's state, when something a user would be told has changed.
class SharedStatus final : public Status {
public:
    SharedStatus(WorkerSlot& slot, Host& host) : slot_(slot), host_(host) {}

    void partition(uint32_t slot, PartitionState state, const std::string& reason,
                   const std::string& hint) override;
    void progress(uint32_t slot, int64_t next_offset, int64_t position, int64_t high) override;
    void worker(WorkerState state, const std::string& reason, const std::string& hint) override;
    void table(const Target& target, const std::string& reason, const std::string& hint) override;
    void error(const ErrorNote& note) override;
    void pause_sink(PauseCause cause, const std::string& reason, const std::string& hint) override;
    bool sink_paused() override;
    int begun_since(int64_t steady_us) override;

private:
    WorkerSlot& slot_;
    Host& host_;
    std::string worker_reason_;
};

} // namespace kcs::pg
