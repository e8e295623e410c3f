#include "postgres/convert_internal.hpp"
#include "postgres/literal.hpp"

extern "C" {
#include "access/htup_details.h"
#include "funcapi.h"
#include "utils/multirangetypes.h"
#include "utils/rangetypes.h"
#include "utils/typcache.h"
}

// C register: composite, range and multirange targets. Their texts are taken apart and each part is
// stored as a column of its type would be: the types' own input functions would round and cut parts
// to their typmods, and shift those that have a time zone too many.

namespace kcs::pg {

namespace {

constexpr const char* kMalformed = "is not a literal of";

/// The row type as it is now: nobody tells the table when it changes. A copy, because what runs
/// while a value is converted may have the cache let go of its own.
TupleDesc prepare_attributes(Converter& c) {
    TypeCacheEntry* type = lookup_type_cache(c.type, TYPECACHE_TUPDESC);
    if (type->tupDesc == nullptr)
        elog(ERROR, "type %u has no row type", c.type);
    const uint64 version = type->tupDesc_identifier;
    if (c.parts != nullptr && c.parts_version == version)
        return c.parts_desc;
    MemoryContext before = MemoryContextSwitchTo(c.context);
    const TupleDesc desc = lookup_rowtype_tupdesc_copy(c.type, -1);
    Converter* parts = static_cast<Converter*>(palloc0(sizeof(Converter) * (desc->natts + 1)));
    for (int i = 0; i < desc->natts; i++) {
        const Form_pg_attribute att = TupleDescAttr(desc, i);
        if (!att->attisdropped)
            prepare_part(parts[i], att->atttypid, att->atttypmod, att->attcollation, c.column);
    }
    c.parts = parts;
    c.parts_desc = desc;
    c.parts_version = version;
    MemoryContextSwitchTo(before);
    return desc;
}

/// Prepares for a range's bounds.
TypeCacheEntry* prepare_bounds(Converter& c, Oid range) {
    TypeCacheEntry* type = lookup_type_cache(range, TYPECACHE_RANGE_INFO);
    if (type->rngelemtype == nullptr)
        elog(ERROR, "type %u is not a range type", range);
    if (c.parts == nullptr) {
        MemoryContext before = MemoryContextSwitchTo(c.context);
        Converter* bound = static_cast<Converter*>(palloc0(sizeof(Converter)));
        prepare_part(*bound, type->rngelemtype->type_id, -1, type->rng_collation, c.column);
        c.parts = bound;
        MemoryContextSwitchTo(before);
    }
    return type;
}

Datum make_range_of(TypeCacheEntry* type, RangeBound* lower, RangeBound* upper, bool empty) {
#if PG_VERSION_NUM >= 160000
    return RangeTypePGetDatum(make_range(type, lower, upper, empty, nullptr));
#else
    return RangeTypePGetDatum(make_range(type, lower, upper, empty));
#endif
}

bool read_bound(LiteralReader& in, const Value& value, Converter& c, RangeBound* bound,
                ConvertError& error) {
    bound->infinite = in.at < in.end && strchr(",)]", *in.at) != nullptr;
    if (bound->infinite)
        return true;
    std::string_view text;
    if (!read_item(in, ",)]", &text))
        return refuse(value, c, error, "22P02", kMalformed);
    if (!convert_part(text, *c.parts, &bound->val, error))
        return false;
    check_domain(bound->val, false, *c.parts);
    return true;
}

bool read_range(LiteralReader& in, const Value& value, Converter& c, TypeCacheEntry* type,
                Datum* datum, ConvertError& error) {
    RangeBound lower = {}, upper = {};
    lower.lower = true;
    skip_space(in);
    if (in.end - in.at >= 5 && pg_strncasecmp(in.at, "empty", 5) == 0) {
        in.at += 5;
        *datum = make_range_of(type, &lower, &upper, true);
        return true;
    }
    lower.inclusive = pass(in, '[');
    if (!lower.inclusive && !pass(in, '('))
        return refuse(value, c, error, "22P02", kMalformed);
    if (!read_bound(in, value, c, &lower, error))
        return false;
    if (!pass(in, ','))
        return refuse(value, c, error, "22P02", kMalformed);
    if (!read_bound(in, value, c, &upper, error))
        return false;
    upper.inclusive = pass(in, ']');
    if (!upper.inclusive && !pass(in, ')'))
        return refuse(value, c, error, "22P02", kMalformed);
    *datum = make_range_of(type, &lower, &upper, false);
    return true;
}

bool is_literal(const Value& value, const Converter& c, ConvertError& error) {
    if (value.kind != ValueKind::text && value.kind != ValueKind::bytes)
        return refuse_kind(value, c, error);
    return has_text(value, c, error);
}

} // namespace

bool to_composite(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    check_stack_depth();
    if (!is_literal(value, c, error))
        return false;
    const TupleDesc desc = prepare_attributes(c);
    Datum* datums = static_cast<Datum*>(palloc0(sizeof(Datum) * (desc->natts + 1)));
    bool* nulls = static_cast<bool*>(palloc0(static_cast<Size>(desc->natts) + 1));
    LiteralReader in = read_literal(value.text());
    skip_space(in);
    bool good = pass(in, '(');
    bool first = true;
    for (int i = 0; good && i < desc->natts; i++) {
        nulls[i] = true;
        if (TupleDescAttr(desc, i)->attisdropped)
            continue;
        good = first || pass(in, ',');
        first = false;
        if (!good)
            break;
        nulls[i] = in.at < in.end && (*in.at == ',' || *in.at == ')');
        std::string_view item;
        if (!nulls[i]) {
            good = read_item(in, ",)", &item);
            if (good && !convert_part(item, c.parts[i], &datums[i], error))
                return false;
        }
        if (good)
            check_domain(datums[i], nulls[i], c.parts[i]);
    }
    if (!good || !pass(in, ')') || !at_end(in))
        return refuse(value, c, error, "22P02", kMalformed);
    *datum = HeapTupleGetDatum(heap_form_tuple(desc, datums, nulls));
    return true;
}

bool to_range(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (!is_literal(value, c, error))
        return false;
    TypeCacheEntry* type = prepare_bounds(c, c.type);
    LiteralReader in = read_literal(value.text());
    if (!read_range(in, value, c, type, datum, error))
        return false;
    return at_end(in) || refuse(value, c, error, "22P02", kMalformed);
}

bool to_multirange(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (!is_literal(value, c, error))
        return false;
    const Oid range = get_multirange_range(c.type);
    TypeCacheEntry* type = prepare_bounds(c, range);
    LiteralReader in = read_literal(value.text());
    skip_space(in);
    if (!pass(in, '{'))
        return refuse(value, c, error, "22P02", kMalformed);
    RangeType** ranges = static_cast<RangeType**>(palloc(sizeof(RangeType*) * (value.size + 1)));
    int count = 0;
    skip_space(in);
    if (!pass(in, '}')) {
        do {
            Datum one;
            if (!read_range(in, value, c, type, &one, error))
                return false;
            ranges[count++] = DatumGetRangeTypeP(one);
            skip_space(in);
        } while (pass(in, ','));
        if (!pass(in, '}'))
            return refuse(value, c, error, "22P02", kMalformed);
    }
    if (!at_end(in))
        return refuse(value, c, error, "22P02", kMalformed);
    *datum = MultirangeTypePGetDatum(make_multirange(c.type, type, count, ranges));
    return true;
}

} // namespace kcs::pg
