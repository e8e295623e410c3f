#pragma once

#include <atomic>
#include <cstdint>

// What the processes share: plain structs for shared memory. No pointers, no invariants beyond the
// comments. Counters have one writer each and are relaxed atomics (readers never block a writer);
// text is written and read under SharedState's lock (postgres/shared_memory.hpp).

namespace kcs {

inline constexpr int kMaxWorkers = 64;
inline constexpr int kTopicBytes = 250; ///< Kafka allows 249 characters
inline constexpr int kReasonBytes = 400;
inline constexpr int kHintBytes = 640; ///< a seek() of the longest topic fits, quotes and all
inline constexpr int kNameBytes = 64;  ///< NAMEDATALEN

using Counter = std::atomic<uint64_t>;
static_assert(Counter::is_always_lock_free);

inline void bump(Counter& c, uint64_t by = 1) {
    c.store(c.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// State of a partition, for the view. Written by its holder (or the coordinator while it has
/// none).
enum class PartitionState : uint8_t {
    unused,
    waiting,  ///< known, not held by a worker
    starting, ///< held, position being checked
    running,
    parked,   ///< stands before a record of a parked table
    locked,   ///< stands before a record of a table whose lock was not to be had
    retrying, ///< stands before a record that needs one of another partition
    paused,   ///< stands until somebody acts
    lost ///< likewise, because what follows its offset is not what followed it: shown as paused
};

enum class WorkerState : uint8_t { free, starting, idle, running, paused, stopping };

/// Why the last coordinator left, for the launcher. `extension_missing`: no use starting another
/// one before the launcher is rung or settings change.
enum class CoordinatorEnd : uint8_t { none, asked, extension_missing, failed };

/// Sink as a whole, as the status view says it.
enum class SinkState : uint8_t { idle, starting, running, degraded, paused, error, standby };

/// One Kafka partition that was given out or waits to be. Index = "slot" everywhere.
/// Under the lock: used, topic, partition, desired, holder, generations, reason, hint; and writing
/// next_offset and position.
struct alignas(64) PartitionSlot {
    bool used = false;
    char topic[kTopicBytes] = {};
    int32_t partition = 0;
    int32_t desired = -1; ///< worker slot that shall have it, -1 none; coordinator writes
    int32_t holder = -1;  ///< worker slot that has it, -1 none; claimed and released by workers
    /// Raised by seek() and resume(): the holder reads its offset anew.
    uint64_t seek_generation = 0;
    /// The one that the holder has taken up: what it tells of its progress before is of no use.
    uint64_t read_generation = 0;
    std::atomic<uint8_t> state{0};            ///< PartitionState
    std::atomic<int32_t> topic_partitions{0}; ///< of its topic; the coordinator writes
    std::atomic<int64_t> next_offset{-1};     ///< committed: next record to apply
    std::atomic<int64_t> position{-1};        ///< all before it is applied or known not to exist
    std::atomic<int64_t> low_watermark{-1};   ///< the coordinator writes
    std::atomic<int64_t> high_watermark{-1};  ///< as its holder last heard it
    std::atomic<int64_t> asked_high{-1};      ///< as the coordinator did, while it stands; else -1
    std::atomic<int64_t> last_event_us{0};    ///< source commit time of the last applied event
    std::atomic<int64_t> last_commit_us{0};   ///< when it was committed here
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

/// One apply worker. Under the lock: pid, launched, stop_requested, client_hash, texts. Counters:
/// written by the worker.
struct alignas(64) WorkerSlot {
    int32_t pid = 0;               ///< 0: free
    bool launched = false;         ///< registered by the coordinator, pid not yet known
    bool stop_requested = false;   ///< written by the coordinator or the launcher
    uint64_t client_hash = 0;      ///< of the client settings and file its consumer was made from
    std::atomic<uint8_t> state{0}; ///< WorkerState
    std::atomic<int64_t> started_us{0};
    std::atomic<int64_t> begun_us{INT64_MIN / 2}; ///< its last transaction, by the steady clock
    std::atomic<int64_t> applying_us{
        0}; ///< since when it applies a batch, likewise; 0: it does not
    Counter messages, message_bytes, skipped, transactions, dead_letters, retries, errors;
    Counter decode_us, apply_us, commit_us, wait_us;
    std::atomic<int64_t> last_batch_records{0}, last_batch_us{0}, last_commit_us{0};
    std::atomic<int64_t> queue_messages{0}, memory_bytes{0};
    std::atomic<int64_t> broker_down_since_us{0}; ///< 0: some broker is connected
    char activity[kReasonBytes] = {};
    char reason[kReasonBytes] = {}; ///< why paused; empty: it is not
    char hint[kHintBytes] = {};
};

/// One target table. Slot 0 is `other`: what found no slot of its own. Counters are added to by
/// several workers (fetch_add). Under the lock: used, names, reason, hint.
struct alignas(64) TableSlot {
    bool used = false;
    char schema[kNameBytes] = {};
    char table[kNameBytes] = {};
    std::atomic<bool> parked{false};
    Counter inserts, updates, deletes, truncates, toast_kept, dead_letters;
    std::atomic<int64_t> last_change_us{0};
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

/// The head of the segment; slots follow it in memory, sized at server start.
struct SharedHeader {
    // process ids and wake-up handles; under the lock
    int32_t launcher_pid = 0;
    int32_t coordinator_pid = 0;
    bool coordinator_stop = false; ///< the launcher asks it to leave
    CoordinatorEnd coordinator_end = CoordinatorEnd::none;
    uint64_t coordinator_end_rings = 0; ///< launcher_rings when it looked for the extension
    uint32_t database_oid = 0;          ///< target database, 0: none found
    uint32_t extension_oid = 0;         ///< our extension there, 0: none found
    uint64_t control_of = 0;            ///< database and extension that the pause was read from
    // sink state; under the lock
    SinkState state = SinkState::idle;
    int64_t since_us = 0;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
    char last_error[kReasonBytes] = {};
    int64_t last_error_us = 0;
    char pause_reason[kReasonBytes] = {}; ///< of pause() or of the worker that asked for it
    uint64_t slots_hash = 0; ///< database, extension and client that partition slots belong to
    std::atomic<uint64_t> control_generation{0}; ///< raised by pause() and resume() at commit
    std::atomic<bool> paused{false}; ///< pause() holds, or a worker asked for it (on_error)
    std::atomic<uint64_t> resume_generation{
        0}; ///< raised by resume(): parked things are tried at once
    std::atomic<uint64_t> letters_generation{0}; ///< raised when sessions wrote dead letters
    std::atomic<uint64_t> routes_generation{0};  ///< raised when the table routes changed
    std::atomic<uint64_t> launcher_rings{0};     ///< counts ring_launcher()
    std::atomic<int64_t> resumed_us{0}; ///< fresh allowance for max_dead_letters counts from here
    int32_t partition_slots = 0;
    int32_t partition_slots_end = 0; ///< slots from here on were never used; under the lock
    int32_t table_slots = 0;
    std::atomic<int32_t> topics{0};
    Counter stats_reset_us;
};

} // namespace kcs
