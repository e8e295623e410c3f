#include "debezium/row_reader.hpp"

#include "debezium/envelope.hpp"
#include "debezium/refusal.hpp"

#include <algorithm>
#include <charconv>
#include <string>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

Fault member_fault(const char* what, std::string_view name) {
    return Fault::data("22023", std::string(what) + " \"" + shorten_value(name) + "\"");
}

Fault too_wide() {
    return Fault::data("54011", "row has more than " + std::to_string(kMostMembers) + " members");
}

void read_operation(char op, RowMeta& meta) {
    switch (op | 0x20) { // any case
    case 'd':
        meta.deleted = true;
        break;
    case 'c':
        meta.op = Op::create;
        break;
    case 'r':
        meta.op = Op::read;
        break;
    case 'u':
        meta.op = Op::update;
        break;
    default:
        return;
    }
    meta.marked = true;
}

} // namespace

Fault value_fault(const ValueError& error, std::string_view column) {
    if (column.empty())
        return Fault::data(error.sqlstate, error.message);
    return Fault::data(error.sqlstate, "column \"" + shorten_value(column) + "\": " + error.message,
                       shorten_value(column));
}

Fault json_fault(const JsonScanner& scanner, std::string_view column) {
    Fault fault = value_fault(json_flaw(scanner.error()), column);
    fault.detail = "The flaw is at byte " + std::to_string(scanner.error_offset()) +
                   " of the text being read.";
    return fault;
}

bool parse_integer(std::string_view text, int64_t& out) {
    const char* end = text.data() + text.size();
    auto result = std::from_chars(text.data(), end, out);
    return result.ec == std::errc() && result.ptr == end;
}

bool RowReader::read_meta(JsonCursor& cursor, FieldRole role, RowMeta* meta) {
    JsonScanner::Token token = cursor.peek();
    bool composite = token == JsonScanner::Token::object || token == JsonScanner::Token::array;
    if (role == FieldRole::dropped || meta == nullptr || composite)
        return cursor.skip_value();
    JsonScalar json;
    if (!cursor.read_scalar(json))
        return false;
    int64_t time = 0;
    bool text = json.kind == JsonScalar::Kind::string;
    bool number = text || json.kind == JsonScalar::Kind::number;
    switch (role) {
    case FieldRole::deleted:
        meta->deleted |= json.boolean || (text && json.text() == "true");
        meta->marked = true;
        break;
    case FieldRole::operation:
        if (text && json.size == 1)
            read_operation(json.data[0], *meta);
        break;
    case FieldRole::connector:
        if (text)
            meta->source = source_kind(json.text());
        break;
    case FieldRole::db:
    case FieldRole::schema:
    case FieldRole::table:
        if (text)
            *name_of(*meta, role) = json.text();
        break;
    case FieldRole::source_ms:
        if (number && parse_integer(json.text(), time) && meta->source_us == 0 &&
            !__builtin_mul_overflow(time, 1000, &time))
            meta->source_us = time;
        break;
    case FieldRole::source_us:
        if (number && parse_integer(json.text(), time))
            meta->source_us = time;
        break;
    default:
        break;
    }
    return true;
}

