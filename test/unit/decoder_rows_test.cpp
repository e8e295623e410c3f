// Wire format sections 3 and 4, and the record vectors of section 7.2 on the decoder's side.
#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderRows : public DecoderTest {};

const std::string kBase64 = "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==";
const std::string kOctets = "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,"
                            "98,108,101,95,118,97,108,117,101]";

std::string array_of(const std::string& items) {
    return "{\"type\":\"array\",\"optional\":true,\"items\":" + items + ",\"field\":\"c\"}";
}
std::string item(const std::string& type) {
    return "{\"type\":\"" + type + "\",\"optional\":true}";
}
std::string item(const std::string& type, const std::string& name) {
    return "{\"type\":\"" + type + "\",\"optional\":true,\"name\":\"" + name + "\"}";
}

TEST_F(DecoderRows, TypedColumnsOfEveryFamily) {
    const struct {
        std::string field;
        std::string value;
        ValueKind kind;
        std::string ddl;
    } cases[] = {
        {plain_field("c", "int32"), "-7", ValueKind::integer, "integer"},
        {plain_field("c", "int64"), "-9223372036854775808", ValueKind::integer, "bigint"},
        {plain_field("c", "boolean"), "true", ValueKind::boolean, "boolean"},
        {plain_field("c", "double"), "1.5", ValueKind::real, "double precision"},
        {plain_field("c", "double"), "\"NaN\"", ValueKind::real, "double precision"},
        {plain_field("c", "string"), "\"x\"", ValueKind::text, "text"},
        {plain_field("c", "bytes"), "\"AQID\"", ValueKind::bytes, "bytea"},
        {named_field("c", "int32", "io.debezium.time.Date"), "17109", ValueKind::date, "date"},
        {named_field("c", "int64", "io.debezium.time.MicroTimestamp"), "1", ValueKind::timestamp,
         "timestamp"},
        {named_field("c", "string", "io.debezium.time.ZonedTimestamp"),
         "\"2016-11-04T13:51:30.123+02:00\"", ValueKind::timestamptz, "timestamptz"},
        {named_field("c", "string", "adjusted.io.debezium.data.Json"), "\"{}\"", ValueKind::json,
         "jsonb"},
        {named_field("c", "string", "com.example.Custom"), "\"x\"", ValueKind::text, "text"},
        {"{\"type\":\"struct\",\"fields\":[],\"field\":\"c\"}", "{\"a\" : [1]}", ValueKind::json,
         "jsonb"},
        {"{\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"values\":{\"type\":\"string\"},"
         "\"field\":\"c\"}",
         "{\"a\":\"b\"}", ValueKind::json, "jsonb"},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.field);
        Decoded out = typed(c.field, c.value);
        expect_change(out, Op::update);
        EXPECT_EQ(kind(out.change.row, "c"), c.kind);
        ASSERT_EQ(out.change.row.layout->columns.size(), 1u);
        EXPECT_EQ(out.change.row.layout->columns[0].ddl_type, c.ddl);
        EXPECT_TRUE(out.change.row.layout->typed);
        out = typed(c.field, "null");
        expect_change(out, Op::update);
        EXPECT_EQ(kind(out.change.row, "c"), ValueKind::null);
    }
}

