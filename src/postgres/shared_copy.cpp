#include "postgres/shared_copy.hpp"

#include "core/clock.hpp"
#include "postgres/gucs.hpp"
#include "postgres/shared_memory.hpp"

#include <cstdio>
#include <cstring>

extern "C" {
#include "access/xlog.h"
}

namespace kcs::pg {

namespace {

// Plain copies, made under the lock: nothing here allocates.

int64_t get(const Counter& counter) noexcept {
    return static_cast<int64_t>(counter.load(std::memory_order_relaxed));
}
int64_t get(const std::atomic<int64_t>& value) noexcept {
    return value.load(std::memory_order_relaxed);
}

template <size_t N> void copy_text(char (&to)[N], const char (&from)[N]) noexcept {
    std::memcpy(to, from, N);
}

/// A batch that is applied for longer (microseconds) is told: locks are given up sooner.
constexpr int64_t kLongApplyUs = 10 * 1000 * 1000;

/// Why the worker stands: what it says itself, or that its transaction does not end.
void copy_reason(char (&reason)[kReasonBytes], char (&hint)[kHintBytes],
                 const WorkerSlot& from) noexcept {
    copy_text(reason, from.reason);
    copy_text(hint, from.hint);
    int64_t since = get(from.applying_us);
    int64_t lasts = since == 0 ? 0 : SystemClock().steady_us() - since;
    if (reason[0] != '\0' || lasts < kLongApplyUs)
        return;
    std::snprintf(reason, sizeof reason, "a worker's transaction has lasted %d s",
                  static_cast<int>(lasts / 1000000));
    std::snprintf(hint, sizeof hint,
                  "What it waits for, tell pg_stat_activity and pg_blocking_pids() of process %d.",
                  from.pid);
}

void copy(WorkerRow& to, const WorkerSlot& from, int slot) noexcept {
    to.slot = slot;
    to.pid = from.pid;
    to.state = static_cast<WorkerState>(from.state.load(std::memory_order_relaxed));
    to.started_us = get(from.started_us);
    to.messages = get(from.messages);
    to.message_bytes = get(from.message_bytes);
    to.skipped = get(from.skipped);
    to.transactions = get(from.transactions);
    to.dead_letters = get(from.dead_letters);
    to.retries = get(from.retries);
    to.errors = get(from.errors);
    to.decode_us = get(from.decode_us);
    to.apply_us = get(from.apply_us);
    to.commit_us = get(from.commit_us);
    to.wait_us = get(from.wait_us);
    to.last_batch_records = get(from.last_batch_records);
    to.last_batch_us = get(from.last_batch_us);
    to.last_commit_us = get(from.last_commit_us);
    to.queue_messages = get(from.queue_messages);
    to.memory_bytes = get(from.memory_bytes);
    copy_text(to.activity, from.activity);
    copy_reason(to.reason, to.hint, from);
}

void copy(PartitionRow& to, const PartitionSlot& from) noexcept {
    copy_text(to.topic, from.topic);
    to.partition = from.partition;
    to.worker = from.holder;
    to.state = static_cast<PartitionState>(from.state.load(std::memory_order_relaxed));
    to.next_offset = get(from.next_offset);
    to.position = get(from.position);
    to.low_watermark = get(from.low_watermark);
    to.high_watermark = std::max(get(from.high_watermark), get(from.asked_high));
    to.last_event_us = get(from.last_event_us);
    to.last_commit_us = get(from.last_commit_us);
    copy_text(to.reason, from.reason);
    copy_text(to.hint, from.hint);
    if (from.holder < 0 || to.reason[0] != '\0')
        return;
    const WorkerSlot& holder = shared().workers[from.holder]; // where that stands, it stands
    copy_reason(to.reason, to.hint, holder);
    if (holder.reason[0] == '\0')
        return;
    bool paused =
        holder.state.load(std::memory_order_relaxed) == static_cast<uint8_t>(WorkerState::paused);
    to.state = paused ? PartitionState::paused : PartitionState::retrying;
}

void copy(TableRow& to, const TableSlot& from) noexcept {
    copy_text(to.schema, from.schema);
    copy_text(to.table, from.table);
    to.parked = from.parked.load(std::memory_order_relaxed);
    to.inserts = get(from.inserts);
    to.updates = get(from.updates);
    to.deletes = get(from.deletes);
    to.truncates = get(from.truncates);
    to.toast_kept = get(from.toast_kept);
    to.dead_letters = get(from.dead_letters);
    to.last_change_us = get(from.last_change_us);
    copy_text(to.reason, from.reason);
    copy_text(to.hint, from.hint);
}

bool touched(const TableRow& row) noexcept {
    return row.inserts != 0 || row.updates != 0 || row.deletes != 0 || row.truncates != 0 ||
           row.toast_kept != 0 || row.dead_letters != 0 || row.parked || row.last_change_us != 0;
}

} // namespace

HeaderRow copy_header() {
    HeaderRow row;
    const SharedHeader& from = *shared().header;
    locked(false, [&]() noexcept {
        row.state = from.state;
        row.since_us = from.since_us;
        row.paused = from.paused.load();
        row.launcher_pid = from.launcher_pid;
        row.coordinator_pid = from.coordinator_pid;
        row.topics = from.topics.load();
        row.last_error_us = from.last_error_us;
        row.stats_reset_us = get(from.stats_reset_us);
        copy_text(row.reason, from.reason);
        copy_text(row.hint, from.hint);
        copy_text(row.pause_reason, from.pause_reason);
        copy_text(row.last_error, from.last_error);
    });
    return row;
}

std::vector<WorkerRow> copy_workers() {
    std::vector<WorkerRow> rows(kMaxWorkers);
    size_t count = 0;
    locked(false, [&]() noexcept {
        int32_t held[kMaxWorkers] = {};
        for (int i = 0; i < shared().header->partition_slots; ++i) {
            const PartitionSlot& slot = shared().partitions[i];
            if (slot.used && slot.holder >= 0 && slot.holder < kMaxWorkers)
                ++held[slot.holder];
        }
        for (int i = 0; i < kMaxWorkers; ++i) {
            if (shared().workers[i].pid == 0)
                continue;
            copy(rows[count], shared().workers[i], i);
            rows[count++].partitions = held[i];
        }
    });
    rows.resize(count);
    return rows;
}

std::vector<PartitionRow> copy_partitions() {
    std::vector<PartitionRow> rows(static_cast<size_t>(shared().header->partition_slots));
    size_t count = 0;
    locked(false, [&]() noexcept {
        for (int i = 0; i < shared().header->partition_slots; ++i)
            if (shared().partitions[i].used)
                copy(rows[count++], shared().partitions[i]);
    });
    rows.resize(count);
    return rows;
}

std::vector<TableRow> copy_tables() {
    std::vector<TableRow> rows(static_cast<size_t>(shared().header->table_slots));
    size_t count = 0;
    locked(false, [&]() noexcept {
        for (int i = 0; i < shared().header->table_slots; ++i) {
            if (!shared().tables[i].used)
                continue;
            copy(rows[count], shared().tables[i]);
            if (i > 0 || touched(rows[count]))
                ++count;
        }
    });
    rows.resize(count);
    return rows;
}

SinkStatus read_status(const char* database) {
    StatusInput input;
    const Settings settings = current_settings();
    input.settings = &settings;
    input.preloaded = shared_ready();
    input.in_recovery = guard([] { return RecoveryInProgress(); });
    input.target_database = database[0] == '\0' || settings.database == database;
    if (input.preloaded) {
        input.header = copy_header();
        input.workers = copy_workers();
        input.partitions = copy_partitions();
    }
    return derive_status(input);
}

} // namespace kcs::pg
