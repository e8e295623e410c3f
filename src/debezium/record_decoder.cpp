#include "debezium/record_decoder.hpp"

#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

using Token = JsonScanner::Token;

Fault value_flaw(const JsonScanner& scanner) {
    Fault fault = json_fault(scanner, "");
    fault.message = "record value: " + fault.message;
    return fault;
}

Fault unsupported(const char* what) {
    Fault fault = Fault::data("0A000", what);
    fault.hint = "Set value.converter=org.apache.kafka.connect.json.JsonConverter in the source "
                 "connector.";
    return fault;
}

Fault registry_fault() {
    return unsupported("record value is framed for a schema registry (Avro, Protobuf or JSON "
                       "Schema), which is not supported");
}

/// The same members in a copy of the text they were found in.
std::string_view moved(std::string_view span, const char* from, const char* to) {
    return span.data() == nullptr ? span : std::string_view(to + (span.data() - from), span.size());
}

Members moved(Members members, const char* from, const char* to) {
    for (std::string_view* span : {&members.schema, &members.payload, &members.op, &members.before,
                                   &members.after, &members.source})
        *span = moved(*span, from, to);
    return members;
}

Fault trailing_fault() {
    return Fault::data("22032", "record value: something follows the JSON value");
}

} // namespace

Decoded RecordDecoder::run() {
    if (record_.topic.substr(0, 20) == "__debezium-heartbeat")
        return skip(SkipReason::heartbeat);
    note_headers();
    if (source_ != SourceKind::unknown)
        topic_.set_source(source_);
    if (!record_.has_value)
        return tombstone();
    if (registry_framed())
        return reject(registry_fault());
    if (record_.value.empty())
        return not_ours();
    std::string_view payload;
    if (const Schema* schema = topic_.schemas.match(record_.value, topic_.source, payload)) {
        Decoded out = with_schema(*schema, copy(payload));
        if (out.kind != Decoded::Kind::reject)
            return out;
        // Only the slow way tells an unusual frame from a payload that is refused.
        target_ = nullptr;
        value_row_ = nullptr;
        change_ = Change();
    }
    return value();
}

Decoded RecordDecoder::value() {
    const std::string_view text = record_.value;
    JsonScanner scanner(text);
    Token token = scanner.peek();
    if (token == Token::null) {
        if (!scanner.read_null())
            return reject(value_flaw(scanner));
        return scanner.at_end() ? tombstone(true) : reject(trailing_fault());
    }
    if (token != Token::object) {
        bool json = scanner.skip_value() && scanner.at_end();
        return json || token == Token::invalid ? not_ours() : reject(value_flaw(scanner));
    }
    Members members;
    if (!scan_members(scanner, members))
        return reject(scanner.failed()
                          ? value_flaw(scanner)
                          : Fault::data("22023", "record value has two members of one name"));
    if (!scanner.at_end())
        return reject(trailing_fault());
    if (is_frame(members, rules_.route.format == RecordFormat::flattened)) {
        size_t before = static_cast<size_t>(members.payload.data() - text.data());
        bool framed = members.schema.data() < members.payload.data();
        const Schema& schema =
            topic_.schemas.find(members.schema, framed ? text.substr(0, before) : "", false,
                                rows_.flattened_prefix(), topic_.source, retired_);
        return with_schema(schema, copy(members.payload));
    }
    Text whole = copy(text);
    return without_schema(whole, moved(members, text.data(), whole.begin));
}

Decoded RecordDecoder::with_schema(const Schema& schema, Text payload) {
    value_row_ = schema.row;
    JsonScanner scanner(payload.begin, payload.end);
    Token token = scanner.peek();
    if (token == Token::null) {
        if (!scanner.read_null())
            return reject(value_flaw(scanner));
        if (!scanner.at_end())
            return reject(trailing_fault());
        if (schema.cls == SchemaClass::flattened)
            topic_.envelopes = false; // only where rows are flattened it has their schema
        return tombstone(schema.cls != SchemaClass::none);
    }
    if (schema.source != SourceKind::unknown)
        topic_.set_source(schema.source);
    switch (schema.cls) {
    case SchemaClass::logical_message:
        return skip(SkipReason::logical_message);
    case SchemaClass::schema_change:
        return skip(SkipReason::schema_change);
    case SchemaClass::heartbeat:
        return skip(SkipReason::heartbeat);
    case SchemaClass::transaction:
        return skip(SkipReason::transaction_boundary);
    case SchemaClass::notification:
        return skip(SkipReason::notification);
    case SchemaClass::cloud_event:
        return reject(unsupported("CloudEvents are not supported"));
    case SchemaClass::invalid:
        return reject(Fault::data("22023", "record value: " + schema.problem));
    case SchemaClass::scalar:
        return not_ours();
    case SchemaClass::flattened:
        return token == Token::object && rules_.route.format != RecordFormat::envelope
                   ? flattened(&schema, payload)
                   : not_ours();
    case SchemaClass::envelope:
        if (rules_.route.format == RecordFormat::flattened)
            return reject(Fault::data("22023", "record is a change envelope, which its route says "
                                               "it is not"));
        break;
    case SchemaClass::none:
        break;
    }
    if (token != Token::object)
        return not_ours();
    Members members;
    if (!scan_members(scanner, members))
        return reject(scanner.failed()
                          ? value_flaw(scanner)
                          : Fault::data("22023", "record value has two members of one name"));
    if (!scanner.at_end())
        return reject(trailing_fault());
    return schema.cls == SchemaClass::envelope ? envelope(&schema, payload, members)
                                               : without_schema(payload, members);
}

