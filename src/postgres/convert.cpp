#include "postgres/convert_internal.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/datum.h"
#include "utils/fmgrprotos.h"
#include "utils/timestamp.h"
}

// C register: choosing the way, and the general way through the input function.

namespace kcs::pg {

namespace {

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
    default:
        return false;
    }
}

/// The largest number of a type whose input function (before 16) reads as much of a text as is a
/// number, or takes what is too large for the largest; null: it is no such type.
const char* largest_id(Oid type) {
    switch (type) {
    case OIDOID:
    case XIDOID:
    case CIDOID:
        return "4294967295";
    case XID8OID:
        return "18446744073709551615";
    default:
        return nullptr;
    }
}

/// `text` as digits alone. False: it is no integer from 0 to `most`.
bool plain_id(std::string_view text, std::string_view most, std::string_view* out) {
    DecimalText number;
    if (!parse_decimal(text, &number) || number.exponent < 0 ||
        (number.negative && number.count > 0))
        return false;
    const int64_t size = number.count + number.exponent;
    if (size > static_cast<int64_t>(most.size()))
        return false;
    char* plain = static_cast<char*>(palloc(most.size() + 1));
    memset(plain, '0', most.size());
    for (int i = 0, at = 0; i < number.count; at++)
        if (number.digits[at] != '.')
            plain[i++] = number.digits[at];
    *out = {plain, static_cast<size_t>(size > 0 ? size : 1)};
    return out->size() < most.size() || *out <= most;
}

bool convert_other(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    switch (c.family) {
    case TypeFamily::money:
        return to_money(value, c, datum, error);
    case TypeFamily::hstore:
        return to_hstore(value, c, datum, error);
    case TypeFamily::geometry:
        return to_geometry(value, c, datum, error);
    case TypeFamily::native_shape:
        return to_native_shape(value, c, datum, error);
    case TypeFamily::vector:
        return to_vector(value, c, datum, error);
    case TypeFamily::sparse_vector:
        return to_sparse_vector(value, c, datum, error);
    case TypeFamily::composite:
        return to_composite(value, c, datum, error);
    case TypeFamily::range:
        return to_range(value, c, datum, error);
    case TypeFamily::multirange:
        return to_multirange(value, c, datum, error);
    case TypeFamily::plain:
        break;
    }
    // its digits would be read as decimal ones
    char category;
    bool preferred;
    if (value.kind == ValueKind::bits) {
        get_type_category_preferred(c.type, &category, &preferred);
        if (category != TYPCATEGORY_STRING)
            return refuse_kind(value, c, error);
    }
    // words of a text search would be made of JSON's
    if (value.kind == ValueKind::json && (c.type == TSVECTOROID || c.type == TSQUERYOID))
        return refuse_kind(value, c, error);
    return convert_through_input(value, c, datum, error);
}

bool convert_present(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind == ValueKind::spelled)
        return convert_spelled(value.text(), value, c, datum, error);
    if (value.kind == ValueKind::unavailable || value.kind >= ValueKind::token_number)
        return refuse_value(value, error, "XX000", "cannot become a column's value");
    if (value.kind == ValueKind::geometry && value.scale == 1 && c.type != PATHOID)
        return refuse(value, c, error, "22000", "is a closed path, which cannot be told in");
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
        return to_bit(value, c, datum, error);
    case TypeKind::array:
        return to_array(value, c, datum, error);
    default:
        return convert_other(value, c, datum, error);
    }
}

} // namespace

bool has_text(const Value& value, const Converter& c, ConvertError& error) {
    switch (value.kind) {
    case ValueKind::text:
    case ValueKind::json:
        return true;
    case ValueKind::bytes:
        return pg_verify_mbstr(PG_UTF8, value.data, static_cast<int>(value.size), true) ||
               refuse(value, c, error, "22021", "is not text in UTF-8, as needed for");
    default:
        return refuse_kind(value, c, error);
    }
}

std::string_view server_text(const Value& value) {
    if (GetDatabaseEncoding() != PG_UTF8 && value.size > 0) {
        const char* converted = pg_any_to_server(value.data, static_cast<int>(value.size), PG_UTF8);
        if (converted != value.data)
            return converted;
    }
    return value.text();
}

char* render_for(const Value& value, const Converter& c, ConvertError& error) {
    char* text = render_value(value, error);
    if (text == nullptr)
        refuse(value, c, error, error.sqlstate, "has no text form in");
    return text;
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

bool convert_spelled(std::string_view text, const Value& value, Converter& c, Datum* datum,
                     ConvertError& error) {
    CString string(text);
    const bool afterwards = OidIsValid(c.coerce.fn_oid);
    *datum = InputFunctionCall(&c.input, string.data(), c.io_param, afterwards ? -1 : c.typmod);
    return conform(value, c, datum, error);
}

bool convert_text_through_input(std::string_view text, const Value& value, Converter& c,
                                Datum* datum, ConvertError& error) {
    const char* most = largest_id(c.type);
    if (most != nullptr ? !plain_id(text, most, &text) : input_would_change(c, text))
        return refuse(value, c, error, c.kind == TypeKind::text ? "22001" : "22003",
                      "cannot be stored exactly in");
    if (!convert_spelled(text, value, c, datum, error))
        return false;
    // (its input function passes over what follows the place)
    return c.type != TIDOID || text == DatumGetCString(DirectFunctionCall1(tidout, *datum)) ||
           refuse(value, c, error, "22P02", "cannot be stored exactly in");
}

bool convert_through_input(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind == ValueKind::array || value.kind == ValueKind::geometry)
        return refuse_kind(value, c, error);
    if (value.kind == ValueKind::text || value.kind == ValueKind::json ||
        value.kind == ValueKind::bytes)
        return has_text(value, c, error) &&
               convert_text_through_input(server_text(value), value, c, datum, error);
    char* text = render_for(value, c, error);
    return text != nullptr && convert_text_through_input(text, value, c, datum, error);
}

bool convert_part(std::string_view text, Converter& c, Datum* datum, ConvertError& error) {
    const Value value = Value::of(ValueKind::text, text);
    if (c.kind == TypeKind::bytea)
        return convert_spelled(server_text(value), value, c, datum, error);
    return convert_present(value, c, datum, error);
}

void check_domain(Datum datum, bool null, Converter& c) {
    if (OidIsValid(c.domain))
        domain_check(datum, null, c.domain, &c.domain_cache, c.context);
}

bool convert_value(const Value& value, Converter& c, Datum* datum, bool* is_null,
                   ConvertError& error) {
    *is_null = value.is_null();
    if (*is_null)
        *datum = 0;
    else if (!convert_present(value, c, datum, error))
        return false;
    check_domain(*datum, *is_null, c);
    return true;
}

} // namespace kcs::pg
