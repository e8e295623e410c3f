#include "postgres/pg.hpp"

#include "debezium/decoder.hpp"
#include "entry/record_call.hpp"
#include "entry/sql_call.hpp"
#include "pipeline/passed_over.hpp"
#include "postgres/gucs.hpp"
#include "postgres/own_statement.hpp"
#include "postgres/pin.hpp"
#include "postgres/route_table.hpp"
#include "postgres/sink.hpp"

// apply_event(topic, key, value, headers, partition, offset): one record through the workers' own
// path, in the calling session.

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

/// The call's arguments, in the function's memory.
struct Call {
    RecordCall record;
    int32 partition;
    int64 offset;
    bool has_offset;
};

Call read_call(FunctionCallInfo fcinfo) {
    Call call = {};
    call.record = read_record_call(fcinfo);
    call.partition = int32_argument(fcinfo, 4, "partition");
    call.has_offset = !PG_ARGISNULL(5);
    if (call.has_offset)
        call.offset = PG_GETARG_INT64(5);
    return call;
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

    /// In the caller's transaction: its own changes of the routes hold for it.

    void follow(const Settings& now) {
        std::shared_ptr<Routes> routes = load_routes(settings.routes);
        decoder.configure(now.decoder, routes);
        settings = now;
        settings.routes = std::move(routes);
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
    const Settings& now = current_settings();
    guard([] {
        if (SPI_connect() != SPI_OK_CONNECT)
            elog(ERROR, "SPI_connect failed");
    });
    int level = pin_call(now.apply);
    s.follow(now);
    Record record = record_of(call.record);
    record.partition = call.partition;
    record.offset = guard([&call] { return call.has_offset ? call.offset : unused_offset(); });
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
        Call call = guard([fcinfo] {
            PreventCommandIfReadOnly("apply_event()");
            return read_call(fcinfo);
        });
        if (session == nullptr)
            session = new Session(current_settings());
        std::string result = run_call(*session, call);
        const std::string* text = &result;
        return guard([text] { return PointerGetDatum(cstring_to_text(text->c_str())); });
    });
}
}
