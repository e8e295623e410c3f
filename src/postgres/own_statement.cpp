#include "postgres/own_statement.hpp"

#include "postgres/identity.hpp"

extern "C" {
#include "utils/uuid.h"
}

#include <cstring>

namespace kcs::pg {

uint64_t run_own(OwnStatement* statement, Datum* parameters, const char* nulls) {
    MemoryContext before = CurrentMemoryContext;
    Identity caller = act_as(own_tables_owner());
    // A target's trigger may have set it, and a kept plan would then be made anew with it.
    set_config_option("search_path", "pg_catalog, pg_temp", PGC_USERSET, PGC_S_SESSION,
                      GUC_ACTION_SAVE, true, 0, false);
    if (statement->plan == nullptr) {
        SPIPlanPtr plan = SPI_prepare(statement->sql, statement->parameter_count, statement->types);
        if (plan == nullptr)
            elog(ERROR, "could not prepare a statement: %s", SPI_result_code_string(SPI_result));
        if (SPI_keepplan(plan) != 0)
            elog(ERROR, "could not keep a statement");
        statement->plan = plan;
    }
    int rc = SPI_execute_plan(statement->plan, parameters, nulls, false, 0);
    if (rc < 0)
        elog(ERROR, "could not execute a statement: %s", SPI_result_code_string(rc));
    uint64_t rows = SPI_processed;
    act_as_before(caller);
    MemoryContextSwitchTo(before);
    return rows;
}

Datum text_datum(const char* data, size_t size) {
    return PointerGetDatum(cstring_to_text_with_len(data, static_cast<int>(size)));
}

Datum bytea_datum(const char* data, size_t size) {
    bytea* out = static_cast<bytea*>(palloc(size + VARHDRSZ));
    SET_VARSIZE(out, size + VARHDRSZ);
    if (size > 0)
        memcpy(VARDATA(out), data, size);
    return PointerGetDatum(out);
}

Datum uuid_datum(const unsigned char* bytes) {
    pg_uuid_t* uuid = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
    memcpy(uuid->data, bytes, UUID_LEN);
    return UUIDPGetDatum(uuid);
}

} // namespace kcs::pg
