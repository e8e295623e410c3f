#include "postgres/group.hpp"

#include "core/clock.hpp"
#include "debezium/special_columns.hpp"
#include "postgres/held_schema.hpp"
#include "postgres/meaning.hpp"
#include "postgres/names.hpp"
#include "postgres/stop.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace kcs::pg {

namespace {

constexpr int kLongMessage = 500;

/// Of a key.
std::string column_names(const TargetState& state, const RowLayout& layout) {
    std::vector<LayoutColumn> columns;
    for (const LayoutColumn& column : layout.columns)
        if (!state.leaves_out(column))
            columns.push_back(column);
    return join(columns, ", ", [](const LayoutColumn& c) { return quote_name(c.name); });
}

/// Whether a change can be folded with others; else it has its place in the order alone.
bool folds(const GroupChange& c) {
    Op op = c.change->op;
    if (op == Op::truncate)
        return false;
    if (c.key == kNoKey)
        return op == Op::create || op == Op::read;
    if (c.contended || c.carries)
        return false;
    if (!c.is_half())
        return !c.partial;
    return c.paired || (op != Op::remove && !c.partial && !c.change->moves);
}

bool lacks_values(const Row& row) {
    for (size_t i = 0; i < row.layout->columns.size(); ++i)
        if (row.values[i].kind == ValueKind::unavailable)
            return true;
    return false;
}

} // namespace

void Group::apply(const std::vector<const Change*>& changes) {
    prepare(changes);
    if (changes_.empty())
        return;
    Oid acting = state_.acting;
    const char* name = state_.table.shape.schema.c_str();
    Oid schema = state_.table.schema;
    Identity before = guard([=] {
        hold_schema(name, schema);
        return act_for_target(acting);
    });
    if (key_ != nullptr)
        identify();
    pair_halves();
    find_contended();
    std::vector<KeyedChange> run;
    for (const GroupChange& c : changes_) {
        if (folds(c)) {
            if (c.is_half() && !c.paired)
                settle_half(c);
            run.push_back({c.change, c.key, c.paired});
            continue;
        }
        apply_keyed(run);
        run.clear();
        apply_alone(c);
    }
    apply_keyed(run);
    guard([&before] {
        act_as_before(before);
        let_schema_go();
    });
}

void Group::check(const Change& change) {
    prepare({&change});
    if (changes_.empty() || key_ == nullptr)
        return;
    Oid acting = state_.acting;
    Identity before = guard([acting] { return act_for_target(acting); });
    identify();
    guard([&before] { act_as_before(before); });
}

void Group::prepare(const std::vector<const Change*>& changes) {
    interpreted_.clear();
    changes_.clear();
    sources_.clear();
    require_boolean_mark();
    changes_.reserve(changes.size());
    sources_.reserve(changes.size() * 2);
    for (const Change* change : changes)
        take(*change);
}

