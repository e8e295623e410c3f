#include "core/metric_sources.hpp"

#include <limits>

#include "core/pure.hpp"

// Metrics of apply workers. Counters belong to the worker's slot and go on in its next process;
// gauges are of living workers.

namespace kcs::metric {

namespace {

constexpr MetricType kCounter = MetricType::counter;
constexpr MetricType kGauge = MetricType::gauge;
constexpr MetricType kHistogram = MetricType::histogram;

Labels label(const WorkerRow& w) {
    return {{"worker", std::to_string(w.slot)}};
}

double if_told(const WorkerRow& w, double value) {
    return w.client.at_us == 0 ? kUnknown : value;
}

constexpr Single<WorkerRow> kOfSlots[] = {
    {{"kafka_cdc_sink_worker_starts_total", kCounter, "worker",
      "Processes that were started as this worker"},
     [](const WorkerRow& w) { return count(w.starts); }},
    {{"kafka_cdc_sink_consumer_messages_received_total", kCounter, "worker",
      "Records taken from Kafka"},
     [](const WorkerRow& w) { return count(w.messages); }},
    {{"kafka_cdc_sink_consumer_received_bytes_total", kCounter, "worker",
      "Bytes of keys and values of these records"},
     [](const WorkerRow& w) { return count(w.message_bytes); }},
    {{"kafka_cdc_sink_consumer_skipped_total", kCounter, "worker",
      "Records that are no change events: heartbeats, transaction marks, tombstones passed over"},
     [](const WorkerRow& w) { return count(w.skipped); }},
    {{"kafka_cdc_sink_consumer_commits_total", kCounter, "worker",
      "Transactions with rows and offsets that were committed"},
     [](const WorkerRow& w) { return count(w.transactions); }},
    {{"kafka_cdc_sink_client_received_bytes_total", kCounter, "worker",
      "Bytes that librdkafka received from brokers"},
     [](const WorkerRow& w) { return count(w.client.received_bytes); }},
    {{"kafka_cdc_sink_client_sent_bytes_total", kCounter, "worker",
      "Bytes that librdkafka sent to brokers"},
     [](const WorkerRow& w) { return count(w.client.sent_bytes); }},
    {{"kafka_cdc_sink_client_connects_total", kCounter, "worker",
      "Connections to brokers that were tried"},
     [](const WorkerRow& w) { return count(w.client.connects); }},
    {{"kafka_cdc_sink_client_disconnects_total", kCounter, "worker",
      "Connections to brokers that were lost or closed"},
     [](const WorkerRow& w) { return count(w.client.disconnects); }},
    {{"kafka_cdc_sink_client_timeouts_total", kCounter, "worker",
      "Requests that brokers did not answer in time"},
     [](const WorkerRow& w) { return count(w.client.timeouts); }},
    {{"kafka_cdc_sink_client_receive_errors_total", kCounter, "worker",
      "Errors while receiving from brokers"},
     [](const WorkerRow& w) { return count(w.client.receive_errors); }},
    {{"kafka_cdc_sink_client_send_errors_total", kCounter, "worker",
      "Errors while sending to brokers"},
     [](const WorkerRow& w) { return count(w.client.send_errors); }},
};

constexpr Single<WorkerRow> kOfLiving[] = {
    {{"kafka_cdc_sink_worker_partitions", kGauge, "worker", "Partitions that the worker holds"},
     [](const WorkerRow& w) { return count(w.partitions); }},
    {{"kafka_cdc_sink_worker_memory_bytes", kGauge, "worker", "Private memory of the process"},
     [](const WorkerRow& w) { return w.memory_bytes == 0 ? kUnknown : count(w.memory_bytes); }},
    {{"kafka_cdc_sink_processor_queue_messages", kGauge, "worker",
      "Messages that librdkafka holds ready"},
     [](const WorkerRow& w) { return count(w.queue_messages); }},
    {{"kafka_cdc_sink_processor_queue_bytes", kGauge, "worker",
      "Bytes of them, as of the last statistics (every 10 s)"},
     [](const WorkerRow& w) { return if_told(w, count(w.queue_bytes)); }},
    {{"kafka_cdc_sink_client_fetch_queue_messages", kGauge, "worker",
      "Messages in librdkafka's fetch queues, as of the last statistics"},
     [](const WorkerRow& w) { return if_told(w, count(w.client.fetch_queue_messages)); }},
    {{"kafka_cdc_sink_client_rtt_seconds", kGauge, "worker",
      "Mean round-trip time of requests to the slowest broker, as of the last statistics"},
     [](const WorkerRow& w) { return if_told(w, seconds(w.client.rtt_avg_us)); }},
    {{"kafka_cdc_sink_client_rtt_p99_seconds", kGauge, "worker", "99th percentile of it"},
     [](const WorkerRow& w) { return if_told(w, seconds(w.client.rtt_p99_us)); }},
};

void worker_state(const Snapshot& s, MetricFamily& family) {
    for (const WorkerRow& w : s.workers)
        add(family, {{"worker", std::to_string(w.slot)}, {"state", state_name(w.state)}}, 1);
}

void brokers(const Snapshot& s, MetricFamily& family) {
    for (const WorkerRow& w : s.workers) {
        if (w.client.at_us == 0)
            continue;
        add(family, {{"worker", std::to_string(w.slot)}, {"state", "up"}},
            count(w.client.brokers_up));
        add(family, {{"worker", std::to_string(w.slot)}, {"state", "down"}},
            count(w.client.brokers_down));
    }
}

void time_split(const Snapshot& s, MetricFamily& family) {
    for (const WorkerRow& w : s.worker_slots)
        for (auto [phase, us] : {std::pair{"wait", w.wait_us},
                                 {"decode", w.decode_us},
                                 {"fold", w.fold_us},
                                 {"apply", w.apply_us},
                                 {"commit", w.commit_us},
                                 {"decode_ahead", w.ahead_us}})
            add(family, {{"worker", std::to_string(w.slot)}, {"phase", phase}}, seconds(us));
}

template <int64_t (WorkerRow::*member)[kErrorClasses]>
void by_class(const Snapshot& s, MetricFamily& family) {
    for (const WorkerRow& w : s.worker_slots)
        for (int cls = 0; cls < kErrorClasses; ++cls)
            add(family,
                {{"worker", std::to_string(w.slot)},
                 {"class", error_class_name(static_cast<ErrorClass>(cls))}},
                count((w.*member)[cls]));
}

/// `unit`: of what was observed in what is shown.
template <auto member, int64_t unit> void histogram(const Snapshot& s, MetricFamily& family) {
    for (const WorkerRow& w : s.worker_slots) {
        const auto& from = w.*member;
        MetricSample sample;
        sample.labels = label(w);
        uint64_t sum = 0;
        for (size_t i = 0; i < from.counts.size(); ++i) {
            sum += from.counts[i];
            const double bound =
                i < from.kBounds.kSize
                    ? static_cast<double>(from.kBounds.values[i]) / static_cast<double>(unit)
                    : std::numeric_limits<double>::infinity();
            sample.buckets.push_back({bound, sum});
        }
        sample.count = sum;
        sample.sum = from.sum / static_cast<double>(unit);
        family.samples.push_back(std::move(sample));
    }
}

constexpr Several kLabelled[] = {
    {{"kafka_cdc_sink_worker_state", kGauge, "worker,state", "1 for the worker's present state"},
     worker_state},
    {{"kafka_cdc_sink_processor_time_seconds_total", kCounter, "worker,phase",
      "Where the worker's time went: waiting for records, decoding, folding, applying, committing; "
      "decode_ahead beside them, on its other thread"},
     time_split},
    {{"kafka_cdc_sink_processor_batch_processing_seconds", kHistogram, "worker",
      "Time from the first try at a batch to its commit"},
     histogram<&WorkerRow::batch_time, 1000000>},
    {{"kafka_cdc_sink_processor_batch_records", kHistogram, "worker",
      "Records of a committed batch"},
     histogram<&WorkerRow::batch_records, 1>},
    {{"kafka_cdc_sink_processor_source_delay_seconds", kHistogram, "worker",
      "Time from the commit at the source to ours, of each applied event"},
     histogram<&WorkerRow::source_delay, 1000000>},
    {{"kafka_cdc_sink_processor_kafka_delay_seconds", kHistogram, "worker",
      "Time from Kafka's timestamp of the record to our commit, of each applied event"},
     histogram<&WorkerRow::kafka_delay, 1000000>},
    {{"kafka_cdc_sink_error_handler_errors_total", kCounter, "worker,class",
      "Errors of batches and tables, by class; dead letters are not among them"},
     by_class<&WorkerRow::errors_by>},
    {{"kafka_cdc_sink_error_handler_retries_total", kCounter, "worker,class",
      "Batches put off to be tried again"},
     by_class<&WorkerRow::retries_by>},
    {{"kafka_cdc_sink_error_handler_dead_letters_total", kCounter, "worker,class",
      "Records that became dead letters"},
     by_class<&WorkerRow::letters_by>},
    {{"kafka_cdc_sink_client_brokers", kGauge, "worker,state",
      "Brokers that librdkafka is connected to (up) or not (down: also those that it does not "
      "need), as of the last statistics"},
     brokers},
};

} // namespace

void define_workers(std::vector<const MetricDefinition*>& out) {
    define(out, kOfSlots);
    define(out, kOfLiving);
    define(out, kLabelled);
}

void collect_workers(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
    collect_rows(out, kOfSlots, snapshot.worker_slots, label);
    collect_rows(out, kOfLiving, snapshot.workers, label);
    collect_several(out, kLabelled, snapshot);
}

} // namespace kcs::metric
