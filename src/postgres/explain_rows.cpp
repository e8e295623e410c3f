#include "postgres/explain_internal.hpp"

#include "debezium/conversion_words.hpp"
#include "postgres/ddl_statements.hpp"

extern "C" {
#include "access/relation.h"
#include "utils/rel.h"
#include "utils/typcache.h"
}

// An explanation's lines about values.

namespace kcs::pg {

namespace {

/// Whether a new row has something for the column that no record brings.
bool fills_itself(Oid relid, int16 attnum) {
    Relation rel = relation_open(relid, NoLock);
    Form_pg_attribute att = TupleDescAttr(RelationGetDescr(rel), attnum - 1);
    bool filled = !att->attnotnull || att->atthasdef || att->attidentity != '\0' ||
                  get_typdefault(att->atttypid) != nullptr;
    relation_close(rel, NoLock);
    return filled;
}

constexpr const char* kNotOfRow = "ignored: not of the row, but about it";

bool is_column(const ExplainRow& line) {
    return std::string_view(line.part) == "column";
}

/// What an INSERT without the value would raise.
Fault null_fault(const ColumnShape& shape) {
    return Fault::data("23502",
                       "null value in column \"" + shape.name + "\" violates not-null constraint",
                       shape.name);
}

} // namespace

/// The key of a key change as its header spells it, where that is JSON.
SpelledRow Explanation::spelled_header(const char* name) {
    for (const Header& header : record_.headers())
        if (header.name == name)
            return spell_row(header.value, arena_);
    return {};
}

void Explanation::tell_row(const char* part, const Row& row, bool may_miss,
                           const SpelledRow& spelled) {
    if (!row)
        return;
    for (size_t i = 0; i < row.layout->columns.size(); ++i) {
        guard([] { CHECK_FOR_INTERRUPTS(); });
        const LayoutColumn& column = row.layout->columns[i];
        ExplainRow& line = add(part, shown_bytes(column.name));
        line.incoming_type = column.wire_type;
        if (const SpelledMember* member = find_member(spelled, column.name)) {
            line.incoming = shown_bytes(member->value);
            if (line.incoming_type.empty())
                line.incoming_type = json_type_name(member->value);
            if (const Fault* refusal = reader_.refusal_of(*member))
                blame(line, *refusal);
        }
        if (state_ == nullptr)
            continue;
        if (state_->exists)
            tell_place(line, row, static_cast<int>(i), may_miss);
        else if (model_ != nullptr)
            tell_planned(line, row, static_cast<int>(i), may_miss);
    }
    for (const SpelledMember& member : spelled) {
        if (member.name.empty() || find_column(row, std::string(member.name)) != nullptr)
            continue;
        ExplainRow& line = add(part, shown_bytes(member.name));
        line.incoming_type = json_type_name(member.value);
        line.incoming = shown_bytes(member.value);
        line.conversion = kNotOfRow;
    }
}

bool Explanation::is_key_part(int column) const {
    return key_ != nullptr &&
           std::any_of(key_->parts.begin(), key_->parts.end(),
                       [column](const KeyPart& part) { return part.column == column; });
}

/// A value for a table that is there.
void Explanation::tell_place(ExplainRow& line, const Row& row, int place, bool may_miss) {
    const RowBinding* binding = nullptr;
    if (!attempt([&] { binding = &state_->bind_row(*row.layout); }))
        return;
    for (const RowBinding::Column& bound : binding->columns) {
        if (bound.value != place)
            continue;
        Converter* converter = nullptr;
        ColumnShape shape = state_->table.shape.columns[bound.column];
        line.target_type = type_text(shape);
        bool altered = false;
        if (!attempt([&] { altered = alter_planned(shape, row.layout->columns[place]); }))
            return;
        if (altered)
            line.target_type = "to be altered to " + type_text(shape);
        if (is_column(line) && is_key_part(bound.column))
            line.conversion = "not looked at: the key tells it";
        else if (attempt([&] {
                     converter =
                         altered ? planned_converter(shape) : state_->converter(bound.column);
                 }))
            tell_value(line, row, place, shape, converter, may_miss);
        return;
    }
    const LayoutColumn& column = row.layout->columns[place];
    if (const ColumnShape* shape = state_->table.shape.find(state_->column_name(column))) {
        line.target_type = type_text(*shape);
        line.conversion = "ignored: generated column";
    } else if (column.routing) {
        line.conversion = kNotOfRow;
    } else if (column.ddl_type.empty() || tasks_.empty()) {
        line.conversion = "not a column of the table";
    } else {
        tell_planned(line, row, place, may_miss);
    }
}

/// Makes the column what the DDL before the change leaves. True: its type is another one.
bool Explanation::alter_planned(ColumnShape& shape, const LayoutColumn& column) {
    auto names = [&](const std::vector<const LayoutColumn*>& columns) {
        return std::any_of(columns.begin(), columns.end(),
                           [&](const LayoutColumn* c) { return c->name == column.name; });
    };
    for (const DdlTask& task : tasks_) {
        if (names(task.nullable))
            shape.not_null = false;
        std::string type = names(task.wider) ? shortfall(shape, column).type : std::string();
        if (type.empty())
            continue;
        ColumnShape wider = planned_column(shape.name, type);
        wider.not_null = shape.not_null;
        shape = std::move(wider);
        return true;
    }
    return false;
}

/// A value for a column that would be made.
void Explanation::tell_planned(ExplainRow& line, const Row& row, int place, bool may_miss) {
    const LayoutColumn* column = &row.layout->columns[place];
    if (model_ != nullptr && !takes_column(*model_, *column)) {
        line.conversion = kNotOfRow;
        return;
    }
    bool of_key = model_ != nullptr && find_column(model_->key, column->name) != nullptr;
    if (of_key)
        column = &made_from(*model_, *column);
    if (is_column(line) && of_key && model_->keyed()) {
        line.target_type = "to be created as " + column_type(*column);
        line.conversion = "not looked at: the key tells it";
        return;
    }
    if (column->ddl_type.empty()) {
        line.conversion = "not a column yet: nothing tells its type";
        return;
    }
    line.target_type =
        (model_ != nullptr ? "to be created as " : "to be added as ") + column_type(*column);
    ColumnShape shape;
    Converter* converter = nullptr;
    if (attempt([&] {
            shape = planned_column(column->name, column_type(*column));
            converter = planned_converter(shape);
        }))
        tell_value(line, row, place, shape, converter, may_miss);
}

void Explanation::tell_value(ExplainRow& line, const Row& row, int place, const ColumnShape& shape,
                             Converter* converter, bool may_miss) {
    const LayoutColumn& column = row.layout->columns[place];
    const Value& value = row.values[place];
    if (value.kind == ValueKind::absent) {
        line.conversion = "kept: not in the record";
        return;
    }
    if (!may_act_ || !line.error.empty())
        return;
    ExplainedValue told = explain_value(row, place, shape, converter, acting_, may_miss, arena_);
    if (told.failed)
        blame(line, told.fault);
    else if (told.meant.kind == ValueKind::null && shape.not_null && is_column(line))
        blame(line, null_fault(shape));
    if (told.meant.kind == ValueKind::unavailable) {
        line.conversion = "kept: not sent by the source";
        partial_ = true;
    } else if (told.meant.kind != ValueKind::absent) {
        line.conversion = reading_words(column.wire_type, value, told.meant, *row.layout->settings);
        std::string storing = storing_words(told.meant, shape, type_text(shape));
        if (!storing.empty())
            line.conversion += ", " + storing;
    }
    if (told.result)
        line.result = shown_text(*told.result);
}

/// The target's columns of which the record says nothing.
void Explanation::tell_unsent(const Row& row) {
    if (!row || state_ == nullptr || !state_->exists)
        return;
    Oid relid = state_->table.shape.relid;
    std::vector<std::string> sent;
    if (!attempt([&] {
            for (const LayoutColumn& column : row.layout->columns)
                sent.push_back(state_->column_name(column));
        }))
        return;
    for (const ColumnShape& shape : state_->table.shape.columns) {
        if (std::find(sent.begin(), sent.end(), shape.name) != sent.end() ||
            is_key_part(static_cast<int>(&shape - state_->table.shape.columns.data())))
            continue;
        int16 attnum = shape.attnum;
        ExplainRow& line = add("column", shape.name);
        line.target_type = type_text(shape);
        if (shape.generated)
            line.conversion = "computed: generated column";
        else if (guard([=] { return fills_itself(relid, attnum); }))
            line.conversion = "kept: not in the record; in a new row its default";
        else if (partial_)
            line.conversion = "kept: not in the record";
        else { // an INSERT is refused, also where the row is there already
            line.conversion = "not in the record, and no default";
            blame(line, null_fault(shape));
        }
    }
}

} // namespace kcs::pg
