#include "postgres/pg.hpp"

#include "core/metrics.hpp"
#include "entry/snapshot.hpp"
#include "entry/sql_call.hpp"
#include "postgres/compat.hpp"
#include "postgres/shared_copy.hpp"
#include "postgres/shared_memory.hpp"

#include <cstring>

extern "C" {
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "utils/json.h"
#include "utils/jsonb.h"
#include "utils/timestamp.h"
}

// The set-returning functions beneath the views. The order
// of columns is that of the install script.

namespace kcs::pg {

namespace {

// ---- C register: rows into the tuplestore -----------------------------------------------------

/// One row, column after column.
class RowWriter {
public:
    explicit RowWriter(FunctionCallInfo fcinfo)
        : result_(reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo)) {}

    RowWriter& null() { return add(0, true); }
    RowWriter& number(int32 value) { return add(Int32GetDatum(value), false); }
    RowWriter& big(int64 value) { return add(Int64GetDatum(value), false); }
    /// Unknown when negative.
    RowWriter& known(int64 value) { return value < 0 ? null() : big(value); }
    /// Unknown when negative.
    RowWriter& real(double value) { return value < 0 ? null() : add(Float8GetDatum(value), false); }
    RowWriter& any_real(double value) { return add(Float8GetDatum(value), false); }
    /// Empty is null.
    RowWriter& words(const char* value) {
        return value[0] == '\0' ? null() : add(CStringGetTextDatum(valid(value)), false);
    }
    RowWriter& labels(const Labels& labels) {
        StringInfoData text;
        initStringInfo(&text);
        for (const auto& [name, value] : labels) {
            appendStringInfoString(&text, text.len == 0 ? "{" : ", ");
            escape_json(&text, name);
            appendStringInfoString(&text, ": ");
            escape_json(&text, valid(value.c_str()));
        }
        appendStringInfoString(&text, text.len == 0 ? "{}" : "}");
        return add(DirectFunctionCall1(jsonb_in, CStringGetDatum(text.data)), false);
    }
    /// Microseconds since 1970; 0 is null, and so is what PostgreSQL has no time for (a source may
    /// say anything).
    RowWriter& moment(int64 unix_us) {
        constexpr int64 kEpoch =
            static_cast<int64>(POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * USECS_PER_DAY;
        int64 time;
        bool valid = unix_us != 0 && !__builtin_sub_overflow(unix_us, kEpoch, &time) &&
                     IS_VALID_TIMESTAMP(time);
        return valid ? add(TimestampTzGetDatum(time), false) : null();
    }
    /// Microseconds; null when negative.
    RowWriter& span(int64 us) {
        if (us < 0)
            return null();
        Interval* interval = static_cast<Interval*>(palloc0(sizeof(Interval)));
        interval->time = us;
        return add(IntervalPGetDatum(interval), false);
    }

    void end() {
        if (count_ != result_->setDesc->natts)
            elog(ERROR,
                 "function of kafka_cdc_sink does not fit its declaration: "
                 "%d columns, not %d",
                 count_, result_->setDesc->natts);
        tuplestore_putvalues(result_->setResult, result_->setDesc, values_, nulls_);
        count_ = 0;
    }

private:
    static constexpr int kMaxColumns = 32;

    /// Shared text is in the target database's encoding: elsewhere, what is not valid is shown as
    /// question marks.
    static const char* valid(const char* value) {
        if (pg_verifymbstr(value, static_cast<int>(std::strlen(value)), true))
            return value;
        char* plain = pstrdup(value);
        for (char* c = plain; *c != '\0'; ++c)
            if ((static_cast<unsigned char>(*c) & 0x80) != 0)
                *c = '?';
        return plain;
    }

    RowWriter& add(Datum value, bool is_null) {
        if (count_ == kMaxColumns)
            elog(ERROR, "too many columns in a function of kafka_cdc_sink");
        values_[count_] = value;
        nulls_[count_++] = is_null;
        return *this;
    }

    ReturnSetInfo* result_;
    Datum values_[kMaxColumns];
    bool nulls_[kMaxColumns];
    int count_ = 0;
};

void put(RowWriter& to, const SinkStatus& s) {
    to.words(state_name(s.state)).words(s.reason.c_str()).words(s.hint.c_str()).moment(s.since_us);
    to.number(s.workers).number(s.topics).number(s.partitions);
    to.known(s.total_lag).span(s.delay_us);
    to.words(s.last_error.c_str()).moment(s.last_error_us).moment(s.stats_reset_us);
    to.words(s.exporter.c_str()).words(s.exporter_hint.c_str()).end();
}

void put(RowWriter& to, const WorkerRow& w) {
    to.number(w.slot).number(w.pid).words(state_name(w.state)).words(w.activity);
    to.number(w.partitions).moment(w.started_us);
    to.big(w.messages).big(w.message_bytes).big(w.skipped).big(w.transactions);
    to.big(w.dead_letters).big(w.retries).big(w.errors);
    to.span(w.decode_us).span(w.fold_us).span(w.apply_us).span(w.commit_us).span(w.wait_us);
    to.big(w.last_batch_records).span(w.last_batch_us).moment(w.last_commit_us);
    to.big(w.queue_messages).big(w.queue_bytes).big(w.memory_bytes);
    to.words(w.reason).words(w.hint).end();
}

void put(RowWriter& to, const PartitionRow& p) {
    to.words(p.topic).number(p.partition);
    if (p.worker < 0)
        to.null();
    else
        to.number(p.worker);
    to.words(state_name(p.state)).known(p.next_offset).known(p.position);
    to.known(p.low_watermark).known(p.high_watermark).known(p.lag());
    to.words(p.phase()).known(p.done()).real(p.rate()).span(p.time_left_us());
    to.moment(p.last_event_us).moment(p.last_commit_us).span(p.delay_us());
    to.big(p.messages).words(p.reason).words(p.hint).end();
}

void put(RowWriter& to, const TableRow& t) {
    to.words(t.schema).words(t.table).words(t.parked ? "parked" : "active");
    to.big(t.inserts).big(t.updates).big(t.deletes).big(t.truncates);
    to.big(t.toast_kept).big(t.folded).big(t.dead_letters).moment(t.last_change_us);
    to.words(t.reason).words(t.hint).end();
}

void put(RowWriter& to, const ErrorRow& e) {
    to.moment(e.last_us).moment(e.first_us).big(e.count);
    to.words(error_class_name(e.cls)).words(e.sqlstate).words(e.source);
    to.words(e.message).words(e.hint).words(e.topic);
    if (e.partition < 0)
        to.null();
    else
        to.number(e.partition);
    to.known(e.offset).end();
}

/// A line of /metrics.
struct MetricRow {
    const MetricDefinition* definition;
    MetricLine line;
};

void put(RowWriter& to, const MetricRow& m) {
    to.words(m.line.name.c_str()).labels(m.line.labels).any_real(m.line.value);
    to.words(metric_type_name(m.definition->type)).words(m.definition->help).end();
}

template <typename Row> void put_all(FunctionCallInfo fcinfo, const Row* rows, size_t count) {
    init_materialized_srf(fcinfo);
    RowWriter writer(fcinfo);
    for (size_t i = 0; i < count; ++i) {
        CHECK_FOR_INTERRUPTS();
        put(writer, rows[i]);
    }
}

// ---- C++ register ---------------------------------------------------------------------------

template <typename Row> Datum answer(FunctionCallInfo fcinfo, const std::vector<Row>& rows) {
    guard([&] { put_all(fcinfo, rows.data(), rows.size()); });
    return static_cast<Datum>(0);
}

/// No shared memory: no rows.
template <typename Row> Datum answer_shared(FunctionCallInfo fcinfo, std::vector<Row> (*copy)()) {
    return entry_point(
        [&] { return answer(fcinfo, shared_ready() ? copy() : std::vector<Row>()); });
}

} // namespace

} // namespace kcs::pg

