#include "postgres/ddl.hpp"

#include "postgres/convert.hpp"
#include "postgres/guard.hpp"
#include "postgres/identity.hpp"
#include "postgres/names.hpp"
#include "postgres/stop.hpp"
#include "postgres/targets.hpp"
#include "postgres/transaction.hpp"

#include <cstring>

extern "C" {
#include "catalog/namespace.h"
#include "common/hashfn.h"
#include "parser/parse_type.h"
#include "storage/lmgr.h"
#include "storage/lock.h"
#include "utils/inval.h"
#include "utils/lsyscache.h"
#include "utils/syscache.h"
}

namespace kcs::pg {

namespace {

/// DDL waits less long for a lock than changes do: readers queue up behind it (milliseconds).
const char* const kLockTimeout = "1s";
/// First half of the advisory locks' keys.
constexpr uint32 kLockClass = 0x6b635363;

// ---- C register -------------------------------------------------------------------------------

/// Holds the name until the end of the transaction; whoever comes second sees what the first did.
void lock_name(const char* schema, const char* table) {
    uint32 key = hash_combine(
        hash_bytes(reinterpret_cast<const unsigned char*>(schema),
                   static_cast<int>(strlen(schema))),
        hash_bytes(reinterpret_cast<const unsigned char*>(table), static_cast<int>(strlen(table))));
    LOCKTAG tag;
    SET_LOCKTAG_ADVISORY(tag, MyDatabaseId, kLockClass, key, 2);
    LockAcquire(&tag, ExclusiveLock, false, false);
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

/// Executes as `user`.
void execute_as(Oid user, const char* sql) {
    Identity before = act_for_target(user);
    execute(sql);
    act_as_before(before);
}

/// Runs `sql` unless the schema is there; returns the schema.
Oid make_schema(const char* schema, Oid owner, const char* sql) {
    Oid space = get_namespace_oid(schema, true);
    if (OidIsValid(space))
        return space;
    lock_name(schema, "");
    if (!OidIsValid(get_namespace_oid(schema, true)))
        execute_as(OidIsValid(owner) ? owner : database_owner(), sql);
    CommandCounterIncrement();
    return get_namespace_oid(schema, false);
}

/// Raises what the type's input function has against the text.
void try_literal(const char* type_name, const char* text) {
    Oid type, io;
    int32 typmod;
#if PG_VERSION_NUM >= 160000
    parseTypeString(type_name, &type, &typmod, nullptr);
#else
    parseTypeString(type_name, &type, &typmod, false);
#endif
    Oid input;
    getTypeInputInfo(type, &input, &io);
    OidInputFunctionCall(input, const_cast<char*>(text), io, typmod);
}

bool has_column(Oid relid, const char* column) {
    return get_attnum(relid, column) != InvalidAttrNumber;
}

// ---- C++ --------------------------------------------------------------------------------------

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

/// The column's name in the database's encoding.
std::string new_column_name(const Target& target, const std::string& utf8) {
    std::string name = server_name(target, "column", utf8);
    if (!name.empty() && name.size() <= kMaxNameBytes)
        return name;
    Fault fault = Fault::of(ErrorClass::target, "42622",
                            name.empty() ? std::string("a column without a name cannot be created")
                                         : "the column name " + quote_name(name) +
                                               " is longer than 63 bytes");
    fault.column = name;
    throw Stop::at_table(&target, std::move(fault));
}

/// A value as its type's input function takes it. Throws Error (data).
std::string literal_text(const Value& value) {
    if (value.kind != ValueKind::array) {
        ConvertError error;
        const Value* v = &value;
        char* text = guard([&] { return render_value(*v, error); });
        if (text == nullptr)
            throw Error(Fault::data(error.sqlstate, error.message));
        return text;
    }
    std::string out = "{";
    for (uint32_t i = 0; i < value.size; ++i) {
        out += i > 0 ? "," : "";
        if (value.items[i].is_null()) {
            out += "NULL";
            continue;
        }
        out += '"';
        for (char c : literal_text(value.items[i])) {
            if (c == '"' || c == '\\')
                out += '\\';
            out += c;
        }
        out += '"';
    }
    return out + "}";
}

/// ` DEFAULT literal`, or nothing. A default that the type does not take (the connector sends some
/// expressions as they are) is left out where no row needs it (`required` false).
std::string default_clause(const LayoutColumn& column, bool required) {
    if (!column.has_default || column.default_value.is_null())
        return {};
    try {
        std::string text = literal_text(column.default_value);
        const char* type = column.ddl_type.c_str();
        const char* literal = text.c_str();
        subtransaction([=] { guard([=] { try_literal(type, literal); }); });
        return " DEFAULT " + quote_text(text);
    } catch (Error& error) {
        if (error.fault.cls != ErrorClass::data)
            throw;
        if (!required)
            return {};
        Fault fault = Fault::of(ErrorClass::ddl, error.fault.sqlstate,
                                "the default of column \"" + column.name + "\" cannot be written");
        fault.detail = error.fault.message;
        fault.hint = "Add the column with the default that the source has.";
        fault.column = column.name;
        throw Error(std::move(fault));
    }
}

std::string column_definition(const Target& target, const LayoutColumn& column, bool required) {
    return quote_name(new_column_name(target, column.name)) + " " + column.ddl_type +
           default_clause(column, required);
}

const LayoutColumn* find_column(const Row& row, const std::string& name) {
    if (row)
        for (const LayoutColumn& column : row.layout->columns)
            if (column.name == name)
                return &column;
    return nullptr;
}

} // namespace

std::string create_statement(const Target& target, const Change& model) {
    std::string columns, key;
    auto add = [&columns](const std::string& definition) {
        columns += (columns.empty() ? "" : ", ") + definition;
    };
    if (model.key)
        for (const LayoutColumn& column : model.key.layout->columns) {
            const std::string name = quote_name(new_column_name(target, column.name));
            key += (key.empty() ? "" : ", ") + name;
            if (find_column(model.row, column.name) == nullptr)
                add(name + " " + column.ddl_type);
        }
    for (const LayoutColumn& column : model.row.layout->columns) {
        if (const LayoutColumn* part = find_column(model.key, column.name)) {
            add(quote_name(new_column_name(target, column.name)) + " " + part->ddl_type);
        } else if (!column.ddl_type.empty()) {
            add(column_definition(target, column, false));
        }
    }
    if (!key.empty())
        columns += ", PRIMARY KEY (" + key + ")";
    const CatalogName name = catalog_name(target);
    return "CREATE TABLE " + quote_names(name.schema, name.table) + " (" + columns + ")";
}

std::string add_statement(const Target& target, const std::vector<const LayoutColumn*>& columns) {
    const CatalogName name = catalog_name(target);
    return "ALTER TABLE " + quote_names(name.schema, name.table) + " " +
           join(columns, ", ", [&target](const LayoutColumn* column) {
               return "ADD COLUMN " + column_definition(target, *column, true);
           });
}

bool can_create_from(const Change& change) {
    if (!change.may_create || !change.row)
        return false;
    bool any = false;
    if (change.key)
        for (const LayoutColumn& column : change.key.layout->columns) {
            if (column.ddl_type.empty() || column.name.empty()) // a bare key tells no name
                return false;
            any = true;
        }
    for (const LayoutColumn& column : change.row.layout->columns)
        any = any || !column.ddl_type.empty();
    return any;
}

void create_table(const Target& target, const Change& model, const ApplySettings& settings) {
    Oid role = role_oid(settings);
    const CatalogName catalog = catalog_name(target);
    std::string schema_sql = "CREATE SCHEMA " + quote_name(catalog.schema);
    std::string table_sql = create_statement(target, model);
    const char* schema = catalog.schema.c_str();
    const char* table = catalog.table.c_str();
    const char* make_schema_sql = schema_sql.c_str();
    const char* make_table_sql = table_sql.c_str();
    guard([=] {
        int level = begin_ddl();
        Oid space = make_schema(schema, role, make_schema_sql);
        lock_name(schema, table);
        if (!OidIsValid(get_relname_relid(table, space)))
            execute_as(OidIsValid(role) ? role : schema_owner(space), make_table_sql);
        AtEOXact_GUC(false, level);
    });
}

void add_columns(const Target& target, const std::vector<const LayoutColumn*>& columns,
                 const ApplySettings& settings) {
    Oid role = role_oid(settings);
    const CatalogName catalog = catalog_name(target);
    const char* schema = catalog.schema.c_str();
    const char* table = catalog.table.c_str();
    int level = guard([=] {
        int l = begin_ddl();
        lock_name(schema, table);
        return l;
    });
    Oid relid = guard([=] {
        Oid space = get_namespace_oid(schema, true);
        return OidIsValid(space) ? get_relname_relid(table, space) : InvalidOid;
    });
    std::vector<const LayoutColumn*> lacking;
    for (const LayoutColumn* column : columns) {
        const std::string new_name = new_column_name(target, column->name);
        const char* name = new_name.c_str();
        if (OidIsValid(relid) && !guard([=] { return has_column(relid, name); }))
            lacking.push_back(column);
    }
    if (!lacking.empty()) {
        std::string sql = add_statement(target, lacking);
        const char* text = sql.c_str();
        guard([=] { execute_as(OidIsValid(role) ? role : relation_owner(relid), text); });
    }
    guard([level] { AtEOXact_GUC(false, level); });
}

} // namespace kcs::pg
