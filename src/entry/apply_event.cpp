#include "postgres/pg.hpp"

#include "entry/commit_actions.hpp"
#include "entry/event_session.hpp"
#include "entry/record_call.hpp"
#include "entry/sql_call.hpp"
#include "postgres/dead_letters.hpp"
#include "postgres/own_statement.hpp"

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
    bool writes_letters;
};

Call read_call(FunctionCallInfo fcinfo) {
    Call call = {};
    call.record = read_record_call(fcinfo);
    call.partition = int32_argument(fcinfo, 4, "partition");
    call.writes_letters = may_write_letters();
    call.has_offset = !PG_ARGISNULL(5);
    if (!call.has_offset)
        return call;
    call.offset = PG_GETARG_INT64(5);
    if (!call.writes_letters)
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("permission denied to apply a record at an offset"),
                errdetail("It may close dead letters of the topic."),
                errhint("Leave \"offset\" out, or grant INSERT and UPDATE on "
                        "kafka_cdc_sink.dead_letters."));
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

std::string apply_record(const Call& arguments) {
    EventCall call;
    Record record = record_of(arguments.record);
    record.partition = arguments.partition;
    record.offset =
        guard([&] { return arguments.has_offset ? arguments.offset : unused_offset(); });
    EventResult result = call.apply(record, arguments.writes_letters);
    if (result.kind == EventResult::Kind::blocked ||
        (result.kind == EventResult::Kind::refused && !arguments.writes_letters))
        throw Error(std::move(result.fault));
    if (result.rejected && arguments.has_offset)
        guard([] { look_for_letters_at_commit(); });
    call.end();
    switch (result.kind) {
    case EventResult::Kind::skipped:
        return "skipped: " + result.why;
    case EventResult::Kind::refused:
        return "dead letter: " + result.why;
    default:
        return "applied";
    }
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
        std::string result = apply_record(call);
        const std::string* text = &result;
        return guard([text] { return PointerGetDatum(cstring_to_text(text->c_str())); });
    });
}
}
