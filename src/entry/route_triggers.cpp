#include "postgres/pg.hpp"

#include "entry/commit_actions.hpp"
#include "entry/sql_call.hpp"
#include "postgres/route_table.hpp"

extern "C" {
#include "catalog/namespace.h"
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
    TriggerData* data = reinterpret_cast<TriggerData*>(fcinfo->context);
    Oid routes = get_relname_relid("routes", get_namespace_oid("kafka_cdc_sink", true));
    if (RelationGetRelid(data->tg_relation) != routes)
        ereport(ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
                errmsg("function \"%s\" can only be a trigger of table kafka_cdc_sink.routes",
                       get_func_name(fcinfo->flinfo->fn_oid)));
    return data;
}

void require_fired(FunctionCallInfo fcinfo, bool as_it_must, const char* how) {
    if (!as_it_must)
        ereport(
            ERROR, errcode(ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED),
            errmsg("function \"%s\" must be fired %s", get_func_name(fcinfo->flinfo->fn_oid), how));
}

} // namespace

} // namespace kcs::pg

extern "C" {

/// BEFORE INSERT OR UPDATE, for each row.
KCS_FUNCTION(kafka_cdc_sink_check_route) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        TriggerData* data = guard([fcinfo] {
            TriggerData* given = trigger_data(fcinfo);
            TriggerEvent event = given->tg_event;
            require_fired(fcinfo,
                          TRIGGER_FIRED_BEFORE(event) && TRIGGER_FIRED_FOR_ROW(event) &&
                              (TRIGGER_FIRED_BY_INSERT(event) || TRIGGER_FIRED_BY_UPDATE(event)),
                          "BEFORE INSERT OR UPDATE for each row");
            return given;
        });
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
            TriggerEvent event = trigger_data(fcinfo)->tg_event;
            require_fired(fcinfo, TRIGGER_FIRED_AFTER(event) && TRIGGER_FIRED_FOR_STATEMENT(event),
                          "AFTER its event for each statement");
            reroute_at_commit();
        });
        return PointerGetDatum(nullptr);
    });
}
}
