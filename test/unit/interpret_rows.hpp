#pragma once

#include "debezium/interpret.hpp"
#include "value_text.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <ostream>
#include <string>

// One row of a table-driven test of interpret: a token without schema for a column, and the value
// or the refusal.

namespace kcs::test {

/// A column `c`, a token, settings; and the value or the SQLSTATE.
struct Case {
    const char* name;
    TypeKind target;
    int32_t precision; ///< -1: none declared
    int32_t scale;     ///< -1: none declared
    ValueKind token;
    std::string text;
    ValueKind kind;
    std::string expected;
    std::function<void(DecoderSettings&)> set = {};
    TypeKind element = TypeKind::other;
    SourceKind source = SourceKind::unknown;
};
inline std::ostream& operator<<(std::ostream& out, const Case& c) {
    return out << c.name;
}

inline Result<Value> run(const Case& c, Arena& arena, bool may_miss = false) {
    ColumnShape column;
    column.name = "c";
    column.kind = c.target;
    column.element = c.element;
    column.precision = c.precision;
    column.scale = c.scale;
    column.has_scale = c.scale != -1;
    DecoderSettings settings;
    if (c.set)
        c.set(settings);
    Value token = c.token == ValueKind::boolean
                      ? Value::of(ValueKind::boolean, int64_t{c.text == "t"})
                      : Value::of(c.token, arena.copy(c.text));
    return interpret(token, column, settings, c.source, may_miss, arena);
}

class InterpretTest : public testing::TestWithParam<Case> {};

inline std::string case_name(const testing::TestParamInfo<Case>& info) {
    return info.param.name;
}

} // namespace kcs::test
