#include "postgres/ddl.hpp"

#include "postgres/guard.hpp"
#include "postgres/held_schema.hpp"
#include "postgres/identity.hpp"
#include "postgres/names.hpp"
#include "postgres/own_lock.hpp"
#include "postgres/stop.hpp"
#include "postgres/targets.hpp"

#include <cstring>

extern "C" {
#include "access/htup_details.h"
#include "catalog/dependency.h"
#include "catalog/namespace.h"
#include "catalog/pg_collation.h"
#include "catalog/pg_sequence.h"
#include "common/hashfn.h"
#include "storage/lmgr.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace kcs::pg {

namespace {

/// DDL waits less long for a lock than changes do: readers queue up behind it (milliseconds).
const char* const kLockTimeout = "1s";

// ---- C register -------------------------------------------------------------------------------

/// Holds the name until the end of the transaction; whoever comes second sees what the first did.
void lock_name(const char* schema, const char* table) {
    take_own_lock(OwnLock::ddl, hash_combine(own_lock_key(schema, strlen(schema)),
                                             own_lock_key(table, strlen(table))));
    AcceptInvalidationMessages();
}

void execute(const char* sql) {
    MemoryContext before = CurrentMemoryContext;
    int rc = SPI_execute(sql, false, 0);
    if (rc < 0)
        elog(ERROR, "could not execute a statement: %s", SPI_result_code_string(rc));
    MemoryContextSwitchTo(before);
}

int begin_ddl() {
    int level = NewGUCNestLevel();
    set_config_option("lock_timeout", kLockTimeout, PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE, true,
                      0, false);
    // "already exists, skipping" and the like are no news
    set_config_option("client_min_messages", "warning", PGC_SUSET, PGC_S_SESSION, GUC_ACTION_SAVE,
                      true, 0, false);
    return level;
}

/// `schema`: of the target, InvalidOid when it is to be made.
void execute_as(Oid user, const char* name, Oid schema, const char* sql) {
    if (OidIsValid(schema))
        hold_schema(name, schema);
    Identity before = act_for_target(user);
    execute(sql);
    act_as_before(before);
    let_schema_go();
}

Oid find_relation(const char* schema, const char* table) {
    Oid space = get_namespace_oid(schema, true);
    return OidIsValid(space) ? get_relname_relid(table, space) : InvalidOid;
}

/// ` COLLATE ...` where the column's is not that of its type, which a new type would bring: else
/// empty.
const char* collate_clause(Oid type, Oid collation) {
    if (!OidIsValid(collation) || collation == get_typcollation(type))
        return "";
    HeapTuple tuple = SearchSysCache1(COLLOID, ObjectIdGetDatum(collation));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for collation %u", collation);
    Form_pg_collation form = reinterpret_cast<Form_pg_collation>(GETSTRUCT(tuple));
    const char* schema = get_namespace_name(form->collnamespace);
    const char* clause =
        psprintf(" COLLATE %s", quote_qualified_identifier(schema, NameStr(form->collname)));
    ReleaseSysCache(tuple);
    return clause;
}

/// Quoted name of the sequence that a serial column owns, where its type is narrower than the
/// column's shall be; null: there is none. Those of identity columns follow by themselves.
const char* narrow_sequence(Oid relid, int16 column, Oid type) {
    ListCell* cell;
    foreach (cell, getOwnedSequences(relid)) {
        Oid sequence = lfirst_oid(cell), table;
        int32 owner;
        if (!sequenceIsOwned(sequence, DEPENDENCY_AUTO, &table, &owner) || owner != column)
            continue;
        HeapTuple tuple = SearchSysCache1(SEQRELID, ObjectIdGetDatum(sequence));
        if (!HeapTupleIsValid(tuple))
            elog(ERROR, "cache lookup failed for sequence %u", sequence);
        Oid own = reinterpret_cast<Form_pg_sequence>(GETSTRUCT(tuple))->seqtypid;
        ReleaseSysCache(tuple);
        if (get_typlen(own) < get_typlen(type))
            return quote_qualified_identifier(get_namespace_name(get_rel_namespace(sequence)),
                                              get_rel_name(sequence));
    }
    return nullptr;
}

// ---- C++ --------------------------------------------------------------------------------------

/// What words a statement may run a type's input function, for a default.
template <typename Body> auto as_target(Oid user, Body&& body) {
    Identity before = guard([user] { return act_for_target(user); });
    auto result = body();
    guard([&before] { act_as_before(before); });
    return result;
}

Oid role_oid(const ApplySettings& settings) {
    if (settings.role.empty())
        return InvalidOid;
    const char* role = settings.role.c_str();
    Oid oid = guard([role] { return find_role(role); });
    if (!OidIsValid(oid)) {
        Fault fault = Fault::of(ErrorClass::environment, "42704",
                                "role " + quote_name(settings.role) + " does not exist");
        fault.hint = "Create the role, or change kafka_cdc_sink.role.";
        ApplyOutcome outcome;
        outcome.kind = ApplyOutcome::Kind::batch;
        outcome.fault = std::move(fault);
        throw Stop(std::move(outcome));
    }
    return oid;
}

/// Runs the statement as `user`, and logs it.
void run(const CatalogName& target, Oid schema, const DdlStatement& statement, Oid user,
         const DdlCause& cause) {
    const char* name = target.schema.c_str();
    const char* sql = statement.sql.c_str();
    guard([=] { execute_as(user, name, schema, sql); });
    log_ddl(cause, target, statement, user);
}

void make_schema(const CatalogName& target, Oid role, const DdlCause& cause) {
    const char* schema = target.schema.c_str();
    auto exists = [schema] {
        return guard([schema] { return OidIsValid(get_namespace_oid(schema, true)); });
    };
    if (exists())
        return;
    guard([schema] { lock_name(schema, ""); });
    if (exists())
        return;
    Oid owner = OidIsValid(role) ? role : guard([] { return database_owner(); });
    run(target, InvalidOid, {"create_schema", "CREATE SCHEMA " + quote_name(target.schema)}, owner,
        cause);
}

void add_widening(const Target& target, const TargetTable& table, const DdlTask& task,
                  std::vector<DdlStatement>& out) {
    std::string name = quote_names(table.shape.schema, table.shape.name);
    std::string types, nulls;
    std::vector<DdlStatement> sequences;
    for (const LayoutColumn* wanted : task.wider) {
        const ColumnShape* column = table.shape.find(server_name(target, "column", wanted->name));
        std::string type = column == nullptr ? "" : shortfall(*column, *wanted).type;
        if (type.empty())
            continue;
        const ColumnShape* c = column;
        bool integer = type == "integer" || type == "bigint";
        Oid relid = table.shape.relid, to = type == "bigint" ? INT8OID : INT4OID;
        const char* collate = guard([c] { return collate_clause(c->base_oid, c->collation); });
        types += (types.empty() ? "" : ",") + (" ALTER COLUMN " + quote_name(column->name)) +
                 " TYPE " + type + (column->kind == TypeKind::array ? "[]" : "") + collate;
        const char* sequence =
            integer ? guard([=] { return narrow_sequence(relid, c->attnum, to); }) : nullptr;
        if (sequence != nullptr)
            sequences.push_back(
                {"widen", "ALTER SEQUENCE " + std::string(sequence) + " AS " + type});
    }
    for (const LayoutColumn* wanted : task.nullable) {
        const ColumnShape* column = table.shape.find(server_name(target, "column", wanted->name));
        if (column != nullptr && shortfall(*column, *wanted).not_null)
            nulls += (nulls.empty() ? "" : ",") + (" ALTER COLUMN " + quote_name(column->name)) +
                     " DROP NOT NULL";
    }
    if (!types.empty())
        out.push_back({"widen", "ALTER TABLE " + name + types});
    out.insert(out.end(), sequences.begin(), sequences.end());
    if (!nulls.empty())
        out.push_back({"drop_not_null", "ALTER TABLE " + name + nulls});
}

} // namespace

std::vector<DdlStatement> alter_statements(const Target& target, const TargetTable& table,
                                           const DdlTask& task) {
    std::vector<DdlStatement> out;
    std::vector<const LayoutColumn*> lacking;
    for (const LayoutColumn* column : task.columns)
        if (table.shape.find(server_name(target, "column", column->name)) == nullptr)
            lacking.push_back(column);
    if (!lacking.empty())
        out.push_back({"add_columns", add_statement(target, lacking)});
    add_widening(target, table, task, out);
    return out;
}

void create_table(const Target& target, const Change& model, const ApplySettings& settings,
                  const DdlCause& cause) {
    const CatalogName name = catalog_name(target);
    Oid role = role_oid(settings);
    const char* schema = name.schema.c_str();
    const char* table = name.table.c_str();
    int level = guard([] { return begin_ddl(); });
    make_schema(name, role, cause);
    bool exists = guard([=] {
        lock_name(schema, table);
        return OidIsValid(find_relation(schema, table));
    });
    if (!exists) {
        Oid space = guard([schema] { return get_namespace_oid(schema, false); });
        Oid owner = OidIsValid(role) ? role : guard([space] { return schema_owner(space); });
        std::string sql = as_target(owner, [&] { return create_statement(target, model); });
        run(name, space, {"create_table", std::move(sql)}, owner, cause);
    }
    guard([level] { AtEOXact_GUC(false, level); });
}

void alter_table(const DdlTask& task, const ApplySettings& settings, const DdlCause& cause) {
    const Target& target = *task.target;
    const CatalogName name = catalog_name(target);
    Oid role = role_oid(settings);
    const char* schema = name.schema.c_str();
    const char* table = name.table.c_str();
    int level = guard([] { return begin_ddl(); });
    // Before it is looked at: a type that somebody makes wider meanwhile must not get narrower.
    Oid relid = guard([=] {
        lock_name(schema, table);
        return find_and_lock(schema, table, AccessExclusiveLock);
    });
    if (OidIsValid(relid)) {
        Oid user = OidIsValid(role) ? role : guard([relid] { return relation_owner(relid); });
        TargetTable now = load_table(relid);
        std::vector<DdlStatement> statements =
            as_target(user, [&] { return alter_statements(target, now, task); });
        for (const DdlStatement& statement : statements)
            run(name, now.schema, statement, user, cause);
    }
    guard([level] { AtEOXact_GUC(false, level); });
}

} // namespace kcs::pg
