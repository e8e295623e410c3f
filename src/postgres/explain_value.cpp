#include "postgres/explain_value.hpp"

#include "postgres/attempt.hpp"
#include "postgres/identity.hpp"
#include "postgres/meaning.hpp"
#include "postgres/names.hpp"
#include "postgres/transaction.hpp"
#include "postgres/type_kind.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "parser/parse_type.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

/// The value as the column would show it; null for NULL, and where `error` says why not.
const char* stored_text(const Value& value, const ColumnShape* column, Converter* converter,
                        bool* failed, ConvertError* error) {
    Datum datum;
    bool is_null;
    *failed = !convert_value(value, *converter, &datum, &is_null, *error);
    if (*failed)
        return nullptr;
    if (column->type_oid != column->base_oid) // the statement's part of the work
        domain_check(datum, is_null, column->type_oid, nullptr, nullptr);
    if (is_null)
        return nullptr;
    Oid output;
    bool varlena;
    getTypeOutputInfo(column->base_oid, &output, &varlena);
    return OidOutputFunctionCall(output, datum);
}

} // namespace

ExplainedValue explain_value(const Row& row, int place, const ColumnShape& column,
                             Converter* converter, Oid acting, bool may_miss, Arena& arena) {
    ExplainedValue out;
    try {
        subtransaction([&] {
            Identity before = guard([acting] { return act_for_target(acting); });
            Result<Value> told = meaning_of(row, place, column, may_miss, arena);
            if (!told)
                throw Error(told.fault());
            out.meant = *told;
            if (out.meant.kind != ValueKind::unavailable) {
                ConvertError error;
                const Value meant = out.meant;
                bool failed = false;
                const char* text =
                    guard([&] { return stored_text(meant, &column, converter, &failed, &error); });
                if (failed)
                    throw Error(Fault::data(error.sqlstate, error.message, column.name));
                if (text != nullptr)
                    out.result = text;
            }
            guard([&before] { act_as_before(before); });
        });
    } catch (Error& error) {
        if (ends_statement(error.fault))
            throw;
        out.failed = true;
        out.fault = std::move(error.fault);
    } catch (const ArenaFull&) {
        out.failed = true;
        out.fault = too_much_memory();
    }
    return out;
}

ColumnShape planned_column(const std::string& name, const std::string& sql_type) {
    ColumnShape shape;
    shape.name = name;
    ColumnShape* s = &shape;
    const char* type = sql_type.c_str();
    guard([s, type] {
#if PG_VERSION_NUM >= 160000
        parseTypeString(type, &s->type_oid, &s->typmod, nullptr);
#else
        parseTypeString(type, &s->type_oid, &s->typmod, false);
#endif
        s->base_oid = s->type_oid;
        s->collation = get_typcollation(s->type_oid);
        s->kind = type_kind(s->base_oid);
        if (s->kind == TypeKind::array)
            s->element = type_kind(get_element_type(s->base_oid));
    });
    read_typmod(shape);
    return shape;
}

Converter* planned_converter(const ColumnShape& shape) {
    const ColumnShape* s = &shape;
    return guard([s] {
        Converter* converter = new (palloc(sizeof(Converter))) Converter();
        prepare_converter(*converter, *s);
        return converter;
    });
}

std::string type_text(const ColumnShape& column) {
    Oid type = column.type_oid;
    int32 typmod = column.type_oid == column.base_oid ? column.typmod : -1;
    return guard([=] { return format_type_with_typemod(type, typmod); });
}

bool ends_statement(const Fault& fault) {
    return fault.sqlstate.compare(0, 2, "57") == 0;
}

std::string shown_bytes(std::string_view utf8) {
    static const char digits[] = "0123456789abcdef";
    bool cut = utf8.size() > kMostShown;
    if (cut) {
        size_t end = kMostShown;
        while (end > 0 && (static_cast<unsigned char>(utf8[end]) & 0xC0) == 0x80)
            --end;
        utf8 = utf8.substr(0, end);
    }
    std::optional<std::string> converted = in_server_encoding(utf8);
    std::string out;
    for (char c : converted ? std::string_view(*converted) : utf8) {
        unsigned char byte = static_cast<unsigned char>(c);
        if (byte < 0x20 || byte == 0x7F || (byte >= 0x80 && !converted))
            out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
        else
            out += c;
    }
    return cut ? out + "..." : out;
}

std::string shown_text(std::string text) {
    if (text.size() <= kMostShown)
        return text;
    const char* data = text.data();
    size_t size = text.size();
    int end = guard(
        [=] { return pg_mbcliplen(data, static_cast<int>(size), static_cast<int>(kMostShown)); });
    text.resize(static_cast<size_t>(end));
    return text + "...";
}

} // namespace kcs::pg
