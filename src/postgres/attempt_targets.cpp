#include "postgres/attempt.hpp"

#include "postgres/names.hpp"

// What an Attempt does before the first change: looks at the targets and asks for DDL.

namespace kcs::pg {

namespace {

Fault missing_column(const TargetState& state, const std::string& column) {
    Fault fault = Fault::of(ErrorClass::target, "42703",
                            "table " + quote_names(state.name.schema, state.name.table) +
                                " has no column \"" + column + "\"");
    fault.column = column;
    fault.hint = "Add the column, or set kafka_cdc_sink.schema_evolution to add_columns.";
    return fault;
}

bool contains(const std::vector<const LayoutColumn*>& columns, const LayoutColumn* column) {
    return std::find(columns.begin(), columns.end(), column) != columns.end();
}

/// Adds the columns that the table has too narrow a type of for the row, or NOT NULL where the
/// source has not. `key`: the record's, whose columns nobody makes nullable.
void ask_for_wider(TargetState& state, const Row& row, const Row& key, DdlTask& task) {
    for (const Shortfall& lack : state.shortfalls(*row.layout)) {
        const LayoutColumn* column = &row.layout->columns[lack.value];
        if (!lack.type.empty() && (!lack.by_value || !holds(state.table.shape.columns[lack.column],
                                                            row.values[lack.value])))
            task.wider.push_back(column);
        if (lack.not_null && find_column(key, column->name) == nullptr)
            task.nullable.push_back(column);
    }
}

/// The same for key columns that the row does not have.
void ask_for_wider_key(TargetState& state, const Change& change, DdlTask& task) {
    DdlTask of_key;
    ask_for_wider(state, change.key, change.key, of_key);
    for (const LayoutColumn* column : of_key.wider)
        if (find_column(change.row, column->name) == nullptr)
            task.wider.push_back(column);
}

} // namespace

void Attempt::prepare() {
    std::vector<DdlTask> tasks;
    for (Bucket& bucket : buckets_) {
        at = bucket.target;
        bucket.state = &targets_.find(*bucket.target, settings_.apply);
        if (bucket.state->exists)
            prepare_columns(bucket, tasks);
        else
            prepare_missing(bucket, tasks);
    }
    if (!tasks.empty())
        throw DdlNeeded(std::move(tasks));
}

void Attempt::prepare_missing(Bucket& bucket, std::vector<DdlTask>& tasks) {
    const Change* model = nullptr;
    bool rows = false, recognised = false;
    for (const Change* change : bucket.changes) {
        rows = rows || change->row;
        recognised = recognised || (change->row && change->may_create);
        if (model == nullptr && can_create_from(*change))
            model = change;
    }
    if (rows && !recognised)
        return; // a dead letter: any JSON object might come along
    if (settings_.apply.auto_create_tables) {
        if (model != nullptr) // else there is nothing to delete
            tasks.push_back({bucket.target, model, {}, {}, {}, model->record});
        return; // a record that tells no types is refused as such
    }
    Fault fault =
        Fault::of(ErrorClass::target, "42P01",
                  "table " + quote_names(bucket.state->name.schema, bucket.state->name.table) +
                      " does not exist");
    fault.hint = "Create it, or set kafka_cdc_sink.auto_create_tables to on.";
    throw Stop::at_table(bucket.target, std::move(fault));
}

void Attempt::prepare_columns(Bucket& bucket, std::vector<DdlTask>& tasks) {
    const bool widen = settings_.apply.schema_evolution == SchemaEvolution::widen;
    if (bucket.target->delete_mode == DeleteMode::soft &&
        bucket.state->table.shape.find(kDeletedColumn) == nullptr) {
        DdlTask task;
        task.target = bucket.target;
        task.record = bucket.changes.front()->record;
        ask_for_column(bucket, deleted_column(), task);
        tasks.push_back(std::move(task));
    }
    std::vector<const LayoutColumn*> asked; // by earlier changes of the batch
    const RowLayout* last = nullptr;
    for (const Change* change : bucket.changes) {
        if (!change->row)
            continue;
        DdlTask task;
        task.target = bucket.target;
        task.record = change->record;
        if (change->row.layout != last)
            ask_for_columns(bucket, change->row, task);
        last = change->row.layout;
        if (widen) {
            ask_for_wider(*bucket.state, change->row, change->key, task);
            if (change->key)
                ask_for_wider_key(*bucket.state, *change, task);
        }
        if (!task.alters())
            continue;
        bool news = false;
        for (const auto* columns : {&task.columns, &task.wider, &task.nullable})
            for (const LayoutColumn* column : *columns)
                if (!contains(asked, column)) {
                    asked.push_back(column);
                    news = true;
                }
        if (news)
            tasks.push_back(std::move(task));
    }
}

void Attempt::ask_for_columns(const Bucket& bucket, const Row& row, DdlTask& task) {
    for (int i : bucket.state->bind_row(*row.layout).missing)
        ask_for_column(bucket, row.layout->columns[i], task);
}

void Attempt::ask_for_column(const Bucket& bucket, const LayoutColumn& column, DdlTask& task) {
    if (settings_.apply.schema_evolution == SchemaEvolution::none)
        throw Stop::at_table(bucket.target, missing_column(*bucket.state, shown_name(column.name)));
    task.columns.push_back(&column);
}

} // namespace kcs::pg