/// Checks what can be told without a Datum, and gives values without schema their meaning.
void Group::take(const Change& change) {
    if (!state_.exists) {
        if (change.op == Op::remove || change.op == Op::truncate) {
            meet_letters(change, Row());
            return; // nothing is there that could go
        }
        std::string name = quote_names(state_.name.schema, state_.name.table);
        if (!change.may_create)
            refuse("42P01", "table " + name +
                                " does not exist and is not made from a record that is not "
                                "recognisably Debezium's");
        if (change.row && change.key && change.key.layout->columns[0].name.empty()) {
            Fault fault = Fault::data("42P18", "the record's key does not name its column, so that "
                                               "table " +
                                                   name + " cannot be created");
            fault.table = state_.text();
            fault.hint = "Create the table, or name its key_columns in kafka_cdc_sink.routes.";
            throw Error(std::move(fault));
        }
        refuse("42P18",
               "the types of the columns of table " + name + " cannot be told from this record");
    }
    if (state_.target->history && change.key &&
        state_.bind_key(*change.key.layout).index == nullptr) {
        interpreted_.push_back(change); // somebody's own table: appended to
        interpreted_.back().key = Row();
        take(interpreted_.back());
        return;
    }
    if (!change.keyed()) {
        bool former = change.op == Op::remove || change.op == Op::update || change.op == Op::upsert;
        if (former && !change.before && change.key)
            refuse_null_key(change);
        if (former && !change.before)
            refuse("0A000", change.op == Op::upsert
                                ? "a row without key does not tell whether it is an insert"
                                : "an update without key does not tell the row's former values");
    }
    if (change.key) {
        const KeyBinding& binding = state_.bind_key(*change.key.layout);
        if (binding.index == nullptr) {
            Fault fault =
                Fault::of(ErrorClass::target, "42P10",
                          "table " + quote_names(state_.name.schema, state_.name.table) +
                              " has no usable unique index on exactly the key columns (" +
                              column_names(state_, *change.key.layout) + ") of its records");
            fault.hint = "Create a primary key or a unique index on these columns that is neither "
                         "deferrable nor partial.";
            throw Stop::at_table(state_.target, std::move(fault));
        }
        if (know_key_ && key_ != binding.index)
            refuse("0A000", "records of one topic have different keys");
        key_ = binding.index;
        know_key_ = true;
        for (size_t i = 0; i < key_->parts.size() && !change.keyed(); ++i)
            if (change.key.values[binding.places[i]].kind == ValueKind::null &&
                state_.table.shape.columns[key_->parts[i].column].not_null)
                refuse_null_key(change);
    }
    if (change.row)
        check_row(change);
    const Change* use = &change;
    Meaning meaning(state_, context_.arena);
    if (meaning.needed(change.row) || meaning.needed(change.before) || meaning.needed(change.key) ||
        meaning.needed(change.new_key) || meaning.needed(change.old_key)) {
        interpreted_.push_back(change);
        Change& copy = interpreted_.back();
        copy.row = meaning.row(change.row, change.may_miss);
        copy.before = meaning.row(change.before, true);
        copy.key = meaning.key(change.key);
        copy.new_key = meaning.other_key(change.new_key, change.key);
        copy.old_key = meaning.other_key(change.old_key, change.key);
        use = &copy;
    }
    changes_.push_back({});
    changes_.back().change = use;
    changes_.back().stale = meet_letters(change, use->row);
    if (!change.keyed() && (change.op == Op::create || change.op == Op::read))
        require_values(use->row);
    // Halves of a key change meet by their keys; where one of these tells no row, each is on its
    // own.
    const Row& other = use->new_key ? use->new_key : use->old_key;
    bool apart = !change.keyed() || other.has_null();
    changes_.back().paired = apart;
    add_key_source(change.keyed() ? use->key : Row(), change, change.op != Op::remove);
    add_key_source(apart ? Row() : other, change, false);
}

/// Closes the open letters of the change's row, or goes behind them. True: there were some.
bool Group::meet_letters(const Change& change, const Row& row) {
    if (context_.letters == nullptr || !context_.letters->concerns(change))
        return false;
    bool stale = context_.letters->open_before(change);
    context_.letters->meet(change, row && lacks_values(row));
    return stale;
}

/// A new row without key has no other that it could take values from.
void Group::require_values(const Row& row) {
    for (const RowBinding::Column& c : state_.bind_row(*row.layout).columns)
        if (row.values[c.value].kind == ValueKind::unavailable)
            refuse("P0002", "the row is new, and not all of its values are in the record",
                   state_.table.shape.columns[c.column].name);
}

void Group::refuse_null_key(const Change& change) {
    size_t part = 0;
    while (change.key.values[part].kind != ValueKind::null)
        ++part;
    Fault fault =
        Fault::data("23502", "null value in key column", change.key.layout->columns[part].name);
    fault.table = state_.text();
    if (change.op != Op::create && change.op != Op::read && !change.before)
        fault.detail = "Such a row is found by its former values, which the record does not tell.";
    throw Error(std::move(fault));
}

void Group::check_row(const Change& change) {
    const RowBinding& binding = state_.bind_row(*change.row.layout);
    for (int i : binding.undetermined) {
        const Value& value = change.row.values[i];
        if (value.is_null() || value.kind == ValueKind::unavailable)
            continue;
        const std::string& name = change.row.layout->columns[i].name;
        Fault fault = Fault::data(
            "42P18", "the type of column \"" + name + "\" cannot be told from the record", name);
        fault.table = state_.text();
        if (find_decimal_entry(change.row.layout->settings->schemaless_decimal_columns, name)
                .listed)
            fault.hint = kScaleHint;
        throw Error(std::move(fault));
    }
}

