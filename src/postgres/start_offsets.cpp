#include "postgres/start_offsets.hpp"

#include "postgres/identity.hpp"
#include "postgres/transaction.hpp"

#include <algorithm>

extern "C" {
#include "commands/extension.h"
}

namespace kcs::pg {

namespace {

// ---- C register: plain data only ------------------------------------------------------------

void run(const char* sql, int expected, int nargs, const Oid* types, const Datum* values) {
    int result = SPI_execute_with_args(sql, nargs, const_cast<Oid*>(types),
                                       const_cast<Datum*>(values), nullptr, false, 0);
    if (result != expected)
        elog(ERROR, "SPI_execute_with_args failed: %s", SPI_result_code_string(result));
}

/// As text; null: SQL null.
const char* cell(uint64_t row, int column) {
    return SPI_getvalue(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column);
}

int64_t cell_int64(uint64_t row, int column) {
    bool is_null = false;
    Datum value = SPI_getbinval(SPI_tuptable->vals[row], SPI_tuptable->tupdesc, column, &is_null);
    return is_null ? 0 : DatumGetInt64(value);
}

constexpr char kReadOffsets[] = "SELECT topic, \"partition\"::pg_catalog.int8, next_offset, "
                                "coalesce(last_offset, -2), coalesce(last_hash, 0) FROM "
                                "kafka_cdc_sink.offsets WHERE group_id OPERATOR(pg_catalog.=) $1";

constexpr char kPutLast[] =
    "UPDATE kafka_cdc_sink.offsets SET last_offset = $4, last_timestamp = NULL, last_hash = $5 "
    "WHERE group_id OPERATOR(pg_catalog.=) $1 AND topic OPERATOR(pg_catalog.=) $2 "
    "AND \"partition\" OPERATOR(pg_catalog.=) $3 AND next_offset OPERATOR(pg_catalog.>) $4 "
    "AND last_offset OPERATOR(pg_catalog.>=) $4"; // null after a seek()

constexpr char kStoreOffset[] =
    "INSERT INTO kafka_cdc_sink.offsets (group_id, topic, \"partition\", next_offset, last_offset) "
    "VALUES ($1, $2, $3, $4, CASE WHEN $5 THEN -1 END) ON CONFLICT DO NOTHING";

constexpr char kEndWait[] =
    "UPDATE kafka_cdc_sink.offsets SET last_offset = NULL WHERE group_id OPERATOR(pg_catalog.=) $1 "
    "AND topic OPERATOR(pg_catalog.=) $2 AND \"partition\" OPERATOR(pg_catalog.=) $3 "
    "AND last_offset OPERATOR(pg_catalog.=) -1";

/// A part at a time, so that none of its transactions is long.
constexpr char kPurgeLetters[] =
    "DELETE FROM kafka_cdc_sink.dead_letters WHERE id OPERATOR(pg_catalog.=) ANY (ARRAY(SELECT id "
    "FROM kafka_cdc_sink.dead_letters WHERE group_id OPERATOR(pg_catalog.=) $1 AND at "
    "OPERATOR(pg_catalog.<) (pg_catalog.now() OPERATOR(pg_catalog.-) "
    "pg_catalog.make_interval(secs => $2)) ORDER BY at LIMIT 1000 FOR UPDATE SKIP LOCKED))";

/// By the index of open ones.
constexpr char kCountLetters[] =
    "SELECT pg_catalog.count(*), pg_catalog.count(*) FILTER (WHERE status OPERATOR(pg_catalog.=) "
    "'fenced') FROM kafka_cdc_sink.dead_letters WHERE group_id OPERATOR(pg_catalog.=) $1 AND "
    "status OPERATOR(pg_catalog.=) ANY (ARRAY['pending', 'fenced'])";

constexpr char kReadControl[] =
    "SELECT paused::pg_catalog.int4::pg_catalog.int8, reason, "
    "coalesce((EXTRACT(epoch FROM resumed_at) OPERATOR(pg_catalog.*) 1000000)::pg_catalog.int8, 0) "
    "FROM kafka_cdc_sink.control";

} // namespace

/// A transaction that works on our tables as their owner. An abort switches back by itself.
template <typename Body> static void owned_transaction(Body&& body) {
    transaction([&] {
        Identity before = guard([] { return act_as(own_tables_owner()); });
        body();
        guard([&before] { act_as_before(before); });
    });
}

uint32_t find_extension() {
    uint32_t oid = 0;
    transaction([&] { oid = guard([] { return get_extension_oid("kafka_cdc_sink", true); }); });
    return oid;
}

Control read_control() {
    Control control;
    owned_transaction([&] {
        guard([] { run(kReadControl, SPI_OK_SELECT, 0, nullptr, nullptr); });
        if (SPI_processed == 0)
            return;
        control.paused = guard([] { return cell_int64(0, 1); }) != 0;
        if (const char* reason = guard([] { return cell(0, 2); }))
            control.reason = reason;
        control.resumed_us = guard([] { return cell_int64(0, 3); });
    });
    return control;
}

StoredOffsets read_stored_offsets(const std::string& group_id) {
    StoredOffsets rows;
    owned_transaction([&] {
        guard([&] {
            Oid types[] = {TEXTOID};
            Datum values[] = {CStringGetTextDatum(group_id.c_str())};
            run(kReadOffsets, SPI_OK_SELECT, 1, types, values);
        });
        for (uint64_t i = 0; i < SPI_processed; ++i) {
            const char* topic = guard([i] { return cell(i, 1); });
            auto partition = static_cast<int32_t>(guard([i] { return cell_int64(i, 2); }));
            StoredOffset& row = rows[{topic, partition}];
            row.next = guard([i] { return cell_int64(i, 3); });
            int64_t last = guard([i] { return cell_int64(i, 4); });
            row.added_later = last == -1;
            row.last_offset = std::max<int64_t>(last, -1);
            row.last_hash = static_cast<uint64_t>(guard([i] { return cell_int64(i, 5); }));
        }
    });
    return rows;
}

void store_start_offsets(const std::string& group_id, const std::vector<NewOffset>& rows) {
    if (rows.empty())
        return;
    owned_transaction([&] {
        for (const NewOffset& row : rows)
            guard([&] {
                Oid types[] = {TEXTOID, TEXTOID, INT4OID, INT8OID, BOOLOID};
                Datum values[] = {CStringGetTextDatum(group_id.c_str()),
                                  CStringGetTextDatum(row.topic.c_str()),
                                  Int32GetDatum(row.partition), Int64GetDatum(row.next),
                                  BoolGetDatum(row.added_later)};
                run(kStoreOffset, SPI_OK_INSERT, 5, types, values);
            });
    });
}

int64_t purge_dead_letters(const std::string& group_id, int32_t retention_s) {
    uint64_t gone = 0;
    owned_transaction([&] {
        gone = guard([&] {
            Oid types[] = {TEXTOID, INT4OID};
            Datum values[] = {CStringGetTextDatum(group_id.c_str()), Int32GetDatum(retention_s)};
            run(kPurgeLetters, SPI_OK_DELETE, 2, types, values);
            return SPI_processed;
        });
    });
    return static_cast<int64_t>(gone);
}

OpenLetterCounts count_open_letters(const std::string& group_id) {
    OpenLetterCounts counts;
    owned_transaction([&] {
        guard([&] {
            Oid types[] = {TEXTOID};
            Datum values[] = {CStringGetTextDatum(group_id.c_str())};
            run(kCountLetters, SPI_OK_SELECT, 1, types, values);
            counts.fenced = cell_int64(0, 2);
            counts.pending = cell_int64(0, 1) - counts.fenced;
        });
    });
    return counts;
}

void put_last_record(const std::string& group_id, const std::string& topic, int32_t partition,
                     int64_t last_offset, uint64_t last_hash) {
    owned_transaction([&] {
        guard([&] {
            Oid types[] = {TEXTOID, TEXTOID, INT4OID, INT8OID, INT8OID};
            Datum values[] = {CStringGetTextDatum(group_id.c_str()),
                              CStringGetTextDatum(topic.c_str()), Int32GetDatum(partition),
                              Int64GetDatum(last_offset),
                              Int64GetDatum(static_cast<int64>(last_hash))};
            run(kPutLast, SPI_OK_UPDATE, 5, types, values);
        });
    });
}

void end_wait_of_added(const std::string& group_id, const std::string& topic, int32_t partition) {
    owned_transaction([&] {
        guard([&] {
            Oid types[] = {TEXTOID, TEXTOID, INT4OID};
            Datum values[] = {CStringGetTextDatum(group_id.c_str()),
                              CStringGetTextDatum(topic.c_str()), Int32GetDatum(partition)};
            run(kEndWait, SPI_OK_UPDATE, 3, types, values);
        });
    });
}

} // namespace kcs::pg
