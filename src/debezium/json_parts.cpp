#include "debezium/json_parts.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

bool read_part(JsonCursor& cursor, Value& out) {
    JsonScanner::Token token = cursor.peek();
    if (token == JsonScanner::Token::object || token == JsonScanner::Token::array) {
        std::string_view span;
        if (!cursor.skip_value(span))
            return false;
        out = Value::of(ValueKind::token_json, span);
        return true;
    }
    JsonScalar scalar;
    if (!cursor.read_scalar(scalar))
        return false;
    switch (scalar.kind) {
    case JsonScalar::Kind::null:
        out = Value::of(ValueKind::null);
        break;
    case JsonScalar::Kind::boolean:
        out = Value::of(ValueKind::boolean, static_cast<int64_t>(scalar.boolean));
        break;
    case JsonScalar::Kind::number:
        out = Value::of(ValueKind::token_number, scalar.text());
        break;
    case JsonScalar::Kind::string:
        out = Value::of(ValueKind::token_text, scalar.text());
        break;
    }
    return true;
}

} // namespace

bool read_parts(JsonCursor& cursor, JsonParts& out) {
    out.parts.clear();
    out.is_object = cursor.peek() == JsonScanner::Token::object;
    JsonPart part;
    if (out.is_object) {
        cursor.open_object();
        while (cursor.next_name(part.name) && read_part(cursor, part.value))
            out.parts.push_back(part);
    } else {
        cursor.open_array();
        while (cursor.next_element() && read_part(cursor, part.value))
            out.parts.push_back(part);
    }
    return !cursor.failed();
}

JsonError split_json(std::string_view json, Arena& arena, JsonParts& out) {
    char* copy = arena.make_array<char>(json.size());
    json.copy(copy, json.size());
    JsonCursor cursor(copy, copy + json.size(), true);
    if (read_parts(cursor, out) && !cursor.at_end())
        return JsonError::syntax;
    return cursor.error();
}

} // namespace kcs
