#include "postgres/held_schema.hpp"

#include <cstring>

extern "C" {
#include "access/htup_details.h"
#include "access/xact.h"
#include "catalog/objectaccess.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/syscache.h"
}

namespace kcs::pg {

namespace {

Oid held = InvalidOid;
NameData held_name;
object_access_hook_type previous_hook = nullptr;

/// Whether this transaction made or renamed the schema: code of a target did, and would again.
bool renamed_by_us(Oid schema) {
    HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
    if (!HeapTupleIsValid(tuple))
        return false;
    bool ours = TransactionIdIsCurrentTransactionId(HeapTupleHeaderGetXmin(tuple->t_data));
    ReleaseSysCache(tuple);
    return ours;
}

extern "C" {
void kcs_schema_looked_up(ObjectAccessType access, Oid class_id, Oid object_id, int sub_id,
                          void* argument) {
    if (previous_hook != nullptr)
        previous_hook(access, class_id, object_id, sub_id, argument);
    if (access != OAT_NAMESPACE_SEARCH || !OidIsValid(held) || object_id == held ||
        !InSecurityRestrictedOperation())
        return;
    const char* name = get_namespace_name(object_id);
    if (name != nullptr && std::strcmp(name, NameStr(held_name)) == 0)
        ereport(ERROR,
                errcode(renamed_by_us(object_id) ? ERRCODE_INSUFFICIENT_PRIVILEGE
                                                 : ERRCODE_T_R_SERIALIZATION_FAILURE),
                errmsg("schema \"%s\" was renamed while a change was applied to a table in it",
                       NameStr(held_name)));
}
}

} // namespace

void hold_schema(const char* name, Oid schema) {
    namestrcpy(&held_name, name);
    held = schema;
}

void let_schema_go() noexcept {
    held = InvalidOid;
}

void watch_schema_names() {
    previous_hook = object_access_hook;
    object_access_hook = kcs_schema_looked_up;
}

} // namespace kcs::pg
