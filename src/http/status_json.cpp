#include "http/status_json.hpp"

#include "http/json_out.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

void put_status(JsonOut& out, const Snapshot& s) {
    out.object("status");
    out.text("state", state_name(s.status.state)).text("reason", s.status.reason);
    out.text("hint", s.status.hint).moment("since", s.status.since_us);
    out.number("workers", s.status.workers).number("topics", s.status.topics);
    out.number("partitions", s.status.partitions).known("total_lag", s.status.total_lag);
    out.seconds("delay_seconds", s.status.delay_us);
    out.text("last_error", s.status.last_error).moment("last_error_at", s.status.last_error_us);
    out.moment("stats_reset", s.status.stats_reset_us);
    out.text("pause_cause", s.header.paused ? pause_cause_name(s.header.pause_cause) : "");
    out.text("database", s.database).text("version", s.version);
    out.text("server_version", s.server).text("librdkafka_version", s.kafka_client);
    out.moment("started", s.started_us).moment("now", s.now_us);
    out.known("pending_dead_letters", s.header.pending_letters);
    out.known("fenced_dead_letters", s.header.fenced_letters);
    out.known("coordinator_pid", s.header.coordinator_pid == 0 ? -1 : s.header.coordinator_pid);
    out.end();
}

/// Named as the columns of the view `workers`.
void put(JsonOut& out, const WorkerRow& w) {
    out.number("slot", w.slot).number("pid", w.pid).text("state", state_name(w.state));
    out.text("activity", w.activity).number("partitions", w.partitions);
    out.moment("started_at", w.started_us);
    out.number("messages", w.messages).number("message_bytes", w.message_bytes);
    out.number("skipped", w.skipped).number("transactions", w.transactions);
    out.number("dead_letters", w.dead_letters).number("retries", w.retries);
    out.number("errors", w.errors);
    out.seconds("decode_seconds", w.decode_us).seconds("fold_seconds", w.fold_us);
    out.seconds("apply_seconds", w.apply_us).seconds("commit_seconds", w.commit_us);
    out.seconds("wait_seconds", w.wait_us);
    out.number("last_batch_records", w.last_batch_records);
    out.seconds("last_batch_seconds", w.last_batch_us).moment("last_commit_at", w.last_commit_us);
    out.number("queue_messages", w.queue_messages).number("queue_bytes", w.queue_bytes);
    out.number("memory_bytes", w.memory_bytes);
    out.text("reason", w.reason).text("hint", w.hint);
}

void put(JsonOut& out, const PartitionRow& p) {
    out.text("topic", p.topic).number("partition", p.partition).known("worker", p.worker);
    out.text("state", state_name(p.state)).text("phase", p.phase());
    out.known("next_offset", p.next_offset).known("position", p.position);
    out.known("low_watermark", p.low_watermark).known("high_watermark", p.high_watermark);
    out.known("lag", p.lag()).known("done", p.done()).real("rate", p.rate());
    out.seconds("time_left_seconds", p.time_left_us());
    out.moment("last_event_at", p.last_event_us).moment("last_commit_at", p.last_commit_us);
    out.seconds("delay_seconds", p.delay_us());
    out.text("reason", p.reason).text("hint", p.hint);
}

void put(JsonOut& out, const TableRow& t) {
    out.text("schema", t.schema).text("table", t.table);
    out.text("state", t.parked ? "parked" : "active");
    out.number("inserts", t.inserts).number("updates", t.updates);
    out.number("deletes", t.deletes).number("truncates", t.truncates);
    out.number("toast_kept", t.toast_kept).number("folded", t.folded);
    out.number("dead_letters", t.dead_letters).moment("last_change_at", t.last_change_us);
    out.text("reason", t.reason).text("hint", t.hint);
}

void put(JsonOut& out, const ErrorRow& e) {
    bool record = e.topic[0] != '\0';
    out.moment("first_at", e.first_us).moment("last_at", e.last_us).number("count", e.count);
    out.text("class", error_class_name(e.cls)).text("sqlstate", e.sqlstate);
    out.text("source", e.source).text("message", e.message).text("hint", e.hint);
    out.text("topic", e.topic).known("partition", record ? e.partition : -1);
    out.known("offset", record ? e.offset : -1);
}

void put(JsonOut& out, const History::Point& p) {
    out.moment("at", p.at_us).real("records_per_second", p.per_second);
    out.known("lag", p.lag).seconds("delay_seconds", p.delay_us);
}

template <typename Rows> void put_all(JsonOut& out, const char* name, const Rows& rows) {
    out.array(name);
    for (const auto& row : rows) {
        put(out.element(), row);
        out.end();
    }
    out.end_array();
}

} // namespace

std::string status_json(const Snapshot& snapshot, const History& history) {
    JsonOut out;
    put_status(out, snapshot);
    put_all(out, "workers", snapshot.workers);
    put_all(out, "partitions", snapshot.partitions);
    put_all(out, "tables", snapshot.tables);
    put_all(out, "errors", snapshot.errors);
    out.object("history").number("interval_seconds", History::kIntervalUs / 1000000);
    put_all(out, "points", history.points());
    return out.end().take();
}

} // namespace kcs
