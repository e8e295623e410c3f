#include "debezium/interpret.hpp"

#include "debezium/interpret_number.hpp"
#include "debezium/interpret_text.hpp"
#include "debezium/json_parts.hpp"
#include "debezium/scalars.hpp"
#include "debezium/struct_values.hpp"
#include "debezium/text_value.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool is_placeholder(const Value& token, const DecoderSettings& settings) {
    if (token.kind == ValueKind::token_text)
        return placeholder_of(settings).matches_text(token.text());
    return token.kind == ValueKind::token_json &&
           placeholder_of(settings).matches_json(token.text());
}

bool interpret_boolean(bool truth, const TargetType& target, Value& out, Refusal& refusal) {
    switch (target.kind) {
    case TypeKind::boolean:
    case TypeKind::bit: // bit(1) is a boolean on the wire
        out = Value::of(ValueKind::boolean, static_cast<int64_t>(truth));
        return true;
    case TypeKind::int2:
    case TypeKind::int4:
    case TypeKind::int8:
    case TypeKind::numeric:
        out = Value::of(ValueKind::integer, static_cast<int64_t>(truth));
        return true;
    case TypeKind::text:
    case TypeKind::enumeration:
    case TypeKind::other:
        out = Value::of(ValueKind::text, std::string_view(truth ? "true" : "false"));
        return true;
    case TypeKind::json:
    case TypeKind::jsonb:
        out = Value::of(ValueKind::json, std::string_view(truth ? "true" : "false"));
        return true;
    default:
        return refuse(refusal, "22P02", "is a boolean, which the type does not take");
    }
}

bool interpret_scalar(const Value& token, const TargetType& target, const DecoderSettings& settings,
                      Arena& arena, Value& out, Refusal& refusal);

/// Whether all strings of an array may be bytes of texts.
bool all_spelled(const JsonParts& parts, const TargetType& element, const DecoderSettings& settings,
                 Arena& arena) {
    return std::all_of(parts.parts.begin(), parts.parts.end(), [&](const JsonPart& part) {
        Value ignored;
        return part.value.kind != ValueKind::token_text ||
               element_text(part.value.text(), element, settings.binary_handling_mode, arena,
                            ignored);
    });
}

bool interpret_array(std::string_view json, const TargetType& element,
                     const DecoderSettings& settings, Arena& arena, Value& out, Refusal& refusal) {
    JsonParts parts;
    switch (split_json(json, arena, parts)) {
    case JsonError::none:
        break;
    case JsonError::nul:
        return refuse(refusal, "22P05", "has the character U+0000, which text cannot hold");
    default:
        return refuse(refusal, "22P02", "is not valid JSON");
    }
    if (parts.is_object)
        return refuse(refusal, "22P02", "is a JSON object, which an array does not take");
    TargetType target = element;
    target.bytes_of_text = element.bytes_of_text && all_spelled(parts, element, settings, arena);
    bool arrays_are_values = element.kind == TypeKind::json || element.kind == TypeKind::jsonb ||
                             element.kind == TypeKind::vector;
    auto* items = arena.make_array<Value>(parts.parts.size());
    for (size_t i = 0; i < parts.parts.size(); ++i) {
        const Value& part = parts.parts[i].value;
        if (part.kind == ValueKind::token_json && !arrays_are_values && part.text()[0] == '[')
            return refuse(refusal, "0A000",
                          "is an array of more than one dimension, which is not "
                          "supported");
        items[i] = Value{};
        if (!interpret_scalar(part, target, settings, arena, items[i], refusal))
            return false;
    }
    out = Value::of(ValueKind::array);
    out.items = items;
    out.size = static_cast<uint32_t>(parts.parts.size());
    return true;
}

/// Which structs a target takes.
bool takes(TypeKind target, Semantic semantic) {
    switch (target) {
    case TypeKind::int2:
    case TypeKind::int4:
    case TypeKind::int8:
    case TypeKind::float4:
    case TypeKind::float8:
    case TypeKind::numeric:
        return semantic == Semantic::variable_decimal;
    case TypeKind::date:
        return semantic == Semantic::structured_date || semantic == Semantic::structured_timestamp;
    case TypeKind::time:
    case TypeKind::interval:
        return semantic == Semantic::structured_duration || semantic == Semantic::structured_time;
    case TypeKind::timetz:
        return semantic == Semantic::structured_zoned_time || semantic == Semantic::structured_time;
    case TypeKind::timestamp:
    case TypeKind::timestamptz:
        return semantic == Semantic::structured_timestamp ||
               semantic == Semantic::structured_zoned_timestamp ||
               semantic == Semantic::structured_date;
    case TypeKind::sparsevec:
        return semantic == Semantic::sparse_vector;
    case TypeKind::bytea:
    case TypeKind::geometry:
    case TypeKind::geometric:
        return semantic == Semantic::point || semantic == Semantic::geometry ||
               (target == TypeKind::geometric &&
                (semantic == Semantic::circle || semantic == Semantic::line));
    default:
        return false;
    }
}

bool interpret_struct(std::string_view json, const TargetType& target, Arena& arena, Value& out,
                      Refusal& refusal) {
    JsonParts members;
    if (split_json(json, arena, members) != JsonError::none)
        return refuse(refusal, "22P02", "is not valid JSON");
    Semantic semantic = struct_kind(members);
    if (!takes(target.kind, semantic))
        return refuse(refusal, "0A000", "is JSON that cannot be read as the type");
    return struct_value(semantic, target.source == SourceKind::mysql, members, arena, out, refusal);
}

