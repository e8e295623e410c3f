#include "postgres/meaning.hpp"

#include "debezium/interpret.hpp"

namespace kcs::pg {

Result<Value> meaning_of(const Row& row, int place, const ColumnShape& column, bool may_miss,
                         Arena& arena) {
    const DecoderSettings& decoder = *row.layout->settings;
    const Value& value = row.values[place];
    const LayoutColumn& said = row.layout->columns[place];
    if (row.layout->typed) {
        if (!target_has_say(said, column, decoder.binary_handling_mode))
            return value;
        return adapt(value, said, column, decoder, may_miss, arena);
    }
    if (value.kind == ValueKind::absent || value.kind == ValueKind::unavailable)
        return value;
    return interpret(value, column, decoder, row.layout->source, may_miss, arena);
}

bool Meaning::needed(const Row& row) const {
    if (!row)
        return false;
    if (!row.layout->typed)
        return true;
    for (const RowBinding::Column& place : state_.bind_row(*row.layout).asking)
        if (has_say(row, place))
            return true;
    return false;
}

Row Meaning::row(const Row& row, bool may_miss) {
    if (!needed(row))
        return row;
    size_t n = row.layout->columns.size();
    Value* values = arena_.make_array<Value>(n);
    const RowBinding& binding = state_.bind_row(*row.layout);
    if (row.layout->typed) {
        std::copy(row.values, row.values + n, values);
        for (const RowBinding::Column& place : binding.asking)
            values[place.value] = value(row, place, may_miss);
        return {row.layout, values};
    }
    for (size_t i = 0; i < n; ++i)
        values[i] = Value::of(ValueKind::absent);
    for (const RowBinding::Column& place : binding.columns)
        values[place.value] = value(row, place, may_miss);
    return {row.layout, values};
}

Row Meaning::key(const Row& key) {
    Row meant = row(key, false);
    if (!key || key.layout->typed)
        return meant;
    Value* values = const_cast<Value*>(meant.values); // made by row()
    for (const RowBinding::Column& place : state_.bind_row(*key.layout).computed)
        values[place.value] = value(key, place, false);
    return meant;
}

Row Meaning::other_key(const Row& other, const Row& key) {
    if (!other || other.layout->typed)
        return row(other, false);
    size_t n = other.layout->columns.size();
    Value* values = arena_.make_array<Value>(n);
    std::fill_n(values, n, Value());
    const RowBinding& binding = state_.bind_row(*other.layout);
    for (const RowBinding::Column& place : binding.computed)
        if (Result<Value> meant = meaning_of(
                other, place.value, state_.table.shape.columns[place.column], false, arena_))
            values[place.value] = *meant;
        else
            return Row();
    for (const RowBinding::Column& place : binding.columns) {
        const ColumnShape& column = state_.table.shape.columns[place.column];
        const Value& token = other.values[place.value];
        // Text takes every form as it stands.
        for (const RowBinding::Column& same : state_.bind_row(*key.layout).columns)
            if (same.column == place.column && column.kind == TypeKind::text && !token.is_null() &&
                key.values[same.value].kind != token.kind)
                return Row();
        Result<Value> meant = meaning_of(other, place.value, column, false, arena_);
        if (!meant)
            return Row();
        values[place.value] = *meant;
    }
    return {other.layout, values};
}

Value Meaning::value(const Row& row, const RowBinding::Column& place, bool may_miss) {
    Result<Value> meant =
        meaning_of(row, place.value, state_.table.shape.columns[place.column], may_miss, arena_);
    if (meant)
        return *meant;
    Fault fault = meant.fault();
    fault.table = state_.text();
    throw Error(std::move(fault));
}

bool Meaning::has_say(const Row& row, const RowBinding::Column& place) const {
    return target_has_say(row.layout->columns[place.value],
                          state_.table.shape.columns[place.column],
                          row.layout->settings->binary_handling_mode);
}

} // namespace kcs::pg
