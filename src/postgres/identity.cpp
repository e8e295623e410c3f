#include "postgres/identity.hpp"

extern "C" {
#include "access/htup_details.h"
#include "catalog/namespace.h"
#include "catalog/pg_authid.h"
#include "catalog/pg_class.h"
#include "catalog/pg_database.h"
#include "catalog/pg_namespace.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/syscache.h"
}

namespace kcs::pg {

Identity act_as(Oid user) {
    Identity before;
    GetUserIdAndSecContext(&before.user, &before.security);
    before.guc_level = NewGUCNestLevel();
    SetUserIdAndSecContext(user, before.security | SECURITY_RESTRICTED_OPERATION);
    return before;
}

Identity act_for_target(Oid user) {
#if PG_VERSION_NUM >= 160000
    bool allowed = member_can_set_role(GetUserId(), user);
#else
    bool allowed = is_member_of_role(GetUserId(), user);
#endif
    if (!allowed)
        ereport(ERROR, errcode(ERRCODE_INSUFFICIENT_PRIVILEGE),
                errmsg("role \"%s\" cannot apply changes as role \"%s\"",
                       GetUserNameFromId(GetUserId(), true), GetUserNameFromId(user, true)));
    return act_as(user);
}

void act_as_before(const Identity& before) {
    AtEOXact_GUC(false, before.guc_level);
    SetUserIdAndSecContext(before.user, before.security);
}

Oid find_role(const char* name) {
    return get_role_oid(name, true);
}

Oid database_owner() {
    HeapTuple tuple = SearchSysCache1(DATABASEOID, ObjectIdGetDatum(MyDatabaseId));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for database %u", MyDatabaseId);
    Oid owner = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple))->datdba;
    ReleaseSysCache(tuple);
    return owner;
}

Oid relation_owner(Oid relid) {
    HeapTuple tuple = SearchSysCache1(RELOID, ObjectIdGetDatum(relid));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for relation %u", relid);
    Oid owner = reinterpret_cast<Form_pg_class>(GETSTRUCT(tuple))->relowner;
    ReleaseSysCache(tuple);
    return owner;
}

Oid schema_owner(Oid schema) {
    HeapTuple tuple = SearchSysCache1(NAMESPACEOID, ObjectIdGetDatum(schema));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for schema %u", schema);
    Oid owner = reinterpret_cast<Form_pg_namespace>(GETSTRUCT(tuple))->nspowner;
    ReleaseSysCache(tuple);
    return owner == ROLE_PG_DATABASE_OWNER ? database_owner() : owner;
}

Oid own_tables_owner() {
    return schema_owner(get_namespace_oid("kafka_cdc_sink", false));
}

} // namespace kcs::pg
