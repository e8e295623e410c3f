#include "postgres/convert_internal.hpp"

extern "C" {
#include "access/htup_details.h"
#include "mb/pg_wchar.h"
#include "parser/parse_coerce.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"
#include "utils/typcache.h"
}

// C register: preparing, choosing the way, and the general way through the input function.

namespace kcs::pg {

namespace {

void prepare_typmod(Converter& c) {
    Oid function = InvalidOid;
    if (find_typmod_coercion_function(c.type, &function) != COERCION_PATH_FUNC)
        return;
    TypeCacheEntry* cache = lookup_type_cache(c.type, TYPECACHE_EQ_OPR_FINFO);
    if (!OidIsValid(cache->eq_opr_finfo.fn_oid))
        return; // the input function is given the typmod instead
    fmgr_info_cxt(function, &c.coerce, CurrentMemoryContext);
    fmgr_info_cxt(cache->eq_opr_finfo.fn_oid, &c.equal, CurrentMemoryContext);
}

/// hstore is an extension's type: only its name tells.
bool is_hstore(Oid type) {
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple))
        return false;
    const Form_pg_type form = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
    const bool result = strcmp(NameStr(form->typname), "hstore") == 0 && form->typlen == -1;
    ReleaseSysCache(tuple);
    return result;
}

void prepare_type(Converter& c, Oid type, TypeKind kind, int32 typmod, Oid collation) {
    c.kind = kind;
    c.type = type;
    c.typmod = typmod;
    c.collation = collation;
    c.server_is_utf8 = GetDatabaseEncoding() == PG_UTF8;
    c.context = CurrentMemoryContext;
    get_typlenbyvalalign(type, &c.typlen, &c.typbyval, &c.typalign);
    Oid input;
    getTypeInputInfo(type, &input, &c.io_param);
    fmgr_info_cxt(input, &c.input, CurrentMemoryContext);
    // citext and its like have an entry of their own for the same C function.
    c.plain_text = type == VARCHAROID || type == BPCHAROID ||
                   (c.typlen == -1 && typmod < 0 && c.input.fn_addr == textin);
    c.hstore = kind == TypeKind::other && is_hstore(type);
    if (c.typmod >= 0)
        prepare_typmod(c);
}

const char* typmod_sqlstate(const Converter& c) {
    switch (c.kind) {
    case TypeKind::numeric:
        return "22003";
    case TypeKind::text:
    case TypeKind::bit:
        return "22001";
    case TypeKind::time:
    case TypeKind::timetz:
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
    case TypeKind::interval:
        return "22008";
    default:
        return "22000";
    }
}

bool unchanged(Converter& c, Datum before, Datum after) {
    if (c.type == INTERVALOID) { // its own equality takes 30 days for a month
        const Interval* a = DatumGetIntervalP(before);
        const Interval* b = DatumGetIntervalP(after);
        return a->time == b->time && a->day == b->day && a->month == b->month;
    }
    if (c.type == VARCHAROID) // a collation may call different texts equal
        return datum_image_eq(before, after, false, -1);
    return DatumGetBool(FunctionCall2Coll(&c.equal, c.collation, before, after));
}

/// Types whose input function takes what it then does not keep.
bool input_would_change(const Converter& c, std::string_view text) {
    switch (c.type) {
    case CHAROID:
        return text.size() > 1 && !(text.size() == 4 && text[0] == '\\');
    case NAMEOID:
        return text.size() >= NAMEDATALEN;
    case OIDOID:
    case XIDOID:
    case CIDOID: {
        DecimalText number;
        int64_t id;
        return parse_decimal(text, &number) &&
               (!decimal_as_int64(number, &id) || id < 0 || id > PG_UINT32_MAX);
    }
    case XID8OID:
        return !text.empty() && text[0] == '-';
    default:
        return false;
    }
}

} // namespace

bool server_text(const Value& value, std::string_view* out, ConvertError& error) {
    if (value.kind == ValueKind::bytes &&
        !pg_verify_mbstr(PG_UTF8, value.data, static_cast<int>(value.size), true))
        return refuse_value(value, error, "22021", "is not text in UTF-8");
    *out = value.text();
    if (GetDatabaseEncoding() != PG_UTF8 && value.size > 0) {
        const char* converted = pg_any_to_server(value.data, static_cast<int>(value.size), PG_UTF8);
        if (converted != value.data)
            *out = converted;
    }
    return true;
}

bool conform(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (c.typmod < 0 || !OidIsValid(c.coerce.fn_oid))
        return true;
    const Datum typmod = Int32GetDatum(c.typmod);
    Datum coerced =
        c.coerce.fn_nargs >= 3
            ? FunctionCall3Coll(&c.coerce, c.collation, *datum, typmod, BoolGetDatum(false))
            : FunctionCall2Coll(&c.coerce, c.collation, *datum, typmod);
    if (!unchanged(c, *datum, coerced))
        return refuse(value, c, error, typmod_sqlstate(c), "cannot be stored exactly in");
    *datum = coerced;
    return true;
}

