#include "postgres/ddl_statements.hpp"

#include "postgres/convert.hpp"
#include "postgres/names.hpp"
#include "postgres/shape.hpp"
#include "postgres/stop.hpp"
#include "postgres/targets.hpp"
#include "postgres/transaction.hpp"

extern "C" {
#include "access/genam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "catalog/dependency.h"
#include "catalog/heap.h"
#include "catalog/indexing.h"
#include "utils/fmgroids.h"
#include "utils/rel.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

/// Schema of the type of that name that an extension owns, wherever that was installed; null: none.
const char* extension_type_schema(const char* name) {
    NameData wanted;
    namestrcpy(&wanted, name);
    ScanKeyData key;
    ScanKeyInit(&key, Anum_pg_type_typname, BTEqualStrategyNumber, F_NAMEEQ, NameGetDatum(&wanted));
    Relation types = table_open(TypeRelationId, AccessShareLock);
    SysScanDesc scan = systable_beginscan(types, TypeNameNspIndexId, true, nullptr, 1, &key);
    const char* schema = nullptr;
    HeapTuple tuple;
    while (schema == nullptr && HeapTupleIsValid(tuple = systable_getnext(scan))) {
        Form_pg_type type = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
        if (type->typisdefined && type->typtype == TYPTYPE_BASE &&
            OidIsValid(getExtensionOfObject(TypeRelationId, type->oid)))
            schema = get_namespace_name(type->typnamespace);
    }
    systable_endscan(scan);
    table_close(types, AccessShareLock);
    return schema;
}

/// The value as the column's own output function writes it; null: it has none there (`error`), or
/// is NULL. May raise what the input function has against it.
char* column_text(const Value* value, const ColumnShape* column, ConvertError* error) {
    Converter converter;
    prepare_converter(converter, *column);
    Datum datum;
    bool null = false;
    if (!convert_value(*value, converter, &datum, &null, *error) || null)
        return nullptr;
    Oid output;
    bool varlena;
    getTypeOutputInfo(column->base_oid, &output, &varlena);
    return OidOutputFunctionCall(output, datum);
}

// ---- C++ --------------------------------------------------------------------------------------

/// The column's name in the database's encoding.
std::string new_column_name(const Target& target, const std::string& utf8) {
    std::string name = server_name(target, "column", utf8);
    const char* n = name.c_str();
    bool system = guard([n] { return SystemAttributeByName(n) != nullptr; });
    if (!name.empty() && name.size() <= kMaxNameBytes && !system)
        return name;
    Fault fault = Fault::of(
        ErrorClass::target, system ? "42701" : "42622",
        system ? "column " + quote_name(name) +
                     " cannot be added because it is the name of a system column"
        : name.empty() ? std::string("a column without a name cannot be created")
                       : "the column name " + quote_name(name) + " is longer than 63 bytes");
    fault.hint = "Leave the column out with excluded_columns in kafka_cdc_sink.routes; "
                 "kafka_cdc_sink.seek() passes a single record.";
    fault.column = name;
    throw Stop::at_table(&target, std::move(fault));
}

/// The default as a literal of that type, by the same conversion as a row's value. Throws Error.
std::string default_literal(const Value& value, const std::string& type) {
    const Value* v = &value;
    std::string literal;
    subtransaction([&] {
        ColumnShape column = type_shape(type);
        const ColumnShape* c = &column;
        ConvertError error;
        ConvertError* e = &error;
        error.message[0] = '\0';
        const char* text = guard([=] { return column_text(v, c, e); });
        if (text == nullptr)
            throw Error(Fault::data(error.sqlstate, error.message));
        literal = quote_text(text);
    });
    return literal;
}

Fault default_fault(const LayoutColumn& column, const std::string& sqlstate, std::string detail) {
    Fault fault = Fault::of(ErrorClass::ddl, sqlstate,
                            "the default of column \"" + column.name + "\" cannot be written");
    fault.detail = std::move(detail);
    fault.hint = "Add the column with the default that the source has.";
    fault.column = column.name;
    return fault;
}

/// ` DEFAULT literal`, or nothing. A default that the type does not take (the connector sends some
/// expressions as they are) is left out where no row needs it (`required` false).
std::string default_clause(const LayoutColumn& column, const std::string& type, bool required) {
    const bool unread = column.has_default && column.default_value.kind == ValueKind::absent;
    if (unread && required)
        throw Error(default_fault(column, "22000", "It cannot be read from the record's schema."));
    if (!column.has_default || column.default_value.is_null())
        return {};
    try {
        return " DEFAULT " + default_literal(column.default_value, type);
    } catch (Error& error) {
        if (error.fault.cls != ErrorClass::data)
            throw;
        if (!required)
            return {};
        throw Error(default_fault(column, error.fault.sqlstate, error.fault.message));
    }
}

std::string column_definition(const Target& target, const LayoutColumn& column, bool required) {
    std::string type = column_type(column);
    return quote_name(new_column_name(target, column.name)) + " " + type +
           default_clause(column, type, required);
}

void check_key_size(const Target& target, size_t parts) {
    if (parts <= INDEX_MAX_KEYS)
        return;
    Fault fault = Fault::of(ErrorClass::target, "54011",
                            "a key of " + std::to_string(parts) + " columns has no index: " +
                                std::to_string(INDEX_MAX_KEYS) + " are the most");
    fault.hint = "Name other key_columns in kafka_cdc_sink.routes.";
    throw Stop::at_table(&target, std::move(fault));
}

} // namespace

