#pragma once

#include "core/fault.hpp"
#include "core/histogram.hpp"

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

inline constexpr int kErrorSlots = 100; ///< rows of the view recent_errors, at most

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

/// What brought about a pause of the whole sink or, `environment`, of a worker; `table` parked one,
/// `partition` stopped one until somebody acts. Names: pause_cause_name().
enum class PauseCause : uint8_t {
    none,
    asked, ///< pause()
    on_error,
    max_dead_letters,
    environment,
    table,
    partition
};
inline constexpr int kPauseCauses = 7;

/// DDL that was run, by kind. Names: ddl_kind_name().
enum class DdlKind : uint8_t { create_schema, create_table, add_columns, widen, drop_not_null };
inline constexpr int kDdlKinds = 5;

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
    std::atomic<int64_t> last_kafka_us{0};    ///< Kafka's timestamp of the last applied record
    Counter messages, message_bytes;          ///< taken from it by whoever held it
    Counter moves;                            ///< how often a worker took it
    /// Where the present catch-up began: behind by more than one batch, or in a snapshot. -1: none.
    std::atomic<int64_t> catchup_from{-1};
    std::atomic<int64_t> rate_milli{0};   ///< thousandths of an offset a second, while catching up
    std::atomic<bool> in_snapshot{false}; ///< the last applied event was a snapshot's
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

/// What librdkafka's statistics say of a worker's client; written by the worker. Zero until the
/// first ones came.
struct ClientFigures {
    std::atomic<int64_t> at_us{0};
    std::atomic<int64_t> brokers_up{0}, brokers_down{0};
    std::atomic<int64_t> rtt_avg_us{0}, rtt_p99_us{0}; ///< of the slowest broker
    std::atomic<int64_t> fetch_queue_messages{0};
    Counter received_bytes, sent_bytes, connects, disconnects, timeouts, receive_errors,
        send_errors;
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
    Counter decode_us, fold_us, apply_us, commit_us, wait_us; ///< apply: without folding
    Counter ahead_us; ///< decoding on another thread meanwhile
    Counter starts;   ///< processes that had this slot
    Counter errors_by[kErrorClasses], retries_by[kErrorClasses], letters_by[kErrorClasses];
    Histogram<kDurationBounds> batch_time;  ///< µs, from the first try to the commit
    Histogram<kRecordBounds> batch_records; ///< records of a committed batch
    Histogram<kDelayBounds> source_delay;   ///< µs from the commit at the source to ours
    Histogram<kDelayBounds> kafka_delay;    ///< µs from Kafka's timestamp to our commit
    ClientFigures client;
    std::atomic<int64_t> last_batch_records{0}, last_batch_us{0}, last_commit_us{0};
    std::atomic<int64_t> queue_messages{0}, queue_bytes{0}, memory_bytes{0};
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
    uint64_t parked_by = 0; ///< bits of the workers that say so; under the lock
    Counter inserts, updates, deletes, truncates, toast_kept, dead_letters;
    Counter folded; ///< events that left no effect of their own, because a later one did
    std::atomic<int64_t> last_change_us{0};
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

/// One of the last errors; equal ones share it. Under the lock. Its texts hold no row values.
struct ErrorSlot {
    uint64_t count = 0; ///< 0: free
    int64_t first_us = 0;
    int64_t last_us = 0;
    ErrorClass cls = ErrorClass::environment;
    char sqlstate[6] = {}; ///< empty: none
    char source[kNameBytes] = {};
    char topic[kTopicBytes] = {}; ///< of the last one; empty: it concerned no record
    int32_t partition = -1;
    int64_t offset = -1;
    char message[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

/// The head of the segment; slots follow it in memory, sized at server start.
struct SharedHeader {
    int64_t started_us = 0; ///< when the segment was made
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
    SinkState shown_state = SinkState::idle; ///< as status says it, workers and partitions included
    int64_t shown_since_us = 0;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
    char last_error[kReasonBytes] = {};
    int64_t last_error_us = 0;
    char pause_reason[kReasonBytes] = {}; ///< of pause() or of the worker that asked for it
    char pause_hint[kHintBytes] = {};     ///< empty: resume() is all there is to do
    PauseCause pause_cause = PauseCause::none;
    // the exporter; under the lock
    int32_t exporter_pid = 0;
    char exporter[kReasonBytes] = {}; ///< where it listens, or why it does not; empty: off
    char exporter_hint[kHintBytes] = {};
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
    uint32_t tables_of = 0; ///< database that table slots count for; under the lock
    std::atomic<int32_t> topics{0};
    Counter stats_reset_us;
    Counter coordinator_starts;
    Counter pauses[kPauseCauses]; ///< several writers
    Counter ddl[kDdlKinds];       ///< likewise
    std::atomic<int64_t> pending_letters{-1},
        fenced_letters{-1}; ///< open ones; -1: not counted yet
};

} // namespace kcs
