#pragma once

#include "debezium/interpret.hpp"
#include "decoder_fixture.hpp"
#include "value_text.hpp"

#include <functional>
#include <ostream>
#include <string>

// One vector of the wire-format reference, section 7.1: what the decoder makes of a column's JSON
// under its schema, and, where a target is given, without one.

namespace kcs::test {

/// A target column.
struct To {
    TypeKind kind = TypeKind::other;
    int32_t precision = -1; ///< fractional digits; numeric: digits; bit: typmod
    int32_t scale = -1;
    TypeKind element = TypeKind::other;
};

/// What comes out: a kind with its value_text(), or absent with the refusal's SQLSTATE.
struct Gives {
    ValueKind kind = ValueKind::absent;
    std::string text;
};

struct Vector {
    const char* name;
    std::string schema; ///< of the column, a whole node; empty: only read without
    std::string json;
    Gives typed;
    To target = {};
    Gives untyped = {ValueKind::absent, ""}; ///< text empty: as `typed`
    bool without = true;                     ///< read without schema too
    std::function<void(DecoderSettings&)> set = {};
    const char* connector = "postgresql";
};
inline std::ostream& operator<<(std::ostream& out, const Vector& v) {
    return out << v.name;
}
inline std::string vector_name(const testing::TestParamInfo<Vector>& info) {
    return info.param.name;
}

/// `{"type":<type>,...,"field":"c"}`
inline std::string plain(const std::string& type) {
    return field("c", "\"" + type + "\",\"optional\":true");
}
inline std::string logical(const std::string& type, const std::string& name,
                           const std::string& parameters = "") {
    return field("c", "\"" + type + "\",\"optional\":true,\"name\":\"" + name +
                          "\",\"version\":1,\"parameters\":{" + parameters + "}");
}
inline std::string decimal_of(const std::string& scale, const std::string& precision = "") {
    return logical(
        "bytes", "org.apache.kafka.connect.data.Decimal",
        "\"scale\":\"" + scale + "\"" +
            (precision.empty() ? "" : ",\"connect.decimal.precision\":\"" + precision + "\""));
}
inline std::string time_of(const std::string& type, const std::string& name) {
    return logical(type, "io.debezium.time." + name);
}
inline std::string data_of(const std::string& type, const std::string& name,
                           const std::string& parameters = "") {
    return logical(type, "io.debezium.data." + name, parameters);
}
inline std::string bits_of(const std::string& length) {
    return data_of("bytes", "Bits", "\"length\":\"" + length + "\"");
}

class VectorTest : public DecoderTest, public testing::WithParamInterface<Vector> {
protected:
    static ColumnShape column_of(const To& to) {
        ColumnShape column;
        column.name = "c";
        column.kind = to.kind;
        column.element = to.element;
        column.precision = to.precision;
        column.typmod = to.precision;
        column.scale = to.scale;
        column.has_scale = to.scale != -1;
        return column;
    }
    static void expect(const Gives& gives, const Value& value) {
        EXPECT_STREQ(kind_name(value.kind), kind_name(gives.kind));
        EXPECT_EQ(value_text(value), gives.text);
    }
    static void expect_refusal(const Gives& gives, const Fault& fault) {
        EXPECT_STREQ(kind_name(gives.kind), "absent") << fault.message;
        EXPECT_EQ(fault.sqlstate, gives.text) << fault.message;
        EXPECT_EQ(fault.column, "c");
    }
    void check_result(const Gives& gives, const Result<Value>& result) {
        if (!result)
            expect_refusal(gives, result.fault());
        else
            expect(gives, *result);
    }
    DecoderSettings settings() const {
        DecoderSettings s;
        if (GetParam().set)
            GetParam().set(s);
        return s;
    }

    void with_schema() {
        const Vector& v = GetParam();
        if (v.schema.empty())
            return;
        Decoded out = typed(v.schema, v.json, "c", v.connector);
        if (out.kind == Decoded::Kind::reject)
            return expect_refusal(v.typed, out.fault);
        ASSERT_EQ(out.kind, Decoded::Kind::change);
        const Row& row = out.change.row;
        const LayoutColumn& column = row.layout->columns[0];
        ColumnShape target = column_of(v.target);
        if (target_has_say(column, target, settings().binary_handling_mode))
            check_result(v.typed, adapt(row.values[0], column, target, settings(), false, arena));
        else
            expect(v.typed, row.values[0]);
    }
    void without_schema() {
        const Vector& v = GetParam();
        if (!v.without)
            return;
        Decoded out = decode("{\"id\":1}", envelope("c", "{\"c\":" + v.json + "}", "null",
                                                    source_block(v.connector)));
        ASSERT_EQ(out.kind, Decoded::Kind::change) << out.fault.message;
        const Row& row = out.change.row;
        check_result(v.untyped.text.empty() ? v.typed : v.untyped,
                     interpret(row.values[0], column_of(v.target), settings(), row.layout->source,
                               false, arena));
    }
};

} // namespace kcs::test
