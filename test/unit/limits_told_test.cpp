#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

class LimitsTold : public DecoderTest {};

std::string with(const std::string& head, const std::string& parameters) {
    return "{" + head + ",\"optional\":true,\"field\":\"c\",\"parameters\":{" + parameters + "}}";
}

std::string source(const std::string& type) {
    return "\"__debezium.source.column.type\":\"" + type + "\"";
}

// Whether a type without length or precision means that the source's column has no limit.
TEST_F(LimitsTold, WhereTheSchemaNamesTheSourcesType) {
    const std::string text = "\"type\":\"string\"";
    const std::string decimal =
        "\"type\":\"bytes\",\"name\":\"org.apache.kafka.connect.data.Decimal\"";
    const std::string scale = "\"scale\":\"0\"";
    const struct {
        std::string field;
        bool told;
    } cases[] = {
        {with(text, ""), false},
        {with(text, source("TEXT")), true},
        {with(text, source("VARCHAR")), true},
        {with(text, source("LONGTEXT")), true},
        {with(text, source("NVARCHAR")), false},
        {with(text, source("BPCHAR")), false},
        {with(decimal, scale), false},
        {with(decimal, scale + "," + source("NUMERIC")), true},
        {with("\"type\":\"struct\",\"name\":\"io.debezium.data.VariableScaleDecimal\"", ""), true},
        {with("\"type\":\"int32\"", source("INT4")), false},
        {with("\"type\":\"array\",\"items\":{\"type\":\"string\",\"optional\":true}",
              source("_VARCHAR")),
         true},
        {with("\"type\":\"array\",\"items\":{\"type\":\"string\",\"optional\":true}", ""), false},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.field);
        Decoded out = typed(c.field, "null");
        expect_change(out, Op::update);
        EXPECT_EQ(out.change.row.layout->columns[0].limits_told, c.told);
    }
}

} // namespace
} // namespace kcs::test
