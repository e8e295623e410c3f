#pragma once

#include "debezium/scalars.hpp"
#include "value_text.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <ostream>
#include <string>

// One row of a table-driven test of decode_scalar: a JSON scalar under a schema, and the value or
// the refusal.

namespace kcs::test {

/// JSON scalars: number("1"), string("a"), ...
struct Scalar {
    JsonScalar::Kind kind = JsonScalar::Kind::null;
    std::string text;
    bool truth = false;
};
inline Scalar number(std::string text) {
    return {JsonScalar::Kind::number, std::move(text), false};
}
inline Scalar string(std::string text) {
    return {JsonScalar::Kind::string, std::move(text), false};
}
inline Scalar boolean(bool truth) {
    return {JsonScalar::Kind::boolean, "", truth};
}
inline Scalar null() {
    return {};
}

struct Row {
    const char* name;
    Semantic semantic;
    Scalar json;
    ValueKind kind;       ///< absent: refused
    std::string expected; ///< as psql prints it, or the SQLSTATE of the refusal
    int32_t scale = 0;    ///< decimal
    bool mysql = false;
};
inline std::ostream& operator<<(std::ostream& out, const Row& row) {
    return out << row.name;
}

class ScalarTest : public testing::TestWithParam<Row> {};

/// Decodes a row's scalar, whose memory is exactly as large as the text (for the sanitizers).
inline void check(const Row& row) {
    FieldType type;
    type.semantic = row.semantic;
    type.scale = row.scale;
    type.source = row.mysql ? SourceKind::mysql : SourceKind::unknown;
    auto memory = std::make_unique<char[]>(row.json.text.size());
    row.json.text.copy(memory.get(), row.json.text.size());
    JsonScalar json;
    json.kind = row.json.kind;
    json.boolean = row.json.truth;
    json.data = memory.get();
    json.size = static_cast<uint32_t>(row.json.text.size());

    Arena arena;
    Value value;
    ValueError error;
    bool accepted = decode_scalar(type, json, arena, value, error);
    if (row.kind == ValueKind::absent) {
        ASSERT_FALSE(accepted) << "gave " << kind_name(value.kind) << " " << value_text(value);
        EXPECT_EQ(error.sqlstate, row.expected) << error.message;
        EXPECT_EQ(error.message.rfind("value \"", 0), 0U) << error.message;
        return;
    }
    ASSERT_TRUE(accepted) << error.sqlstate << " " << error.message;
    EXPECT_STREQ(kind_name(value.kind), kind_name(row.kind));
    EXPECT_EQ(value_text(value), row.expected);
}

inline std::string row_name(const testing::TestParamInfo<Row>& info) {
    return info.param.name;
}

} // namespace kcs::test