bool convert_text_through_input(std::string_view text, const Value& value, Converter& c,
                                Datum* datum, ConvertError& error) {
    if (input_would_change(c, text))
        return refuse(value, c, error, c.kind == TypeKind::text ? "22001" : "22003",
                      "cannot be stored exactly in");
    CString string(text);
    const bool afterwards = OidIsValid(c.coerce.fn_oid);
    *datum = InputFunctionCall(&c.input, string.data(), c.io_param, afterwards ? -1 : c.typmod);
    return conform(value, c, datum, error);
}

bool convert_through_input(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind == ValueKind::text || value.kind == ValueKind::json ||
        value.kind == ValueKind::bytes) {
        std::string_view text;
        return server_text(value, &text, error) &&
               convert_text_through_input(text, value, c, datum, error);
    }
    if (value.kind == ValueKind::array)
        return refuse_kind(value, c, error);
    char* text = render_value(value, error);
    return text != nullptr && convert_text_through_input(text, value, c, datum, error);
}

void prepare_converter(Converter& converter, const ColumnShape& column) {
    converter = Converter{};
    TypeKind kind = column.kind;
    Oid element = kind == TypeKind::array ? get_element_type(column.base_oid) : InvalidOid;
    if (kind == TypeKind::array && (!OidIsValid(element) || column.base_oid == INT2VECTOROID ||
                                    column.base_oid == OIDVECTOROID))
        kind = TypeKind::other; // only looks like an array
    prepare_type(converter, column.base_oid, kind, column.typmod, column.collation);
    if (kind != TypeKind::array)
        return;

    converter.element = element;
    converter.element_kind = column.element;
    int32 typmod = column.typmod;
    Oid base = getBaseTypeAndTypmod(element, &typmod);
    converter.element_converter = static_cast<Converter*>(palloc(sizeof(Converter)));
    *converter.element_converter = Converter{};
    prepare_type(*converter.element_converter, base, column.element, typmod, column.collation);
    if (base != element)
        converter.element_converter->domain = element;
}

bool convert_value(const Value& value, Converter& c, Datum* datum, bool* is_null,
                   ConvertError& error) {
    *is_null = value.is_null();
    if (*is_null) {
        *datum = 0;
        return true;
    }
    if (value.kind == ValueKind::unavailable || value.kind >= ValueKind::token_number)
        return refuse_value(value, error, "XX000", "cannot become a column's value");
    switch (c.kind) {
    case TypeKind::boolean:
        return to_boolean(value, c, datum, error);
    case TypeKind::int2:
    case TypeKind::int4:
    case TypeKind::int8:
        return to_integer(value, c, datum, error);
    case TypeKind::float4:
    case TypeKind::float8:
        return to_float(value, c, datum, error);
    case TypeKind::numeric:
        return to_numeric(value, c, datum, error);
    case TypeKind::text:
        return to_text(value, c, datum, error);
    case TypeKind::bytea:
        return to_bytea(value, c, datum, error);
    case TypeKind::date:
        return to_date(value, c, datum, error);
    case TypeKind::time:
    case TypeKind::timetz:
        return to_time(value, c, datum, error);
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
        return to_timestamp(value, c, datum, error);
    case TypeKind::interval:
        return to_interval(value, c, datum, error);
    case TypeKind::json:
    case TypeKind::jsonb:
        return to_json(value, c, datum, error);
    case TypeKind::uuid:
        return to_uuid(value, c, datum, error);
    case TypeKind::bit:
        if (value.kind == ValueKind::boolean)
            return convert_text_through_input(value.integer ? "1" : "0", value, c, datum, error);
        // bit_in would take a leading b or x for a notation
        if (value.kind != ValueKind::text || (value.size > 0 && value.data[0] > '1'))
            return refuse_kind(value, c, error);
        return convert_through_input(value, c, datum, error);
    case TypeKind::array:
        return to_array(value, c, datum, error);
    case TypeKind::enumeration:
    case TypeKind::other:
        if (c.type == CASHOID)
            return to_money(value, c, datum, error);
        // hstore's input would read some JSON objects as something else; its own text never
        // starts so
        if (c.hstore && (value.kind == ValueKind::json || value.kind == ValueKind::text) &&
            value.size > 0 && value.data[0] == '{')
            return json_to_hstore(value, c, datum, error);
        if (value.kind == ValueKind::json &&
            (c.hstore || c.type == TSVECTOROID || c.type == TSQUERYOID))
            return refuse_kind(value, c, error);
        return convert_through_input(value, c, datum, error);
    }
    return refuse_kind(value, c, error);
}

} // namespace kcs::pg
