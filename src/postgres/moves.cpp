#include "postgres/moves.hpp"

#include "postgres/own_lock.hpp"
#include "postgres/own_statement.hpp"

extern "C" {
#include "utils/array.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"
}

#include <cstring>

namespace kcs::pg {

namespace {

OwnStatement find_statement = {
    "SELECT state, columns, \"values\", new_key, id FROM kafka_cdc_sink.moves"
    " WHERE group_id = $1 AND id = $2 FOR UPDATE",
    2,
    {TEXTOID, UUIDOID},
    nullptr};

/// Halves that leave a key are all of one partition, and so are those that take one. (Records that
/// are given by hand count their offsets downwards.)
OwnStatement find_first_statement = {
    "SELECT state, columns, \"values\", new_key, id FROM kafka_cdc_sink.moves"
    " WHERE group_id = $1 AND change = $2 AND state = $3"
    " ORDER BY pg_catalog.abs(\"offset\"), at LIMIT 1 FOR UPDATE",
    3,
    {TEXTOID, UUIDOID, CHAROID},
    nullptr};

OwnStatement find_nearest_statement = {
    "SELECT state, columns, \"values\", new_key, id FROM kafka_cdc_sink.moves"
    " WHERE group_id = $1 AND change = $2 AND state = $3"
    " AND pg_catalog.abs(\"offset\") < pg_catalog.abs($4)"
    " ORDER BY pg_catalog.abs(\"offset\") DESC LIMIT 1 FOR UPDATE",
    4,
    {TEXTOID, UUIDOID, CHAROID, INT8OID},
    nullptr};

/// Those in front of the one with this id, whose other halves were refused.
OwnStatement drop_older_statement = {
    "DELETE FROM kafka_cdc_sink.moves AS m USING kafka_cdc_sink.moves AS n"
    " WHERE n.group_id = $1 AND n.id = $2 AND m.group_id = $1 AND m.change = n.change"
    " AND m.state = n.state AND pg_catalog.abs(m.\"offset\") < pg_catalog.abs(n.\"offset\")",
    2,
    {TEXTOID, UUIDOID},
    nullptr};

OwnStatement add_statement = {
    "INSERT INTO kafka_cdc_sink.moves AS m (group_id, id, target, old_key, new_key, state, columns,"
    " \"values\", change, \"offset\") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
    " ON CONFLICT (group_id, id) DO UPDATE SET columns = excluded.columns,"
    " \"values\" = excluded.\"values\" WHERE m.id <> m.change",
    10,
    {TEXTOID, UUIDOID, TEXTOID, TEXTARRAYOID, TEXTARRAYOID, CHAROID, TEXTARRAYOID, TEXTARRAYOID,
     UUIDOID, INT8OID},
    nullptr};

OwnStatement change_statement = {
    "UPDATE kafka_cdc_sink.moves SET state = $3, columns = $4, \"values\" = $5,"
    " old_key = COALESCE(NULLIF($6, '{}'), old_key), new_key = COALESCE(NULLIF($7, '{}'), new_key)"
    " WHERE group_id = $1 AND id = $2",
    7,
    {TEXTOID, UUIDOID, CHAROID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID, TEXTARRAYOID},
    nullptr};

OwnStatement drop_statement = {"DELETE FROM kafka_cdc_sink.moves"
                               " WHERE group_id = $1 AND id = $2 AND state = $3",
                               3,
                               {TEXTOID, UUIDOID, CHAROID},
                               nullptr};

/// Kafka keeps records for a week unless it is told otherwise: nothing older is read again. A row
/// that still waits for its new key stays: nobody else has it.
OwnStatement purge_statement = {
    "DELETE FROM kafka_cdc_sink.moves WHERE (group_id, id) IN (SELECT group_id, id FROM"
    " kafka_cdc_sink.moves WHERE at < pg_catalog.now() - pg_catalog.interval '7 days'"
    " AND state <> 'p'"
    " LIMIT 10000 FOR UPDATE SKIP LOCKED)",
    0,
    {},
    nullptr};
constexpr int64 kPurgeEveryUs = INT64CONST(600) * 1000 * 1000;

Datum text_array(const char* const* texts, size_t count) {
    Datum* datums = static_cast<Datum*>(palloc0(sizeof(Datum) * (count + 1)));
    bool* nulls = static_cast<bool*>(palloc0(sizeof(bool) * (count + 1)));
    for (size_t i = 0; i < count; ++i) {
        nulls[i] = texts[i] == nullptr;
        if (!nulls[i])
            datums[i] = text_datum(texts[i], strlen(texts[i]));
    }
    int size = static_cast<int>(count);
    int lower = 1;
    return PointerGetDatum(
        construct_md_array(datums, nulls, 1, &size, &lower, TEXTOID, -1, false, TYPALIGN_INT));
}

Datum key_array(const char* const* parts, size_t count) {
    return parts == nullptr ? PointerGetDatum(construct_empty_array(TEXTOID))
                            : text_array(parts, count);
}

const char** read_texts(Datum array, size_t* count) {
    Datum* datums;
    bool* nulls;
    int size;
    deconstruct_array(DatumGetArrayTypeP(array), TEXTOID, -1, false, TYPALIGN_INT, &datums, &nulls,
                      &size);
    const char** texts = static_cast<const char**>(palloc0(sizeof(char*) * (size + 1)));
    for (int i = 0; i < size; ++i)
        texts[i] = nulls[i] ? nullptr : text_to_cstring(DatumGetTextPP(datums[i]));
    *count = static_cast<size_t>(size);
    return texts;
}

Datum group_datum(const MoveId* move) {
    return text_datum(move->group, strlen(move->group));
}

/// Two halves that miss each other would both wait for ever. One lock a table: a batch may have
/// thousands of changes.
void lock_queue(const MoveId* move) {
    take_own_lock(OwnLock::moves, own_lock_key(move->target, strlen(move->target)));
}

void purge() {
    static TimestampTz last = 0;
    TimestampTz now = GetCurrentTransactionStartTimestamp();
    if (now - last < kPurgeEveryUs)
        return;
    run_own(&purge_statement, nullptr, nullptr);
    last = now;
}

/// The row that was found.
void read_known(size_t parts, KnownMove* known) {
    HeapTuple tuple = SPI_tuptable->vals[0];
    TupleDesc desc = SPI_tuptable->tupdesc;
    bool null;
    known->state = static_cast<MoveState>(DatumGetChar(SPI_getbinval(tuple, desc, 1, &null)));
    Datum columns = SPI_getbinval(tuple, desc, 2, &null);
    if (!null) {
        known->row.columns = read_texts(columns, &known->row.count);
        known->row.values = read_texts(SPI_getbinval(tuple, desc, 3, &null), &known->row.count);
    }
    size_t count;
    const char** new_key = read_texts(SPI_getbinval(tuple, desc, 4, &null), &count);
    if (count == parts)
        known->new_key = new_key;
}

} // namespace

KnownMove find_move(const MoveId* move) {
    Datum values[2] = {group_datum(move), uuid_datum(move->id)};
    KnownMove known = {};
    if (run_own(&find_statement, values, nullptr) > 0)
        read_known(move->parts, &known);
    SPI_freetuptable(SPI_tuptable);
    return known;
}

KnownMove find_queued(MoveId* move, MoveState state, bool nearest) {
    lock_queue(move);
    Datum values[4] = {group_datum(move), uuid_datum(move->change),
                       CharGetDatum(static_cast<char>(state)), Int64GetDatum(move->offset)};
    KnownMove known = {};
    bool found =
        run_own(nearest ? &find_nearest_statement : &find_first_statement, values, nullptr) > 0;
    if (found) {
        read_known(move->parts, &known);
        bool null;
        Datum id = SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 5, &null);
        memcpy(move->id, DatumGetUUIDP(id)->data, sizeof move->id);
    }
    SPI_freetuptable(SPI_tuptable);
    if (found && nearest) {
        Datum chosen[2] = {group_datum(move), uuid_datum(move->id)};
        run_own(&drop_older_statement, chosen, nullptr);
    }
    return known;
}

