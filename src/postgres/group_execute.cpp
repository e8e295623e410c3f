#include "postgres/group.hpp"

#include "postgres/names.hpp"
#include "postgres/stop.hpp"

#include <algorithm>

namespace kcs::pg {

namespace {

/// Statement kinds, as they appear in a plan's key.
constexpr char kInsert = 'i', kUpsert = 'u', kUpdate = 'p', kMissing = 'q', kDelete = 'd',
               kDeleteAny = 'a', kMark = 'm', kRenumber = 'r';

/// With fewer rows, a statement of their own costs more than ON CONFLICT does.
constexpr ptrdiff_t kFewestInserts = 50;

} // namespace

BatchColumn batch_column(const ColumnShape& column, std::string name) {
    return {std::move(name), column.base_oid, column.typmod, column.collation};
}

/// Rows that carry the same columns.
struct Group::RowGroup {
    const RowLayout* layout = nullptr;
    std::vector<bool> carried; ///< of the binding's columns
    bool partial = false;
    bool insert_only = false;      ///< probably new rows, all of them
    std::vector<int> columns;      ///< of the statement: key parts, then the carried ones
    std::vector<RowColumn> datums; ///< beside `columns`
    std::vector<RowItem> items;
};

Plan* Group::plan(char kind, const std::vector<int>& columns) {
    std::string key = plan_prefix(*state_.target) + kind;
    if (key_ != nullptr)
        key += std::to_string(key_->oid);
    for (int c : columns)
        key += "," + std::to_string(c);
    return plan(std::move(key), [&] { return plan_source(kind, columns); });
}

PlanSource Group::plan_source(char kind, const std::vector<int>& columns) {
    StatementTarget target = statement_target();
    PlanSource source;
    if (kind == kDeleteAny) {
        source.sql = delete_any_statement(target);
        Oid type = state_.table.shape.columns[key_->parts[0].column].base_oid;
        source.parameter = guard([type] { return get_array_type(type); });
        return source;
    }
    source.relation = context_.plans.next_relation_name();
    for (int c : columns)
        source.columns.push_back(
            batch_column(state_.table.shape.columns[c], state_.table.shape.columns[c].name));
    switch (kind) {
    case kInsert:
    case kUpsert:
        source.sql = insert_statement(target, columns, kind == kUpsert, source.relation);
        break;
    case kUpdate:
        source.sql = update_statement(target, columns, source.relation);
        break;
    case kRenumber:
        source.sql = renumber_statement(target, columns, source.relation);
        break;
    case kMissing:
        source.sql = missing_statement(target, source.relation);
        break;
    case kDelete:
        source.sql = delete_statement(target, source.relation);
        break;
    case kMark:
        source.sql = mark_statement(target, mark_column(), source.relation);
        break;
    }
    return source;
}

/// A batch of keys alone; its statement is still to be given.
PlanSource Group::key_source() {
    PlanSource source;
    source.relation = context_.plans.next_relation_name();
    for (const KeyPart& part : key_->parts) {
        const ColumnShape& column = state_.table.shape.columns[part.column];
        source.columns.push_back(batch_column(column, column.name));
    }
    return source;
}

/// The column that soft deletes set; -1: deletes are not soft.
int Group::mark_column() const {
    const std::vector<ColumnShape>& columns = state_.table.shape.columns;
    for (size_t c = 0; soft() && c < columns.size(); ++c)
        if (columns[c].name == kDeletedColumn)
            return static_cast<int>(c);
    return -1;
}

void Group::require_boolean_mark() const {
    int mark = mark_column();
    if (mark < 0 || state_.table.shape.columns[mark].base_oid == BOOLOID)
        return;
    Fault fault = Fault::of(ErrorClass::target, "42804",
                            "column \"" + std::string(kDeletedColumn) + "\" of table " +
                                quote_names(state_.name.schema, state_.name.table) +
                                ", which is to tell deleted rows, is not boolean");
    fault.column = kDeletedColumn;
    fault.hint = "Alter the column's type, or take another delete_mode.";
    throw Stop::at_table(state_.target, std::move(fault));
}

static std::vector<int> key_columns(const UniqueIndex& key) {
    std::vector<int> columns;
    for (const KeyPart& part : key.parts)
        columns.push_back(part.column);
    return columns;
}

/// Whether there is a column among them, beside the key's, that no UPDATE may set.
bool Group::has_fixed_identity(const std::vector<int>& columns) const {
    return std::any_of(columns.begin(), columns.end(), [this](int c) {
        return state_.table.shape.columns[c].identity_always &&
               std::none_of(key_->parts.begin(), key_->parts.end(),
                            [c](const KeyPart& part) { return part.column == c; });
    });
}

uint64_t Group::run_for_keys(Plan* use, std::vector<KeyId> keys) {
    return run_for_keys(use, std::move(keys), [](uint64_t count) { return count; });
}

void Group::execute_deletes(const std::vector<KeyId>& keys) {
    if (keys.empty())
        return;
    const ColumnShape& first = state_.table.shape.columns[key_->parts[0].column];
    Oid type = first.base_oid;
    bool any = key_->parts.size() == 1 && first.kind != TypeKind::array &&
               guard([type] { return OidIsValid(get_array_type(type)); });
    if (!any) {
        run_for_keys(plan(kDelete, key_columns(*key_)), keys);
        return;
    }
    std::vector<KeyId> sorted = keys;
    Plan* use = plan(kDeleteAny, {});
    MemoryContext memory = context_.memory.batch;
    KeyBook* book = book_;
    guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        sort_by_key(book, sorted.data(), sorted.size(), sizeof(KeyId));
        run_plan_with(use, key_array(sorted.data(), sorted.size(), book, type));
        MemoryContextSwitchTo(before);
    });
}

