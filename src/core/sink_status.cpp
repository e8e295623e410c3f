#include "core/sink_status.hpp"

#include <algorithm>
#include <iterator>

#include "core/pure.hpp"

namespace kcs {

int64_t PartitionRow::lag() const {
    int64_t at = std::max(position, next_offset);
    if (at < 0 || high_watermark < 0)
        return -1;
    // Records before the low watermark are gone: they are no work any more.
    return std::max<int64_t>(high_watermark - std::max(at, low_watermark), 0);
}

int64_t PartitionRow::delay_us() const {
    if (last_event_us == 0 || last_commit_us == 0)
        return -1;
    return std::max<int64_t>(last_commit_us - last_event_us, 0); // clocks differ
}

int64_t PartitionRow::kafka_delay_us() const {
    if (last_kafka_us == 0 || last_commit_us == 0)
        return -1;
    return std::max<int64_t>(last_commit_us - last_kafka_us, 0);
}

const char* pause_cause_name(PauseCause cause) {
    constexpr const char* kNames[kPauseCauses] = {
        "", "pause()", "on_error", "max_dead_letters", "environment", "table", "partition"};
    return kNames[static_cast<int>(cause)];
}

const char* ddl_kind_name(DdlKind kind) {
    constexpr const char* kNames[kDdlKinds] = {"create_schema", "create_table", "add_columns",
                                               "widen", "drop_not_null"};
    return kNames[static_cast<int>(kind)];
}

const char* state_name(SinkState state) {
    switch (state) {
    case SinkState::idle:
        return "idle";
    case SinkState::starting:
        return "starting";
    case SinkState::running:
        return "running";
    case SinkState::degraded:
        return "degraded";
    case SinkState::paused:
        return "paused";
    case SinkState::error:
        return "error";
    case SinkState::standby:
        return "standby";
    }
    return "error";
}

const char* state_name(WorkerState state) {
    switch (state) {
    case WorkerState::free:
        return "free";
    case WorkerState::starting:
        return "starting";
    case WorkerState::idle:
        return "idle";
    case WorkerState::running:
        return "running";
    case WorkerState::paused:
        return "paused";
    case WorkerState::stopping:
        return "stopping";
    }
    return "free";
}

const char* state_name(PartitionState state) {
    switch (state) {
    case PartitionState::unused:
    case PartitionState::waiting:
        return "waiting";
    case PartitionState::starting:
        return "starting";
    case PartitionState::running:
        return "running";
    case PartitionState::parked:
        return "parked";
    case PartitionState::locked:
        return "locked";
    case PartitionState::retrying:
        return "retrying";
    case PartitionState::paused:
    case PartitionState::lost:
        return "paused";
    }
    return "waiting";
}

namespace {

void say(SinkStatus& status, SinkState state, std::string reason, std::string hint) {
    status.state = state;
    status.reason = std::move(reason);
    status.hint = std::move(hint);
}

void count(SinkStatus& status, const StatusInput& in) {
    status.workers = static_cast<int32_t>(in.workers.size());
    status.topics = in.header.topics;
    status.partitions = static_cast<int32_t>(in.partitions.size());
    status.last_error = in.header.last_error;
    status.last_error_us = in.header.last_error_us;
    status.stats_reset_us = in.header.stats_reset_us;
    status.exporter = in.header.exporter;
    status.exporter_hint = in.header.exporter_hint;
    int64_t latest_us = 0;
    for (const PartitionRow& p : in.partitions) {
        if (p.lag() >= 0)
            status.total_lag = std::max<int64_t>(status.total_lag, 0) + p.lag();
        if (p.delay_us() >= 0 && p.last_commit_us > latest_us) {
            latest_us = p.last_commit_us;
            status.delay_us = p.delay_us();
        }
    }
}

/// What settings and the server's role decide alone. False: the processes decide.
bool decided_by_settings(SinkStatus& status, const StatusInput& in) {
    const Settings& s = *in.settings;
    if (!in.preloaded)
        say(status, SinkState::error,
            "the library kafka_cdc_sink is not in shared_preload_libraries",
            "Add kafka_cdc_sink to shared_preload_libraries and restart the server.");
    else if (!in.target_database && !(in.header.state == SinkState::error && s.wants_to_run()))
        // A database that cannot be reached is told everywhere: nobody can look at it there.
        say(status, SinkState::idle,
            "kafka_cdc_sink.database is \"" + s.database + "\", which is not this database",
            "Look at the status there, or set kafka_cdc_sink.database to this database.");
    else if (in.in_recovery)
        say(status, SinkState::standby, "the server is a standby",
            "Consuming starts when it is promoted.");
    else if (!s.enabled)
        say(status, SinkState::idle, "kafka_cdc_sink.enabled is off",
            "Set kafka_cdc_sink.enabled to on.");
    else if (s.client.bootstrap_servers.empty())
        say(status, SinkState::idle, "kafka_cdc_sink.bootstrap_servers is empty",
            "Set kafka_cdc_sink.bootstrap_servers to the addresses of Kafka brokers.");
    else if (s.topics.empty())
        say(status, SinkState::idle, "kafka_cdc_sink.topics is empty",
            "Set kafka_cdc_sink.topics to the topics to consume.");
    else
        return false;
    return true;
}

bool stands(const PartitionRow& p) {
    return p.state == PartitionState::parked || p.state == PartitionState::locked ||
           p.state == PartitionState::retrying || p.state == PartitionState::paused ||
           p.state == PartitionState::lost;
}

/// How bad it is, among the states of a sink that is to run.
int badness(SinkState state) {
    constexpr SinkState kOrder[] = {SinkState::running, SinkState::starting, SinkState::degraded,
                                    SinkState::paused, SinkState::error};
    return static_cast<int>(std::find(std::begin(kOrder), std::end(kOrder), state) - kOrder);
}

/// What workers and partitions say for themselves, where that is worse than what is said so far.
void look_at_parts(SinkStatus& status, const StatusInput& in) {
    auto worse = [&status](SinkState state, std::string reason, std::string hint) {
        if (badness(state) > badness(status.state))
            say(status, state, std::move(reason), std::move(hint));
    };
    const WorkerRow* troubled = nullptr;
    size_t troubled_workers = 0;
    for (const WorkerRow& w : in.workers) {
        if (w.reason[0] == '\0')
            continue;
        if (troubled == nullptr)
            troubled = &w;
        ++troubled_workers;
    }
    if (in.workers.empty()) {
        worse(SinkState::starting, "no worker has started yet", "");
        return;
    }
    if (troubled != nullptr) {
        bool all = troubled_workers == in.workers.size() &&
                   std::all_of(in.workers.begin(), in.workers.end(),
                               [](const WorkerRow& w) { return w.state == WorkerState::paused; });
        worse(all ? SinkState::paused : SinkState::degraded, troubled->reason, troubled->hint);
        return;
    }
    for (const PartitionRow& p : in.partitions) {
        if (stands(p) || p.reason[0] != '\0') {
            worse(SinkState::degraded,
                  "partition " + std::to_string(p.partition) + " of topic \"" + p.topic +
                      "\": " + (p.reason[0] != '\0' ? p.reason : state_name(p.state)),
                  p.hint);
            return;
        }
    }
}

} // namespace

SinkStatus derive_status(const StatusInput& in) {
    SinkStatus status;
    if (in.preloaded)
        count(status, in);
    if (decided_by_settings(status, in))
        return status;

    say(status, in.header.state, in.header.reason, in.header.hint);
    if (in.header.paused)
        say(status, SinkState::paused,
            in.header.pause_reason[0] != '\0' ? in.header.pause_reason : "pause() was called",
            in.header.pause_hint[0] != '\0' ? in.header.pause_hint
                                            : "Call kafka_cdc_sink.resume() to go on.");
    else if (in.header.launcher_pid == 0)
        say(status, SinkState::starting, "the launcher has not started yet",
            "If it does not start, raise max_worker_processes: see the server log.");
    else if (in.header.coordinator_pid == 0 &&
             (in.header.state == SinkState::running || in.header.state == SinkState::degraded))
        say(status, SinkState::degraded, "the coordinator is not running",
            "The launcher starts it again: see the server log.");
    else
        look_at_parts(status, in);
    if (status.state == in.header.shown_state)
        status.since_us = in.header.shown_since_us;
    else if (status.state == in.header.state)
        status.since_us = in.header.since_us;
    return status;
}

} // namespace kcs
