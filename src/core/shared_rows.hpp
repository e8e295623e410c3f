#pragma once

#include "core/shared_state.hpp"

#include <array>

// Plain copies of what is in shared memory, as the views and whoever else reports them read it.
// Points in time are microseconds since 1970, 0 for never; offsets are -1 while unknown.

namespace kcs {

/// A copy of a Histogram: `counts` as there, one more than bounds.
template <const auto& bounds> struct HistogramRow {
    static constexpr const auto& kBounds = bounds;
    std::array<uint64_t, Histogram<bounds>::kBuckets> counts{};
    double sum = 0;
};

struct HeaderRow {
    SinkState state = SinkState::idle;
    int64_t since_us = 0;
    SinkState shown_state = SinkState::idle;
    int64_t shown_since_us = 0;
    bool paused = false;
    int32_t launcher_pid = 0;
    int32_t coordinator_pid = 0;
    int32_t topics = 0;
    int64_t last_error_us = 0;
    int64_t stats_reset_us = 0;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
    int64_t started_us = 0; ///< of the server, or its last restart after a crash
    PauseCause pause_cause = PauseCause::none;
    int64_t coordinator_starts = 0;
    int64_t pending_letters = -1, fenced_letters = -1; ///< -1: not counted yet
    int64_t pauses[kPauseCauses] = {};
    int64_t ddl[kDdlKinds] = {};
    char pause_reason[kReasonBytes] = {};
    char pause_hint[kHintBytes] = {};
    char last_error[kReasonBytes] = {};
    char exporter[kReasonBytes] = {};
    char exporter_hint[kHintBytes] = {};
};

struct ClientRow {
    int64_t at_us = 0; ///< 0: librdkafka has not told anything yet
    int64_t brokers_up = 0, brokers_down = 0;
    int64_t rtt_avg_us = 0, rtt_p99_us = 0;
    int64_t fetch_queue_messages = 0;
    int64_t received_bytes = 0, sent_bytes = 0, connects = 0, disconnects = 0, timeouts = 0,
            receive_errors = 0, send_errors = 0;
};

struct WorkerRow {
    int32_t slot = 0;
    int32_t pid = 0;
    WorkerState state = WorkerState::free;
    int32_t partitions = 0; ///< held
    int64_t started_us = 0;
    int64_t messages = 0, message_bytes = 0, skipped = 0, transactions = 0, dead_letters = 0,
            retries = 0, errors = 0;
    int64_t decode_us = 0, fold_us = 0, apply_us = 0, commit_us = 0, wait_us = 0;
    int64_t ahead_us = 0;
    int64_t starts = 0;
    int64_t errors_by[kErrorClasses] = {}, retries_by[kErrorClasses] = {},
            letters_by[kErrorClasses] = {};
    HistogramRow<kDurationBounds> batch_time;
    HistogramRow<kRecordBounds> batch_records;
    HistogramRow<kDelayBounds> source_delay, kafka_delay;
    ClientRow client;
    int64_t broker_down_since_us = 0; ///< 0: some broker is connected
    int64_t last_batch_records = 0, last_batch_us = 0, last_commit_us = 0;
    int64_t queue_messages = 0, queue_bytes = 0, memory_bytes = 0;
    char activity[kReasonBytes] = {};
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

struct PartitionRow {
    char topic[kTopicBytes] = {};
    int32_t partition = 0;
    int32_t worker = -1; ///< slot of its holder
    PartitionState state = PartitionState::unused;
    int64_t next_offset = -1, position = -1, low_watermark = -1, high_watermark = -1;
    int64_t last_event_us = 0, last_commit_us = 0, last_kafka_us = 0;
    int64_t messages = 0, message_bytes = 0, moves = 0;
    int64_t catchup_from = -1; ///< see PartitionSlot
    int64_t rate_milli = 0;
    bool in_snapshot = false;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};

    /// Records that are there and not yet applied; -1 while that is unknown.
    int64_t lag() const;
    /// From the commit at the source to the commit here, of the last applied event; -1: none yet.
    int64_t delay_us() const;
    /// From Kafka's timestamp to the commit here, of the last applied record; -1: none yet.
    int64_t kafka_delay_us() const;

    /// "snapshot", "catching up", "following"; empty while nothing is known.
    const char* phase() const;
    /// Offsets that the present catch-up or snapshot has passed; -1: there is none.
    int64_t done() const;
    /// Offsets a second; -1: there is no catch-up, or not yet known.
    double rate() const;
    /// Estimated time until it is caught up, in microseconds; -1: unknown, or there is nothing to
    /// do.
    int64_t time_left_us() const;
};

struct TableRow {
    char schema[kNameBytes] = {};
    char table[kNameBytes] = {};
    bool parked = false;
    int64_t inserts = 0, updates = 0, deletes = 0, truncates = 0, toast_kept = 0, dead_letters = 0,
            folded = 0;
    int64_t last_change_us = 0;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

/// One of the last errors.
struct ErrorRow {
    int64_t count = 0;
    int64_t first_us = 0, last_us = 0;
    ErrorClass cls = ErrorClass::environment;
    char sqlstate[6] = {};
    char source[kNameBytes] = {}; ///< "worker 0", "coordinator", ...
    char topic[kTopicBytes] = {}; ///< empty: it concerned no record
    int32_t partition = -1;
    int64_t offset = -1;
    char message[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

const char* pause_cause_name(PauseCause cause); ///< "pause()", "on_error", ...
const char* ddl_kind_name(DdlKind kind);        ///< "create_schema", ...
const char* state_name(SinkState state);
const char* state_name(WorkerState state);
const char* state_name(PartitionState state);

} // namespace kcs
