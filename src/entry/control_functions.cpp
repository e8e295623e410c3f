#include "postgres/pg.hpp"

#include "entry/commit_actions.hpp"
#include "entry/sql_call.hpp"
#include "postgres/gucs.hpp"
#include "postgres/shared_memory.hpp"

#include <cstring>

// pause(), resume() and seek(): they write the extension's tables in the caller's transaction and
// tell the workers when it commits. On a standby the write fails by itself.

namespace kcs::pg {

namespace {

// ---- C register -----------------------------------------------------------------------------

/// SPI's queries name everything with its schema, operators included, so that no search_path
/// matters.
void write(const char* query, int count, Oid* types, Datum* values, const char* nulls) {
    if (SPI_connect() != SPI_OK_CONNECT)
        elog(ERROR, "SPI_connect failed");
    int code = SPI_execute_with_args(query, count, types, values, nulls, false, 0);
    if (code != SPI_OK_INSERT)
        elog(ERROR, "unexpected result %s", SPI_result_code_string(code));
    SPI_finish();
}

/// Whether the workers are to be told. Those of another database have no use for what is written
/// here; a copy of theirs may be prepared so.
bool concerns_workers(const char* database) {
    if (in_target_database(database))
        return true;
    ereport(NOTICE, errmsg("the workers run in database \"%s\", not in this one", database),
            errdetail("What the call wrote here has an effect once they run here."));
    return false;
}

constexpr char kPause[] =
    "INSERT INTO kafka_cdc_sink.control AS c (only_row, paused, reason, since) "
    "VALUES (true, true, $1, pg_catalog.clock_timestamp()) "
    "ON CONFLICT (only_row) DO UPDATE SET paused = true, reason = excluded.reason, "
    "since = CASE WHEN c.paused THEN c.since ELSE excluded.since END";

constexpr char kResume[] =
    "INSERT INTO kafka_cdc_sink.control (only_row, paused, resumed_at) "
    "VALUES (true, false, pg_catalog.clock_timestamp()) "
    "ON CONFLICT (only_row) DO UPDATE SET paused = false, reason = NULL, since = NULL, "
    "resumed_at = excluded.resumed_at";

constexpr char kSeek[] =
    "INSERT INTO kafka_cdc_sink.offsets (group_id, topic, \"partition\", next_offset, updated_at) "
    "VALUES ($1, $2, $3, $4, pg_catalog.clock_timestamp()) "
    "ON CONFLICT (group_id, topic, \"partition\") DO UPDATE SET "
    "next_offset = excluded.next_offset, last_offset = NULL, last_timestamp = NULL, "
    "last_hash = NULL, updated_at = excluded.updated_at";

/// Whether the partition is being applied at this moment: held, not standing, and no pause holds.
bool in_use(const char* topic, int32 partition) {
    if (!shared_ready())
        return false;
    bool used = false;
    lock_shared_state(false);
    for (int i = 0; i < shared().header->partition_slots; ++i) {
        const PartitionSlot& slot = shared().partitions[i];
        auto state = static_cast<PartitionState>(slot.state.load());
        if (slot.used && slot.partition == partition && std::strcmp(slot.topic, topic) == 0)
            used = slot.holder >= 0 && state != PartitionState::paused &&
                   state != PartitionState::lost;
    }
    used = used && !shared().header->paused.load();
    unlock_shared_state();
    return used;
}

void seek(FunctionCallInfo fcinfo, const char* group_id, const char* database) {
    const char* topic = topic_argument(fcinfo, 0, "topic");
    int32 partition = int32_argument(fcinfo, 1, "partition");
    int64 offset = int64_argument(fcinfo, 2, "offset");
    bool force = !PG_ARGISNULL(3) && PG_GETARG_BOOL(3);
    bool here = concerns_workers(database);
    if (here && !force && in_use(topic, partition))
        ereport(ERROR, errcode(ERRCODE_OBJECT_IN_USE),
                errmsg("partition %d of topic \"%s\" is being applied", partition, topic),
                errhint("Call kafka_cdc_sink.pause() first, or give force => true."));
    Oid types[] = {TEXTOID, TEXTOID, INT4OID, INT8OID};
    Datum values[] = {CStringGetTextDatum(group_id), CStringGetTextDatum(topic),
                      Int32GetDatum(partition), Int64GetDatum(offset)};
    write(kSeek, 4, types, values, nullptr);
    if (here)
        reread_at_commit(topic, partition, offset);
}

} // namespace

} // namespace kcs::pg

extern "C" {

KCS_FUNCTION(kafka_cdc_sink_pause) {
    using namespace kcs::pg;
    return entry_point([&]() -> Datum {
        const char* database = current_settings().database.c_str();
        guard([&] {
            Oid types[] = {TEXTOID};
            Datum values[] = {PG_ARGISNULL(0) ? 0 : PG_GETARG_DATUM(0)};
            write(kPause, 1, types, values, PG_ARGISNULL(0) ? "n" : " ");
            if (concerns_workers(database))
                pause_at_commit(PG_ARGISNULL(0) ? nullptr : TextDatumGetCString(values[0]));
        });
        PG_RETURN_VOID();
    });
}

KCS_FUNCTION(kafka_cdc_sink_resume) {
    (void)fcinfo;
    using namespace kcs::pg;
    return entry_point([]() -> Datum {
        const char* database = current_settings().database.c_str();
        guard([database] {
            write(kResume, 0, nullptr, nullptr, nullptr);
            if (concerns_workers(database))
                resume_at_commit();
        });
        PG_RETURN_VOID();
    });
}

KCS_FUNCTION(kafka_cdc_sink_seek) {
    using namespace kcs::pg;
    return entry_point([&]() -> Datum {
        const kcs::Settings& settings = current_settings();
        const char* group_id = settings.client.group_id.c_str();
        const char* database = settings.database.c_str();
        guard([&] { seek(fcinfo, group_id, database); });
        PG_RETURN_VOID();
    });
}
}
