#include "postgres/convert_internal.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "utils/array.h"
#include "utils/json.h"
}

// C register: array targets, and arrays as JSON.

namespace kcs::pg {

namespace {

ArrayType* build_array(Datum* datums, bool* nulls, int dimensions, int* sizes, int* lower,
                       const Converter& c) {
    const Converter& element = *c.element_converter;
    return construct_md_array(datums, nulls, dimensions, sizes, lower, c.element, element.typlen,
                              element.typbyval, element.typalign);
}

/// Nothing later looks inside an array.
void check_domain(Datum datum, bool null, Converter& element) {
    if (OidIsValid(element.domain))
        domain_check(datum, null, element.domain, &element.domain_cache, element.context);
}

bool read_array(std::string_view text, const Value& value, Converter& c, Datum* datum,
                ConvertError& error) {
    Converter& element = *c.element_converter;
    CString string(text);
    if (!OidIsValid(element.domain) && element.typmod < 0) {
        *datum = InputFunctionCall(&c.input, string.data(), c.io_param, -1);
        return true;
    }
    // The input function would round or cut the elements to their typmod: first without it.
    ArrayType* array =
        DatumGetArrayTypeP(InputFunctionCall(&c.input, string.data(), element.type, -1));
    Datum* datums;
    bool* nulls;
    int count;
    deconstruct_array(array, element.type, element.typlen, element.typbyval, element.typalign,
                      &datums, &nulls, &count);
    for (int i = 0; i < count; i++) {
        if (!nulls[i] && !conform(value, element, &datums[i], error))
            return false;
        check_domain(datums[i], nulls[i], element);
    }
    *datum = PointerGetDatum(count == 0 ? construct_empty_array(c.element)
                                        : build_array(datums, nulls, ARR_NDIM(array),
                                                      ARR_DIMS(array), ARR_LBOUND(array), c));
    return true;
}

/// Appends the JSON form of an element. False: it has none.
bool append_json(const Value& value, StringInfo out, ConvertError& error) {
    check_stack_depth();
    switch (value.kind) {
    case ValueKind::null:
        appendStringInfoString(out, "null");
        return true;
    case ValueKind::boolean:
        appendStringInfoString(out, value.integer ? "true" : "false");
        return true;
    case ValueKind::real:
    case ValueKind::numeric:
        if (special_number(value.text()) != nullptr)
            break;
        [[fallthrough]];
    case ValueKind::integer:
    case ValueKind::decimal:
    case ValueKind::json: {
        const char* text = render_value(value, error);
        if (text == nullptr)
            return false;
        appendStringInfoString(out, text);
        return true;
    }
    case ValueKind::text:
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::timestamp:
    case ValueKind::timestamptz: {
        const char* text = render_value(value, error);
        if (text == nullptr)
            return false;
        escape_json(out, text);
        return true;
    }
    case ValueKind::array:
        appendStringInfoChar(out, '[');
        for (uint32_t i = 0; i < value.size; i++) {
            if (i > 0)
                appendStringInfoChar(out, ',');
            if (!append_json(value.items[i], out, error))
                return false;
        }
        appendStringInfoChar(out, ']');
        return true;
    default:
        break;
    }
    return refuse_value(value, error, "22000", "has no form in JSON");
}

} // namespace

bool to_array(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind != ValueKind::array) {
        std::string_view text;
        if (value.kind == ValueKind::text || value.kind == ValueKind::bytes)
            return server_text(value, &text, error) && read_array(text, value, c, datum, error);
        return refuse_kind(value, c, error);
    }
    if (value.size == 0) {
        *datum = PointerGetDatum(construct_empty_array(c.element));
        return true;
    }
    if (value.size > MaxArraySize)
        return refuse_value(value, error, "54000", "has too many elements");
    Converter& element = *c.element_converter;
    Datum* datums = static_cast<Datum*>(palloc(value.size * sizeof(Datum)));
    bool* nulls = static_cast<bool*>(palloc(value.size * sizeof(bool)));
    for (uint32_t i = 0; i < value.size; i++) {
        if (!convert_value(value.items[i], element, &datums[i], &nulls[i], error))
            return false;
        check_domain(datums[i], nulls[i], element);
    }
    int size = static_cast<int>(value.size);
    int lower = 1;
    *datum = PointerGetDatum(build_array(datums, nulls, 1, &size, &lower, c));
    return true;
}

char* render_json_array(const Value& value, ConvertError& error) {
    StringInfoData out;
    initStringInfo(&out);
    return append_json(value, &out, error) ? out.data : nullptr;
}

} // namespace kcs::pg