TEST_F(DecoderRows, DecimalsOfEverySpelling) {
    const std::string scale2 =
        "{\"type\":\"bytes\",\"optional\":true,\"name\":\"org.apache.kafka.connect.data.Decimal\","
        "\"version\":1,\"parameters\":{\"scale\":\"2\",\"connect.decimal.precision\":\"10\"},"
        "\"field\":\"c\"}";
    Decoded out = typed(scale2, "\"AJiWfw==\"");
    expect_change(out, Op::update);
    const Value* value = find(out.change.row, "c");
    EXPECT_EQ(value->kind, ValueKind::decimal);
    EXPECT_EQ(value->integer, 9999999);
    EXPECT_EQ(value->scale, 2);
    EXPECT_EQ(out.change.row.layout->columns[0].ddl_type, "numeric(10,2)");
    // decimal.format=NUMERIC: numbers that no double holds.
    for (const char* token : {"1E+400", "1E-7", "-0.5"}) {
        out = typed(scale2, token);
        expect_change(out, Op::update);
        EXPECT_TRUE(kind(out.change.row, "c") == ValueKind::numeric ||
                    kind(out.change.row, "c") == ValueKind::decimal)
            << token;
    }
    std::string digits(700, '9');
    out = typed(scale2, digits);
    expect_change(out, Op::update);
    EXPECT_EQ(text(out.change.row, "c"), digits);

    const std::string variable =
        named_field("c", "struct", "io.debezium.data.VariableScaleDecimal");
    out = typed(variable, "{\"scale\":4,\"value\":\"AYr3\"}"); // V11
    expect_change(out, Op::update);
    value = find(out.change.row, "c");
    EXPECT_EQ(value->integer, 101111);
    EXPECT_EQ(value->scale, 4);
    expect_reject(typed(variable, "{\"scale\":4}"), "22P02", "column \"c\"");
    expect_reject(typed(variable, "{\"value\":\"AYr3\",\"scale\":1.5}"), "22P02", "column \"c\"");
    expect_reject(typed(variable, "5"), "22023", "VariableScaleDecimal");

    out = typed(named_field("c", "bytes", "org.apache.kafka.connect.data.Decimal"), "\"AQ==\"");
    expect_reject(out, "0A000", "org.apache.kafka.connect.data.Decimal"); // without scale
}

TEST_F(DecoderRows, ArraysOfTypedElements) {
    Decoded out = typed(array_of(item("string")), "[\"a\",null,\"b,c\",\"\\u00e4\"]"); // V59
    expect_change(out, Op::update);
    const Value* array = find(out.change.row, "c");
    ASSERT_EQ(array->kind, ValueKind::array);
    ASSERT_EQ(array->size, 4u);
    EXPECT_EQ(array->items[0].text(), "a");
    EXPECT_EQ(array->items[1].kind, ValueKind::null);
    EXPECT_EQ(array->items[3].text(), "\xc3\xa4");
    EXPECT_EQ(out.change.row.layout->columns[0].ddl_type, "text[]");

    out = typed(array_of(item("int32")), "[]");
    expect_change(out, Op::update);
    EXPECT_EQ(kind(out.change.row, "c"), ValueKind::array);
    EXPECT_EQ(find(out.change.row, "c")->size, 0u);

    out = typed(array_of(item("struct", "io.debezium.data.VariableScaleDecimal")),
                "[{\"scale\":1,\"value\":\"AQ==\"},null]");
    expect_change(out, Op::update);
    EXPECT_EQ(find(out.change.row, "c")->items[0].scale, 1);

    std::string nested = array_of("{\"type\":\"array\",\"items\":" + item("int32") + "}");
    out = typed(nested, "[null,null]");
    expect_change(out, Op::update);
    out = typed(nested, "[[1],[2]]");
    expect_reject(out, "0A000", "column \"c\"");
    EXPECT_EQ(out.fault.column, "c");
    expect_reject(typed(array_of(item("int32")), "[1,\"x\"]"), "22P02", "column \"c\"");
    expect_reject(typed(array_of(item("int32")), "7"), "22023", "array");
    expect_reject(typed(plain_field("c", "string"), "[1]"), "22023", "JSON array");
}

TEST_F(DecoderRows, LogicalTypesWithoutDecodingAreRefusedByName) {
    const char* const names_of_types[] = {"io.debezium.data.SomethingNew",
                                          "io.debezium.time.StructuredEra",
                                          "org.apache.kafka.connect.data.Money"};
    for (const char* name : names_of_types) {
        SCOPED_TRACE(name);
        const std::string node = named_field("c", "struct", name);
        for (const char* value : {"{\"x\":1}", "\"AQ==\"", "1", "[1]", "true"}) {
            Decoded out = typed(node, value);
            expect_reject(out, "0A000", name);
            EXPECT_EQ(out.fault.column, "c");
            EXPECT_EQ(out.fault.cls, ErrorClass::data);
            EXPECT_EQ(out.fault.table, "public.t");
        }
        Decoded out = typed(node, "null");
        expect_change(out, Op::update);
        EXPECT_EQ(kind(out.change.row, "c"), ValueKind::null);
        EXPECT_EQ(out.change.row.layout->columns[0].ddl_type, "");
    }
}