bool RowReader::typed(JsonCursor& cursor, const TypedLayout& layout, bool may_miss, Arena& arena,
                      Row& out, RowMeta* meta, Fault& fault) {
    size_t count = layout.row.columns.size();
    Value* values = arena.make_array<Value>(count);
    std::fill_n(values, count, Value());
    ValueError error;
    std::string_view name;
    uint32_t expected = 0;

    if (layout.scalar) {
        if (!values_.read(cursor, layout.fields[0].type, false, arena, values[0], error)) {
            fault = cursor.failed() ? json_fault(cursor, "") : value_fault(error, "");
            return false;
        }
        out = {&layout.row, values};
        return true;
    }
    if (!cursor.open_object()) {
        fault = json_fault(cursor, "");
        return false;
    }
    while (cursor.next_name(name)) {
        uint32_t at = expected;
        if (at >= layout.fields.size() || layout.fields[at].name != name) {
            auto found = layout.index.find(name);
            if (found == layout.index.end()) {
                fault = member_fault("row has a member that its schema lacks:", name);
                return false;
            }
            at = found->second;
        }
        expected = at + 1;
        const Field& field = layout.fields[at];
        if (field.role != FieldRole::column) {
            if (!read_meta(cursor, field.role, meta)) {
                fault = json_fault(cursor, name);
                return false;
            }
            continue;
        }
        Value& value = values[field.column];
        if (value.kind != ValueKind::absent) {
            fault = member_fault("row has two members named", name);
            return false;
        }
        if (!values_.read(cursor, field.type, may_miss, arena, value, error)) {
            fault = cursor.failed() ? json_fault(cursor, name) : value_fault(error, name);
            return false;
        }
    }
    if (cursor.failed()) {
        fault = json_fault(cursor, "");
        return false;
    }
    out = {&layout.row, values};
    return true;
}

bool RowReader::read_token(JsonCursor& cursor, Value& out) {
    JsonScanner::Token token = cursor.peek();
    if (token == JsonScanner::Token::object || token == JsonScanner::Token::array) {
        std::string_view text;
        if (!cursor.keep_value(text))
            return false;
        out = Value::of(ValueKind::token_json, text);
        return true;
    }
    JsonScalar json;
    if (!cursor.read_scalar(json))
        return false;
    switch (json.kind) {
    case JsonScalar::Kind::null:
        out = Value::of(ValueKind::null);
        break;
    case JsonScalar::Kind::boolean:
        out = Value::of(ValueKind::boolean, int64_t{json.boolean});
        break;
    case JsonScalar::Kind::number:
        out = Value::of(ValueKind::token_number, json.text());
        break;
    case JsonScalar::Kind::string:
        out = Value::of(ValueKind::token_text, json.text());
        break;
    }
    return true;
}

bool RowReader::tokens(JsonCursor& cursor, RowUse use, TokenLayouts& layouts, Arena& arena,
                       Row& out, RowMeta* meta, Fault& fault) {
    members_.clear();
    std::string_view name;
    if (!cursor.open_object()) {
        fault = json_fault(cursor, "");
        return false;
    }
    while (cursor.next_name(name)) {
        FieldRole role =
            layouts.excludes(name) ? FieldRole::dropped : field_role(name, use, prefix_);
        TokenMember member;
        member.name = name;
        if (members_.size() == kMostMembers) {
            fault = too_wide();
            return false;
        }
        if (role != FieldRole::column ? !read_meta(cursor, role, meta)
                                      : !read_token(cursor, member.value)) {
            fault = json_fault(cursor, name);
            return false;
        }
        if (role != FieldRole::column)
            continue;
        if (name.empty()) {
            fault = Fault::data("22023", "row has a member without name");
            return false;
        }
        members_.push_back(member);
    }
    if (cursor.failed()) {
        fault = json_fault(cursor, "");
        return false;
    }
    if (meta != nullptr)
        layouts.set_source(meta->source);
    return token_row(members_, layouts, arena, out, fault);
}

bool RowReader::token_scalar(JsonCursor& cursor, TokenLayouts& layouts, Arena& arena, Row& out,
                             Fault& fault) {
    members_.resize(1);
    members_[0].name = std::string_view();
    if (!read_token(cursor, members_[0].value)) {
        fault = json_fault(cursor, "");
        return false;
    }
    return token_row(members_, layouts, arena, out, fault);
}

bool RowReader::token_row(const std::vector<TokenMember>& members, TokenLayouts& layouts,
                          Arena& arena, Row& out, Fault& fault) {
    std::string_view name;
    const RowLayout* layout = layouts.find(members, *retired_, name);
    if (layout == nullptr) {
        fault = member_fault("row has two members named", name);
        return false;
    }
    Value* values = arena.make_array<Value>(members.size());
    for (size_t i = 0; i < members.size(); ++i)
        values[i] = members[i].value;
    out = {layout, values};
    return true;
}

} // namespace kcs