void Group::execute_marks(const std::vector<KeyId>& keys) {
    if (!keys.empty())
        run_for_keys(plan(kMark, key_columns(*key_)), keys);
}

void Group::execute_rows(const std::vector<FoldedRow>& rows, bool may_be_new) {
    const bool may_insert = may_be_new && context_.plain_inserts && state_.upserts_left == 0;
    const bool apart =
        may_insert && std::count_if(rows.begin(), rows.end(), [](const FoldedRow& row) {
                          return row.insert_only;
                      }) >= kFewestInserts;
    std::vector<RowGroup> groups;
    std::vector<bool> carried;
    size_t last = 0;
    for (size_t i = 0; i < rows.size(); ++i) {
        const FoldedRow& row = rows[i];
        const RowBinding& binding = state_.bind_row(*row.layout);
        carried.assign(binding.columns.size(), true);
        bool partial = false;
        for (size_t c = 0; c < carried.size(); ++c) {
            ValueKind kind = row.values[binding.columns[c].value].kind;
            if (kind != ValueKind::unavailable && kind != ValueKind::absent)
                continue;
            carried[c] = false;
            if (kind == ValueKind::unavailable) {
                partial = true;
                ++context_.tally.kept;
            }
        }
        auto fits = [&](const RowGroup& g) {
            return g.layout == row.layout && g.partial == partial && g.carried == carried &&
                   (!apart || g.insert_only == row.insert_only);
        };
        if (groups.empty() || !fits(groups[last])) {
            for (last = 0; last < groups.size() && !fits(groups[last]);)
                ++last;
            if (last == groups.size()) {
                groups.emplace_back();
                groups[last].layout = row.layout;
                groups[last].carried = carried;
                groups[last].partial = partial;
                groups[last].insert_only = row.insert_only;
            }
        }
        groups[last].insert_only &= row.insert_only;
        groups[last].items.push_back({row.key, static_cast<uint32_t>(i)});
    }
    // What a new row takes of another unique key, an older one may have given up.
    std::stable_partition(groups.begin(), groups.end(),
                          [](const RowGroup& group) { return !group.insert_only; });
    for (RowGroup& group : groups)
        execute_group(rows, group, may_insert);
}

