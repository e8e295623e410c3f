#include "postgres/meaning.hpp"

#include "debezium/interpret.hpp"

namespace kcs::pg {

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

Value Meaning::value(const Row& row, const RowBinding::Column& place, bool may_miss) {
    const Value& value = row.values[place.value];
    const ColumnShape& column = state_.table.shape.columns[place.column];
    if (row.layout->typed)
        return has_say(row, place) ? checked(adapt(value, row.layout->columns[place.value], column,
                                                   decoder_, may_miss, arena_))
                                   : value;
    bool none = value.kind == ValueKind::absent || value.kind == ValueKind::unavailable;
    return none ? value
                : checked(interpret(value, column, decoder_, row.layout->source, may_miss, arena_));
}

bool Meaning::has_say(const Row& row, const RowBinding::Column& place) const {
    return target_has_say(row.layout->columns[place.value],
                          state_.table.shape.columns[place.column], decoder_.binary_handling_mode);
}

Value Meaning::checked(Result<Value> meant) const {
    if (meant)
        return *meant;
    Fault fault = meant.fault();
    fault.table = state_.text();
    throw Error(std::move(fault));
}

} // namespace kcs::pg
