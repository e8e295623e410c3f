#include "debezium/json_cursor.hpp"
#include "debezium/reshape.hpp"

#include <string>

#include "core/pure.hpp"

// The rows of a history: what a change brought, and beside it what, when and whence it was.

namespace kcs {

namespace {

/// Members of the source block that say where at the source an event was (wire format section 2).
constexpr std::string_view kPosition[] = {
    "lsn",        "txId",        "gtid",       "server_id",    "file",
    "pos",        "row",         "scn",        "rs_id",        "ssn",
    "commit_scn", "redo_thread", "commit_lsn", "change_lsn",   "vgtid",
    "sequence",   "ord",         "row_id",     "lcr_position", "event_serial_no"};

bool is_position(std::string_view name) {
    for (std::string_view known : kPosition)
        if (name == known)
            return true;
    return false;
}

const char* letter(Op op) {
    switch (op) {
    case Op::create:
        return "c";
    case Op::read:
        return "r";
    case Op::update:
        return "u";
    case Op::remove:
        return "d";
    case Op::truncate:
        return "t";
    case Op::upsert:
        break;
    }
    return nullptr; // a flattened record need not tell
}

/// Place in the key of what topic routing added to it, where the row has no such column; -1: none.
int routing_place(const Row& key, const Row& row) {
    int place = -1;
    for (size_t i = 0; key && i < key.layout->columns.size(); ++i)
        if (key.layout->columns[i].routing)
            place = static_cast<int>(i);
    for (size_t i = 0; row && place >= 0 && i < row.layout->columns.size(); ++i)
        if (row.layout->columns[i].name == kRoutingField)
            place = -1;
    return place;
}

Value time_value(int64_t us) {
    int64_t time = 0;
    if (us == 0 || __builtin_sub_overflow(us, kEpochMicros, &time))
        return Value::of(ValueKind::null);
    return Value::of(ValueKind::timestamptz, time);
}

} // namespace

/// A JSON object of what identifies the event at the source; null when nothing does.
Value Reshaper::position(std::string_view source) {
    JsonScanner scanner(source);
    std::string out;
    std::string_view name, value;
    if (source.empty() || !scanner.open_object())
        return Value::of(ValueKind::null);
    while (scanner.next_member(name)) {
        if (!scanner.skip_value(value))
            return Value::of(ValueKind::null);
        if (value == "null" || !is_position(name))
            continue;
        out += out.empty() ? "{\"" : ",\"";
        out.append(name).append("\":").append(value);
    }
    if (out.empty() || scanner.failed())
        return Value::of(ValueKind::null);
    std::string_view text = arena_.copy(out + "}");
    bool utf8 = valid_utf8(text.data(), text.data() + text.size());
    return utf8 ? Value::of(ValueKind::json, text) : Value::of(ValueKind::null);
}

bool Reshaper::to_history(Change& change, const Record& record, std::string_view source,
                          Fault& fault) {
    // Of a deleted row only the key is known for certain; where there is none, it was sent whole.
    bool by_key = change.key && (change.keyed() || !change.before);
    const Row& from = change.op != Op::remove ? change.row : by_key ? change.key : change.before;
    RowRules rules = rules_.of_rows();
    int routing = routing_place(change.key, from);
    const DerivedLayout& derived = layouts_.history(
        from.layout, routing < 0 ? nullptr : &change.key.layout->columns[routing], rules, retired_);
    if (!derived.clash.empty()) {
        fault =
            Fault::of(ErrorClass::target, "42701",
                      "column \"" + derived.clash + "\" has the name of a column of every history");
        fault.column = derived.clash;
        fault.hint = "Exclude it with excluded_columns in kafka_cdc_sink.routes.";
        return false;
    }
    size_t taken = derived.from.size();
    Value* values = arena_.make_array<Value>(taken + HistoryColumns::count);
    Value* unchanged = arena_.make_array<Value>(taken);
    uint32_t unchanged_count = 0;
    for (size_t i = 0; i < taken; ++i) {
        int at = derived.from[i];
        values[i] = at < 0 ? change.key.values[routing] : from.values[at];
        bool token =
            values[i].kind == ValueKind::token_text || values[i].kind == ValueKind::token_json;
        bool missing = values[i].kind == ValueKind::unavailable ||
                       (token && change.may_miss && !usable(values[i]));
        if (!missing)
            continue;
        values[i] = Value::of(ValueKind::null);
        unchanged[unchanged_count++] =
            Value::of(ValueKind::text, std::string_view(derived.row.columns[i].name));
    }

    Value* added = values + taken;
    const char* op = letter(change.op);
    added[HistoryColumns::op] = op == nullptr ? Value::of(ValueKind::null)
                                              : Value::of(ValueKind::text, std::string_view(op));
    added[HistoryColumns::source_time] = time_value(change.source_us);
    added[HistoryColumns::source_position] = position(source);
    added[HistoryColumns::topic] = Value::of(ValueKind::text, arena_.copy(record.topic));
    added[HistoryColumns::partition] = Value::of(ValueKind::integer, int64_t{record.partition});
    added[HistoryColumns::offset] = Value::of(ValueKind::integer, record.offset);
    Value names = Value::of(unchanged_count == 0 ? ValueKind::null : ValueKind::array);
    names.items = unchanged;
    names.size = unchanged_count;
    added[HistoryColumns::unchanged] = names;

    Value* key = arena_.make_array<Value>(3);
    key[0] = added[HistoryColumns::topic];
    key[1] = added[HistoryColumns::partition];
    key[2] = added[HistoryColumns::offset];
    change.row = {&derived.row, values};
    change.key = {&layouts_.history_key(rules), key};
    change.before = change.new_key = change.old_key = Row();
    change.half = 0;
    change.op = Op::create;
    change.may_miss = change.moves = change.tombstone = false;
    return true;
}

} // namespace kcs
