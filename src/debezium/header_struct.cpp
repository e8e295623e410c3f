#include "debezium/key_reader.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// One member's value: a string, a bare word or number, or (composite) left for the cursor.
struct HeaderValue {
    JsonScalar scalar;
    bool composite = false;
};

bool is_number(std::string_view text) {
    JsonScanner scanner(text);
    std::string_view token;
    return scanner.read_number(token) && token.size() == text.size();
}

JsonScalar string_scalar(std::string_view text) {
    JsonScalar json;
    json.kind = JsonScalar::Kind::string;
    json.data = const_cast<char*>(text.data()); // part of the caller's writable text
    json.size = static_cast<uint32_t>(text.size());
    return json;
}

/// A word that stands without quotes: null, boolean, number, or text of a temporal type.
JsonScalar bare_scalar(std::string_view text) {
    JsonScalar json;
    if (text == "null")
        return json;
    if (text == "true" || text == "false") {
        json.kind = JsonScalar::Kind::boolean;
        json.boolean = text == "true";
        return json;
    }
    json = string_scalar(text);
    if (is_number(text))
        json.kind = JsonScalar::Kind::number;
    return json;
}

bool read_header_value(JsonCursor& cursor, HeaderValue& out) {
    switch (cursor.peek()) {
    case JsonScanner::Token::object:
    case JsonScanner::Token::array:
        out.composite = true;
        return true;
    case JsonScanner::Token::string:
        return cursor.read_scalar(out.scalar);
    default: {
        std::string_view text;
        if (!cursor.read_bare(text))
            return false;
        out.scalar = bare_scalar(text);
        return true;
    }
    }
}

/// The type that reads the ISO text which headers have for Connect's temporal types.
Semantic iso_form(Semantic semantic) {
    switch (semantic) {
    case Semantic::date:
        return Semantic::iso_date;
    case Semantic::time_ms:
        return Semantic::iso_time;
    case Semantic::timestamp_ms:
        return Semantic::iso_timestamp;
    default:
        return semantic;
    }
}

bool typed_value(JsonCursor& cursor, const HeaderValue& value, const FieldType& type,
                 RowReader& rows, Arena& arena, Value& out) {
    ValueError ignored;
    if (value.composite)
        return rows.values().read(cursor, type, false, arena, out, ignored);
    if (value.scalar.kind == JsonScalar::Kind::null) {
        out = Value::of(ValueKind::null);
        return true;
    }
    FieldType iso;
    iso.semantic = iso_form(type.semantic);
    bool as_text = value.scalar.kind == JsonScalar::Kind::string && iso.semantic != type.semantic;
    return rows.values().scalar(as_text ? iso : type, value.scalar, false, arena, out, ignored);
}

bool typed_struct(JsonCursor& cursor, const Key& key, RowReader& rows, Arena& arena, Row& out) {
    const TypedLayout& layout = *key.typed;
    size_t count = layout.row.columns.size();
    Value* values = arena.make_array<Value>(count);
    std::fill_n(values, count, Value());
    std::string_view name;
    while (cursor.next_name(name)) {
        HeaderValue value;
        if (!read_header_value(cursor, value))
            return false;
        // Of a key that a transform reduced to a scalar, the header still has the struct.
        auto found = layout.index.find(name);
        const Field* field = layout.scalar                 ? &layout.fields[0]
                             : found != layout.index.end() ? &layout.fields[found->second]
                                                           : nullptr;
        if (name == kRoutingField) {
            if (value.composite && !cursor.skip_value())
                return false;
            continue;
        }
        if (field == nullptr || values[field->column].kind != ValueKind::absent ||
            !typed_value(cursor, value, field->type, rows, arena, values[field->column]))
            return false;
    }
    for (size_t i = 0; i < count; ++i)
        if (layout.row.columns[i].routing)
            values[i] = key.row.values[i];
    bool complete = std::none_of(values, values + count,
                                 [](const Value& v) { return v.kind == ValueKind::absent; });
    out = {&layout.row, values};
    return !cursor.failed() && cursor.at_end() && complete;
}

Value token_of(const JsonScalar& json) {
    switch (json.kind) {
    case JsonScalar::Kind::boolean:
        return Value::of(ValueKind::boolean, int64_t{json.boolean});
    case JsonScalar::Kind::number:
        return Value::of(ValueKind::token_number, json.text());
    case JsonScalar::Kind::string:
        return Value::of(ValueKind::token_text, json.text());
    default:
        return Value::of(ValueKind::null);
    }
}

bool has_column(const RowLayout& layout, std::string_view name) {
    return std::any_of(layout.columns.begin(), layout.columns.end(),
                       [&](const LayoutColumn& column) { return column.name == name; });
}