extern "C" {

KCS_FUNCTION(kafka_cdc_sink_status) {
    using namespace kcs::pg;
    return entry_point([&] {
        const char* database = guard([] { return get_database_name(MyDatabaseId); });
        std::vector<kcs::SinkStatus> rows;
        rows.push_back(read_status(database == nullptr ? "" : database));
        return answer(fcinfo, rows);
    });
}

KCS_FUNCTION(kafka_cdc_sink_workers) {
    return kcs::pg::answer_shared(fcinfo, kcs::pg::copy_workers);
}

KCS_FUNCTION(kafka_cdc_sink_partitions) {
    return kcs::pg::answer_shared(fcinfo, kcs::pg::copy_partitions);
}

KCS_FUNCTION(kafka_cdc_sink_tables) {
    return kcs::pg::answer_shared(fcinfo, kcs::pg::copy_tables);
}

KCS_FUNCTION(kafka_cdc_sink_recent_errors) {
    return kcs::pg::answer_shared(fcinfo, kcs::pg::copy_errors);
}

KCS_FUNCTION(kafka_cdc_sink_metrics) {
    using namespace kcs::pg;
    return entry_point([&] {
        std::vector<MetricRow> rows;
        for (const kcs::MetricFamily& family : kcs::collect_metrics(take_snapshot()))
            for (kcs::MetricLine& line : kcs::metric_lines(family))
                rows.push_back({family.definition, std::move(line)});
        return answer(fcinfo, rows);
    });
}
}
