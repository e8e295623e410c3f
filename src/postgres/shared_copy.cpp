#include "postgres/shared_copy.hpp"

#include "core/clock.hpp"
#include "postgres/gucs.hpp"
#include "postgres/shared_memory.hpp"

#include <algorithm>
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

template <const auto& bounds>
void copy(HistogramRow<bounds>& to, const Histogram<bounds>& from) noexcept {
    for (size_t i = 0; i < to.counts.size(); ++i)
        to.counts[i] = from.counts[i].load(std::memory_order_relaxed);
    to.sum = from.sum.load(std::memory_order_relaxed);
}

template <size_t N> void copy_counters(int64_t (&to)[N], const Counter (&from)[N]) noexcept {
    for (size_t i = 0; i < N; ++i)
        to[i] = get(from[i]);
}

void copy(ClientRow& to, const ClientFigures& from) noexcept {
    to.at_us = get(from.at_us);
    to.brokers_up = get(from.brokers_up);
    to.brokers_down = get(from.brokers_down);
    to.rtt_avg_us = get(from.rtt_avg_us);
    to.rtt_p99_us = get(from.rtt_p99_us);
    to.fetch_queue_messages = get(from.fetch_queue_messages);
    to.received_bytes = get(from.received_bytes);
    to.sent_bytes = get(from.sent_bytes);
    to.connects = get(from.connects);
    to.disconnects = get(from.disconnects);
    to.timeouts = get(from.timeouts);
    to.receive_errors = get(from.receive_errors);
    to.send_errors = get(from.send_errors);
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
    to.starts = get(from.starts);
    copy_counters(to.errors_by, from.errors_by);
    copy_counters(to.retries_by, from.retries_by);
    copy_counters(to.letters_by, from.letters_by);
    copy(to.batch_time, from.batch_time);
    copy(to.batch_records, from.batch_records);
    copy(to.source_delay, from.source_delay);
    copy(to.kafka_delay, from.kafka_delay);
    copy(to.client, from.client);
    to.broker_down_since_us = get(from.broker_down_since_us);
    to.decode_us = get(from.decode_us);
    to.fold_us = get(from.fold_us);
    to.apply_us = get(from.apply_us);
    to.commit_us = get(from.commit_us);
    to.wait_us = get(from.wait_us);
    to.ahead_us = get(from.ahead_us);
    to.last_batch_records = get(from.last_batch_records);
    to.last_batch_us = get(from.last_batch_us);
    to.last_commit_us = get(from.last_commit_us);
    to.queue_messages = get(from.queue_messages);
    to.queue_bytes = get(from.queue_bytes);
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
    to.last_kafka_us = get(from.last_kafka_us);
    to.messages = get(from.messages);
    to.message_bytes = get(from.message_bytes);
    to.moves = get(from.moves);
    to.catchup_from = get(from.catchup_from);
    to.rate_milli = get(from.rate_milli);
    to.in_snapshot = from.in_snapshot.load(std::memory_order_relaxed);
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
    to.folded = get(from.folded);
    to.last_change_us = get(from.last_change_us);
    copy_text(to.reason, from.reason);
    copy_text(to.hint, from.hint);
}

void copy(ErrorRow& to, const ErrorSlot& from) noexcept {
    to.count = static_cast<int64_t>(from.count);
    to.first_us = from.first_us;
    to.last_us = from.last_us;
    to.cls = from.cls;
    copy_text(to.sqlstate, from.sqlstate);
    copy_text(to.source, from.source);
    copy_text(to.topic, from.topic);
    to.partition = from.partition;
    to.offset = from.offset;
    copy_text(to.message, from.message);
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
        row.shown_state = from.shown_state;
        row.shown_since_us = from.shown_since_us;
        row.paused = from.paused.load();
        row.launcher_pid = from.launcher_pid;
        row.coordinator_pid = from.coordinator_pid;
        row.topics = from.topics.load();
        row.last_error_us = from.last_error_us;
        row.stats_reset_us = get(from.stats_reset_us);
        copy_text(row.reason, from.reason);
        copy_text(row.hint, from.hint);
        copy_text(row.pause_reason, from.pause_reason);
        copy_text(row.pause_hint, from.pause_hint);
        copy_text(row.last_error, from.last_error);
        row.started_us = from.started_us;
        row.pause_cause = from.pause_cause;
        row.coordinator_starts = get(from.coordinator_starts);
        row.pending_letters = get(from.pending_letters);
        row.fenced_letters = get(from.fenced_letters);
        copy_counters(row.pauses, from.pauses);
        copy_counters(row.ddl, from.ddl);
        copy_text(row.exporter, from.exporter);
        copy_text(row.exporter_hint, from.exporter_hint);
    });
    return row;
}

std::vector<WorkerRow> copy_worker_slots() {
    std::vector<WorkerRow> rows(kMaxWorkers);
    size_t count = 0;
    locked(false, [&]() noexcept {
        int32_t held[kMaxWorkers] = {};
        for (int i = 0; i < shared().header->partition_slots_end; ++i) {
            const PartitionSlot& slot = shared().partitions[i];
            if (slot.used && slot.holder >= 0 && slot.holder < kMaxWorkers)
                ++held[slot.holder];
        }
        for (int i = 0; i < kMaxWorkers; ++i) {
            if (shared().workers[i].pid == 0 && get(shared().workers[i].starts) == 0)
                continue;
            copy(rows[count], shared().workers[i], i);
            rows[count++].partitions = held[i];
        }
    });
    rows.resize(count);
    return rows;
}

std::vector<WorkerRow> copy_workers() {
    std::vector<WorkerRow> rows = copy_worker_slots();
    rows.erase(
        std::remove_if(rows.begin(), rows.end(), [](const WorkerRow& w) { return w.pid == 0; }),
        rows.end());
    return rows;
}

std::vector<PartitionRow> copy_partitions() {
    int end = 0; // most slots are never used, and rows are large
    locked(false, [&]() noexcept { end = shared().header->partition_slots_end; });
    std::vector<PartitionRow> rows(static_cast<size_t>(end));
    size_t count = 0;
    locked(false, [&]() noexcept {
        for (int i = 0; i < end; ++i)
            if (shared().partitions[i].used)
                copy(rows[count++], shared().partitions[i]);
    });
    rows.resize(count);
    return rows;
}

std::vector<TableRow> copy_tables() {
    int end = 0;
    locked(false, [&]() noexcept {
        while (end < shared().header->table_slots && shared().tables[end].used)
            ++end; // slots are never given back
    });
    std::vector<TableRow> rows(static_cast<size_t>(end));
    size_t count = 0;
    locked(false, [&]() noexcept {
        for (int i = 0; i < end; ++i) {
            copy(rows[count], shared().tables[i]);
            if (i > 0 || touched(rows[count]))
                ++count;
        }
    });
    rows.resize(count);
    return rows;
}

std::vector<ErrorRow> copy_errors() {
    int used = 0;
    locked(false, [&]() noexcept {
        for (int i = 0; i < kErrorSlots; ++i)
            used += shared().errors[i].count > 0;
    });
    std::vector<ErrorRow> rows(static_cast<size_t>(used));
    size_t count = 0;
    locked(false, [&]() noexcept {
        for (int i = 0; i < kErrorSlots; ++i)
            if (shared().errors[i].count > 0 && count < rows.size())
                copy(rows[count++], shared().errors[i]);
    });
    rows.resize(count);
    std::sort(rows.begin(), rows.end(),
              [](const ErrorRow& a, const ErrorRow& b) { return a.last_us > b.last_us; });
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
