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
    kNumberTimestamp
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

/// Whether an object has a member of that name.
bool has_member(std::string_view object, std::string_view wanted) {
    JsonScanner scanner(object);
    std::string_view name;
    if (!scanner.open_object())
        return false;
    while (scanner.next_member(name)) {
        if (name == wanted)
            return true;
        if (!scanner.skip_value())
            return false;
    }
    return false;
}

void note_value(unsigned name, std::string_view value, Members& out) {
    bool text = value.front() == '"';
    bool number = value.front() == '-' || (value.front() >= '0' && value.front() <= '9');
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
        if (!scanner.pass_value(value))
            return false;
        ++out.count;
        unsigned known = name_of(name);
        if (known == kNames)
            continue;
        if (out.has(known))
            return false;
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
        bool connector = has_member(m.source, "connector");
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

char operation(std::string_view op) {
    if (op.size() != 3 || op[0] != '"')
        return 0;
    char c = op[1];
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool read_source(JsonCursor& cursor, Source& out) {
    std::string_view name;
    int64_t ms = 0;
    if (!cursor.open_object())
        return false;
    while (cursor.next_name(name)) {
        std::string_view* text = name == "connector" ? &out.connector
                                 : name == "db"      ? &out.db
                                 : name == "schema"  ? &out.schema
                                 : name == "table"   ? &out.table
                                                     : nullptr;
        bool time_us = name == "ts_us", time_ms = name == "ts_ms";
        JsonScanner::Token token = cursor.peek();
        std::string_view number;
        if (text != nullptr && token == JsonScanner::Token::string) {
            JsonScalar json;
            if (!cursor.read_scalar(json))
                return false;
            *text = json.text();
        } else if ((time_us || time_ms) && token == JsonScanner::Token::number) {
            if (!cursor.read_number(number))
                return false;
            int64_t value = 0;
            if (parse_integer(number, value))
                (time_us ? out.us : ms) = value;
        } else if (!cursor.skip_value()) {
            return false;
        }
    }
    if (out.us == 0 && __builtin_mul_overflow(ms, 1000, &out.us))
        out.us = 0;
    return !cursor.failed();
}

} // namespace kcs
