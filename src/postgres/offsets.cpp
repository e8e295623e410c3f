#include "postgres/offsets.hpp"

#include "postgres/guard.hpp"
#include "postgres/own_statement.hpp"

extern "C" {
#include "utils/timestamp.h"
}

#include "core/value.hpp"

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

OwnStatement move_statement = {
    "UPDATE kafka_cdc_sink.offsets SET next_offset = $5,"
    " last_offset = CASE WHEN $6 IS NULL THEN last_offset ELSE $6 END,"
    " last_timestamp = CASE WHEN $6 IS NULL THEN last_timestamp ELSE $7 END,"
    " last_hash = CASE WHEN $6 IS NULL THEN last_hash ELSE $8 END,"
    " updated_at = pg_catalog.now()"
    " WHERE group_id = $1 AND topic = $2 AND \"partition\" = $3 AND next_offset = $4",
    8,
    {TEXTOID, TEXTOID, INT4OID, INT8OID, INT8OID, INT8OID, TIMESTAMPTZOID, INT8OID},
    nullptr};

OwnStatement load_statement = {
    "SELECT next_offset, last_offset, last_timestamp, last_hash FROM kafka_cdc_sink.offsets"
    " WHERE group_id = $1 AND topic = $2 AND \"partition\" = $3",
    3,
    {TEXTOID, TEXTOID, INT4OID},
    nullptr};

/// False: it is none, or PostgreSQL has no such time (a producer may write anything).
bool timestamp_of(int64_t unix_ms, int64* out) {
    return unix_ms >= 0 && !__builtin_mul_overflow(unix_ms, 1000, out) &&
           !__builtin_sub_overflow(*out, kEpochMicros, out) && IS_VALID_TIMESTAMP(*out);
}

bool run_move(const char* group, size_t group_size, const OffsetMove* move) {
    int64 stamp = 0;
    bool stamped = timestamp_of(move->last_timestamp_ms, &stamp);
    Datum values[8] = {
        text_datum(group, group_size),  text_datum(move->topic.data(), move->topic.size()),
        Int32GetDatum(move->partition), Int64GetDatum(move->stored),
        Int64GetDatum(move->next),      Int64GetDatum(move->last_offset),
        TimestampTzGetDatum(stamp),     Int64GetDatum(static_cast<int64>(move->last_hash)),
    };
    char nulls[9] = "        ";
    if (move->last_offset < 0)
        nulls[5] = nulls[6] = nulls[7] = 'n';
    if (!stamped)
        nulls[6] = 'n';
    return run_own(&move_statement, values, nulls) == 1;
}

bool run_load(const char* group, size_t group_size, OffsetMove* move) {
    Datum values[3] = {text_datum(group, group_size),
                       text_datum(move->topic.data(), move->topic.size()),
                       Int32GetDatum(move->partition)};
    if (run_own(&load_statement, values, nullptr) == 0)
        return false;
    HeapTuple tuple = SPI_tuptable->vals[0];
    TupleDesc desc = SPI_tuptable->tupdesc;
    bool null;
    move->stored = move->next = DatumGetInt64(SPI_getbinval(tuple, desc, 1, &null));
    Datum datum = SPI_getbinval(tuple, desc, 2, &null);
    move->last_offset = null ? -1 : DatumGetInt64(datum);
    datum = SPI_getbinval(tuple, desc, 3, &null);
    move->last_timestamp_ms = null ? -1 : (DatumGetTimestampTz(datum) + kEpochMicros) / 1000;
    datum = SPI_getbinval(tuple, desc, 4, &null);
    move->last_hash = null ? 0 : static_cast<uint64_t>(DatumGetInt64(datum));
    SPI_freetuptable(SPI_tuptable);
    return true;
}

} // namespace

bool move_offset(const std::string& group_id, const OffsetMove& move) {
    const char* group = group_id.data();
    size_t size = group_id.size();
    const OffsetMove* m = &move;
    return guard([=] { return run_move(group, size, m); });
}

bool load_offset(const std::string& group_id, OffsetMove& move) {
    const char* group = group_id.data();
    size_t size = group_id.size();
    OffsetMove* m = &move;
    return guard([=] { return run_load(group, size, m); });
}

} // namespace kcs::pg
