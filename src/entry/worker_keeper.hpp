#pragma once

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "core/shared_state.hpp"
#include "entry/process.hpp"
#include "entry/topic_keeper.hpp"

#include <memory>
#include <vector>

namespace kcs::pg {

/// Keeps `max_workers` apply workers alive: starts them, replaces those that end (soon the first
/// time, ever later when they keep ending), asks those that are too many or of another client to
/// leave. Adopts workers that an earlier coordinator started.
class WorkerKeeper {
public:
    explicit WorkerKeeper(ProcessHost& host);

    /// Does what is due; returns how long until something is (us), -1: nothing until rung.
    int64_t look(int32_t wanted, uint64_t client);

    /// Whether a living worker has another client than this.
    static bool strangers(uint64_t client);

    /// By worker slot: can be given partitions.
    const std::vector<bool>& present() const { return present_; }
    int32_t living() const { return living_; }
    Problem problem() const { return problem_; }

private:
    struct Keeping {
        ChildProcess child;
        Backoff backoff{100 * 1000, 60 * 1000 * 1000};
        int64_t started_at = 0; ///< steady us; 0: none whose end has not been dealt with
        int64_t not_before = 0;
        bool no_slot = false;     ///< the server had no free background worker slot
        int64_t terminate_at = 0; ///< asked to leave; 0: not asked
    };
    struct Seen { ///< a slot as it was under the lock
        int32_t pid;
        bool launched;
        bool stop_requested;
        uint64_t client;
    };

    int64_t stop(int32_t slot, const Seen& seen, int64_t now);
    int64_t await_birth(int32_t slot, int64_t now);
    int64_t start(int32_t slot, int64_t now);
    void note_end(Keeping& k, int64_t now);

    ProcessHost& host_;
    SystemClock clock_;
    std::unique_ptr<Keeping[]> keeping_;
    std::vector<bool> present_;
    int32_t living_ = 0;
    Problem problem_;
};

} // namespace kcs::pg
