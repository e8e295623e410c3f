#include "debezium/value_reader.hpp"

#include <algorithm>
#include <cstdlib>
#include <cstring>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Elements of an array that scratch memory is kept for.
constexpr size_t kKeptItems = 4096;

bool flawed(const JsonCursor& cursor, ValueError& error) {
    error = json_flaw(cursor.error());
    return false;
}

/// A scale as text of at most ten digits.
bool parse_scale(std::string_view text, int32_t& scale) {
    if (text.empty() || text.size() > 11)
        return false;
    char digits[12] = {};
    text.copy(digits, sizeof digits - 1);
    char* end = nullptr;
    long long value = std::strtoll(digits, &end, 10);
    if (*end != '\0' || value < INT32_MIN || value > INT32_MAX)
        return false;
    scale = static_cast<int32_t>(value);
    return true;
}

JsonScalar scalar_of(const JsonNode& node, Arena& storage) {
    JsonScalar json;
    switch (node.kind) {
    case JsonNode::Kind::boolean:
        json.kind = JsonScalar::Kind::boolean;
        json.boolean = node.boolean;
        break;
    case JsonNode::Kind::number:
    case JsonNode::Kind::string:
        json.kind = node.kind == JsonNode::Kind::number ? JsonScalar::Kind::number
                                                        : JsonScalar::Kind::string;
        json.data = static_cast<char*>(storage.allocate(node.text.size() + 1));
        std::memcpy(json.data, node.text.c_str(), node.text.size() + 1);
        json.size = static_cast<uint32_t>(node.text.size());
        break;
    default:
        break;
    }
    return json;
}

} // namespace

ValueError json_flaw(JsonError error) {
    switch (error) {
    case JsonError::truncated:
        return {"22032", "JSON text ends too early"};
    case JsonError::depth:
        return {"54000", "JSON is nested more than 128 levels deep"};
    case JsonError::encoding:
        return {"22021", "invalid UTF-8 in JSON text"};
    case JsonError::nul:
        return {"22P05", "text holds the character U+0000, which cannot be stored"};
    default:
        return {"22032", "invalid JSON syntax"};
    }
}

bool ValueReader::read(JsonCursor& cursor, const FieldType& type, bool may_miss, Arena& arena,
                       Value& out, ValueError& error) {
    JsonScanner::Token token = cursor.peek();
    if (token == JsonScanner::Token::null) {
        out = Value::of(ValueKind::null);
        return cursor.read_null() || flawed(cursor, error);
    }
    switch (type.semantic) {
    case Semantic::array:
        if (token == JsonScanner::Token::array)
            return array(cursor, type, may_miss, arena, out, error);
        break;
    case Semantic::document:
        return document(cursor, may_miss, out, error);
    case Semantic::variable_decimal:
        if (token == JsonScanner::Token::object)
            return variable_decimal(cursor, arena, out, error);
        break;
    case Semantic::unsupported:
        return refuse(cursor, type, may_miss, out, error);
    default:
        break;
    }
    if (token == JsonScanner::Token::object || token == JsonScanner::Token::array) {
        error = {"22023", std::string("a JSON ") +
                              (token == JsonScanner::Token::object ? "object" : "array") +
                              " stands where its schema has " +
                              (type.logical_name.empty() ? "another type" : type.logical_name)};
        return false;
    }
    JsonScalar json;
    if (!cursor.read_scalar(json))
        return flawed(cursor, error);
    return scalar(type, json, may_miss, arena, out, error);
}

bool ValueReader::scalar(const FieldType& type, const JsonScalar& json, bool may_miss, Arena& arena,
                         Value& out, ValueError& error) {
    if (may_miss && json.kind == JsonScalar::Kind::string &&
        placeholder_->matches(type.semantic, json)) {
        out = Value::of(ValueKind::unavailable);
        return true;
    }
    if (type.semantic == Semantic::array || type.semantic == Semantic::variable_decimal) {
        error = {"22023",
                 "a JSON scalar stands where its schema has " +
                     (type.logical_name.empty() ? std::string("an array") : type.logical_name)};
        return false;
    }
    return decode_scalar(type, json, arena, out, error);
}

