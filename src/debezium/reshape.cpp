#include "debezium/reshape.hpp"

#include "debezium/fallback.hpp"
#include "debezium/key_change.hpp"

#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

Fault no_key(const std::string& column, const char* what) {
    Fault fault = Fault::data(
        "22004", "key column \"" + column + "\", which the route names, " + what, column);
    return fault;
}

} // namespace

Reshaper::Verdict Reshaper::reshape(Change& change, const Record& record, std::string_view source,
                                    Fault& fault) {
    const Route& route = rules_.route;
    if (!route.key_columns.empty() && change.op != Op::truncate) {
        Verdict verdict = rekey(change, fault);
        if (verdict != Verdict::change)
            return verdict;
    } else if (change.key && !route.history) {
        RowRules excluded = rules_.of_rows();
        for (const LayoutColumn& column : change.key.layout->columns)
            if (excluded.excludes(column.name)) {
                fault = Fault::of(ErrorClass::target, "42P10",
                                  "column \"" + column.name +
                                      "\" is excluded by the route, but is a key column of its "
                                      "records");
                fault.column = column.name;
                fault.hint = "Name other key_columns in kafka_cdc_sink.routes, or do not exclude "
                             "the column.";
                return Verdict::reject;
            }
    }
    if (route.history && !to_history(change, record, source, fault))
        return Verdict::reject;
    return Verdict::change;
}

/// Whether the record tells the value, so that it can be part of a key.
bool Reshaper::usable(const Value& value) const {
    switch (value.kind) {
    case ValueKind::null:
    case ValueKind::absent:
    case ValueKind::unavailable:
        return false;
    case ValueKind::token_text:
        return !rules_.placeholder.matches_text(value.text());
    case ValueKind::token_json:
        return !rules_.placeholder.matches_json(value.text());
    default:
        return true;
    }
}

/// The route's key columns of a row. False: `lacking` is one that it does not tell.
bool Reshaper::select(const Row& from, Row& out, std::string& lacking) {
    const std::vector<std::string>& names = rules_.route.key_columns;
    if (!from) {
        lacking = names[0];
        return false;
    }
    const DerivedLayout& selection = layouts_.selection(*from.layout, names, retired_);
    Value* values = arena_.make_array<Value>(names.size());
    for (size_t i = 0; i < names.size(); ++i) {
        int at = selection.from[i];
        if (at < 0 || !usable(from.values[at])) {
            lacking = names[i];
            return false;
        }
        values[i] = from.values[at];
    }
    out = {&selection.row, values};
    return true;
}

Reshaper::Verdict Reshaper::rekey(Change& change, Fault& fault) {
    Row key, other;
    std::string lacking;
    Row former = std::exchange(change.before, Row());
    if (former && only_fallbacks(former, change.key))
        former = Row();
    bool leaves = change.op == Op::remove;
    change.half = record_key_change(leaves ? change.key : change.old_key,
                                    leaves ? change.new_key : change.key, change.pair);
    change.new_key = change.old_key = Row();
    if (change.op == Op::remove) {
        if (change.tombstone && !select(change.key, key, lacking)) {
            fault = no_key(lacking, "is not in the record key, and the record is a tombstone");
            fault.hint = "Let the source write the deleted row: "
                         "delete.tombstone.handling.mode=rewrite.";
            return Verdict::unkeyed_tombstone;
        }
        Change whole = change;
        whole.before = former;
        if (!key_of_delete(whole, key, fault))
            return Verdict::reject;
        change.key = key;
        return Verdict::change;
    }
    Change whole = change;
    whole.before = former;
    if (!key_of_row(whole, key, fault))
        return Verdict::reject;
    if (change.op == Op::update) {
        // No other record tells that the row had another key.
        bool told = select(former, other, lacking) && !same_values(other, key);
        change.old_key = told ? other : Row();
        change.moves = told;
    }
    change.key = key;
    return Verdict::change;
}

bool Reshaper::key_of_delete(const Change& change, Row& key, Fault& fault) {
    std::string lacking;
    if (select(change.key, key, lacking) || select(change.before, key, lacking))
        return true;
    fault = no_key(lacking, "is not told by the delete");
    fault.hint = "Let the source send the whole former row: REPLICA IDENTITY FULL in PostgreSQL, "
                 "binlog_row_image=FULL in MySQL.";
    return false;
}

/// Of a row that is there afterwards. A long value that did not change may only be in the row
/// before, or in the record key.
bool Reshaper::key_of_row(const Change& change, Row& key, Fault& fault) {
    std::string lacking, ignored;
    if (select(change.row, key, lacking))
        return true;
    const char* what = "is not in the record";
    bool told = false; // some of it
    const DerivedLayout& selection =
        layouts_.selection(*change.row.layout, rules_.route.key_columns, retired_);
    for (size_t i = 0; i < selection.from.size(); ++i) {
        if (selection.from[i] < 0)
            continue;
        const Value& value = change.row.values[selection.from[i]];
        told |= usable(value);
        if (value.kind == ValueKind::null) { // it is that now, whatever it was before
            fault = no_key(rules_.route.key_columns[i], "is null in the record");
            return false;
        }
        if (rules_.route.key_columns[i] == lacking)
            what = "has no value in the record";
    }
    if ((selection.complete && fill(change, selection, key)) || select(change.key, key, ignored) ||
        (!told && select(change.before, key, ignored)))
        return true;
    fault = no_key(lacking, what);
    return false;
}

/// The row's key columns, and those that it does not tell from the record key or the row before.
bool Reshaper::fill(const Change& change, const DerivedLayout& selection, Row& out) {
    Value* values = arena_.make_array<Value>(selection.from.size());
    for (size_t i = 0; i < selection.from.size(); ++i) {
        values[i] = change.row.values[selection.from[i]];
        for (const Row* from : {&change.key, &change.before}) {
            bool alike = *from && from->layout->typed == change.row.layout->typed;
            if (!alike || usable(values[i]))
                continue;
            int at = layouts_.selection(*from->layout, rules_.route.key_columns, retired_).from[i];
            if (at >= 0)
                values[i] = from->values[at];
        }
        if (!usable(values[i]))
            return false;
    }
    out = {&selection.row, values};
    return true;
}

} // namespace kcs
