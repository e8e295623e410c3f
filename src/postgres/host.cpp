#include "postgres/host.hpp"

#include "core/clock.hpp"
#include "debezium/change.hpp"
#include "postgres/recent_errors.hpp"
#include "postgres/shared_memory.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "utils/backend_status.h"
}

namespace kcs::pg {

namespace {

// ---- C register: plain data only ------------------------------------------------------------

void write_log(const char* level, const char* message, const char* detail, const char* hint,
               uint64_t repeated) {
    // A cancel would be raised behind the line, where nothing may be open that it could cancel.
    HOLD_INTERRUPTS();
    // The message comes from elsewhere (librdkafka, PostgreSQL): it is not translated again.
    ereport(LOG, errmsg_internal("kafka_cdc_sink: %s%s", level, message),
            *detail != '\0' ? errdetail_internal("%s", detail)
            : repeated > 0  ? errdetail_internal("The same happened %llu more times.",
                                                 static_cast<unsigned long long>(repeated))
                            : 0,
            *hint != '\0' ? errhint("%s", hint) : 0, errhidestmt(true));
    RESUME_INTERRUPTS();
}

const char* level_name(LogLevel level) {
    switch (level) {
    case LogLevel::debug:
        return "debug: ";
    case LogLevel::warning:
        return "warning: ";
    case LogLevel::error:
        return "error: ";
    case LogLevel::info:
        break;
    }
    return "";
}

/// Names come from records: none of them shall look like another line of the log, or steer the
/// terminal of who reads it.
std::string printable(const std::string& text) {
    static const char digits[] = "0123456789abcdef";
    std::string out;
    for (char c : text) {
        unsigned char byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F)
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        else
            out += c;
    }
    return out;
}

} // namespace

// ---- ProcessHost ----------------------------------------------------------------------------

void serve_interrupts() {
    guard([] {
        if (!IsTransactionState())
            QueryCancelPending = false;
        CHECK_FOR_INTERRUPTS();
    });
}

void ProcessHost::check_interrupts() {
    serve_interrupts();
}

void ProcessHost::log(LogLevel level, const std::string& message, const std::string& detail,
                      const std::string& hint) {
    if (level < log_level_)
        return;
    uint64_t repeated = 0;
    if (!limiter_.admit(message, SystemClock().steady_us(), repeated))
        return;
    const std::string texts[] = {printable(message), printable(detail), printable(hint)};
    guard([&] {
        write_log(level_name(level), texts[0].c_str(), texts[1].c_str(), texts[2].c_str(),
                  repeated);
    });
}

void ProcessHost::activity(const char* text) {
    bool was_idle = idle_;
    idle_ = text == nullptr;
    const char* now = idle_ ? idle_text_.c_str() : text;
    if (was_idle == idle_ && shown_ == now)
        return;
    shown_ = now;
    bool idle = idle_;
    guard([this, idle] {
        pgstat_report_activity(idle ? STATE_IDLE : STATE_RUNNING, shown_.c_str());
        if (idle && !IsTransactionState())
            pgstat_report_stat(true);
    });
    shown(shown_);
}

void ProcessHost::idle_text(std::string text) {
    idle_text_ = std::move(text);
    if (idle_)
        activity(nullptr);
}

void ProcessHost::shown(const std::string&) {}

// ---- WorkerHost -----------------------------------------------------------------------------

void WorkerHost::shown(const std::string& text) {
    locked(true, [&] { put_text(slot_.activity, sizeof slot_.activity, text); });
}

// ---- SharedStatus ---------------------------------------------------------------------------

static bool stands_still(PartitionState state) {
    return state == PartitionState::paused || state == PartitionState::lost;
}

