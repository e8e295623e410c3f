#pragma once

#include "core/shared_state.hpp"

// Plain copies of what is in shared memory, as the views and whoever else reports them read it.
// Points in time are microseconds since 1970, 0 for never; offsets are -1 while unknown.

namespace kcs {

struct HeaderRow {
    SinkState state = SinkState::idle;
    int64_t since_us = 0;
    bool paused = false;
    int32_t launcher_pid = 0;
    int32_t coordinator_pid = 0;
    int32_t topics = 0;
    int64_t last_error_us = 0;
    int64_t stats_reset_us = 0;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
    char pause_reason[kReasonBytes] = {};
    char last_error[kReasonBytes] = {};
};

struct WorkerRow {
    int32_t slot = 0;
    int32_t pid = 0;
    WorkerState state = WorkerState::free;
    int32_t partitions = 0; ///< held
    int64_t started_us = 0;
    int64_t messages = 0, message_bytes = 0, skipped = 0, transactions = 0, dead_letters = 0,
            retries = 0, errors = 0;
    int64_t decode_us = 0, apply_us = 0, commit_us = 0, wait_us = 0;
    int64_t last_batch_records = 0, last_batch_us = 0, last_commit_us = 0;
    int64_t queue_messages = 0, memory_bytes = 0;
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
    int64_t last_event_us = 0, last_commit_us = 0;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};

    /// Records that are there and not yet applied; -1 while that is unknown.
    int64_t lag() const;
    /// From the commit at the source to the commit here, of the last applied event; -1: none yet.
    int64_t delay_us() const;
};

struct TableRow {
    char schema[kNameBytes] = {};
    char table[kNameBytes] = {};
    bool parked = false;
    int64_t inserts = 0, updates = 0, deletes = 0, truncates = 0, toast_kept = 0, dead_letters = 0;
    int64_t last_change_us = 0;
    char reason[kReasonBytes] = {};
    char hint[kHintBytes] = {};
};

const char* state_name(SinkState state);
const char* state_name(WorkerState state);
const char* state_name(PartitionState state);

} // namespace kcs