const LayoutColumn* find_column(const Row& row, const std::string& name) {
    if (row)
        for (const LayoutColumn& column : row.layout->columns)
            if (column.name == name)
                return &column;
    return nullptr;
}

const LayoutColumn& made_from(const Change& model, const LayoutColumn& column) {
    const LayoutColumn* part = find_column(model.key, column.name);
    if (part == nullptr)
        return column;
    const LayoutColumn* told = find_column(model.row, column.name);
    bool same = told != nullptr && !told->ddl_type.empty() && !part->wire_type.empty() &&
                part->wire_type == told->wire_type;
    return same ? *told : *part;
}

bool takes_column(const Change& model, const LayoutColumn& column) {
    const LayoutColumn* told = find_column(model.row, column.name);
    return !column.routing || model.merges || (told != nullptr && !told->routing);
}

std::string column_type(const LayoutColumn& column) {
    const std::string& wanted = column.extension_type;
    std::string name = wanted.substr(0, wanted.find_first_of("(["));
    if (name.empty())
        return column.ddl_type;
#ifdef USE_LIBXML // xml is built in, but not of use in every server
    if (name == "xml")
        return wanted;
#endif
    const char* type = name.c_str();
    const char* schema = guard([type] { return extension_type_schema(type); });
    return schema == nullptr ? column.ddl_type
                             : quote_names(schema, name) + wanted.substr(name.size());
}

const LayoutColumn& deleted_column() {
    static const LayoutColumn column = [] {
        LayoutColumn c;
        c.name = kDeletedColumn;
        c.ddl_type = "boolean";
        c.has_default = true;
        c.default_value = Value::of(ValueKind::boolean, int64_t{0});
        return c;
    }();
    return column;
}

bool has_nullable_key(const Change& model) {
    const RowLayout& key = *model.key.layout;
    return key.typed && std::any_of(key.columns.begin(), key.columns.end(),
                                    [](const LayoutColumn& column) { return column.optional; });
}

std::string create_statement(const Target& target, const Change& model) {
    std::string columns, key;
    auto add = [&columns](const std::string& definition) {
        columns += (columns.empty() ? "" : ", ") + definition;
    };
    if (model.key) {
        const std::vector<LayoutColumn>& parts = model.key.layout->columns;
        check_key_size(target, static_cast<size_t>(std::count_if(
                                   parts.begin(), parts.end(), [&](const LayoutColumn& column) {
                                       return takes_column(model, column);
                                   })));
        for (const LayoutColumn& column : parts) {
            if (!takes_column(model, column))
                continue;
            const std::string name = quote_name(new_column_name(target, column.name));
            key += (key.empty() ? "" : ", ") + name;
            if (find_column(model.row, column.name) == nullptr)
                add(name + " " + column_type(column));
        }
    }
    for (const LayoutColumn& column : model.row.layout->columns) {
        if (!takes_column(model, column))
            continue;
        if (find_column(model.key, column.name) != nullptr) {
            add(quote_name(new_column_name(target, column.name)) + " " +
                column_type(made_from(model, column)));
        } else if (!column.ddl_type.empty()) {
            add(column_definition(target, column, false));
        }
    }
    if (target.delete_mode == DeleteMode::soft && find_column(model.row, kDeletedColumn) == nullptr)
        add(column_definition(target, deleted_column(), true));
    if (!key.empty())
        columns += (has_nullable_key(model) ? ", UNIQUE (" : ", PRIMARY KEY (") + key + ")";
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

} // namespace kcs::pg