bool ValueReader::array(JsonCursor& cursor, const FieldType& type, bool may_miss, Arena& arena,
                        Value& out, ValueError& error) {
    items_.clear();
    if (!cursor.open_array())
        return flawed(cursor, error);
    const FieldType& element = *type.element;
    while (cursor.next_element()) {
        Value item;
        if (element.semantic == Semantic::array && cursor.peek() != JsonScanner::Token::null) {
            error = {"0A000", "multi-dimensional arrays are not supported"};
            return false;
        }
        if (!read(cursor, element, false, arena, item, error))
            return false;
        items_.push_back(item);
    }
    if (cursor.failed())
        return flawed(cursor, error);
    uint32_t count = static_cast<uint32_t>(items_.size());
    if (may_miss && placeholder_->matches_array(element.semantic, items_.data(), count)) {
        out = Value::of(ValueKind::unavailable);
        return true;
    }
    Value* kept = arena.make_array<Value>(count);
    std::copy(items_.begin(), items_.end(), kept);
    if (items_.capacity() > kKeptItems)
        std::vector<Value>().swap(items_);
    out = Value::of(ValueKind::array);
    out.items = kept;
    out.size = count;
    return true;
}

bool ValueReader::document(JsonCursor& cursor, bool may_miss, Value& out, ValueError& error) {
    std::string_view text;
    if (!cursor.keep_value(text))
        return flawed(cursor, error);
    bool missing = may_miss && placeholder_->matches_json(text);
    out = missing ? Value::of(ValueKind::unavailable) : Value::of(ValueKind::json, text);
    return true;
}

bool ValueReader::variable_decimal(JsonCursor& cursor, Arena& arena, Value& out,
                                   ValueError& error) {
    JsonScalar scale, value;
    std::string_view name;
    if (!cursor.open_object())
        return flawed(cursor, error);
    while (cursor.next_name(name)) {
        bool wanted = name == "scale" || name == "value";
        if (wanted ? !cursor.read_scalar(name == "scale" ? scale : value) : !cursor.skip_value())
            break;
    }
    if (cursor.failed())
        return flawed(cursor, error);
    int32_t digits = 0;
    if (scale.kind != JsonScalar::Kind::number || value.kind != JsonScalar::Kind::string ||
        !parse_scale(scale.text(), digits)) {
        error = {"22P02", "a VariableScaleDecimal lacks its scale or its value"};
        return false;
    }
    return decode_unscaled(value.text(), digits, arena, out, error);
}

bool ValueReader::refuse(JsonCursor& cursor, const FieldType& type, bool may_miss, Value& out,
                         ValueError& error) {
    if (may_miss && cursor.peek() == JsonScanner::Token::string) {
        JsonScalar json;
        if (!cursor.read_scalar(json))
            return flawed(cursor, error);
        if (placeholder_->matches_text(json.text())) {
            out = Value::of(ValueKind::unavailable);
            return true;
        }
    }
    error = {"0A000", "values of type " +
                          (type.logical_name.empty() ? "(unnamed)" : type.logical_name) +
                          " are not supported"};
    return false;
}

bool read_default(const FieldType& type, const JsonNode& node, Arena& storage, Value& out) {
    ValueError ignored;
    switch (node.kind) {
    case JsonNode::Kind::null:
        return false;
    case JsonNode::Kind::object: {
        std::string_view value = node.string("value");
        const JsonNode* scale = node.find("scale");
        int32_t digits = 0;
        return type.semantic == Semantic::variable_decimal && scale != nullptr &&
               parse_scale(scale->text, digits) &&
               decode_unscaled(storage.copy(value), digits, storage, out, ignored);
    }
    case JsonNode::Kind::array: {
        if (type.semantic != Semantic::array)
            return false;
        Value* items = storage.make_array<Value>(node.items.size());
        for (size_t i = 0; i < node.items.size(); ++i) {
            items[i] = Value::of(ValueKind::null);
            if (node.items[i].kind != JsonNode::Kind::null &&
                !read_default(*type.element, node.items[i], storage, items[i]))
                return false;
        }
        out = Value::of(ValueKind::array);
        out.items = items;
        out.size = static_cast<uint32_t>(node.items.size());
        return true;
    }
    default:
        if (type.semantic == Semantic::array || type.semantic == Semantic::document ||
            type.semantic == Semantic::variable_decimal || type.semantic == Semantic::unsupported)
            return false;
        return decode_scalar(type, scalar_of(node, storage), storage, out, ignored);
    }
}

} // namespace kcs