TEST_F(DecoderRows, DefaultsOfTheSchemaR13) {
    const std::string node = "{\"type\":\"string\",\"optional\":true,\"default\":\"new\","
                             "\"field\":\"status\"},"
                             "{\"type\":\"int32\",\"optional\":false,\"default\":3,\"field\":\"n\"}"
                             ",{\"type\":\"int32\",\"optional\":false,\"field\":\"plain\"}";
    Decoded out = decode("{\"id\":1}",
                         framed(envelope_schema(node), envelope("c", "{\"status\":\"new\",\"n\":4,"
                                                                     "\"plain\":5}")));
    expect_change(out, Op::create);
    EXPECT_EQ(text(out.change.row, "status"), "new");
    const auto& columns = out.change.row.layout->columns;
    ASSERT_TRUE(columns[0].has_default);
    EXPECT_EQ(columns[0].default_value.text(), "new");
    EXPECT_TRUE(columns[0].optional);
    ASSERT_TRUE(columns[1].has_default);
    EXPECT_EQ(columns[1].default_value.integer, 3);
    EXPECT_FALSE(columns[1].optional);
    EXPECT_FALSE(columns[2].has_default);
    // A null stays null: the default belongs to rows from before the column.
    out = decode("{\"id\":1}",
                 framed(envelope_schema(node), envelope("c", "{\"status\":null,\"n\":4}")));
    expect_change(out, Op::create);
    EXPECT_EQ(kind(out.change.row, "status"), ValueKind::null);
    EXPECT_EQ(kind(out.change.row, "plain"), ValueKind::absent);
}

TEST_F(DecoderRows, UnavailableValuesInEveryFormR1R2) {
    const std::string quoted = std::string("\"") + kPlaceholder + "\"";
    const std::string pair =
        std::string("{\\\"") + kPlaceholder + "\\\":\\\"" + kPlaceholder + "\\\"}";
    const std::pair<std::string, std::string> forms[] = {
        {plain_field("c", "string"), quoted},
        {named_field("c", "string", "io.debezium.data.Json"), quoted},
        {named_field("c", "string", "io.debezium.data.Enum"), quoted},
        {named_field("c", "string", "io.debezium.data.Json"), "\"" + pair + "\""},
        {plain_field("c", "bytes"), "\"" + kBase64 + "\""},
        {array_of(item("string")), "[" + quoted + "]"},
        {array_of(item("bytes")), "[\"" + kBase64 + "\"]"},
        {array_of(item("int32")), kOctets},
        {array_of(item("int64")), kOctets},
        {array_of(item("int32", "io.debezium.time.Date")), kOctets},
        {array_of(item("string", "io.debezium.data.Uuid")),
         "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]"},
        {"{\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"field\":\"c\"}",
         "{" + quoted + ":" + quoted + "}"},
    };
    for (const auto& [node, value] : forms) {
        SCOPED_TRACE(node + " " + value);
        Decoded out = typed(node, value, "u");
        expect_change(out, Op::update);
        EXPECT_TRUE(out.change.may_miss);
        EXPECT_EQ(kind(out.change.row, "c"), ValueKind::unavailable);
        // A snapshot or a plain insert of PostgreSQL sends every value: there it is literal.
        for (const char* op : {"r", "c"}) {
            out = typed(node, value, op);
            ASSERT_EQ(out.kind, Decoded::Kind::change) << out.fault.message;
            EXPECT_FALSE(out.change.may_miss);
            EXPECT_NE(kind(out.change.row, "c"), ValueKind::unavailable);
        }
        out = typed(node, value, "c", "oracle");
        expect_change(out, Op::create);
        EXPECT_TRUE(out.change.may_miss);
        EXPECT_EQ(kind(out.change.row, "c"), ValueKind::unavailable);
    }
}

TEST_F(DecoderRows, UnavailableValuesAfterAKeyChangeAndInFlattenedRows) {
    RecordText record;
    record.key = "{\"id\":2}";
    record.value = framed(envelope_schema(plain_field("c", "string")),
                          envelope("c", std::string("{\"c\":\"") + kPlaceholder + "\"}"));
    record.headers = {{kOldKey, "{\"id\":1}"}};
    Decoded out = decode(record);
    expect_change(out, Op::create);
    EXPECT_TRUE(out.change.may_miss);
    EXPECT_EQ(kind(out.change.row, "c"), ValueKind::unavailable);

    out =
        decode("{\"id\":1}", framed(struct_schema("srv.public.t.Value", plain_field("c", "string")),
                                    std::string("{\"c\":\"") + kPlaceholder + "\"}"));
    expect_change(out, Op::upsert);
    EXPECT_EQ(kind(out.change.row, "c"), ValueKind::unavailable);
}

