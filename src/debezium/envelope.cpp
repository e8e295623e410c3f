#include "debezium/envelope.hpp"

#include "debezium/row_reader.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// The names that tell what a record is.
enum Name : unsigned {
    kSchema,
    kPayload,
    kOp,
    kBefore,
    kAfter,
    kSource,
    kSchemaId,
    kSpecversion,
    kId,
    kType,
    kData,
    kMessage,
    kTableChanges,
    kStatus,
    kTsMs,
    kEventCount,
    kDataCollections,
    kAggregateType,
    kAdditionalData,
    kTimestamp,
    kNames,
    // Facts about values, kept beside the names.
    kStringId,
    kStringType,
    kStringSpecversion,
    kObjectMessage,
    kBoundaryStatus,
    kNumberTsMs,
    kObjectSource,
    kObjectData,
    kNumberTimestamp,
    kSourceConnector
};

constexpr std::string_view kSpelling[kNames] = {"schema",
                                                "payload",
                                                "op",
                                                "before",
                                                "after",
                                                "source",
                                                "schemaId",
                                                "specversion",
                                                "id",
                                                "type",
                                                "data",
                                                "message",
                                                "tableChanges",
                                                "status",
                                                "ts_ms",
                                                "event_count",
                                                "data_collections",
                                                "aggregate_type",
                                                "additional_data",
                                                "timestamp"};

unsigned name_of(std::string_view raw) {
    for (unsigned i = 0; i < kNames; ++i)
        if (kSpelling[i].size() == raw.size() && kSpelling[i] == raw)
            return i;
    return kNames;
}

constexpr uint64_t bit(unsigned number) {
    return UINT64_C(1) << number;
}

bool has_all(const Members& members, uint64_t bits) {
    return (members.seen & bits) == bits;
}

/// Where a member of `source` goes that is text; null: nobody needs it.
std::string_view* text_of(Source& source, std::string_view name) {
    return name == "table"       ? &source.table
           : name == "schema"    ? &source.schema
           : name == "db"        ? &source.db
           : name == "connector" ? &source.connector
                                 : nullptr;
}

/// The times of `source`: microseconds where they are told, else milliseconds.
struct SourceTime {
    int64_t us = 0;
    int64_t ms = 0;

    int64_t* place(std::string_view name) {
        return name == "ts_us" ? &us : name == "ts_ms" ? &ms : nullptr;
    }
    int64_t micros() const {
        int64_t out = us;
        return us == 0 && __builtin_mul_overflow(ms, 1000, &out) ? 0 : out;
    }
};

bool begins_number(char c) {
    return c == '-' || (c >= '0' && c <= '9');
}

/// Passes the `source` block, reading it on the way: nearly every record has one that needs no
/// unescaping, and is not looked at again.
bool scan_source(JsonScanner& scanner, Members& out) {
    std::string_view name, value;
    SourceTime time;
    bool plain = true;
    if (!scanner.open_object())
        return false;
    while (scanner.next_member(name)) {
        if (!scanner.pass_value(value))
            return false;
        plain = plain && name.find('\\') == std::string_view::npos;
        out.seen |= name == "connector" ? bit(kSourceConnector) : 0;
        if (value.front() == '"') {
            if (std::string_view* text = text_of(out.told, name)) {
                *text = value.substr(1, value.size() - 2);
                plain = plain && text->find('\\') == std::string_view::npos;
            }
        } else if (begins_number(value.front())) {
            int64_t* place = time.place(name);
            int64_t number = 0;
            if (place != nullptr && parse_integer(value, number))
                *place = number;
        }
    }
    out.told.us = time.micros();
    out.told_plain = plain;
    return !scanner.failed();
}

void note_value(unsigned name, std::string_view value, Members& out) {
    bool text = value.front() == '"';
    bool number = begins_number(value.front());
    switch (name) {
    case kSchema:
        out.schema = value;
        break;
    case kPayload:
        out.payload = value;
        break;
    case kOp:
        out.op = value;
        break;
    case kBefore:
        out.before = value;
        break;
    case kAfter:
        out.after = value;
        break;
    case kSource:
        out.source = value;
        out.seen |= value.front() == '{' ? bit(kObjectSource) : 0;
        break;
    case kId:
        out.seen |= text ? bit(kStringId) : 0;
        break;
    case kType:
        out.seen |= text ? bit(kStringType) : 0;
        break;
    case kSpecversion:
        out.seen |= text ? bit(kStringSpecversion) : 0;
        break;
    case kMessage:
        out.seen |= value.front() == '{' ? bit(kObjectMessage) : 0;
        break;
    case kStatus:
        out.seen |= value == "\"BEGIN\"" || value == "\"END\"" ? bit(kBoundaryStatus) : 0;
        break;
    case kTsMs:
        out.seen |= number ? bit(kNumberTsMs) : 0;
        break;
    case kAdditionalData:
        out.seen |= value.front() == '{' || value == "null" ? bit(kObjectData) : 0;
        break;
    case kTimestamp:
        out.seen |= number ? bit(kNumberTimestamp) : 0;
        break;
    default:
        break;
    }
}

} // namespace

