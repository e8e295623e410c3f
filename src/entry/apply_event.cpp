#include "postgres/pg.hpp"

#include "debezium/decoder.hpp"
#include "entry/sql_call.hpp"
#include "pipeline/passed_over.hpp"
#include "postgres/gucs.hpp"
#include "postgres/own_statement.hpp"
#include "postgres/pin.hpp"
#include "postgres/sink.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/jsonb.h"
}

// apply_event(topic, key, value, headers, partition, offset): one record through the workers' own
// path, in the calling session.

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

struct Bytes {
    const char* data;
    size_t size;
};

/// The call's arguments, in the function's memory.
struct Call {
    const char* topic;
    Bytes key, value;
    bool has_key, has_value;
    int32 partition;
    int64 offset;
    bool has_offset;
    Datum headers;
    bool has_headers;
};

/// Kafka carries UTF-8; a bytea is taken as it is.
Bytes bytes_argument(FunctionCallInfo fcinfo, int argument) {
    struct varlena* datum = PG_GETARG_VARLENA_PP(argument);
    Bytes bytes = {VARDATA_ANY(datum), static_cast<size_t>(VARSIZE_ANY_EXHDR(datum))};
    if (get_fn_expr_argtype(fcinfo->flinfo, argument) == BYTEAOID ||
        GetDatabaseEncoding() == PG_UTF8)
        return bytes;
    char* utf8 = pg_server_to_any(bytes.data, static_cast<int>(bytes.size), PG_UTF8);
    return utf8 == bytes.data ? bytes : Bytes{utf8, strlen(utf8)};
}

Call read_call(FunctionCallInfo fcinfo) {
    Call call = {};
    call.topic = topic_argument(fcinfo, 0, "topic");
    call.has_key = !PG_ARGISNULL(1);
    if (call.has_key)
        call.key = bytes_argument(fcinfo, 1);
    call.has_value = !PG_ARGISNULL(2);
    if (call.has_value)
        call.value = bytes_argument(fcinfo, 2);
    call.has_headers = !PG_ARGISNULL(3);
    if (call.has_headers)
        call.headers = PG_GETARG_DATUM(3);
    call.partition = int32_argument(fcinfo, 4, "partition");
    call.has_offset = !PG_ARGISNULL(5);
    if (call.has_offset)
        call.offset = PG_GETARG_INT64(5);
    return call;
}

struct RawHeaders {
    Header* headers;
    uint32_t count;
};

/// As dead_letters keeps them, or an object name -> text. Needs SPI.
RawHeaders read_headers(Datum headers) {
    Oid type = JSONBOID;
    int rc = SPI_execute_with_args(
        "SELECT convert_to(h->>'name', 'UTF8'),"
        " CASE WHEN h ? 'hex' THEN decode(h->>'hex', 'hex') ELSE convert_to(h->>'value', 'UTF8')"
        " END FROM jsonb_array_elements(CASE jsonb_typeof($1) WHEN 'object' THEN"
        " (SELECT jsonb_agg(jsonb_build_object('name', key, 'value', value))"
        " FROM jsonb_each_text($1)) ELSE $1 END) AS h",
        1, &type, &headers, nullptr, true, 0);
    if (rc != SPI_OK_SELECT)
        elog(ERROR, "could not read the headers: %s", SPI_result_code_string(rc));
    RawHeaders out = {nullptr, static_cast<uint32_t>(SPI_processed)};
    out.headers = static_cast<Header*>(palloc0(sizeof(Header) * (SPI_processed + 1)));
    for (uint64 i = 0; i < SPI_processed; ++i) {
        bool null;
        HeapTuple tuple = SPI_tuptable->vals[i];
        Datum name = SPI_getbinval(tuple, SPI_tuptable->tupdesc, 1, &null);
        if (null)
            ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                    errmsg("a header has no name"));
        struct varlena* bytes = PG_DETOAST_DATUM_PACKED(name);
        out.headers[i].name = std::string_view(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
        Datum value = SPI_getbinval(tuple, SPI_tuptable->tupdesc, 2, &null);
        if (null)
            continue;
        bytes = PG_DETOAST_DATUM_PACKED(value);
        out.headers[i].value = std::string_view(VARDATA_ANY(bytes), VARSIZE_ANY_EXHDR(bytes));
    }
    return out;
}

OwnStatement next_letter = {
    "SELECT -pg_catalog.nextval('kafka_cdc_sink.dead_letters_id_seq')", 0, {}, nullptr};

/// An offset that no dead letter has or gets: below those of real records.
int64 unused_offset() {
    run_own(&next_letter, nullptr, nullptr);
    bool null;
    return DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
}

