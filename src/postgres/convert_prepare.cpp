#include "postgres/convert_internal.hpp"
#include "postgres/type_kind.hpp"

extern "C" {
#include "access/htup_details.h"
#include "parser/parse_coerce.h"
#include "utils/fmgrprotos.h"
#include "utils/syscache.h"
#include "utils/typcache.h"
}

// C register: what a converter must know of its type.

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

TypeFamily family_by_name(const char* name) {
    static constexpr struct {
        const char* name;
        TypeFamily family;
    } known[] = {{"hstore", TypeFamily::hstore},      {"geometry", TypeFamily::geometry},
                 {"geography", TypeFamily::geometry}, {"vector", TypeFamily::vector},
                 {"halfvec", TypeFamily::vector},     {"sparsevec", TypeFamily::sparse_vector}};
    for (const auto& k : known)
        if (strcmp(k.name, name) == 0)
            return k.family;
    return TypeFamily::plain;
}

TypeFamily family_of(Oid type) {
    switch (type) {
    case CASHOID:
        return TypeFamily::money;
    case POINTOID:
    case LSEGOID:
    case PATHOID:
    case BOXOID:
    case POLYGONOID:
        return TypeFamily::native_shape;
    default:
        break;
    }
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for type %u", type);
    const Form_pg_type form = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple));
    TypeFamily family = TypeFamily::plain;
    if (form->typtype == TYPTYPE_COMPOSITE)
        family = TypeFamily::composite;
    else if (form->typtype == TYPTYPE_RANGE)
        family = TypeFamily::range;
    else if (form->typtype == TYPTYPE_MULTIRANGE)
        family = TypeFamily::multirange;
    else if (form->typtype == TYPTYPE_BASE && form->typlen == -1)
        family = family_by_name(NameStr(form->typname));
    ReleaseSysCache(tuple);
    return family;
}

char delimiter_of(Oid type) {
    HeapTuple tuple = SearchSysCache1(TYPEOID, ObjectIdGetDatum(type));
    if (!HeapTupleIsValid(tuple))
        elog(ERROR, "cache lookup failed for type %u", type);
    const char delimiter = reinterpret_cast<Form_pg_type>(GETSTRUCT(tuple))->typdelim;
    ReleaseSysCache(tuple);
    return delimiter;
}

} // namespace

void prepare_part(Converter& c, Oid declared, int32 typmod, Oid collation, const char* column) {
    c = Converter{};
    c.column = column;
    c.type = getBaseTypeAndTypmod(declared, &c.typmod);
    if (c.type != declared)
        c.domain = declared;
    else
        c.typmod = typmod;
    c.collation = collation;
    c.context = CurrentMemoryContext;
    c.kind = type_kind(c.type);
    if (c.kind == TypeKind::array) {
        c.element = get_element_type(c.type);
        if (!OidIsValid(c.element) || c.type == INT2VECTOROID || c.type == OIDVECTOROID)
            c.kind = TypeKind::other; // only looks like an array
    }
    get_typlenbyvalalign(c.type, &c.typlen, &c.typbyval, &c.typalign);
    Oid input;
    getTypeInputInfo(c.type, &input, &c.io_param);
    fmgr_info_cxt(input, &c.input, CurrentMemoryContext);
    // citext and its like have an entry of their own for the same C function.
    c.plain_text = c.type == VARCHAROID || c.type == BPCHAROID ||
                   (c.typlen == -1 && c.typmod < 0 && c.input.fn_addr == textin);
    if (c.kind > TypeKind::array) // no kind with a way of its own
        c.family = family_of(c.type);
    if (c.typmod >= 0)
        prepare_typmod(c);
    if (c.kind == TypeKind::array) {
        c.delimiter = delimiter_of(c.element);
        c.parts = static_cast<Converter*>(palloc(sizeof(Converter)));
        prepare_part(*c.parts, c.element, c.typmod, collation, column);
    }
}

void prepare_converter(Converter& converter, const ColumnShape& column) {
    prepare_part(converter, column.type_oid, column.typmod, column.collation,
                 pstrdup(column.name.c_str()));
}

} // namespace kcs::pg