void Group::add_key_source(const Row& row, const Change& change, bool spelling) {
    if (!row) {
        sources_.push_back({nullptr, nullptr, change.record, false, false});
        return;
    }
    const KeyBinding& binding = state_.bind_key(*row.layout);
    if (binding.index != key_)
        refuse("22000", "the old and the new key of the record have different columns");
    bool former = !spelling && change.op != Op::remove;
    sources_.push_back({row.values, binding.places.data(), change.record, spelling, former});
}

void Group::identify() {
    std::vector<Converter*> converters;
    std::vector<int> columns;
    for (const KeyPart& part : key_->parts) {
        converters.push_back(state_.converter(part.column));
        columns.push_back(part.column);
    }
    KeyOperators* operators = state_.operators(*key_);
    std::vector<KeyId> ids(sources_.size());
    RowProblem problem;
    MemoryContext memory = context_.memory.batch;
    bool* converting = context_.converting;
    book_ = guard_values(problem, columns, [&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        KeyBook* book = make_key_book(operators, static_cast<uint32_t>(sources_.size()));
        *converting = true;
        identify_keys(sources_.data(), sources_.size(), converters.data(), converters.size(), book,
                      ids.data(), &problem);
        *converting = false;
        MemoryContextSwitchTo(before);
        return book;
    });
    if (problem.found)
        fail(problem, columns);
    size_t kept = 0;
    for (size_t i = 0; i < changes_.size(); ++i) {
        GroupChange c = changes_[i];
        c.key = ids[2 * i];
        c.other = ids[2 * i + 1];
        if (c.key == c.other && c.key != kNoKey) {
            // A key that changes its spelling only: its second half writes the row.
            if (c.change->op == Op::remove)
                continue;
            c.other = kNoKey;
        }
        if (c.change->row && (c.is_half() || (soft() && c.change->op == Op::create)))
            c.partial = lacks_values(c.change->row);
        if (c.other != kNoKey && c.change->op != Op::remove && !c.change->moves)
            c.carries = has_own_columns(c.change->row);
        changes_[kept++] = c;
    }
    changes_.resize(kept);
}

void Group::apply_keyed(const std::vector<KeyedChange>& changes) {
    if (changes.empty())
        return;
    Folded folded;
    uint32_t keys = book_ == nullptr ? 0 : key_count(book_);
    SystemClock clock;
    const int64_t begun = clock.steady_us();
    const bool is_one = fold(changes, keys, soft(), context_.arena, folded);
    context_.tally.fold_us += clock.steady_us() - begun;
    if (is_one) {
        context_.tally.folded += folded.folded_away;
        execute(folded);
        return;
    }
    if (changes.size() == 1)
        refuse("XX000", "a single change could not be folded");
    auto middle = changes.begin() + static_cast<std::ptrdiff_t>(changes.size() / 2);
    apply_keyed({changes.begin(), middle});
    apply_keyed({middle, changes.end()});
}

void Group::execute(const Folded& folded) {
    execute_deletes(folded.deletes);
    execute_marks(folded.marks);
    execute_rows(folded.rows, folded.marks.empty()); // (marked rows are there still)
    execute_rows(folded.appends, false);
}

void Group::refuse(const char* sqlstate, std::string message, std::string column) {
    Fault fault = Fault::data(sqlstate, std::move(message), std::move(column));
    fault.table = state_.text();
    throw Error(std::move(fault));
}

void Group::fail(const RowProblem& problem, const std::vector<int>& columns) {
    const ColumnShape& column = state_.table.shape.columns[columns[problem.column]];
    refuse(problem.error.sqlstate, problem.error.message, column.name);
}

/// PostgreSQL's own texts name neither the column nor, always, the value; some hold all of it.
void Group::blame(Fault fault, const RowProblem& problem, const std::vector<int>& columns) {
    fault.column = state_.table.shape.columns[columns[problem.column]].name;
    fault.table = state_.text();
    if (problem.value != nullptr) {
        ShownValue shown;
        guard([&] { show_value(*problem.value, shown); });
        fault.detail += fault.detail.empty() ? "" : "\n";
        const char* quote = problem.value->is_null() ? "" : "\"";
        fault.detail +=
            "Column \"" + fault.column + "\" has the value " + quote + shown + quote + ".";
    }
    if (fault.message.size() > kLongMessage) {
        fault.message.resize(pg_mbcliplen(fault.message.data(),
                                          static_cast<int>(fault.message.size()), kLongMessage));
        fault.message += "...";
    }
    throw Error(std::move(fault));
}

} // namespace kcs::pg