bool add_move(const MoveId* move, MoveState state, const ParkedRow* row) {
    Datum values[10] = {
        group_datum(move),
        uuid_datum(move->id),
        text_datum(move->target, strlen(move->target)),
        key_array(move->old_key, move->parts),
        key_array(move->new_key, move->parts),
        CharGetDatum(static_cast<char>(state)),
        row == nullptr ? Datum{0} : text_array(row->columns, row->count),
        row == nullptr ? Datum{0} : text_array(row->values, row->count),
        uuid_datum(move->change),
        Int64GetDatum(move->offset),
    };
    purge();
    return run_own(&add_statement, values, row == nullptr ? "      nn  " : "          ") == 1;
}

void change_move(const MoveId* move, MoveState state, const ParkedRow* row) {
    Datum values[7] = {group_datum(move),
                       uuid_datum(move->id),
                       CharGetDatum(static_cast<char>(state)),
                       text_array(row->columns, row->count),
                       text_array(row->values, row->count),
                       key_array(move->old_key, move->parts),
                       key_array(move->new_key, move->parts)};
    run_own(&change_statement, values, nullptr);
}

bool drop_move(const MoveId* move, MoveState state) {
    Datum values[3] = {group_datum(move), uuid_datum(move->id),
                       CharGetDatum(static_cast<char>(state))};
    return run_own(&drop_statement, values, nullptr) > 0;
}

} // namespace kcs::pg