TEST_F(DecoderRows, RowsWithoutSchemaAreTokens) {
    Decoded out = row("u", "{\"n\":null,\"b\":false,\"i\":-9223372036854775808,\"x\":1.10E+400,"
                           "\"s\":\"a\\u00e4\\ud83d\\ude00\\\"\",\"o\":{ \"k\" : [ 1, \"\\u0041\" "
                           "] },\"a\":[1,2]}");
    expect_change(out, Op::update);
    const Row& r = out.change.row;
    EXPECT_FALSE(r.layout->typed);
    EXPECT_EQ(names(r), "n,b,i,x,s,o,a");
    EXPECT_EQ(kind(r, "n"), ValueKind::null);
    EXPECT_EQ(kind(r, "b"), ValueKind::boolean);
    EXPECT_EQ(find(r, "b")->integer, 0);
    EXPECT_EQ(text(r, "i"), "-9223372036854775808");
    EXPECT_EQ(text(r, "x"), "1.10E+400");
    EXPECT_EQ(text(r, "s"), "a\xc3\xa4\xf0\x9f\x98\x80\"");
    EXPECT_EQ(kind(r, "o"), ValueKind::token_json);
    EXPECT_EQ(text(r, "o"), "{ \"k\" : [ 1, \"\\u0041\" ] }"); // as spelled
    EXPECT_EQ(text(r, "a"), "[1,2]");
}

TEST_F(DecoderRows, TokensKnowTheirSource) {
    auto from = [&](const std::string& connector) {
        Decoded out =
            decode("{\"id\":1}", envelope("c", "{\"id\":1}", "null", source_block(connector)));
        EXPECT_EQ(out.change.key.layout->source, out.change.row.layout->source);
        return out.change.row.layout->source;
    };
    EXPECT_EQ(from("mariadb"), SourceKind::mysql);
    EXPECT_EQ(from("postgresql"), SourceKind::postgresql);
    EXPECT_EQ(from("db2"), SourceKind::unknown);
    EXPECT_EQ(from("sqlserver"), SourceKind::sqlserver);
}

TEST_F(DecoderRows, KeysKnowTheSourceThatTheirRecordTells) {
    const std::string time = named_field("c", "int64", "io.debezium.time.MicroTime");
    const std::string row = "{\"c\":-1}", source = source_block("mysql");
    // The key alone has a schema, or the value alone.
    Decoded out = decode(framed(struct_schema("srv.public.t.Key", time), row),
                         envelope("c", row, "null", source));
    expect_change(out, Op::create);
    EXPECT_EQ(out.change.key.layout->columns[0].ddl_type, "interval");
    out = decode("1", framed(envelope_schema(time, "sqlserver"),
                             envelope("c", "{\"c\":1}", "null", source_block("sqlserver"))));
    expect_change(out, Op::create);
    EXPECT_EQ(out.change.key.layout->source, SourceKind::sqlserver);
}

TEST_F(DecoderRows, RowsWiderThanATableAreRefused) {
    std::string wide = "{\"id\":1";
    for (int i = 1; i < 1601; ++i)
        wide += ",\"c" + std::to_string(i) + "\":1";
    expect_reject(row("c", wide + "}"), "54011", "1600");
}

TEST_F(DecoderRows, CodedValuesInsideDocumentsAreRefused) {
    auto document = [&](const std::string& inside) {
        return typed("{\"type\":\"struct\",\"optional\":true,\"field\":\"c\",\"fields\":[" +
                         inside + "]}",
                     "{\"a\":\"AQ==\"}");
    };
    expect_reject(document(plain_field("a", "bytes")), "0A000", "not supported");
    expect_reject(document(named_field("a", "int32", "io.debezium.time.Date")), "0A000",
                  "not supported");
    expect_change(document(plain_field("a", "string")), Op::update);
    expect_change(document(named_field("a", "string", "io.debezium.data.Json")), Op::update);
}

