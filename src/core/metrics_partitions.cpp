#include "core/metric_sources.hpp"

#include "core/pure.hpp"

// Metrics of Kafka partitions.

namespace kcs::metric {

namespace {

constexpr MetricType kCounter = MetricType::counter;
constexpr MetricType kGauge = MetricType::gauge;

Labels label(const PartitionRow& p) {
    return {{"topic", p.topic}, {"partition", std::to_string(p.partition)}};
}

constexpr Single<PartitionRow> kSingle[] = {
    {{"kafka_cdc_sink_partition_lag_records", kGauge, "topic,partition", "Offsets not yet applied"},
     [](const PartitionRow& p) { return known(p.lag()); }},
    {{"kafka_cdc_sink_partition_delay_seconds", kGauge, "topic,partition",
      "Time from the commit at the source to ours, of the event applied last"},
     [](const PartitionRow& p) { return known_seconds(p.delay_us()); }},
    {{"kafka_cdc_sink_partition_kafka_delay_seconds", kGauge, "topic,partition",
      "Time from Kafka's timestamp to our commit, of the record applied last"},
     [](const PartitionRow& p) { return known_seconds(p.kafka_delay_us()); }},
    {{"kafka_cdc_sink_partition_next_offset", kGauge, "topic,partition",
      "Stored offset: of the next record to apply"},
     [](const PartitionRow& p) { return known(p.next_offset); }},
    {{"kafka_cdc_sink_partition_low_watermark", kGauge, "topic,partition",
      "First offset that the topic has"},
     [](const PartitionRow& p) { return known(p.low_watermark); }},
    {{"kafka_cdc_sink_partition_high_watermark", kGauge, "topic,partition",
      "Offset of the next record to be produced"},
     [](const PartitionRow& p) { return known(p.high_watermark); }},
    {{"kafka_cdc_sink_partition_messages_total", kCounter, "topic,partition",
      "Records taken from Kafka"},
     [](const PartitionRow& p) { return count(p.messages); }},
    {{"kafka_cdc_sink_partition_received_bytes_total", kCounter, "topic,partition",
      "Bytes of keys and values of these records"},
     [](const PartitionRow& p) { return count(p.message_bytes); }},
    {{"kafka_cdc_sink_consumer_partition_moves_total", kCounter, "topic,partition",
      "How often a worker took the partition"},
     [](const PartitionRow& p) { return count(p.moves); }},
    {{"kafka_cdc_sink_partition_last_event_timestamp_seconds", kGauge, "topic,partition",
      "When the event applied last was committed at the source, since 1970"},
     [](const PartitionRow& p) { return moment(p.last_event_us); }},
    {{"kafka_cdc_sink_partition_last_commit_timestamp_seconds", kGauge, "topic,partition",
      "When records of the partition were committed last, since 1970"},
     [](const PartitionRow& p) { return moment(p.last_commit_us); }},
    {{"kafka_cdc_sink_partition_catchup_done_records", kGauge, "topic,partition",
      "Offsets that the present snapshot or catch-up has passed"},
     [](const PartitionRow& p) { return known(p.done()); }},
    {{"kafka_cdc_sink_partition_catchup_rate", kGauge, "topic,partition",
      "Offsets a second in it, smoothed over 10 s"},
     [](const PartitionRow& p) { return p.rate() < 0 ? kUnknown : p.rate(); }},
    {{"kafka_cdc_sink_partition_catchup_seconds_left", kGauge, "topic,partition",
      "Estimated time until it has caught up"},
     [](const PartitionRow& p) { return known_seconds(p.time_left_us()); }},
};

void partition_state(const Snapshot& s, MetricFamily& family) {
    for (const PartitionRow& p : s.partitions) {
        Labels labels = label(p);
        labels.emplace_back("state", state_name(p.state));
        add(family, std::move(labels), 1);
    }
}

constexpr Several kLabelled[] = {
    {{"kafka_cdc_sink_partition_state", kGauge, "topic,partition,state",
      "1 for the partition's present state"},
     partition_state},
};

} // namespace

void define_partitions(std::vector<const MetricDefinition*>& out) {
    define(out, kSingle);
    define(out, kLabelled);
}

void collect_partitions(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
    collect_rows(out, kSingle, snapshot.partitions, label);
    collect_several(out, kLabelled, snapshot);
}

} // namespace kcs::metric
