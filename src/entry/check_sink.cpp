#include "entry/check_topics.hpp"
#include "entry/process.hpp"
#include "postgres/shared_copy.hpp"
#include "postgres/shared_memory.hpp"

#include <cstdlib>

extern "C" {
#include "access/xlog.h"
}

// The parts of check() about the sink itself: its processes, what stands, what is stored.

namespace kcs::pg {

namespace {

/// All that are not logged.
OwnStatement unlogged_tables = {
    "SELECT relname::text FROM pg_class WHERE relnamespace = 'kafka_cdc_sink'::regnamespace "
    "AND relkind = 'r' AND relpersistence = 'u' ORDER BY 1",
    0,
    {},
    nullptr};

OwnStatement group_rows = {
    "SELECT (SELECT count(*) FROM kafka_cdc_sink.offsets WHERE group_id = $1)::text, "
    "(SELECT min(group_id) FROM kafka_cdc_sink.offsets WHERE group_id <> $1)",
    1,
    {TEXTOID},
    nullptr};

OwnStatement offset_rows = {
    "SELECT topic, \"partition\"::text, next_offset::text FROM kafka_cdc_sink.offsets "
    "WHERE group_id = $1",
    1,
    {TEXTOID},
    nullptr};

OwnStatement open_letters = {"SELECT count(*)::text FROM kafka_cdc_sink.dead_letters "
                             "WHERE group_id = $1 AND status IN ('pending', 'fenced')",
                             1,
                             {TEXTOID},
                             nullptr};

constexpr char kSink[] = "sink";

std::string counted(size_t count, const char* one, const char* many) {
    return std::to_string(count) + " " + (count == 1 ? one : many);
}

void check_state(Report& report) {
    SinkStatus status = read_status("");
    Verdict verdict = Verdict::ok;
    switch (status.state) {
    case SinkState::idle:
    case SinkState::starting:
    case SinkState::degraded:
        verdict = Verdict::warning;
        break;
    case SinkState::paused:
    case SinkState::error:
        verdict = Verdict::error;
        break;
    default:
        break;
    }
    std::string found = state_name(status.state);
    if (!status.reason.empty())
        found += ": " + status.reason;
    report.add(kSink, "state", verdict, found, status.hint);
}

void check_processes(Report& report, const HeaderRow& header) {
    size_t workers = copy_workers().size();
    size_t wanted = static_cast<size_t>(report.settings.max_workers);
    std::string found = header.launcher_pid == 0 ? "no launcher, " : "launcher, ";
    found += header.coordinator_pid == 0 ? "no coordinator, " : "coordinator, ";
    found += std::to_string(workers) + " of " + counted(wanted, "worker", "workers");
    bool all = header.launcher_pid != 0 && header.coordinator_pid != 0 && workers >= wanted;
    if (all)
        report.add(kSink, "processes", Verdict::ok, found);
    else if (header.launcher_pid == 0)
        report.add(kSink, "processes", Verdict::error, found, kNoWorkerSlotHint);
    else
        report.add(kSink, "processes",
                   header.coordinator_pid == 0 || workers == 0 ? Verdict::error : Verdict::warning,
                   found,
                   "They are started again within a minute. If they are not, raise "
                   "max_worker_processes, and see the server log.");
}

void check_exporter(Report& report, const HeaderRow& header) {
    if (header.exporter[0] == '\0' && header.exporter_hint[0] == '\0')
        return;
    report.add(kSink, "exporter", header.exporter_hint[0] == '\0' ? Verdict::ok : Verdict::warning,
               header.exporter, header.exporter_hint);
}

void check_tables(Report& report) {
    std::vector<TableRow> tables = copy_tables();
    const TableRow* first = nullptr;
    size_t parked = 0, tracked = 0;
    for (const TableRow& t : tables) {
        tracked += t.table[0] != '\0' && t.schema[0] != '\0';
        if (!t.parked)
            continue;
        if (first == nullptr)
            first = &t;
        ++parked;
    }
    if (first != nullptr)
        report.add(kSink, "parked tables", Verdict::error,
                   std::to_string(parked) + ", first " + first->schema + "." + first->table + ": " +
                       first->reason,
                   first->hint[0] != '\0'
                       ? first->hint
                       : "Put it right; it is tried again by itself, and at once by SELECT "
                         "kafka_cdc_sink.resume().");
    size_t slots = static_cast<size_t>(shared().header->table_slots) - 1;
    if (tracked >= slots)
        report.add(kSink, "max_tracked_tables", Verdict::warning,
                   std::to_string(slots) + " are all taken: further tables share one counter",
                   "Raise kafka_cdc_sink.max_tracked_tables and restart the server.");
}

void check_partitions(Report& report) {
    std::vector<PartitionRow> partitions = copy_partitions();
    const PartitionRow* first = nullptr;
    size_t standing = 0;
    for (const PartitionRow& p : partitions) {
        if (p.reason[0] == '\0')
            continue;
        if (first == nullptr)
            first = &p;
        ++standing;
    }
    if (first != nullptr)
        report.add(kSink, "partitions", Verdict::error,
                   std::to_string(standing) + " of " + std::to_string(partitions.size()) +
                       " stand, first partition " + std::to_string(first->partition) +
                       " of topic \"" + first->topic + "\": " + first->reason,
                   first->hint);
    else if (!partitions.empty())
        report.add(kSink, "partitions", Verdict::ok,
                   counted(partitions.size(), "partition flows", "partitions flow"));
    size_t slots = static_cast<size_t>(shared().header->partition_slots);
    if (partitions.size() >= slots)
        report.add(kSink, "max_tracked_partitions", Verdict::error,
                   std::to_string(slots) + " are all taken: further partitions wait",
                   "Raise kafka_cdc_sink.max_tracked_partitions and restart the server.");
}

} // namespace

void check_sink(Report& report) {
    check_state(report);
    if (!shared_ready())
        return;
    HeaderRow header = copy_header();
    bool standby = guard([] { return RecoveryInProgress(); });
    if (report.settings.wants_to_run() && !standby)
        check_processes(report, header);
    check_exporter(report, header);
    if (report.settings.wants_to_run() && !standby) {
        check_tables(report);
        check_partitions(report);
    }
}

StoredOffsets stored_offsets(const std::string& group) {
    StoredOffsets offsets;
    for (const TextRow& row : query(offset_rows, {group}))
        offsets[row[0]][std::atoi(row[1].c_str())] = std::atoll(row[2].c_str());
    return offsets;
}

void check_progress(Report& report) {
    std::vector<TextRow> unlogged = query(unlogged_tables);
    for (const TextRow& row : unlogged)
        report.add(kSink, "table " + row[0], Verdict::error,
                   "is not logged: a crash empties it, and what it held is not known to standbys",
                   "ALTER TABLE kafka_cdc_sink." + row[0] + " SET LOGGED;");
    if (!unlogged.empty() && guard([] { return RecoveryInProgress(); }))
        return;
    const std::string& group = report.settings.client.group_id;
    TextRow rows = query(group_rows, {group})[0];
    if (rows[0] == "0" && !rows[1].empty())
        report.add(kSink, "offsets", Verdict::warning,
                   "none of group \"" + group + "\", but of \"" + rows[1] +
                       "\": topics are read from kafka_cdc_sink.start_offset on",
                   "If this is the same consumer under another name, set kafka_cdc_sink.group_id "
                   "back, or change group_id in kafka_cdc_sink.offsets.");
    else
        report.add(kSink, "offsets", Verdict::ok,
                   "of " +
                       counted(static_cast<size_t>(std::atoll(rows[0].c_str())), "partition",
                               "partitions") +
                       " for group \"" + group + "\"");
    std::string letters = query(open_letters, {group})[0][0];
    if (letters == "0")
        report.add(kSink, "dead letters", Verdict::ok, "none are open");
    else
        report.add(kSink, "dead letters", Verdict::warning, letters + " are open",
                   "See kafka_cdc_sink.dead_letters and explain_event(); then replay or discard "
                   "them.");
}

} // namespace kcs::pg
