#include "postgres/convert_internal.hpp"
#include "postgres/literal.hpp"

extern "C" {
#include "utils/array.h"
}

// C register: array targets.

namespace kcs::pg {

namespace {

/// Elements in row-major order, in the making.
struct Elements {
    Datum* datums;
    bool* nulls;
    int count;
    int dimensions;
    int sizes[MAXDIM];
    int lower[MAXDIM];
};

void allocate(Elements& e, int count) {
    e.datums = static_cast<Datum*>(
        palloc_extended(sizeof(Datum) * static_cast<Size>(count), MCXT_ALLOC_HUGE));
    e.nulls = static_cast<bool*>(palloc_extended(static_cast<Size>(count), MCXT_ALLOC_HUGE));
}

Datum build_array(Elements& e, const Converter& c) {
    if (e.count == 0)
        return PointerGetDatum(construct_empty_array(c.element));
    return PointerGetDatum(construct_md_array(e.datums, e.nulls, e.dimensions, e.sizes, e.lower,
                                              c.element, c.parts->typlen, c.parts->typbyval,
                                              c.parts->typalign));
}

bool text_to_array(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    ArrayLiteral literal;
    if (!read_array(value.text(), c.delimiter, &literal))
        return refuse(value, c, error, "22P02", "is not a literal of");
    Elements e = {};
    allocate(e, literal.count);
    e.dimensions = literal.dimensions;
    memcpy(e.sizes, literal.sizes, sizeof e.sizes);
    memcpy(e.lower, literal.lower, sizeof e.lower);
    for (; e.count < literal.count; e.count++) {
        const std::string_view item = literal.items[e.count];
        e.nulls[e.count] = item.data() == nullptr;
        e.datums[e.count] = 0;
        if (!e.nulls[e.count] && !convert_part(item, *c.parts, &e.datums[e.count], error))
            return false;
        check_domain(e.datums[e.count], e.nulls[e.count], *c.parts);
    }
    *datum = build_array(e, c);
    return true;
}

/// bytea's own spelling in hexadecimal.
bool is_spelled_bytes(std::string_view text) {
    return text.size() % 2 == 0 && text.substr(0, 2) == "\\x" &&
           text.find_first_not_of("0123456789abcdef", 2) == std::string_view::npos;
}

/// Elements of a domain may come as bytes of their texts (ColumnShape::element_domain).
bool convert_element(const Value& item, Converter& c, Datum* datum, bool* null,
                     ConvertError& error) {
    const bool may_be_text = OidIsValid(c.domain) &&
                             (item.kind == ValueKind::bytes || item.kind == ValueKind::text) &&
                             (c.kind != TypeKind::bytea || is_spelled_bytes(item.text()));
    if (!may_be_text)
        return convert_value(item, c, datum, null, error);
    *null = false;
    if (!has_text(item, c, error) || !convert_part(item.text(), c, datum, error))
        return false;
    check_domain(*datum, false, c);
    return true;
}

} // namespace

bool to_array(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind == ValueKind::bytes || value.kind == ValueKind::text) {
        if (!has_text(value, c, error))
            return false;
        return text_to_array(value, c, datum, error);
    }
    if (value.kind != ValueKind::array)
        return refuse_kind(value, c, error);
    if (value.size > MaxArraySize)
        return refuse(value, c, error, "54000", "has too many elements for");
    Elements e = {};
    allocate(e, static_cast<int>(value.size));
    for (; e.count < static_cast<int>(value.size); e.count++)
        if (!convert_element(value.items[e.count], *c.parts, &e.datums[e.count], &e.nulls[e.count],
                             error))
            return false;
    e.dimensions = 1;
    e.sizes[0] = e.count;
    e.lower[0] = 1;
    *datum = build_array(e, c);
    return true;
}

} // namespace kcs::pg