TEST_F(DecoderRows, SameLsnIsNoDuplicateR17) {
    for (int i = 0; i < 3; ++i)
        expect_change(row("c", "{\"id\":" + std::to_string(i) + "}"), Op::create);
}

TEST_F(DecoderRows, MembersInAnyOrderAndFlaws) {
    const std::string fields = plain_field("a", "int32") + "," + plain_field("b", "int32") + "," +
                               plain_field("c", "int32");
    auto with = [&](const std::string& after) {
        return decode("{\"id\":1}", framed(envelope_schema(fields), envelope("u", after)));
    };
    Decoded out = with("{\"c\":3,\"a\":1,\"b\":2}");
    expect_change(out, Op::update);
    EXPECT_EQ(find(out.change.row, "a")->integer, 1);
    EXPECT_EQ(find(out.change.row, "b")->integer, 2);
    EXPECT_EQ(find(out.change.row, "c")->integer, 3);
    out = with("{\"b\":2}");
    expect_change(out, Op::update);
    EXPECT_EQ(kind(out.change.row, "a"), ValueKind::absent);
    expect_reject(with("{\"a\":1,\"d\":2}"), "22023", "\"d\"");
    expect_reject(with("{\"a\":1,\"a\":2}"), "22023", "\"a\"");
    expect_reject(row("c", "{\"a\":1,\"a\":2}"), "22023", "\"a\"");
    expect_reject(row("c", "{\"\":1}"), "22023", "without name");
    expect_reject(with("{\"a\":\"x\"}"), "22P02", "column \"a\"");
}

TEST_F(DecoderRows, LayoutsWithoutSchemaAreSharedAndWidened) {
    Decoded first = row("c", "{\"id\":1,\"x\":1,\"s\":null}");
    Decoded second = row("c", "{\"id\":2,\"x\":null,\"s\":null}");
    EXPECT_EQ(first.change.row.layout, second.change.row.layout);
    EXPECT_EQ(first.change.row.layout->columns[1].ddl_type, "bigint");
    EXPECT_EQ(first.change.row.layout->columns[2].ddl_type, "");
    Decoded wider = row("c", "{\"id\":3,\"x\":1.5,\"s\":\"t\"}");
    EXPECT_NE(wider.change.row.layout->id, first.change.row.layout->id);
    EXPECT_EQ(wider.change.row.layout->columns[1].ddl_type, "numeric");
    EXPECT_EQ(wider.change.row.layout->columns[2].ddl_type, "text");
    // The wider layout now serves all of them, and the old rows are still readable.
    EXPECT_EQ(row("c", "{\"id\":1,\"x\":1,\"s\":null}").change.row.layout, wider.change.row.layout);
    EXPECT_EQ(text(first.change.row, "x"), "1");
    // A placeholder says nothing about its column.
    Decoded missing = row("u", std::string("{\"p\":\"") + kPlaceholder + "\"}");
    EXPECT_EQ(missing.change.row.layout->columns[0].ddl_type, "");
    EXPECT_EQ(row("u", "{\"p\":\"text\"}").change.row.layout->columns[0].ddl_type, "text");
    // Another JSON kind, another order: layouts of their own.
    EXPECT_NE(row("c", "{\"id\":1,\"x\":true,\"s\":null}").change.row.layout,
              wider.change.row.layout);
    EXPECT_EQ(names(row("c", "{\"s\":null,\"id\":1,\"x\":1}").change.row), "s,id,x");
}

TEST_F(DecoderTest, ABitOfSqlServersIsABoolean) {
    const std::string bit = "{\"type\":\"boolean\",\"optional\":true,\"parameters\":{"
                            "\"__debezium.source.column.type\":\"BIT\","
                            "\"__debezium.source.column.length\":\"1\"},\"field\":\"c\"}";
    EXPECT_EQ(typed(bit, "true", "c", "sqlserver").change.row.layout->columns[0].ddl_type,
              "boolean");
    EXPECT_EQ(typed(bit, "true", "c", "mysql").change.row.layout->columns[0].ddl_type, "boolean");
    EXPECT_EQ(typed(bit, "true", "c").change.row.layout->columns[0].ddl_type, "bit(1)");
}

} // namespace
} // namespace kcs::test
