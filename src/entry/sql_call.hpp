#pragma once

#include "core/topic_list.hpp"
#include "postgres/guard.hpp"

#include <cstring>

extern "C" {
#include "commands/dbcommands.h"
#include "miscadmin.h"
}

// How SQL functions are declared, and how they take arguments that must not be NULL.

/// A version-1 SQL function, exported on every version (R54).
#define KCS_FUNCTION(name)                                                                         \
    PGDLLEXPORT Datum name(PG_FUNCTION_ARGS);                                                      \
    PG_FUNCTION_INFO_V1(name);                                                                     \
    Datum name(PG_FUNCTION_ARGS)

namespace kcs::pg {

// C register: all raise.

inline void refuse_null(FunctionCallInfo fcinfo, int argument, const char* name) {
    if (PG_ARGISNULL(argument))
        ereport(ERROR, errcode(ERRCODE_NULL_VALUE_NOT_ALLOWED),
                errmsg("argument \"%s\" must not be null", name));
}

/// Whether this is the database that the workers run in: the shared state is that of one.
inline bool in_target_database(const char* target) {
    const char* here = get_database_name(MyDatabaseId);
    return here != nullptr && std::strcmp(here, target) == 0;
}

/// A topic's name. In CurrentMemoryContext.
inline const char* topic_argument(FunctionCallInfo fcinfo, int argument, const char* name) {
    refuse_null(fcinfo, argument, name);
    const char* topic = text_to_cstring(PG_GETARG_TEXT_PP(argument));
    if (!legal_topic_name(topic))
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("\"%s\" is not a valid topic name", topic));
    return topic;
}

/// A number that is not negative.
inline int64 int64_argument(FunctionCallInfo fcinfo, int argument, const char* name) {
    refuse_null(fcinfo, argument, name);
    int64 value = PG_GETARG_INT64(argument);
    if (value < 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("argument \"%s\" must not be negative", name));
    return value;
}

inline int32 int32_argument(FunctionCallInfo fcinfo, int argument, const char* name) {
    refuse_null(fcinfo, argument, name);
    int32 value = PG_GETARG_INT32(argument);
    if (value < 0)
        ereport(ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
                errmsg("argument \"%s\" must not be negative", name));
    return value;
}

} // namespace kcs::pg
