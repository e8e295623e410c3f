#include "postgres/meaning.hpp"

#include "debezium/interpret.hpp"

namespace kcs::pg {

namespace {

bool holds_bytes(const ColumnShape& column) {
    return column.kind == TypeKind::bytea ||
           (column.kind == TypeKind::array && column.element == TypeKind::bytea);
}

} // namespace

bool Meaning::needed(const Row& row) const {
    if (!row)
        return false;
    return !row.layout->typed || (decoder_.binary_handling_mode != BinaryMode::bytes &&
                                  !state_.bind_row(*row.layout).bytea.empty());
}

Row Meaning::row(const Row& row, bool may_miss) {
    if (!needed(row))
        return row;
    size_t n = row.layout->columns.size();
    Value* values = arena_.make_array<Value>(n);
    const RowBinding& binding = state_.bind_row(*row.layout);
    if (row.layout->typed) {
        std::copy(row.values, row.values + n, values);
        for (const RowBinding::Column& place : binding.bytea)
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
    if (row.layout->typed) {
        bool spelled = decoder_.binary_handling_mode != BinaryMode::bytes && holds_bytes(column);
        return spelled ? decoded_bytes(value, column, may_miss) : value;
    }
    bool none = value.kind == ValueKind::absent || value.kind == ValueKind::unavailable;
    return none ? value : interpreted(value, column, row.layout->source, may_miss);
}

Value Meaning::interpreted(const Value& value, const ColumnShape& column, SourceKind source,
                           bool may_miss) {
    Result<Value> meant = interpret(value, column, decoder_, source, may_miss, arena_);
    if (meant)
        return *meant;
    Fault fault = meant.fault();
    fault.table = state_.text();
    throw Error(std::move(fault));
}

/// What a schema calls a string, or an array of strings, is bytes as binary_handling_mode spells
/// them where the target is bytea: its input function would store the spelling.
Value Meaning::decoded_bytes(const Value& value, const ColumnShape& column, bool may_miss) {
    if (value.kind == ValueKind::text)
        return interpreted(Value::of(ValueKind::token_text, value.text()), column,
                           SourceKind::unknown, may_miss);
    if (value.kind != ValueKind::array || column.kind != TypeKind::array)
        return value;
    ColumnShape element = column;
    element.kind = column.element;
    Value* items = arena_.make_array<Value>(value.size);
    for (uint32_t i = 0; i < value.size; ++i)
        items[i] = decoded_bytes(value.items[i], element, false);
    Value out = value;
    out.items = items;
    return out;
}

} // namespace kcs::pg
