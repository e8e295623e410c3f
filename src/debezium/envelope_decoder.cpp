#include "debezium/record_decoder.hpp"

#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool absent_or_null(std::string_view span) {
    return span.empty() || span == "null";
}

/// An operation for a message: only what is short and plain.
std::string shown(std::string_view op) {
    if (op.empty())
        return "(none)";
    for (char c : op)
        if (op.size() > 20 || c < ' ' || c > '~')
            return "(not shown)";
    return std::string(op);
}

/// A part of the private copy as writable text.
JsonCursor cursor_over(std::string_view span, bool utf8) {
    char* begin = const_cast<char*>(span.data()); // the private copy is writable
    return JsonCursor(begin, begin + span.size(), utf8);
}

} // namespace

Decoded RecordDecoder::envelope(const Schema* schema, Text payload, const Members& members) {
    char op = operation(members.op);
    if (op == 'm')
        return skip(SkipReason::logical_message);
    if ((new_key_ != nullptr || old_key_ != nullptr) && !absent_or_null(members.source))
        change_.pair = source_place(members.source);
    Source source;
    if (members.told_plain && payload.utf8) {
        source = members.told;
    } else if (!absent_or_null(members.source)) {
        JsonCursor cursor = cursor_over(members.source, payload.utf8);
        if (!read_source(cursor, source))
            return reject(Fault::data("22023", "the envelope's source block cannot be read"));
    }
    topic_.envelopes = true;
    if (!route_by_source(source))
        return reject(std::move(routing_));
    change_.source_us = source.us;
    change_.may_create =
        rules_.routed || (schema != nullptr ? schema->debezium_named : !source.connector.empty());
    if (rules_.route.history && !members.source.empty())
        source_text_ = payload.original.substr(
            static_cast<size_t>(members.source.data() - payload.begin), members.source.size());

    bool postgresql = source.connector == "postgresql";
    if (schema == nullptr)
        topic_.set_source(source_kind(source.connector));
    switch (op) {
    case 't':
        change_.op = Op::truncate;
        return change();
    case 'c':
    case 'r':
    case 'u':
    case 'd':
        return row_change(op, schema, payload, members, postgresql);
    default:
        return reject(
            Fault::data("22023", "unknown operation " + shown(members.op) + " in change event"));
    }
}

/// Reads `before` or `after`. False: `result` says why.
bool RecordDecoder::image(std::string_view span, const Schema* schema, const Text& payload,
                          const char* what, bool may_miss, const Key& key, Row& out,
                          Decoded& result) {
    if (span.front() != '{') {
        result = reject(
            Fault::data("22023", std::string("the change event's ") + what + " is no JSON object"));
        return false;
    }
    JsonCursor cursor = cursor_over(span, payload.utf8);
    Fault fault;
    bool good =
        schema != nullptr
            ? rows_.typed(cursor, *schema->row, may_miss, arena_, out, nullptr, fault)
            : rows_.tokens(cursor, RowUse::envelope, topic_.rows, arena_, out, nullptr, fault);
    if (good)
        take_told(key, out);
    else
        result = reject(std::move(fault));
    return good;
}

Decoded RecordDecoder::row_change(char op, const Schema* schema, const Text& payload,
                                  const Members& members, bool postgresql) {
    change_.op = op == 'c'   ? Op::create
                 : op == 'r' ? Op::read
                 : op == 'u' ? Op::update
                             : Op::remove;
    // Where the placeholder may stand for an unchanged value, not for itself (wire format, section
    // 4, rule 7).
    change_.may_miss = !postgresql || op == 'u' || (op == 'c' && old_key_ != nullptr);
    Decoded failed;
    Key key;
    if (!read_key(key, failed))
        return failed;
    learn_table(key);
    change_.key = key.row;

    if (op == 'd')
        change_.new_key = read_key_header(new_key_, key);
    else if (op == 'c')
        change_.old_key = read_key_header(old_key_, key);

    bool rekeyed = !rules_.route.key_columns.empty();
    if ((op == 'u' || op == 'd') && (rekeyed || !change_.keyed())) {
        bool former = !absent_or_null(members.before);
        if (!former && !rekeyed && !key.row) {
            Fault fault = Fault::data("22023", "update or delete without key and without the "
                                               "row's former values");
            fault.hint = "Give the source table a primary key, or REPLICA IDENTITY FULL.";
            return reject(std::move(fault));
        }
        if (former &&
            !image(members.before, schema, payload, "before", true, key, change_.before, failed))
            return failed;
    }
    if (op == 'd')
        return change();
    if (absent_or_null(members.after))
        return reject(Fault::data("22023", "the change event has no after image"));
    if (!image(members.after, schema, payload, "after", change_.may_miss, key, change_.row, failed))
        return failed;
    return change();
}

} // namespace kcs
