#include "postgres/pg.hpp"

#include "entry/event_session.hpp"
#include "entry/record_call.hpp"
#include "entry/sql_call.hpp"
#include "postgres/compat.hpp"
#include "postgres/dead_letters.hpp"
#include "postgres/own_statement.hpp"

// replay_dead_letters() and replay_dead_letter(): records that were rejected, once more, in the
// order of their partitions and in the calling transaction.

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

OwnStatement find_statement = {
    "SELECT id FROM kafka_cdc_sink.dead_letters WHERE group_id = $1"
    " AND status IN ('pending', 'fenced') AND ($2 IS NULL OR topic = $2)"
    " AND ($3 IS NULL OR id = ANY ($3)) ORDER BY topic, \"partition\", \"offset\" LIMIT $4",
    4,
    {TEXTOID, TEXTOID, INT8ARRAYOID, INT8OID},
    nullptr};

OwnStatement lock_statement = {
    "SELECT topic, \"partition\", \"offset\", key, value, headers, status, message"
    " FROM kafka_cdc_sink.dead_letters WHERE group_id = $1 AND id = $2 FOR UPDATE",
    2,
    {TEXTOID, INT8OID},
    nullptr};

OwnStatement close_statement = {"UPDATE kafka_cdc_sink.dead_letters SET status = $2,"
                                " resolved_at = pg_catalog.clock_timestamp()"
                                " WHERE id = $1 AND status IN ('pending', 'fenced')",
                                2,
                                {INT8OID, TEXTOID},
                                nullptr};

/// Which letters a call is about.
struct Choice {
    Datum topic, ids, limit;
    bool any_topic, any_id, any_number;
};

struct Ids {
    const int64* ids;
    uint64_t count;
};

Ids find_letters(const char* group, size_t size, const Choice* choice) {
    Datum values[4] = {text_datum(group, size), choice->topic, choice->ids, choice->limit};
    char nulls[5] = "    ";
    nulls[1] = choice->any_topic ? 'n' : ' ';
    nulls[2] = choice->any_id ? 'n' : ' ';
    nulls[3] = choice->any_number ? 'n' : ' ';
    run_own(&find_statement, values, nulls);
    uint64 count = SPI_processed;
    int64* ids = static_cast<int64*>(palloc(sizeof(int64) * (count + 1)));
    for (uint64 i = 0; i < count; ++i) {
        bool null;
        ids[i] =
            DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[i], SPI_tuptable->tupdesc, 1, &null));
    }
    SPI_freetuptable(SPI_tuptable);
    return {ids, count};
}

/// A letter, locked. In the current memory context.
struct Letter {
    RecordCall record;
    int32 partition;
    int64 offset;
    const char* status;
    const char* message;
    bool found;
};

std::string_view bytes_of(Datum datum, bool null) {
    if (null)
        return {};
    struct varlena* bytes = PG_DETOAST_DATUM_COPY(datum);
    return {VARDATA(bytes), VARSIZE(bytes) - VARHDRSZ};
}

Letter lock_letter(const char* group, size_t size, int64 id) {
    Letter letter = {};
    Datum values[2] = {text_datum(group, size), Int64GetDatum(id)};
    if (run_own(&lock_statement, values, nullptr) == 0)
        return letter;
    HeapTuple tuple = SPI_tuptable->vals[0];
    TupleDesc desc = SPI_tuptable->tupdesc;
    bool null;
    letter.found = true;
    letter.record.topic = SPI_getvalue(tuple, desc, 1);
    letter.partition = DatumGetInt32(SPI_getbinval(tuple, desc, 2, &null));
    letter.offset = DatumGetInt64(SPI_getbinval(tuple, desc, 3, &null));
    Datum datum = SPI_getbinval(tuple, desc, 4, &null);
    letter.record.key = bytes_of(datum, null);
    datum = SPI_getbinval(tuple, desc, 5, &null);
    letter.record.value = bytes_of(datum, null);
    datum = SPI_getbinval(tuple, desc, 6, &null);
    letter.record.has_headers = !null;
    if (!null)
        letter.record.headers = PointerGetDatum(PG_DETOAST_DATUM_COPY(datum));
    letter.status = SPI_getvalue(tuple, desc, 7);
    letter.message = SPI_getvalue(tuple, desc, 8);
    SPI_freetuptable(SPI_tuptable);
    return letter;
}

void close_one(int64 id, const char* status) {
    Datum values[2] = {Int64GetDatum(id), CStringGetTextDatum(status)};
    run_own(&close_statement, values, nullptr);
}

void put_result(ReturnSetInfo* result, int64 id, const Letter* letter, const char* what,
                const char* message) {
    Datum values[6] = {Int64GetDatum(id),
                       CStringGetTextDatum(letter->record.topic),
                       Int32GetDatum(letter->partition),
                       Int64GetDatum(letter->offset),
                       CStringGetTextDatum(what),
                       message == nullptr ? Datum{0} : CStringGetTextDatum(message)};
    bool nulls[6] = {false, false, false, false, false, message == nullptr};
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

/// The letters are a whole topic's, whoever owns the targets.
void begin_replay(FunctionCallInfo fcinfo, const char* function) {
    PreventCommandIfReadOnly(function);
    if (!may_write_letters())
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("permission denied to replay dead letters"),
                errhint("Grant INSERT and UPDATE on kafka_cdc_sink.dead_letters."));
    init_materialized_srf(fcinfo);
}

