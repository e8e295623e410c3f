#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/error_note.hpp"
#include "core/settings.hpp"
#include "core/shared_state.hpp"
#include "debezium/decoder.hpp"
#include "pipeline/ports.hpp"

#include <memory>

namespace kcs {

/// What the worker's loop does after a step.
struct Step {
    bool again = false;   ///< at once
    int64_t wait_us = -1; ///< else sleep at most this long; -1: until something rings
};

/// Where the pipeline tells the world how it fares; texts and progress go under the shared lock, so
/// it is a port (postgres/host.hpp implements it with Host).
class Status {
public:
    virtual ~Status() = default;
    virtual void partition(uint32_t slot, PartitionState state, const std::string& reason,
                           const std::string& hint) = 0;
    /// How far a partition is: the committed next offset, up to where it is applied or known to
    /// hold nothing, and its end (-1 unknown).
    virtual void progress(uint32_t slot, int64_t next_offset, int64_t position, int64_t high) = 0;
    /// The worker's own state; empty reason: nothing is wrong.
    virtual void worker(WorkerState state, const std::string& reason, const std::string& hint) = 0;
    /// A target stands (reason) or flows again (empty reason).
    virtual void table(const Target& target, const std::string& reason,
                       const std::string& hint) = 0;
    /// For recent_errors and status.last_error.
    virtual void error(const ErrorNote& note) = 0;
    /// The sink must stop until resume(): on_error = pause, max_dead_letters. Holds for all
    /// workers.
    virtual void pause_sink(PauseCause cause, const std::string& reason,
                            const std::string& hint) = 0;
    virtual bool sink_paused() = 0;
    /// How many workers have begun a transaction since then (steady us).
    virtual int begun_since(int64_t steady_us) = 0;
};

/// One apply worker's corridor: poll, decode, apply, acknowledge; and what to do when that fails.
/// Everything it holds between steps is in memory only: the truth is the offsets table.
class Pipeline {
public:
    Pipeline(Source& source, Sink& sink, Host& host, Status& status, Clock& clock,
             PartitionSlot* slots, WorkerSlot& self, const Settings& settings);
    ~Pipeline();

    void configure(const Settings& settings);

    /// A partition was claimed: read its committed offset and consume from there, checking that
    /// the last applied record is still what the topic holds (design section 3).
    void take(uint32_t slot, const std::string& topic, int32_t partition);
    /// Let go of a partition; nothing of it is in flight afterwards.
    void give_up(uint32_t slot);
    /// seek() or resume() concerned it: start over from the table.
    void reread(uint32_t slot);
    /// resume(): whatever is parked, locked, paused or backing off is tried at once.
    void resume();

    /// One round: at most one transaction.
    Step step();

private:
    struct Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace kcs