void SharedStatus::partition(uint32_t slot, PartitionState state, const std::string& reason,
                             const std::string& hint) {
    PartitionSlot& part = shared().partitions[slot];
    bool changed = false, stops = false;
    locked(true, [&] {
        auto before = static_cast<PartitionState>(part.state.load(std::memory_order_relaxed));
        stops = stands_still(state) && !stands_still(before);
        changed = before != state || (part.reason[0] != '\0') != !reason.empty();
        part.state.store(static_cast<uint8_t>(state), std::memory_order_relaxed);
        put_text(part.reason, sizeof part.reason, reason);
        put_text(part.hint, sizeof part.hint, hint);
    });
    if (!changed)
        return;
    ring_coordinator();
    if (stops)
        count_pause(PauseCause::partition);
    // Parked and locked partitions stand for their table, which has its own line in the log; what
    // retries usually goes on at once. What is lost the coordinator tells, with the way out.
    std::string name =
        "topic \"" + std::string(part.topic) + "\", partition " + std::to_string(part.partition);
    if (!reason.empty() && (stops || state == PartitionState::running))
        note_error({ErrorClass::environment, {}, reason, hint, part.topic, part.partition});
    // What passes by itself is told once for all partitions of a topic.
    if (!reason.empty() && state == PartitionState::running)
        return host_.log(LogLevel::warning, reason + " (" + name + ")", {}, hint);
    if (!reason.empty() && state != PartitionState::parked && state != PartitionState::locked &&
        state != PartitionState::retrying && state != PartitionState::lost)
        host_.log(state == PartitionState::paused ? LogLevel::error : LogLevel::warning,
                  name + (state == PartitionState::paused ? " is paused: " : ": ") + reason, {},
                  hint);
}

void SharedStatus::progress(uint32_t slot, int64_t next_offset, int64_t position, int64_t high) {
    PartitionSlot& part = shared().partitions[slot];
    locked(true, [&] {
        if (high >= 0)
            part.high_watermark.store(high, std::memory_order_relaxed);
        if (part.read_generation != part.seek_generation)
            return; // seek() has said where it is now
        part.next_offset.store(next_offset, std::memory_order_relaxed);
        part.position.store(position, std::memory_order_relaxed);
    });
}

void SharedStatus::worker(WorkerState state, const std::string& reason, const std::string& hint) {
    auto before = static_cast<WorkerState>(slot_.state.load(std::memory_order_relaxed));
    slot_.state.store(static_cast<uint8_t>(state), std::memory_order_relaxed);
    bool was_paused = before == WorkerState::paused;
    bool is_paused = state == WorkerState::paused;
    if (was_paused == is_paused && reason == worker_reason_)
        return;
    worker_reason_ = reason;
    if (is_paused && !was_paused && !reason.empty())
        count_pause(PauseCause::environment);
    locked(true, [&] {
        put_text(slot_.reason, sizeof slot_.reason, reason);
        put_text(slot_.hint, sizeof slot_.hint, hint);
    });
    ring_coordinator();
}

void SharedStatus::table(const Target& target, const std::string& reason, const std::string& hint) {
    TableSlot& table = shared().tables[table_slot(target.schema, target.table)];
    const uint64_t self = uint64_t{1} << (&slot_ - shared().workers);
    bool changed = false;
    locked(true, [&] {
        table.parked_by = reason.empty() ? table.parked_by & ~self : table.parked_by | self;
        if (reason.empty() && table.parked_by != 0)
            return; // others still stand before it
        changed = table.parked.load(std::memory_order_relaxed) != !reason.empty();
        table.parked.store(!reason.empty(), std::memory_order_relaxed);
        put_text(table.reason, sizeof table.reason, reason);
        put_text(table.hint, sizeof table.hint, hint);
    });
    if (changed && !reason.empty())
        count_pause(PauseCause::table);
    if (changed)
        ring_coordinator();
}

void SharedStatus::error(const ErrorNote& note) {
    note_error(note);
    ring_coordinator(); // it counts dead letters
}

void SharedStatus::pause_sink(PauseCause cause, const std::string& reason,
                              const std::string& hint) {
    SharedHeader& header = *shared().header;
    bool paused_now = false;
    locked(true, [&] {
        if (header.paused.load())
            return; // the first reason stands
        paused_now = true;
        put_text(header.pause_reason, sizeof header.pause_reason, reason);
        put_text(header.pause_hint, sizeof header.pause_hint, hint);
        header.pause_cause = cause;
        header.paused.store(true);
    });
    if (paused_now)
        count_pause(cause);
    ring_workers();
    ring_coordinator();
}

bool SharedStatus::sink_paused() {
    return shared().header->paused.load(std::memory_order_relaxed);
}

int SharedStatus::begun_since(int64_t steady_us) {
    const WorkerSlot* workers = shared().workers;
    return static_cast<int>(std::count_if(workers, workers + kMaxWorkers, [=](const WorkerSlot& w) {
        return w.begun_us.load(std::memory_order_relaxed) > steady_us;
    }));
}

} // namespace kcs::pg
