#include "entry/worker_keeper.hpp"

#include "postgres/shared_memory.hpp"

#include <algorithm>

namespace kcs::pg {

namespace {

constexpr int64_t kSecondUs = 1000 * 1000;
/// A worker that lived this long did not end for what it met at its start.
constexpr int64_t kLongLifeUs = 10 * kSecondUs;
/// Partitions are kept for a worker that was just started; should it not come up, others get them.
constexpr int64_t kBirthUs = kSecondUs;
/// A registration of an earlier coordinator that never came up.
constexpr int64_t kLostBirthUs = 10 * kSecondUs;

int64_t sooner(int64_t a, int64_t b) {
    return a < 0 ? b : b < 0 ? a : std::min(a, b);
}

WorkerSlot& slot_at(int32_t slot) {
    return shared().workers[slot];
}

} // namespace

WorkerKeeper::WorkerKeeper(ProcessHost& host)
    : host_(host), keeping_(new Keeping[kMaxWorkers]), present_(kMaxWorkers, false) {}

bool WorkerKeeper::strangers(uint64_t client) {
    bool found = false;
    locked(false, [&] {
        for (int32_t i = 0; i < kMaxWorkers; ++i)
            found = found || (slot_at(i).pid != 0 && slot_at(i).client_hash != client);
    });
    return found;
}

int64_t WorkerKeeper::look(int32_t wanted, uint64_t client) {
    wanted = std::min<int32_t>(wanted, kMaxWorkers);
    Seen seen[kMaxWorkers];
    locked(false, [&] {
        for (int32_t i = 0; i < kMaxWorkers; ++i) {
            const WorkerSlot& w = slot_at(i);
            seen[i] = {w.pid, w.launched, w.stop_requested, w.client_hash};
        }
    });
    int64_t now = clock_.steady_us();
    int64_t due = -1;
    living_ = 0;
    for (int32_t i = 0; i < kMaxWorkers; ++i) {
        Keeping& k = keeping_[i];
        present_[i] = false;
        if (seen[i].pid != 0) {
            if (k.started_at == 0)
                k.started_at = now; // adopted
            if (i >= wanted || seen[i].client != client || seen[i].stop_requested) {
                due = sooner(due, stop(i, seen[i], now));
                continue;
            }
            k.terminate_at = 0;
            ++living_;
            present_[i] = true;
            continue;
        }
        if (seen[i].launched) {
            if (k.started_at == 0)
                k.started_at = now;
            int64_t wait = await_birth(i, now);
            if (wait >= 0) {
                present_[i] = i < wanted && now < k.started_at + kBirthUs;
                due = sooner(due, wait);
                continue;
            }
        }
        if (k.started_at != 0)
            note_end(k, now);
        if (i < wanted)
            due = sooner(due, start(i, now));
    }
    problem_ = Problem();
    for (int32_t i = 0; i < wanted; ++i)
        if (keeping_[i].no_slot)
            problem_ = {living_ > 0 ? SinkState::degraded : SinkState::error,
                        "there is no free background worker slot for an apply worker",
                        kNoWorkerSlotHint};
    return due;
}

/// Asked first; one that does not leave within a second is terminated.
int64_t WorkerKeeper::stop(int32_t slot, const Seen& seen, int64_t now) {
    Keeping& k = keeping_[slot];
    if (k.terminate_at == 0) {
        k.terminate_at = now + kSecondUs;
        locked(true, [&] { slot_at(slot).stop_requested = true; });
        ring(seen.pid);
    } else if (now >= k.terminate_at) {
        k.terminate_at = now + kSecondUs;
        terminate_process(seen.pid);
    }
    return k.terminate_at - now;
}

/// How long to wait for it; -1: it will not come.
int64_t WorkerKeeper::await_birth(int32_t slot, int64_t now) {
    Keeping& k = keeping_[slot];
    if (k.child.registered() ? k.child.running() : now < k.started_at + kLostBirthUs)
        return k.started_at + kBirthUs > now ? k.started_at + kBirthUs - now : kSecondUs;
    locked(true, [&] {
        if (slot_at(slot).pid == 0)
            slot_at(slot).launched = false; // should it come after all, it sees that and leaves
    });
    return -1;
}

void WorkerKeeper::note_end(Keeping& k, int64_t now) {
    bool at_once = k.terminate_at != 0 || now - k.started_at >= kLongLifeUs;
    if (at_once)
        k.backoff.reset();
    k.not_before = at_once ? now : now + k.backoff.next_us();
    k.started_at = k.terminate_at = 0;
    k.child.forget();
}

int64_t WorkerKeeper::start(int32_t slot, int64_t now) {
    Keeping& k = keeping_[slot];
    if (now < k.not_before)
        return k.not_before - now;
    locked(true, [&] {
        WorkerSlot& w = slot_at(slot);
        w.launched = true;
        w.stop_requested = false;
        w.client_hash = 0;
        w.reason[0] = w.hint[0] = w.activity[0] = '\0';
    });
    k.no_slot = !k.child.start(ProcessKind::worker, slot);
    if (k.no_slot) {
        locked(true, [&] { slot_at(slot).launched = false; });
        k.not_before = now + k.backoff.next_us();
        return k.not_before - now;
    }
    k.started_at = now;
    present_[slot] = true;
    return kBirthUs;
}

} // namespace kcs::pg
