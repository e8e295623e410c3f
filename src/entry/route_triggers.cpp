#include "postgres/pg.hpp"

#include "entry/commit_actions.hpp"
#include "entry/sql_call.hpp"
#include "postgres/route_table.hpp"

extern "C" {
#include "commands/trigger.h"
}

// Triggers of the table kafka_cdc_sink.routes: what cannot be a route is refused, and workers are
// told when the transaction commits.

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

TriggerData* trigger_data(FunctionCallInfo fcinfo) {
    if (!CALLED_AS_TRIGGER(fcinfo))
        ereport(ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                errmsg("the function can only be called as a trigger"));
    return reinterpret_cast<TriggerData*>(fcinfo->context);
}

} // namespace

} // namespace kcs::pg

extern "C" {

/// BEFORE INSERT OR UPDATE, for each row.
KCS_FUNCTION(kafka_cdc_sink_check_route) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        TriggerData* data = guard([fcinfo] { return trigger_data(fcinfo); });
        HeapTuple row =
            TRIGGER_FIRED_BY_UPDATE(data->tg_event) ? data->tg_newtuple : data->tg_trigtuple;
        kcs::Result<kcs::Route> route = read_route(row, RelationGetDescr(data->tg_relation));
        if (!route)
            throw Error(route.fault());
        return PointerGetDatum(row);
    });
}

/// AFTER whatever changes it, for each statement.
KCS_FUNCTION(kafka_cdc_sink_routes_changed) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        guard([fcinfo] {
            trigger_data(fcinfo);
            reroute_at_commit();
        });
        return PointerGetDatum(nullptr);
    });
}
}
