#include "debezium/key_reader.hpp"

#include "debezium/envelope.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool refuse(Fault& fault, Fault reason) {
    fault = std::move(reason);
    fault.message = "record key: " + fault.message;
    if (fault.sqlstate == "22032") // no JSON
        fault.hint = "Set key.converter=org.apache.kafka.connect.json.JsonConverter in the source "
                     "connector.";
    return false;
}

/// Another key, with what topic routing added to `key`. None: it lacks a value.
Row completed(const Row& row, const Row& key, Arena& arena) {
    if (!row)
        return Row();
    const std::vector<LayoutColumn>& columns = row.layout->columns;
    const std::vector<LayoutColumn>& wanted = key.layout->columns;
    Value* values = arena.make_array<Value>(wanted.size());
    bool routed = false;
    for (size_t i = 0; i < wanted.size(); ++i) {
        size_t at = 0;
        while (at < columns.size() && columns[at].name != wanted[i].name)
            ++at;
        bool told = at < columns.size() && row.values[at].kind != ValueKind::absent;
        if (!told && !wanted[i].routing)
            return Row();
        values[i] = wanted[i].routing ? key.values[i] : row.values[at];
        routed |= wanted[i].routing;
    }
    return routed ? Row{key.layout, values} : row;
}

bool is_routing(const LayoutColumn& column) {
    return column.routing;
}

} // namespace

Fault registry_key_fault() {
    Fault fault = Fault::data("0A000", "record key is framed for a schema registry (Avro, Protobuf "
                                       "or JSON Schema), which is not supported");
    fault.hint = "Set key.converter=org.apache.kafka.connect.json.JsonConverter in the source "
                 "connector.";
    return fault;
}

bool KeyReader::read(std::string_view bytes, Key& out, Fault& fault) {
    std::string_view payload;
    if (const Schema* schema = caches_.schemas.match(bytes, known_.source, payload)) {
        char* begin = writable_copy(payload, arena_);
        if (json(begin, begin + payload.size(), schema, out, fault))
            return true;
        // Only the slow way tells an unusual frame from a broken payload.
    }
    JsonScanner scanner(bytes);
    Members members;
    const bool object = scanner.peek() == JsonScanner::Token::object &&
                        scan_members(scanner, members) && scanner.at_end();
    if (object && !known_.rows && classify(members) == PayloadClass::schema_id) {
        fault = registry_key_fault();
        return false;
    }
    if (object && is_frame(members, known_.rows)) {
        size_t before = static_cast<size_t>(members.payload.data() - bytes.data());
        bool framed = members.schema.data() < members.payload.data();
        const Schema& schema =
            caches_.schemas.find(members.schema, framed ? bytes.substr(0, before) : "", true, "",
                                 known_.source, retired_);
        char* begin = writable_copy(members.payload, arena_);
        return json(begin, begin + members.payload.size(), &schema, out, fault);
    }
    char* begin = writable_copy(bytes, arena_);
    return json(begin, begin + bytes.size(), nullptr, out, fault);
}

bool KeyReader::json(char* begin, char* end, const Schema* schema, Key& out, Fault& fault) {
    using Token = JsonScanner::Token;
    JsonCursor cursor(begin, end, valid_utf8(begin, end));
    out = Key();
    Token token = cursor.peek();
    bool good = false;
    if (token == Token::null) {
        good = cursor.read_null();
        if (!good)
            fault = json_fault(cursor, "");
    } else if (schema != nullptr && schema->cls == SchemaClass::invalid) {
        fault = Fault::data("22023", schema->problem);
    } else if (schema != nullptr && schema->row != nullptr) {
        good = rows_.typed(cursor, *schema->row, false, arena_, out.row, nullptr, fault);
        out.typed = schema->row.get();
    } else if (token == Token::array || token == Token::invalid || token == Token::end) {
        fault = Fault::data("22032", "neither a JSON object nor a JSON scalar");
    } else if (told({begin, static_cast<size_t>(end - begin)}, out)) {
        good = cursor.skip_value();
    } else if (token == Token::object) {
        good = rows_.tokens(cursor, RowUse::key, caches_.rows, arena_, out.row, nullptr, fault);
    } else {
        good = rows_.token_scalar(cursor, caches_.rows, arena_, out.row, fault);
    }
    if (!good)
        return refuse(fault, std::move(fault));
    if (!cursor.at_end())
        return refuse(fault, Fault::data("22032", "something follows the JSON value"));
    if (out.row &&
        std::all_of(out.row.layout->columns.begin(), out.row.layout->columns.end(), is_routing))
        out = Key();
    return true;
}

/// A key without schema, by that of the value. False: that lacks a member of it, or the key cannot
/// be what it says (a transform may have changed the one and not the other).
bool KeyReader::told(std::string_view text, Key& out) {
    if (known_.value_row == nullptr)
        return false;
    auto cursor = [&] { // reading changes the text
        char* begin = writable_copy(text, arena_);
        return JsonCursor(begin, begin + text.size(), valid_utf8(begin, begin + text.size()));
    };
    JsonCursor members = cursor();
    const TypedLayout* layout = nullptr;
    if (members.peek() == JsonScanner::Token::object) {
        std::vector<std::string_view> names;
        std::string_view name;
        members.open_object();
        while (members.next_name(name)) {
            names.push_back(name);
            if (names.size() > kMostMembers || !members.skip_value())
                return false;
        }
        if (!members.failed())
            layout = caches_.told.find(*known_.value_row, names, retired_);
    } else if (!known_.bare.empty()) {
        layout = caches_.told.find_bare(*known_.value_row, known_.bare, retired_);
    }
    Fault ignored;
    JsonCursor values = cursor();
    if (layout == nullptr ||
        !rows_.typed(values, *layout, false, arena_, out.row, nullptr, ignored))
        return false;
    out.typed = layout;
    return true;
}

bool KeyReader::read_header(std::string_view bytes, const Key& key, Row& out) {
    if (!key.row || bytes.data() == nullptr || bytes.empty() ||
        !valid_utf8(bytes.data(), bytes.data() + bytes.size()))
        return false;
    JsonScanner scanner(bytes);
    Members members;
    if (scanner.peek() == JsonScanner::Token::object && scan_members(scanner, members) &&
        scanner.at_end() && classify(members) == PayloadClass::embedded &&
        members.schema.front() == '{') {
        if (key.typed == nullptr) // its values have the form that the key's have
            return read_header_struct(writable_copy(members.payload, arena_),
                                      members.payload.size(), key, rows_, caches_.rows, arena_,
                                      out);
        Key other;
        Fault ignored;
        if (!read(bytes, other, ignored))
            return false;
        out = completed(other.row, key.row, arena_);
        return bool(out);
    }
    if (bytes.substr(0, 7) == "Struct{")
        return read_header_text(writable_copy(bytes, arena_), bytes.size(), key, rows_,
                                caches_.rows, arena_, out);
    return read_header_struct(writable_copy(bytes, arena_), bytes.size(), key, rows_, caches_.rows,
                              arena_, out);
}

} // namespace kcs
