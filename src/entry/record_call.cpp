#include "entry/record_call.hpp"

#include "entry/sql_call.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/jsonb.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

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

} // namespace

std::string_view kafka_bytes_argument(FunctionCallInfo fcinfo, int argument) {
    if (PG_ARGISNULL(argument))
        return {};
    struct varlena* datum = PG_GETARG_VARLENA_PP(argument);
    const char* data = VARDATA_ANY(datum);
    size_t size = VARSIZE_ANY_EXHDR(datum);
    if (get_fn_expr_argtype(fcinfo->flinfo, argument) == BYTEAOID ||
        GetDatabaseEncoding() == PG_UTF8)
        return {data, size};
    char* utf8 = pg_server_to_any(data, static_cast<int>(size), PG_UTF8);
    return utf8 == data ? std::string_view(data, size) : std::string_view(utf8, strlen(utf8));
}

RecordCall read_record_call(FunctionCallInfo fcinfo) {
    RecordCall call = {};
    call.topic = topic_argument(fcinfo, 0, "topic");
    call.key = kafka_bytes_argument(fcinfo, 1);
    call.value = kafka_bytes_argument(fcinfo, 2);
    call.has_headers = !PG_ARGISNULL(3);
    if (call.has_headers)
        call.headers = PG_GETARG_DATUM(3);
    return call;
}

Record record_of(const RecordCall& call) {
    Record record;
    record.topic = call.topic;
    record.timestamp_ms = -1;
    record.has_key = call.key.data() != nullptr;
    record.key = call.key;
    record.has_value = call.value.data() != nullptr;
    record.value = call.value;
    if (call.has_headers) {
        RawHeaders headers = guard([&call] { return read_headers(call.headers); });
        record.known_headers = {headers.headers, headers.count};
    }
    return record;
}

} // namespace kcs::pg
