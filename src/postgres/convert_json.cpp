#include "postgres/convert_internal.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "utils/json.h"
}

// C register: JSON targets.

namespace kcs::pg {

namespace {

/// Appends the JSON form of an element. False: it has none.
bool append_json(const Value& value, const Converter& c, StringInfo out, ConvertError& error) {
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
        const char* text = render_for(value, c, error);
        if (text == nullptr)
            return false;
        appendStringInfoString(out, text);
        return true;
    }
    case ValueKind::text:
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
    case ValueKind::bits: {
        const char* text = render_for(value, c, error);
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
            if (!append_json(value.items[i], c, out, error))
                return false;
        }
        appendStringInfoChar(out, ']');
        return true;
    default:
        break;
    }
    return refuse(value, c, error, "22000", "has no form in JSON, as needed for");
}

/// {1:1.5,3:2}/5 as the connector spells it: {"dimensions":5,"vector":[[1,1.5],[3,2]]}.
const char* sparse_json(const Value& value) {
    StringInfoData pairs;
    initStringInfo(&pairs);
    const std::string_view text = value.text();
    const size_t slash = text.rfind('/');
    for (const char c : text.substr(0, slash))
        switch (c) {
        case '{':
            appendStringInfoString(&pairs, "[[");
            break;
        case ':':
            appendStringInfoChar(&pairs, ',');
            break;
        case ',':
            appendStringInfoString(&pairs, "],[");
            break;
        case '}':
            appendStringInfoString(&pairs, "]]");
            break;
        default:
            appendStringInfoChar(&pairs, c);
        }
    const std::string_view dimensions =
        slash == std::string_view::npos ? "null" : text.substr(slash + 1);
    return psprintf("{\"dimensions\":%.*s,\"vector\":%s}", static_cast<int>(dimensions.size()),
                    dimensions.data(), strcmp(pairs.data, "[[]]") == 0 ? "[]" : pairs.data);
}

} // namespace

bool to_json(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    switch (value.kind) {
    case ValueKind::text:
    case ValueKind::json:
    case ValueKind::bytes:
    case ValueKind::boolean:
    case ValueKind::integer:
    case ValueKind::real: // the words for non-finite numbers are no JSON: raised by the input
    case ValueKind::decimal:
    case ValueKind::numeric:
        return convert_through_input(value, c, datum, error);
    case ValueKind::array: {
        StringInfoData out;
        initStringInfo(&out);
        return append_json(value, c, &out, error) &&
               convert_text_through_input(out.data, value, c, datum, error);
    }
    case ValueKind::sparse:
        return convert_text_through_input(sparse_json(value), value, c, datum, error);
    default:
        return refuse_kind(value, c, error);
    }
}

} // namespace kcs::pg
