#include "debezium/spelling.hpp"

#include "debezium/envelope.hpp"
#include "debezium/key_reader.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// The payload of a frame with schema; without one the text itself.
std::string_view payload_of(std::string_view json, bool& framed) {
    JsonScanner scanner(json);
    Members members;
    framed = scanner.peek() == JsonScanner::Token::object && scan_members(scanner, members) &&
             classify(members) == PayloadClass::embedded;
    return framed ? members.payload : json;
}

} // namespace

SpelledRow spell_row(std::string_view json, Arena& arena) {
    bool framed;
    std::string_view payload = payload_of(json, framed);
    SpelledRow row;
    // Names are unescaped in place: in a copy.
    char* copy = writable_copy(payload, arena);
    JsonCursor cursor(copy, copy + payload.size(), false);
    std::string_view name, value;
    auto add = [&] { row.push_back({name, payload.substr(value.data() - copy, value.size())}); };
    if (cursor.peek() != JsonScanner::Token::object) {
        if (cursor.skip_value(value) && cursor.at_end() && value != "null")
            add();
    } else if (cursor.open_object()) {
        while (cursor.next_name(name) && cursor.skip_value(value))
            add();
    }
    return row;
}

Spelling spell_record(const Record& record, Arena& arena) {
    Spelling out;
    if (record.has_key)
        out.key = spell_row(record.key, arena);
    if (!record.has_value)
        return out;
    std::string_view payload = payload_of(record.value, out.schema);
    JsonScanner scanner(payload);
    Members members;
    if (scanner.peek() != JsonScanner::Token::object || !scan_members(scanner, members))
        return out;
    out.envelope = operation(members.op) != 0 && !members.source.empty();
    if (!out.envelope) {
        out.row = spell_row(payload, arena);
        return out;
    }
    out.op = members.op.substr(1, 1);
    if (!members.after.empty())
        out.row = spell_row(members.after, arena);
    if (!members.before.empty())
        out.before = spell_row(members.before, arena);
    return out;
}

const SpelledMember* find_member(const SpelledRow& row, std::string_view name) {
    for (const SpelledMember& member : row)
        if (member.name == name)
            return &member;
    return nullptr;
}

const char* json_type_name(std::string_view value) {
    switch (value.empty() ? '\0' : value.front()) {
    case '{':
        return "object";
    case '[':
        return "array";
    case '"':
        return "string";
    case 't':
    case 'f':
        return "boolean";
    case 'n':
        return "null";
    case '\0':
        return "";
    default:
        return "number";
    }
}

} // namespace kcs
