#include "postgres/pg.hpp"

#include "entry/record_call.hpp"
#include "entry/sql_call.hpp"
#include "postgres/compat.hpp"
#include "postgres/explain.hpp"
#include "postgres/gucs.hpp"
#include "postgres/pin.hpp"
#include "postgres/route_table.hpp"

// explain_event(topic, key, value, headers): what would become of one record, line by line.

namespace kcs::pg {

namespace {

// ---- C register: rows into the tuplestore -----------------------------------------------------

void put_row(ReturnSetInfo* result, const char* const* texts, int count) {
    Datum values[8];
    bool nulls[8];
    if (result->setDesc->natts != count || count > 8)
        elog(ERROR, "explain_event does not fit its declaration");
    for (int i = 0; i < count; ++i) {
        nulls[i] = texts[i] == nullptr;
        values[i] = nulls[i] ? Datum{0} : CStringGetTextDatum(texts[i]);
    }
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

// ---- C++ --------------------------------------------------------------------------------------

const char* told(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

/// Never destroyed: it ends with the process.
Explainer* explainer = nullptr;

std::vector<ExplainRow> explain(const RecordCall& call) {
    Settings settings = current_settings();
    guard([] {
        if (SPI_connect() != SPI_OK_CONNECT)
            elog(ERROR, "SPI_connect failed");
    });
    int level = pin_call(settings.apply);
    settings.routes = load_routes(nullptr);
    std::vector<ExplainRow> rows = explainer->explain(record_of(call), settings);
    unpin_call(level);
    guard([] { SPI_finish(); });
    return rows;
}

} // namespace

} // namespace kcs::pg

extern "C" {

/// See the comment on the SQL functions; text and bytea share this one.
KCS_FUNCTION(kafka_cdc_sink_explain_event) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        RecordCall call = guard([fcinfo] {
            init_materialized_srf(fcinfo);
            return read_record_call(fcinfo);
        });
        if (explainer == nullptr)
            explainer = new Explainer();
        ReturnSetInfo* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
        for (const ExplainRow& row : explain(call)) {
            const char* texts[] = {row.part,
                                   told(row.name),
                                   told(row.incoming_type),
                                   told(row.incoming),
                                   told(row.target_type),
                                   told(row.conversion),
                                   row.result ? row.result->c_str() : nullptr,
                                   told(row.error)};
            guard([&] { put_row(result, texts, lengthof(texts)); });
        }
        return Datum{0};
    });
}
}
