#include "postgres/convert_internal.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
#include "utils/jsonb.h"
}

// C register: hstore columns, which Debezium sends as JSON objects of strings and nulls.

namespace kcs::pg {

namespace {

void append_quoted(StringInfo out, const JsonbValue& string) {
    appendStringInfoChar(out, '"');
    for (int i = 0; i < string.val.string.len; i++) {
        const char c = string.val.string.val[i];
        if (c == '"' || c == '\\')
            appendStringInfoChar(out, '\\');
        appendStringInfoChar(out, c);
    }
    appendStringInfoChar(out, '"');
}

} // namespace

bool to_hstore(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    // Its input function would read some JSON objects as something else; its own text never starts
    // like one.
    const bool is_json = value.kind == ValueKind::json ||
                         (value.kind == ValueKind::text && value.size > 0 && value.data[0] == '{');
    if (!is_json)
        return convert_through_input(value, c, datum, error);
    CString string(server_text(value));
    Jsonb* object = DatumGetJsonbP(DirectFunctionCall1(jsonb_in, string.datum()));
    if (!JB_ROOT_IS_OBJECT(object))
        return refuse_kind(value, c, error);

    StringInfoData out;
    initStringInfo(&out);
    JsonbIterator* iterator = JsonbIteratorInit(&object->root);
    JsonbValue item;
    JsonbIteratorToken token = JsonbIteratorNext(&iterator, &item, true); // the object's begin
    while ((token = JsonbIteratorNext(&iterator, &item, true)) == WJB_KEY) {
        if (out.len > 0)
            appendStringInfoChar(&out, ',');
        append_quoted(&out, item);
        appendStringInfoString(&out, "=>");
        token = JsonbIteratorNext(&iterator, &item, true);
        if (item.type == jbvNull)
            appendStringInfoString(&out, "NULL");
        else if (item.type == jbvString)
            append_quoted(&out, item);
        else
            return refuse(value, c, error, "22000", "has members that are not text, as needed for");
    }
    *datum = InputFunctionCall(&c.input, out.data, c.io_param, c.typmod);
    return true;
}

} // namespace kcs::pg