bool scan_members(JsonScanner& scanner, Members& out) {
    std::string_view name, value;
    if (!scanner.open_object())
        return false;
    while (scanner.next_member(name)) {
        unsigned known = name_of(name);
        if (known != kNames && out.has(known))
            return false;
        bool source = known == kSource && scanner.peek() == JsonScanner::Token::object;
        const char* begin = scanner.position();
        if (!(source ? scan_source(scanner, out) : scanner.pass_value(value)))
            return false;
        ++out.count;
        if (known == kNames)
            continue;
        if (source)
            value = {begin, static_cast<size_t>(scanner.position() - begin)};
        out.seen |= bit(known);
        note_value(known, value, out);
    }
    return !scanner.failed();
}

PayloadClass classify(const Members& m) {
    if (m.count == 2 && has_all(m, bit(kSchema) | bit(kPayload)))
        return PayloadClass::embedded;
    if (m.count == 2 && has_all(m, bit(kSchemaId) | bit(kPayload)))
        return PayloadClass::schema_id;
    if (has_all(m, bit(kStringSpecversion) | bit(kStringId) | bit(kStringType) | bit(kData)))
        return PayloadClass::cloud_event;

    char op = operation(m.op);
    bool op_text = !m.op.empty() && m.op.front() == '"';
    bool rows = has_all(m, bit(kBefore) | bit(kAfter));
    if (op == 'm' && m.has(kObjectMessage))
        return PayloadClass::logical_message;
    if (m.has(kObjectSource)) {
        bool connector = m.has(kSourceConnector);
        bool data = op == 'c' || op == 'u' || op == 'd' || op == 'r' || op == 't';
        // An operation that is not known must not turn an envelope into a row.
        if (connector && (data || (rows && op_text)))
            return PayloadClass::envelope;
    }
    // An envelope whose `source` was taken away, or replaced.
    if (rows && op_text && (m.after.front() == '{' || m.before.front() == '{'))
        return PayloadClass::envelope;
    if (has_all(m, bit(kTableChanges) | bit(kSource)) && !m.has(kOp))
        return PayloadClass::schema_change;
    if (m.count == 1 && m.has(kNumberTsMs))
        return PayloadClass::heartbeat;
    // A row may well have a status and an id; the counters beside them are always written.
    if (has_all(m,
                bit(kBoundaryStatus) | bit(kStringId) | bit(kEventCount) | bit(kDataCollections)))
        return PayloadClass::transaction;
    if (m.count == 5 && has_all(m, bit(kId) | bit(kType) | bit(kAggregateType) | bit(kObjectData) |
                                       bit(kNumberTimestamp)))
        return PayloadClass::notification;
    return PayloadClass::flattened;
}

bool is_frame(const Members& members, bool rows) {
    if (classify(members) != PayloadClass::embedded)
        return false;
    return !rows || members.schema.front() == '{' ||
           (members.schema == "null" &&
            (members.payload == "null" || members.payload.front() == '{'));
}

char operation(std::string_view op) {
    if (op.size() != 3 || op[0] != '"')
        return 0;
    char c = op[1];
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

SourceKind source_kind(std::string_view connector) {
    return connector == "postgresql"                        ? SourceKind::postgresql
           : connector == "mysql" || connector == "mariadb" ? SourceKind::mysql
           : connector == "sqlserver"                       ? SourceKind::sqlserver
           : connector == "oracle"                          ? SourceKind::oracle
                                                            : SourceKind::unknown;
}

uint64_t source_place(std::string_view source) {
    constexpr std::string_view kPlaces[] = {"change_lsn", "commit_lsn", "file", "gtid",
                                            "lsn",        "pos",        "row",  "rs_id",
                                            "scn",        "ssn",        "txId", "vgtid"};
    JsonScanner scanner(source);
    std::string_view name, value;
    uint64_t h = UINT64_C(0xcbf29ce484222325); // FNV-1a
    bool told = false;
    auto mix = [&h](std::string_view text) {
        for (char c : text)
            h = (h ^ static_cast<unsigned char>(c)) * UINT64_C(0x100000001b3);
    };
    if (!scanner.open_object())
        return 0;
    while (scanner.next_member(name)) {
        if (!scanner.skip_value(value))
            return 0;
        for (std::string_view place : kPlaces)
            if (name == place && value != "null") {
                mix(name);
                mix(value);
                told = true;
            }
    }
    return told && h != 0 ? h : 0;
}

bool read_source(JsonCursor& cursor, Source& out) {
    std::string_view name, number;
    SourceTime time;
    if (!cursor.open_object())
        return false;
    while (cursor.next_name(name)) {
        std::string_view* text = text_of(out, name);
        int64_t* place = time.place(name);
        JsonScanner::Token token = cursor.peek();
        if (text != nullptr && token == JsonScanner::Token::string) {
            JsonScalar json;
            if (!cursor.read_scalar(json))
                return false;
            *text = json.text();
        } else if (place != nullptr && token == JsonScanner::Token::number) {
            int64_t value = 0;
            if (!cursor.read_number(number))
                return false;
            if (parse_integer(number, value))
                *place = value;
        } else if (!cursor.skip_value()) {
            return false;
        }
    }
    out.us = time.micros();
    return !cursor.failed();
}

} // namespace kcs
