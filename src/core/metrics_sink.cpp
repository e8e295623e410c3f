#include "core/metric_sources.hpp"

#include "core/pure.hpp"

// Metrics of the sink as a whole.

namespace kcs::metric {

namespace {

constexpr MetricType kCounter = MetricType::counter;
constexpr MetricType kGauge = MetricType::gauge;

void build_info(const Snapshot& s, MetricFamily& family) {
    add(family, {{"version", s.version}, {"postgres", s.server}, {"librdkafka", s.kafka_client}},
        1);
}

void state(const Snapshot& s, MetricFamily& family) {
    for (SinkState each :
         {SinkState::idle, SinkState::starting, SinkState::running, SinkState::degraded,
          SinkState::paused, SinkState::error, SinkState::standby})
        add(family, {{"state", state_name(each)}}, each == s.status.state ? 1 : 0);
}

void pauses(const Snapshot& s, MetricFamily& family) {
    for (int cause = 1; cause < kPauseCauses; ++cause)
        add(family, {{"reason", pause_cause_name(static_cast<PauseCause>(cause))}},
            count(s.header.pauses[cause]));
}

void dead_letters(const Snapshot& s, MetricFamily& family) {
    if (s.header.pending_letters < 0)
        return;
    add(family, {{"status", "pending"}}, count(s.header.pending_letters));
    add(family, {{"status", "fenced"}}, count(s.header.fenced_letters));
}

void ddl(const Snapshot& s, MetricFamily& family) {
    for (int kind = 0; kind < kDdlKinds; ++kind)
        add(family, {{"kind", ddl_kind_name(static_cast<DdlKind>(kind))}},
            count(s.header.ddl[kind]));
}

constexpr Several kLabelled[] = {
    {{"kafka_cdc_sink_build_info", kGauge, "version,postgres,librdkafka",
      "Versions of the extension, of PostgreSQL and of librdkafka; always 1"},
     build_info},
    {{"kafka_cdc_sink_state", kGauge, "state",
      "1 for the present state of the sink, 0 for the others"},
     state},
    {{"kafka_cdc_sink_dead_letters", kGauge, "status",
      "Open dead letters, counted every few seconds"},
     dead_letters},
    {{"kafka_cdc_sink_error_handler_pauses_total", kCounter, "reason",
      "Pauses that began: of the sink (pause(), on_error, max_dead_letters), of a worker "
      "(environment), of a table (parked) or a partition (stopped)"},
     pauses},
    {{"kafka_cdc_sink_writer_ddl_total", kCounter, "kind",
      "DDL statements that were run and committed"},
     ddl},
};

constexpr Single<Snapshot> kSingle[] = {
    {{"kafka_cdc_sink_uptime_seconds", kGauge, "",
      "Time since the server started, or started again after a crash"},
     [](const Snapshot& s) {
         return s.started_us == 0 ? kUnknown : seconds(s.now_us - s.started_us);
     }},
    {{"kafka_cdc_sink_paused", kGauge, "",
      "1 while pause(), on_error or max_dead_letters holds the whole sink"},
     [](const Snapshot& s) { return s.header.paused ? 1.0 : 0.0; }},
    {{"kafka_cdc_sink_coordinator_up", kGauge, "", "1 while the coordinator runs"},
     [](const Snapshot& s) { return s.header.coordinator_pid != 0 ? 1.0 : 0.0; }},
    {{"kafka_cdc_sink_coordinator_starts_total", kCounter, "",
      "Coordinator processes that were started"},
     [](const Snapshot& s) { return count(s.header.coordinator_starts); }},
    {{"kafka_cdc_sink_workers", kGauge, "", "Apply workers that run"},
     [](const Snapshot& s) { return count(s.status.workers); }},
    {{"kafka_cdc_sink_topics", kGauge, "", "Topics that the setting topics selects"},
     [](const Snapshot& s) { return count(s.status.topics); }},
    {{"kafka_cdc_sink_partitions", kGauge, "", "Partitions of these topics"},
     [](const Snapshot& s) { return count(s.status.partitions); }},
    {{"kafka_cdc_sink_lag_records", kGauge, "",
      "Offsets not yet applied, over all partitions whose ends are known"},
     [](const Snapshot& s) { return known(s.status.total_lag); }},
    {{"kafka_cdc_sink_delay_seconds", kGauge, "",
      "Time from the commit at the source to ours, of the event applied last"},
     [](const Snapshot& s) { return known_seconds(s.status.delay_us); }},
    {{"kafka_cdc_sink_last_error_timestamp_seconds", kGauge, "",
      "When the last error happened, since 1970"},
     [](const Snapshot& s) { return moment(s.status.last_error_us); }},
};

} // namespace

void define_sink(std::vector<const MetricDefinition*>& out) {
    define(out, kSingle);
    define(out, kLabelled);
}

void collect_sink(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
    for (const Single<Snapshot>& metric : kSingle) {
        const double value = metric.value(snapshot);
        if (value == value)
            out.push_back({&metric.definition, {{{}, value, {}, 0, 0}}});
    }
    collect_several(out, kLabelled, snapshot);
}

} // namespace kcs::metric
