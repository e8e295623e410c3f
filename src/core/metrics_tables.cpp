#include "core/metric_sources.hpp"

#include "core/pure.hpp"

// Metrics of target tables. The row `other`, without schema, counts tables that found no slot.

namespace kcs::metric {

namespace {

constexpr MetricType kCounter = MetricType::counter;
constexpr MetricType kGauge = MetricType::gauge;

Labels label(const TableRow& t) {
    return {{"schema", t.schema}, {"table", t.table}};
}

constexpr Single<TableRow> kSingle[] = {
    {{"kafka_cdc_sink_writer_inserts_total", kCounter, "schema,table",
      "Insert and snapshot events that were applied, before folding"},
     [](const TableRow& t) { return count(t.inserts); }},
    {{"kafka_cdc_sink_writer_updates_total", kCounter, "schema,table",
      "Update events that were applied, before folding; flattened rows whose operation is not "
      "told"},
     [](const TableRow& t) { return count(t.updates); }},
    {{"kafka_cdc_sink_writer_deletes_total", kCounter, "schema,table",
      "Delete events that were applied, before folding"},
     [](const TableRow& t) { return count(t.deletes); }},
    {{"kafka_cdc_sink_writer_truncates_total", kCounter, "schema,table",
      "Truncate events that were applied"},
     [](const TableRow& t) { return count(t.truncates); }},
    {{"kafka_cdc_sink_writer_folded_total", kCounter, "schema,table",
      "Events that needed no write of their own, because a later one of the row was in the batch"},
     [](const TableRow& t) { return count(t.folded); }},
    {{"kafka_cdc_sink_writer_toast_kept_total", kCounter, "schema,table",
      "Values kept because the source did not send them (unchanged TOAST)"},
     [](const TableRow& t) { return count(t.toast_kept); }},
    {{"kafka_cdc_sink_writer_dead_letters_total", kCounter, "schema,table",
      "Records of the table that became dead letters"},
     [](const TableRow& t) { return count(t.dead_letters); }},
    {{"kafka_cdc_sink_writer_table_parked", kGauge, "schema,table",
      "1 while the table cannot take changes"},
     [](const TableRow& t) { return t.parked ? 1.0 : 0.0; }},
    {{"kafka_cdc_sink_writer_last_change_timestamp_seconds", kGauge, "schema,table",
      "When changes of the table were committed last, since 1970"},
     [](const TableRow& t) { return moment(t.last_change_us); }},
};

} // namespace

void define_tables(std::vector<const MetricDefinition*>& out) {
    define(out, kSingle);
}

void collect_tables(const Snapshot& snapshot, std::vector<MetricFamily>& out) {
    collect_rows(out, kSingle, snapshot.tables, label);
}

} // namespace kcs::metric