Decoded RecordDecoder::without_schema(Text payload, const Members& members) {
    switch (class_of(members)) {
    case PayloadClass::schema_id:
        return reject(registry_fault());
    case PayloadClass::cloud_event:
        return reject(unsupported("CloudEvents are not supported"));
    case PayloadClass::envelope:
        return envelope(nullptr, payload, members);
    case PayloadClass::logical_message:
        return skip(SkipReason::logical_message);
    case PayloadClass::schema_change:
        return skip(SkipReason::schema_change);
    case PayloadClass::heartbeat:
        return skip(SkipReason::heartbeat);
    case PayloadClass::transaction:
        return skip(SkipReason::transaction_boundary);
    case PayloadClass::notification:
        return skip(SkipReason::notification);
    case PayloadClass::embedded: // inside another frame: nothing of Debezium's
    case PayloadClass::flattened:
        break;
    }
    return rules_.route.format == RecordFormat::envelope ? not_ours() : flattened(nullptr, payload);
}

/// What the payload is, as the route says or as it looks.
PayloadClass RecordDecoder::class_of(const Members& members) const {
    if (rules_.route.format == RecordFormat::flattened)
        return PayloadClass::flattened;
    PayloadClass cls = classify(members);
    bool told = operation(members.op) != 0 && (!members.before.empty() || !members.after.empty());
    if (rules_.route.format == RecordFormat::envelope && cls == PayloadClass::flattened && told)
        return PayloadClass::envelope;
    return cls;
}

/// Whether the key is that of heartbeats, whose values CloudEvents leave out (wire format 1.8). A
/// table may have such a key as well, but then its topic has rows, or a route.
bool RecordDecoder::of_heartbeat(const Key& key) const {
    constexpr std::string_view kName = "io.debezium.connector.common.ServerNameKey";
    if (key.typed != nullptr) {
        std::string_view name = key.typed->name;
        return name.size() >= kName.size() && name.substr(name.size() - kName.size()) == kName;
    }
    const std::vector<LayoutColumn>& columns = key.row.layout->columns;
    return columns.size() == 1 && columns[0].name == "serverName" && !rules_.routed &&
           !topic_.envelopes && topic_.topic_target == nullptr;
}

/// `event`: a transform put it in the place of a delete event; else it stands beside one.
Decoded RecordDecoder::tombstone(bool event) {
    if (rules_.route.history && !event)
        return skip(SkipReason::history_tombstone);
    if (!record_.has_key)
        return skip(SkipReason::keyless_tombstone);
    // Without envelopes a tombstone is the only sign of the delete: also of a key change.
    if (new_key_ != nullptr && envelopes())
        return skip(SkipReason::move_tombstone);
    Decoded failed;
    Key key;
    if (!read_key(key, failed))
        return failed;
    if (!key.row)
        return skip(SkipReason::keyless_tombstone);
    if (of_heartbeat(key))
        return skip(SkipReason::heartbeat);
    // The event before it told the row.
    if (key.row.has_null() && envelopes() && rules_.route.key_columns.empty())
        return skip(SkipReason::keyless_tombstone);
    if (!route_tombstone(key)) {
        // Nothing but the event before it knows its table, and that one said all.
        if (routing_.cls == ErrorClass::data)
            return skip(SkipReason::unplaced_tombstone);
        return reject(std::move(routing_));
    }
    if (!value_row_ && key.typed == nullptr) { // its table's rows tell the key, if any did
        value_row_ = topic_.row_of(target_);
        if (value_row_ && !read_key(key, failed))
            return failed;
    }
    change_.op = Op::remove;
    change_.key = key.row;
    change_.new_key = read_key_header(new_key_, key);
    change_.tombstone = true;
    return change();
}