void Group::execute_group(const std::vector<FoldedRow>& rows, RowGroup& group, bool may_insert) {
    const RowBinding& binding = state_.bind_row(*group.layout);
    bool keyed = group.items[0].key != kNoKey;
    if (keyed)
        for (size_t i = 0; i < key_->parts.size(); ++i) {
            group.columns.push_back(key_->parts[i].column);
            group.datums.push_back({static_cast<int>(i), -1, nullptr});
        }
    size_t key_size = group.columns.size();
    int mark = mark_column();
    for (size_t c = 0; c < group.carried.size(); ++c) {
        int column = binding.columns[c].column;
        auto end = group.columns.begin() + static_cast<std::ptrdiff_t>(key_size);
        if (!group.carried[c] || column == mark ||
            std::find(group.columns.begin(), end, column) != end)
            continue;
        group.columns.push_back(column);
        group.datums.push_back({-1, binding.columns[c].value, state_.converter(column)});
    }
    if (mark >= 0) {
        group.columns.push_back(mark);
        group.datums.push_back({-1, -1, state_.converter(mark)});
    }
    if (group.columns.empty())
        throw Error(Fault::data("22000", "the record has no column of table " +
                                             quote_names(state_.name.schema, state_.name.table)));
    bool plain = !keyed || (may_insert && !group.partial && group.insert_only);
    char kind = group.partial ? kUpdate : plain ? kInsert : kUpsert;
    std::vector<KeyId> keys;
    if (group.partial)
        for (const RowItem& item : group.items)
            keys.push_back(item.key);
    Plan* renumber = keyed && kind != kInsert && has_fixed_identity(group.columns)
                         ? plan(kRenumber, group.columns)
                         : nullptr;
    bool idle = group.partial && updated_columns(statement_target(), group.columns).empty();
    if (idle && renumber == nullptr) {
        require_rows(group, keys);
        return;
    }
    Plan* use = idle ? renumber : plan(kind, group.columns);
    RowProblem problem;
    BatchMemory memory = context_.memory;
    KeyBook* book = book_;
    bool* converting = context_.converting;
    if (keyed && plain)
        *context_.inserting = &state_;
    uint64_t changed = guard_values(problem, group.columns, [&]() -> uint64_t {
        MemoryContext before = MemoryContextSwitchTo(memory.batch);
        if (keyed)
            sort_by_key(book, group.items.data(), group.items.size(), sizeof(RowItem));
        Tuplestorestate* store = make_store();
        *converting = true;
        bool good =
            put_rows(store, use->desc, group.datums.data(), group.datums.size(), rows.data(),
                     group.items.data(), group.items.size(), book, memory.row, &problem);
        *converting = false;
        uint64_t count = 0;
        if (good && renumber != nullptr)
            run_plan(renumber, store);
        if (good && !idle)
            count = run_plan(use, store);
        tuplestore_end(store);
        MemoryContextSwitchTo(before);
        return count;
    });
    *context_.inserting = nullptr;
    if (!group.partial)
        state_.rows_given += group.items.size();
    if (problem.found)
        fail(problem, group.columns);
    if (group.partial && changed != group.items.size())
        require_rows(group, keys);
}

/// An update needs its row: what it leaves out is nowhere else to be had.
void Group::require_rows(const RowGroup& group, const std::vector<KeyId>& keys) {
    if (run_for_keys(plan(kMissing, key_columns(*key_)), keys) == 0)
        return;
    const RowBinding& binding = state_.bind_row(*group.layout);
    std::string column;
    for (size_t c = 0; c < group.carried.size() && column.empty(); ++c)
        if (!group.carried[c])
            column = state_.table.shape.columns[binding.columns[c].column].name;
    Fault fault = Fault::data("P0002",
                              "the unchanged value of column \"" + column +
                                  "\" is not in the record and the row does not exist",
                              column);
    fault.table = state_.text();
    throw Error(std::move(fault));
}

} // namespace kcs::pg