/// A vector's elements are numbers whatever their spelling.
bool interpret_vector(std::string_view json, Arena& arena, Value& out, Refusal& refusal) {
    JsonParts parts;
    if (split_json(json, arena, parts) != JsonError::none || parts.is_object)
        return refuse(refusal, "22P02", "is not an array of numbers");
    auto* items = arena.make_array<Value>(parts.parts.size());
    for (size_t i = 0; i < parts.parts.size(); ++i) {
        const Value& part = parts.parts[i].value;
        if (part.kind != ValueKind::token_number &&
            (part.kind != ValueKind::token_text || !is_real_word(part.text())))
            return refuse(refusal, "22P02", "is not an array of numbers");
        items[i] = Value::of(ValueKind::real, part.text());
    }
    out = Value::of(ValueKind::array);
    out.items = items;
    out.size = static_cast<uint32_t>(parts.parts.size());
    return true;
}

/// An object or array of JSON for a column that is no array.
bool interpret_json(std::string_view json, const TargetType& target, Arena& arena, Value& out,
                    Refusal& refusal) {
    switch (target.kind) {
    case TypeKind::json:
    case TypeKind::jsonb:
    case TypeKind::hstore:
        out = Value::of(ValueKind::json, json);
        return true;
    case TypeKind::text:
    case TypeKind::opaque:
    case TypeKind::other: // may be what the type's input function takes
        out = Value::of(ValueKind::text, json);
        return true;
    case TypeKind::vector:
        return interpret_vector(json, arena, out, refusal);
    default:
        return interpret_struct(json, target, arena, out, refusal);
    }
}

bool interpret_scalar(const Value& token, const TargetType& target, const DecoderSettings& settings,
                      Arena& arena, Value& out, Refusal& refusal) {
    switch (token.kind) {
    case ValueKind::boolean:
        return interpret_boolean(token.integer != 0, target, out, refusal);
    case ValueKind::token_number:
        return interpret_number(token.text(), target, settings, out, refusal);
    case ValueKind::token_text:
        return interpret_text(token.text(), target, settings, arena, out, refusal);
    case ValueKind::token_json:
        return interpret_json(token.text(), target, arena, out, refusal);
    default: // null, absent, or a value that has its meaning already
        out = token;
        return true;
    }
}

std::string_view shown(const Value& token) {
    if (token.kind == ValueKind::boolean)
        return token.integer != 0 ? "true" : "false";
    return token.text();
}

/// Text that is bytes, in an array too.
Result<Value> decoded_bytes(const Value& value, const ColumnShape& target,
                            const DecoderSettings& settings, bool may_miss, Arena& arena) {
    if (value.kind == ValueKind::text)
        return interpret(Value::of(ValueKind::token_text, value.text()), target, settings,
                         SourceKind::unknown, may_miss, arena);
    if (value.kind != ValueKind::array || target.kind != TypeKind::array)
        return value;
    ColumnShape element = target;
    element.kind = target.element;
    if (element.element_domain) {
        TargetType of{element.kind, 0, -1, false, -1, -1, SourceKind::unknown, element.name};
        element.element_domain =
            std::all_of(value.items, value.items + value.size, [&](const Value& item) {
                Value ignored;
                return item.kind != ValueKind::text ||
                       element_text(item.text(), of, settings.binary_handling_mode, arena, ignored);
            });
        if (!element.element_domain && element.kind != TypeKind::bytea)
            return value;
    }
    Value* items = arena.make_array<Value>(value.size);
    for (uint32_t i = 0; i < value.size; ++i) {
        Result<Value> item = decoded_bytes(value.items[i], element, settings, false, arena);
        if (!item)
            return item;
        items[i] = *item;
    }
    Value out = value;
    out.items = items;
    return out;
}

} // namespace

bool target_has_say(const LayoutColumn& column, const ColumnShape& target, BinaryMode mode) {
    bool array = target.kind == TypeKind::array;
    if (array && column.comma_set)
        return true;
    TypeKind kind = array ? target.element : target.kind;
    return mode != BinaryMode::bytes && (kind == TypeKind::bytea || kind == TypeKind::opaque ||
                                         kind == TypeKind::geometric || target.element_domain);
}

Result<Value> adapt(const Value& value, const LayoutColumn& column, const ColumnShape& target,
                    const DecoderSettings& settings, bool may_miss, Arena& arena) {
    if (column.comma_set && target.kind == TypeKind::array && value.kind == ValueKind::text)
        return split_set(value.text(), arena);
    return decoded_bytes(value, target, settings, may_miss, arena);
}

Result<Value> interpret(const Value& token, const ColumnShape& column,
                        const DecoderSettings& settings, SourceKind source, bool may_miss,
                        Arena& arena) {
    if (may_miss && is_placeholder(token, settings))
        return Value::of(ValueKind::unavailable);

    TargetType target{column.kind,      column.base_oid, column.precision,
                      column.has_scale, column.scale,    column.typmod,
                      source,           column.name,     column.element_domain};
    Value out;
    Refusal refusal;
    bool done = false;
    if (column.kind == TypeKind::array && token.kind == ValueKind::token_json) {
        target.kind = column.element;
        target.type_oid = 0;
        done = interpret_array(token.text(), target, settings, arena, out, refusal);
    } else {
        done = interpret_scalar(token, target, settings, arena, out, refusal);
    }
    if (done)
        return out;
    Fault fault = Fault::data(
        refusal.sqlstate, refusal_message(shown(token), refusal.problem, column.name), column.name);
    fault.hint = refusal.hint;
    return fault;
}

} // namespace kcs