// ---- C++ --------------------------------------------------------------------------------------

/// What a session keeps between calls. Never destroyed: it ends with the process.
struct Session {
    explicit Session(const Settings& s)
        : settings(s), decoder(s.decoder), sink(Scope::subtransaction, s) {}

    void follow(const Settings& now) {
        if (!(now.decoder == settings.decoder))
            decoder.configure(now.decoder);
        settings = now;
        sink.configure(settings);
    }

    Settings settings;
    Decoder decoder;
    PgSink sink;
    Arena arena;
    bool busy = false;
};

Session* session = nullptr;

/// Marks the session busy: a trigger that fires in here must not come in again.
class Turn {
public:
    explicit Turn(Session& s) : session_(s) {
        if (s.busy)
            throw Error(Fault::of(ErrorClass::target, "55006",
                                  "apply_event cannot be called from within itself"));
        s.busy = true;
    }
    ~Turn() {
        session_.decoder.trim();
        session_.arena.reset();
        session_.busy = false;
    }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

private:
    Session& session_;
};

const char* skip_text(SkipReason reason) {
    switch (reason) {
    case SkipReason::keyless_tombstone:
        return "tombstone without key";
    case SkipReason::move_tombstone:
        return "tombstone of a key change";
    case SkipReason::unplaced_tombstone:
        return "tombstone whose table is not known";
    case SkipReason::logical_message:
        return "logical decoding message";
    case SkipReason::schema_change:
        return "schema change event";
    case SkipReason::heartbeat:
        return "heartbeat";
    case SkipReason::transaction_boundary:
        return "transaction boundary";
    case SkipReason::notification:
        return "notification";
    case SkipReason::none:
        break;
    }
    return "no row change";
}

std::string apply_record(Session& s, const Record& record) {
    std::vector<Record> records = {record};
    Work work;
    work.records = &records;
    work.arena = &s.arena;
    Decoded decoded = s.decoder.decode(records[0], s.arena);
    if (decoded.kind == Decoded::Kind::skip)
        return std::string("skipped: ") + skip_text(decoded.skip);
    std::string why;
    if (decoded.kind == Decoded::Kind::reject) {
        if (decoded.fault.cls != ErrorClass::data)
            throw Error(decoded.fault);
        why = decoded.fault.message;
        work.rejects.push_back({0, decoded.target, decoded.fault});
    } else {
        if (passed_over(decoded.change, s.settings.apply))
            return decoded.change.op == Op::truncate ? "skipped: truncate event"
                                                     : "skipped: delete";
        decoded.change.record = 0;
        decoded.change.ordered = record.partition == 0; // as far as the caller says
        work.changes.push_back(decoded.change);
    }
    work.impatient = {record.slot}; // what it might need cannot come while it waits
    ApplyOutcome outcome = s.sink.apply(work, false);
    if (outcome.kind == ApplyOutcome::Kind::data) {
        why = outcome.fault.message;
        outcome = s.sink.apply(work, true);
    }
    if (outcome.kind != ApplyOutcome::Kind::applied)
        throw Error(outcome.fault);
    return outcome.dead_letters > 0 ? "dead letter: " + why : "applied";
}

std::string run_call(Session& s, const Call& call) {
    Turn turn(s);
    s.follow(current_settings());
    guard([] {
        if (SPI_connect() != SPI_OK_CONNECT)
            elog(ERROR, "SPI_connect failed");
    });
    int level = pin_call(s.settings.apply);
    Record record;
    record.topic = call.topic;
    record.partition = call.partition;
    record.timestamp_ms = -1;
    record.has_key = call.has_key;
    record.key = std::string_view(call.key.data, call.key.size);
    record.has_value = call.has_value;
    record.value = std::string_view(call.value.data, call.value.size);
    record.offset = guard([&call] { return call.has_offset ? call.offset : unused_offset(); });
    if (call.has_headers) {
        RawHeaders headers = guard([&call] { return read_headers(call.headers); });
        record.headers = headers.headers;
        record.header_count = headers.count;
    }
    std::string result = apply_record(s, record);
    unpin_call(level);
    guard([] { SPI_finish(); });
    return result;
}

} // namespace

} // namespace kcs::pg

extern "C" {

/// See the comment on the SQL functions; text and bytea share this one.
KCS_FUNCTION(kafka_cdc_sink_apply_event) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        Call call = guard([fcinfo] { return read_call(fcinfo); });
        if (session == nullptr)
            session = new Session(current_settings());
        std::string result = run_call(*session, call);
        const std::string* text = &result;
        return guard([text] { return PointerGetDatum(cstring_to_text(text->c_str())); });
    });
}
}