bool token_struct(JsonCursor& cursor, const Row& other, RowReader& rows, TokenLayouts& layouts,
                  Arena& arena, Row& out) {
    const RowLayout& key = *other.layout;
    std::vector<TokenMember> members;
    bool scalar = key.columns.size() == 1 && key.columns[0].name.empty();
    std::string_view name;
    while (cursor.next_name(name)) {
        HeaderValue value;
        TokenMember member;
        if (!read_header_value(cursor, value))
            return false;
        if (value.composite) {
            std::string_view text;
            if (!cursor.keep_value(text))
                return false;
            member.value = Value::of(ValueKind::token_json, text);
        } else {
            member.value = token_of(value.scalar);
        }
        if (name == kRoutingField)
            continue;
        if (members.size() == key.columns.size() || (!scalar && !has_column(key, name)))
            return false;
        member.name = scalar ? std::string_view() : name;
        members.push_back(member);
    }
    for (size_t i = 0; i < key.columns.size(); ++i)
        if (key.columns[i].routing)
            members.push_back({key.columns[i].name, other.values[i]});
    Fault ignored;
    return !cursor.failed() && cursor.at_end() && members.size() == key.columns.size() &&
           rows.token_row(members, layouts, arena, out, ignored);
}

/// Splits `Struct{a=1,b=x}` at the names of the key's columns; what topic routing adds to the key
/// is not in it, and stays empty. Nothing is escaped there: false where a value might be another's
/// part.
bool split_text(std::string_view text, const RowLayout& key,
                std::vector<std::string_view>& values) {
    constexpr std::string_view kOpen = "Struct{";
    if (text.size() <= kOpen.size() || text.back() != '}')
        return false;
    text = text.substr(kOpen.size(), text.size() - kOpen.size() - 1);
    std::vector<std::string> names;
    for (const LayoutColumn& column : key.columns)
        if (!column.routing)
            names.push_back(column.name);
    for (size_t i = 0; i < names.size(); ++i) {
        std::string name = names[i];
        if (name.empty()) // of a key that a transform reduced to a scalar
            name = text.substr(0, text.find('='));
        if (text.size() <= name.size() || text.substr(0, name.size()) != name ||
            text[name.size()] != '=')
            return false;
        text.remove_prefix(name.size() + 1);
        bool last = i + 1 == names.size();
        std::string next = "," + (last ? std::string(kRoutingField) : names[i + 1]) + "=";
        size_t end = text.find(next);
        if (end == std::string_view::npos ? !last
                                          : text.find(next, end + 1) != std::string_view::npos)
            return false;
        values.push_back(text.substr(0, end));
        text.remove_prefix(last ? text.size() : end + 1);
    }
    for (size_t i = 0; i < key.columns.size(); ++i)
        if (key.columns[i].routing)
            values.insert(values.begin() + static_cast<ptrdiff_t>(i), std::string_view());
    return true;
}

/// Objects that Java prints without their content, or in a form of its own.
bool is_opaque(std::string_view text) {
    for (std::string_view prefix : {"[B@", "java.", "Struct{"})
        if (text.substr(0, prefix.size()) == prefix)
            return true;
    return false;
}

/// A number or word as it stands may be a string's, too: the type tells.
bool is_string(Semantic semantic) {
    return semantic == Semantic::string || semantic == Semantic::json ||
           semantic == Semantic::enumeration || semantic == Semantic::enum_set;
}

} // namespace

bool read_header_text(char* text, size_t size, const Key& key, RowReader& rows,
                      TokenLayouts& layouts, Arena& arena, Row& out) {
    const RowLayout& layout = *key.row.layout;
    std::vector<std::string_view> texts;
    if (!split_text({text, size}, layout, texts) ||
        std::any_of(texts.begin(), texts.end(), is_opaque))
        return false;
    if (key.typed != nullptr) {
        Value* values = arena.make_array<Value>(texts.size());
        for (const Field& field : key.typed->fields) {
            if (field.role != FieldRole::column)
                continue;
            if (layout.columns[field.column].routing) {
                values[field.column] = key.row.values[field.column];
                continue;
            }
            std::string_view value = texts[field.column];
            ValueError ignored;
            JsonScalar json =
                is_string(field.type.semantic) ? string_scalar(value) : bare_scalar(value);
            values[field.column] = Value();
            if (!rows.values().scalar(field.type, json, false, arena, values[field.column],
                                      ignored))
                return false;
        }
        out = {&layout, values};
        return true;
    }
    std::vector<TokenMember> members;
    for (size_t i = 0; i < texts.size(); ++i) {
        TokenMember member;
        member.name = layout.columns[i].name;
        member.value =
            layout.columns[i].routing ? key.row.values[i] : token_of(bare_scalar(texts[i]));
        // What looks like a number may be a string's digits or a decimal.
        if (member.value.kind != key.row.values[i].kind)
            return false;
        members.push_back(member);
    }
    Fault ignored;
    return rows.token_row(members, layouts, arena, out, ignored);
}

bool read_header_struct(char* text, size_t size, const Key& key, RowReader& rows,
                        TokenLayouts& layouts, Arena& arena, Row& out) {
    JsonCursor cursor(text, text + size, true);
    cursor.tolerate_control_characters();
    if (cursor.peek() != JsonScanner::Token::object || !cursor.open_object())
        return false;
    return key.typed != nullptr ? typed_struct(cursor, key, rows, arena, out)
                                : token_struct(cursor, key.row, rows, layouts, arena, out);
}

} // namespace kcs
