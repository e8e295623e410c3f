#include "postgres/type_kind.hpp"

extern "C" {
#include "access/htup_details.h"
#include "access/transam.h"
#include "catalog/pg_language.h"
#include "catalog/pg_proc.h"
#include "utils/syscache.h"
}

#include <cstring>

namespace kcs::pg {

namespace {

/// Whether the type takes any characters as they are: its input function is text's own (citext).
bool is_plain_text(Oid type) {
    if (get_typlen(type) != -1 || !type_is_collatable(type))
        return false;
    Oid input, io_param;
    getTypeInputInfo(type, &input, &io_param);
    HeapTuple tuple = SearchSysCache1(PROCOID, ObjectIdGetDatum(input));
    if (!HeapTupleIsValid(tuple))
        return false;
    bool null;
    Datum source = SysCacheGetAttr(PROCOID, tuple, Anum_pg_proc_prosrc, &null);
    bool plain = false;
    if (!null && reinterpret_cast<Form_pg_proc>(GETSTRUCT(tuple))->prolang == INTERNALlanguageId)
        plain = strcmp(TextDatumGetCString(source), "textin") == 0;
    ReleaseSysCache(tuple);
    return plain;
}

/// Types of extensions and users, which only their names tell. PostgreSQL's connector does not know
/// others.
TypeKind named_kind(Oid type) {
    if (type < FirstNormalObjectId)
        return TypeKind::other;
    static constexpr struct {
        const char* name;
        TypeKind kind;
    } kinds[] = {
        {"hstore", TypeKind::hstore},      {"geometry", TypeKind::geometry},
        {"geography", TypeKind::geometry}, {"vector", TypeKind::vector},
        {"halfvec", TypeKind::vector},     {"sparsevec", TypeKind::sparsevec},
        {"ltree", TypeKind::other},        {"isbn", TypeKind::other},
    };
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple))
        return TypeKind::other;
    const Form_pg_type form = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
    TypeKind kind = TypeKind::opaque;
    for (const auto& known : kinds)
        if (strcmp(NameStr(form->typname), known.name) == 0)
            kind = known.kind;
    ReleaseSysCache(tuple);
    return kind;
}

} // namespace

TypeKind type_kind(Oid base) {
    switch (base) {
    case BOOLOID:
        return TypeKind::boolean;
    case INT2OID:
        return TypeKind::int2;
    case INT4OID:
        return TypeKind::int4;
    case INT8OID:
        return TypeKind::int8;
    case FLOAT4OID:
        return TypeKind::float4;
    case FLOAT8OID:
        return TypeKind::float8;
    case NUMERICOID:
        return TypeKind::numeric;
    case TEXTOID:
    case VARCHAROID:
    case BPCHAROID:
    case NAMEOID:
        return TypeKind::text;
    case BYTEAOID:
        return TypeKind::bytea;
    case DATEOID:
        return TypeKind::date;
    case TIMEOID:
        return TypeKind::time;
    case TIMETZOID:
        return TypeKind::timetz;
    case TIMESTAMPOID:
        return TypeKind::timestamp;
    case TIMESTAMPTZOID:
        return TypeKind::timestamptz;
    case INTERVALOID:
        return TypeKind::interval;
    case JSONOID:
        return TypeKind::json;
    case JSONBOID:
        return TypeKind::jsonb;
    case UUIDOID:
        return TypeKind::uuid;
    case BITOID:
    case VARBITOID:
        return TypeKind::bit;
    case POINTOID:
    case LINEOID:
    case LSEGOID:
    case BOXOID:
    case PATHOID:
    case POLYGONOID:
    case CIRCLEOID:
        return TypeKind::geometric;
    case PG_LSNOID:
    case TSQUERYOID:
    case JSONPATHOID:
    case XIDOID:
    case XID8OID:
    case CIDOID:
    case TIDOID:
    case PG_SNAPSHOTOID:
    case TXID_SNAPSHOTOID:
    case REGPROCOID:
    case REGPROCEDUREOID:
    case REGOPEROID:
    case REGOPERATOROID:
    case REGCLASSOID:
    case REGTYPEOID:
    case REGROLEOID:
    case REGNAMESPACEOID:
    case REGCOLLATIONOID:
    case REGCONFIGOID:
    case REGDICTIONARYOID:
        return TypeKind::opaque;
    default:
        break;
    }
    if (OidIsValid(get_element_type(base)))
        return TypeKind::array;
    switch (get_typtype(base)) {
    case TYPTYPE_ENUM:
        return TypeKind::enumeration;
    case TYPTYPE_COMPOSITE:
    case TYPTYPE_MULTIRANGE:
        return TypeKind::opaque;
    case TYPTYPE_RANGE:
        return base < FirstNormalObjectId ? TypeKind::other : TypeKind::opaque;
    case TYPTYPE_BASE:
        break;
    default:
        return TypeKind::other;
    }
    return is_plain_text(base) ? TypeKind::text : named_kind(base);
}

void read_typmod(ColumnShape& column) {
    int32 typmod = column.typmod;
    // An array's typmod is that of its elements.
    switch (column.kind == TypeKind::array ? column.element : column.kind) {
    case TypeKind::numeric:
        if (typmod >= static_cast<int32>(VARHDRSZ)) {
            int32 packed = typmod - static_cast<int32>(VARHDRSZ);
            column.precision = (packed >> 16) & 0xffff;
            // eleven bits, signed from 15 on; before that never negative
            column.scale = ((packed & 0x7ff) ^ 1024) - 1024;
            column.has_scale = true;
        }
        break;
    case TypeKind::time:
    case TypeKind::timetz:
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
        column.precision = typmod;
        break;
    case TypeKind::interval:
        if (typmod >= 0 && (typmod & 0xffff) != 0xffff)
            column.precision = typmod & 0xffff;
        break;
    default:
        break;
    }
}

} // namespace kcs::pg