namespace {

/// Whether the row tells every column of the key; a bare scalar key has no names to ask for, and
/// what topic routing adds, and what is called like metadata, is in the key only.
bool has_columns(const Row& row, const RowLayout& key, std::string_view prefix) {
    for (const LayoutColumn& wanted : key.columns) {
        bool found = wanted.name.empty() || wanted.routing ||
                     field_role(wanted.name, RowUse::flattened, prefix) != FieldRole::column;
        for (size_t i = 0; i < row.layout->columns.size() && !found; ++i)
            found = row.layout->columns[i].name == wanted.name &&
                    row.values[i].kind != ValueKind::absent;
        if (!found)
            return false;
    }
    return true;
}

} // namespace

Decoded RecordDecoder::flattened(const Schema* schema, Text payload) {
    bool before = topic_.envelopes;
    topic_.envelopes = false;
    Decoded out = flattened_row(schema, payload);
    if (out.kind == Decoded::Kind::reject) // it says nothing about its topic
        topic_.envelopes = before;
    return out;
}

namespace {

/// What a flattened record's text says beside a row that cannot be read: whether it is a delete,
/// and whose. The copy of it that was read is no use any more: strings were unescaped in it.
RowMeta meta_of(std::string_view payload, std::string_view prefix, SourceKind source) {
    JsonScanner scanner(payload);
    std::string_view name, value;
    RowMeta broken, meta;
    broken.source = meta.source = source;
    if (!scanner.open_object())
        return broken;
    while (scanner.next_member(name)) {
        if (!scanner.skip_value(value))
            return broken;
        FieldRole role = field_role(name, RowUse::flattened, prefix);
        meta.deleted |= role == FieldRole::deleted && (value == "true" || value == "\"true\"");
        meta.deleted |= role == FieldRole::operation && operation(value) == 'd';
        if (role == FieldRole::connector && value.front() == '"')
            meta.source = source_kind(value.substr(1, value.size() - 2));
        if (std::string_view* told = name_of(meta, role))
            if (value.front() == '"' && value.find('\\') == std::string_view::npos)
                *told = value.substr(1, value.size() - 2);
    }
    return !scanner.failed() && scanner.at_end() ? meta : broken;
}

} // namespace

Decoded RecordDecoder::flattened_row(const Schema* schema, Text payload) {
    if (!route_by_topic())
        return reject(std::move(routing_));
    change_.may_miss = true;
    RowMeta meta;
    meta.source = source_;
    Row row;
    Fault fault;
    JsonCursor cursor(payload.begin, payload.end, payload.utf8);
    bool good =
        schema != nullptr
            ? rows_.typed(cursor, *schema->row, true, arena_, row, &meta, fault)
            : rows_.tokens(cursor, RowUse::flattened, topic_.rows, arena_, row, &meta, fault);
    RowMeta said = good ? meta : meta_of(payload.original, rows_.flattened_prefix(), source_);
    if (said.source != topic_.source) {
        topic_.set_source(said.source);
        if (schema != nullptr && !corrected_) { // its types hang on it
            corrected_ = true;
            target_ = nullptr;
            value_row_ = nullptr;
            change_ = Change();
            return value();
        }
    }
    if (!route_by_names(said))
        return reject(std::move(routing_));
    // A delete needs its key only, whatever the row's last values are.
    if (!good && (!record_.has_key || !said.deleted))
        return reject(std::move(fault));
    meta.deleted |= !good;
    if (good && !cursor.at_end())
        return reject(trailing_fault());
    Decoded failed;
    Key key;
    if (!read_key(key, failed))
        return failed;
    if (!good && (!key.row || key.row.has_null()))
        return reject(std::move(fault));
    change_.key = key.row;
    if (row)
        take_told(key, row);
    change_.source_us = meta.source_us;
    change_.may_create = rules_.routed || (schema != nullptr && schema->debezium_named) ||
                         meta.marked || debezium_headers_;
    if (meta.deleted) {
        change_.op = Op::remove;
        change_.new_key = read_key_header(new_key_, key);
        if (!change_.keyed() || !rules_.route.key_columns.empty())
            change_.before = row;
        return change();
    }
    // Any JSON object looks like a row. A row of the connector's has its key's columns.
    if (schema == nullptr && key.row && !rules_.routed &&
        !has_columns(row, *key.row.layout, rows_.flattened_prefix()))
        return not_ours();
    change_.old_key = read_key_header(old_key_, key);
    change_.op = change_.old_key ? Op::create : meta.op;
    change_.row = row;
    return change();
}

} // namespace kcs
