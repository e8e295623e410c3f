#include "postgres/letter_rows.hpp"

#include "postgres/own_statement.hpp"

extern "C" {
#include "utils/array.h"
#include "utils/uuid.h"
}

#include <cstring>

namespace kcs::pg {

namespace {

#define KCS_OF_PLACE                                                                               \
    " WHERE group_id = $1 AND topic = $2 AND \"partition\" = $3 AND status IN ('pending', "        \
    "'fenced')"

OwnStatement all_statement = {
    "SELECT row_key, \"offset\", target FROM kafka_cdc_sink.dead_letters" KCS_OF_PLACE " LIMIT $4",
    4,
    {TEXTOID, TEXTOID, INT4OID, INT8OID},
    nullptr};

OwnStatement lock_statement = {
    "SELECT row_key, \"offset\", target FROM kafka_cdc_sink.dead_letters" KCS_OF_PLACE
    " AND (row_key = ANY ($4) OR \"offset\" = ANY ($5)) ORDER BY id FOR UPDATE",
    5,
    {TEXTOID, TEXTOID, INT4OID, UUIDARRAYOID, INT8ARRAYOID},
    nullptr};

OwnStatement close_one_statement = {"UPDATE kafka_cdc_sink.dead_letters SET status = 'replayed',"
                                    " resolved_at = pg_catalog.clock_timestamp()" KCS_OF_PLACE
                                    " AND \"offset\" = $4",
                                    4,
                                    {TEXTOID, TEXTOID, INT4OID, INT8OID},
                                    nullptr};

OwnStatement close_row_statement = {
    "UPDATE kafka_cdc_sink.dead_letters SET status ="
    " CASE \"offset\" WHEN $4 THEN 'replayed' ELSE 'superseded' END,"
    " resolved_at = pg_catalog.clock_timestamp()" KCS_OF_PLACE
    " AND row_key = $5 AND (\"offset\" = $4 OR"
    " \"offset\" < $4 AND COALESCE(target, $6) = $6)",
    6,
    {TEXTOID, TEXTOID, INT4OID, INT8OID, UUIDOID, TEXTOID},
    nullptr};

OwnStatement close_table_statement = {
    "UPDATE kafka_cdc_sink.dead_letters SET status = 'superseded',"
    " resolved_at = pg_catalog.clock_timestamp()" KCS_OF_PLACE " AND \"offset\" < $4"
    " AND target = $5",
    5,
    {TEXTOID, TEXTOID, INT4OID, INT8OID, TEXTOID},
    nullptr};

void put_place(const LetterPlace* place, Datum* values) {
    values[0] = text_datum(place->group, place->group_size);
    values[1] = text_datum(place->topic, place->topic_size);
    values[2] = Int32GetDatum(place->partition);
}

/// What SPI has just returned.
OpenLetterRows returned_letters() {
    uint64 count = SPI_processed;
    TupleDesc desc = SPI_tuptable->tupdesc;
    OpenLetterRow* rows = static_cast<OpenLetterRow*>(palloc0(sizeof(OpenLetterRow) * (count + 1)));
    for (uint64 i = 0; i < count; ++i) {
        HeapTuple tuple = SPI_tuptable->vals[i];
        bool null;
        Datum key = SPI_getbinval(tuple, desc, 1, &null);
        if (!null) {
            unsigned char* bytes = static_cast<unsigned char*>(palloc(UUID_LEN));
            memcpy(bytes, DatumGetUUIDP(key)->data, UUID_LEN);
            rows[i].row_key = bytes;
        }
        rows[i].offset = DatumGetInt64(SPI_getbinval(tuple, desc, 2, &null));
        rows[i].target = SPI_getvalue(tuple, desc, 3);
    }
    SPI_freetuptable(SPI_tuptable);
    return {rows, count};
}

} // namespace

OpenLetterRows open_letters_of(const LetterPlace* place, int64 most) {
    Datum values[4];
    put_place(place, values);
    values[3] = Int64GetDatum(most);
    run_own(&all_statement, values, nullptr);
    return returned_letters();
}

OpenLetterRows lock_letters(const LetterPlace* place, const unsigned char* row_keys,
                            size_t row_key_count, const int64* offsets, size_t offset_count) {
    Datum* keys = static_cast<Datum*>(palloc(sizeof(Datum) * (row_key_count + 1)));
    for (size_t i = 0; i < row_key_count; ++i)
        keys[i] = uuid_datum(row_keys + i * UUID_LEN);
    Datum* places = static_cast<Datum*>(palloc(sizeof(Datum) * (offset_count + 1)));
    for (size_t i = 0; i < offset_count; ++i)
        places[i] = Int64GetDatum(offsets[i]);
    Datum values[5];
    put_place(place, values);
    values[3] = PointerGetDatum(construct_array(keys, static_cast<int>(row_key_count), UUIDOID,
                                                UUID_LEN, false, TYPALIGN_CHAR));
    values[4] = PointerGetDatum(construct_array(places, static_cast<int>(offset_count), INT8OID,
                                                sizeof(int64), true, TYPALIGN_DOUBLE));
    run_own(&lock_statement, values, nullptr);
    return returned_letters();
}

void close_letter(const LetterPlace* place, int64 offset) {
    Datum values[4];
    put_place(place, values);
    values[3] = Int64GetDatum(offset);
    run_own(&close_one_statement, values, nullptr);
}

void close_letters_of_row(const LetterPlace* place, int64 offset, const unsigned char* row_key,
                          const char* target) {
    Datum values[6];
    put_place(place, values);
    values[3] = Int64GetDatum(offset);
    values[4] = uuid_datum(row_key);
    values[5] = CStringGetTextDatum(target);
    run_own(&close_row_statement, values, nullptr);
}

void close_letters_of_table(const LetterPlace* place, int64 offset, const char* target) {
    Datum values[5];
    put_place(place, values);
    values[3] = Int64GetDatum(offset);
    values[4] = CStringGetTextDatum(target);
    run_own(&close_table_statement, values, nullptr);
}

} // namespace kcs::pg
