#pragma once

#include "postgres/pg.hpp"

extern "C" {
#include "funcapi.h"
#include "storage/latch.h"
#include "utils/guc_tables.h"
}

// One inline function for each difference between PostgreSQL 14 and 18 that is met in more than one
// place, with the newest version's meaning.

namespace kcs::pg {

/// Settings with this prefix that nobody defined are errors from now on (14: warnings).
inline void reserve_setting_prefix(const char* prefix) {
#if PG_VERSION_NUM >= 150000
    MarkGUCPrefixReserved(prefix);
#else
    EmitWarningsOnPlaceholders(prefix);
#endif
}

/// The server's own record of a setting, which exists.
inline config_generic* find_setting(const char* name) {
#if PG_VERSION_NUM >= 160000
    return find_option(name, false, false, ERROR);
#else
    config_generic** all = get_guc_variables();
    for (int i = 0; i < GetNumConfigOptions(); ++i)
        if (strcmp(all[i]->name, name) == 0)
            return all[i];
    elog(ERROR, "unrecognized configuration parameter \"%s\"", name);
#endif
}

/// Prepares a set-returning function that fills a tuplestore: rsinfo->setResult, setDesc.
inline void init_materialized_srf(FunctionCallInfo fcinfo) {
#if PG_VERSION_NUM >= 160000
    InitMaterializedSRF(fcinfo, 0);
#elif PG_VERSION_NUM >= 150000
    SetSingleFuncCall(fcinfo, 0); // the name that every 15.x has
#else
    ReturnSetInfo* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
    if (result == nullptr || !IsA(result, ReturnSetInfo))
        ereport(ERROR, errcode(ERRCODE_FEATURE_NOT_SUPPORTED),
                errmsg("set-valued function called in context that cannot accept a set"));
    if ((result->allowedModes & SFRM_Materialize) == 0)
        ereport(ERROR, errcode(ERRCODE_SYNTAX_ERROR),
                errmsg("materialize mode required, but it is not allowed in this context"));
    MemoryContext before = MemoryContextSwitchTo(result->econtext->ecxt_per_query_memory);
    TupleDesc desc;
    if (get_call_result_type(fcinfo, nullptr, &desc) != TYPEFUNC_COMPOSITE)
        elog(ERROR, "return type must be a row type");
    result->returnMode = SFRM_Materialize;
    result->setResult = tuplestore_begin_heap((result->allowedModes & SFRM_Materialize_Random) != 0,
                                              false, work_mem);
    result->setDesc = desc;
    MemoryContextSwitchTo(before);
#endif
}

/// A wait event set for the whole session.
inline WaitEventSet* create_session_wait_event_set(int events) {
#if PG_VERSION_NUM >= 170000
    return CreateWaitEventSet(nullptr, events);
#else
    return CreateWaitEventSet(TopMemoryContext, events);
#endif
}

/// The number for waits of our own in pg_stat_activity. `name` is shown from 17 on; on older
/// versions it reads "Extension".
inline uint32 wait_event(const char* name) {
#if PG_VERSION_NUM >= 170000
    return WaitEventExtensionNew(name);
#else
    (void)name;
    return PG_WAIT_EXTENSION;
#endif
}

} // namespace kcs::pg