Choice read_choice(FunctionCallInfo fcinfo) {
    Choice choice = {};
    choice.any_topic = PG_ARGISNULL(0);
    if (!choice.any_topic)
        choice.topic = PG_GETARG_DATUM(0);
    choice.any_id = PG_ARGISNULL(1);
    if (!choice.any_id)
        choice.ids = PG_GETARG_DATUM(1);
    choice.any_number = PG_ARGISNULL(2);
    if (!choice.any_number)
        choice.limit = Int64GetDatum(int64_argument(fcinfo, 2, "max_letters"));
    return choice;
}

// ---- C++ --------------------------------------------------------------------------------------

/// What is given in place of what was recorded; data() null: nothing.
struct Edited {
    std::string_view key, value;
};

void replay_one(EventCall& call, int64 id, const Edited& edited, ReturnSetInfo* result) {
    const std::string& group_id = call.settings().client.group_id;
    const char* group = group_id.data();
    size_t size = group_id.size();
    Letter letter = guard([=] { return lock_letter(group, size, id); });
    if (!letter.found)
        throw Error(
            Fault::of(ErrorClass::data, "02000",
                      "there is no dead letter " + std::to_string(id) + " of this consumer group"));
    const char* what = letter.status;
    std::string message;
    bool open = std::strcmp(what, "pending") == 0 || std::strcmp(what, "fenced") == 0;
    if (open) {
        if (edited.key.data() != nullptr)
            letter.record.key = edited.key;
        if (edited.value.data() != nullptr)
            letter.record.value = edited.value;
        Record record = record_of(letter.record);
        record.partition = letter.partition;
        record.offset = letter.offset;
        EventResult done = call.apply(record, false);
        message = done.why;
        switch (done.kind) {
        case EventResult::Kind::applied:
            what = "replayed";
            break;
        case EventResult::Kind::skipped:
            what = "skipped";
            break;
        case EventResult::Kind::refused:
            what = done.fault.fenced ? "fenced" : "pending";
            break;
        case EventResult::Kind::blocked:
            break;
        }
        if (done.kind == EventResult::Kind::refused && edited.value.data() == nullptr &&
            edited.key.data() == nullptr)
            write_dead_letter(group_id, record, done.target, done.fault);
        const char* closed = done.kind == EventResult::Kind::applied   ? "replayed"
                             : done.kind == EventResult::Kind::skipped ? "discarded"
                                                                       : nullptr;
        if (closed != nullptr)
            guard([=] { close_one(id, closed); });
    }
    const Letter* l = &letter;
    const char* text = message.empty() ? nullptr : message.c_str();
    guard([=] { put_result(result, id, l, what, text); });
}

/// Each letter's memory goes when it is done.
void replay_each(EventCall& call, const Ids& ids, const Edited& edited, ReturnSetInfo* result) {
    MemoryContext memory = guard([] {
        return AllocSetContextCreate(CurrentMemoryContext, "kafka_cdc_sink letter",
                                     ALLOCSET_DEFAULT_SIZES);
    });
    MemoryContext before = MemoryContextSwitchTo(memory);
    for (uint64_t i = 0; i < ids.count; ++i) {
        guard([memory] {
            CHECK_FOR_INTERRUPTS();
            MemoryContextReset(memory);
        });
        replay_one(call, ids.ids[i], edited, result);
    }
    MemoryContextSwitchTo(before);
}

} // namespace

} // namespace kcs::pg

extern "C" {

KCS_FUNCTION(kafka_cdc_sink_replay_dead_letters) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        Choice choice = guard([fcinfo] {
            begin_replay(fcinfo, "replay_dead_letters()");
            return read_choice(fcinfo);
        });
        ReturnSetInfo* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
        EventCall call;
        const std::string& group_id = call.settings().client.group_id;
        const char* group = group_id.data();
        size_t size = group_id.size();
        Ids ids = guard([&] { return find_letters(group, size, &choice); });
        replay_each(call, ids, Edited(), result);
        call.end();
        return Datum{0};
    });
}

/// Text and bytea share this one.
KCS_FUNCTION(kafka_cdc_sink_replay_dead_letter) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        int64 id = 0;
        Edited edited = guard([fcinfo, &id] {
            begin_replay(fcinfo, "replay_dead_letter()");
            refuse_null(fcinfo, 0, "id");
            id = PG_GETARG_INT64(0);
            return Edited{kafka_bytes_argument(fcinfo, 2), kafka_bytes_argument(fcinfo, 1)};
        });
        ReturnSetInfo* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
        EventCall call;
        replay_each(call, {&id, 1}, edited, result);
        call.end();
        return Datum{0};
    });
}
}
