#include "debezium/value_reader.hpp"

#include "debezium/refusal.hpp"
#include "debezium/struct_values.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Elements of an array that scratch memory is kept for.
constexpr size_t kKeptItems = 4096;

bool flawed(const JsonCursor& cursor, ValueError& error) {
    error = json_flaw(cursor.error());
    return false;
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
    if (type.semantic == Semantic::document)
        return document(cursor, may_miss, out, error);
    if (type.semantic == Semantic::unsupported)
        return refuse(cursor, type, may_miss, out, error);
    if (token == JsonScanner::Token::array && is_array(type.semantic))
        return array(cursor, type, may_miss, arena, out, error);
    if (token == JsonScanner::Token::object && is_struct(type.semantic))
        return structure(cursor, type, arena, out, error);
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
    if (is_array(type.semantic) || is_struct(type.semantic)) {
        error = {"22023",
                 "a JSON scalar stands where its schema has " +
                     (type.logical_name.empty() ? std::string("an array") : type.logical_name)};
        return false;
    }
    return decode_scalar(type, json, arena, out, error);
}

bool ValueReader::array(JsonCursor& cursor, const FieldType& type, bool may_miss, Arena& arena,
                        Value& out, ValueError& error) {
    struct Level { // those of an array around this one stay below
        std::vector<Value>& items;
        size_t first;
        explicit Level(std::vector<Value>& i) : items(i), first(i.size()) {}
        ~Level() {
            items.resize(first);
            if (items.capacity() > kKeptItems && first == 0)
                std::vector<Value>().swap(items);
        }
    } level(items_);
    size_t first = level.first;
    bool read = elements(cursor, type, arena, error);
    uint32_t count = static_cast<uint32_t>(items_.size() - first);
    const Value* items = items_.data() + first;
    if (read && may_miss && placeholder_->matches_array(type.element->semantic, items, count)) {
        out = Value::of(ValueKind::unavailable);
    } else if (read) {
        Value* kept = arena.make_array<Value>(count);
        std::copy(items, items + count, kept);
        out = Value::of(ValueKind::array);
        out.items = kept;
        out.size = count;
    }
    return read;
}

bool ValueReader::elements(JsonCursor& cursor, const FieldType& type, Arena& arena,
                           ValueError& error) {
    if (!cursor.open_array())
        return flawed(cursor, error);
    const FieldType& element = *type.element;
    while (cursor.next_element()) {
        Value item;
        // The connector does not send these (it sends nulls), so nothing is known of their form.
        if (element.semantic == Semantic::array && cursor.peek() != JsonScanner::Token::null) {
            error = {"0A000", "multi-dimensional arrays are not supported"};
            return false;
        }
        if (!read(cursor, element, false, arena, item, error))
            return false;
        items_.push_back(item);
    }
    return !cursor.failed() || flawed(cursor, error);
}

bool ValueReader::document(JsonCursor& cursor, bool may_miss, Value& out, ValueError& error) {
    std::string_view text;
    if (!cursor.keep_value(text))
        return flawed(cursor, error);
    bool missing = may_miss && placeholder_->matches_json(text);
    out = missing ? Value::of(ValueKind::unavailable) : Value::of(ValueKind::json, text);
    return true;
}

bool ValueReader::structure(JsonCursor& cursor, const FieldType& type, Arena& arena, Value& out,
                            ValueError& error) {
    const char* begin = cursor.position();
    if (!read_parts(cursor, parts_))
        return flawed(cursor, error);
    Refusal refusal;
    if (struct_value(type.semantic, type.mysql(), parts_, arena, out, refusal))
        return true;
    size_t size = static_cast<size_t>(cursor.position() - begin);
    error.sqlstate = refusal.sqlstate;
    error.message = refusal_message({begin, size}, refusal.problem);
    if (!type.logical_name.empty())
        error.message += " (" + type.logical_name + ")";
    return false;
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
    static const Placeholder none{std::string()};
    const std::string_view text = storage.copy(json_text(node));
    char* begin = const_cast<char*>(text.data()); // the storage is writable
    JsonCursor cursor(begin, begin + text.size(), false);
    ValueError ignored;
    return ValueReader(none).read(cursor, type, false, storage, out, ignored) && !out.is_null();
}

} // namespace kcs
