// Wire format 1.3 (keys), 1.5 (key changes) and 1.6 (tombstones).
#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderKeys : public DecoderTest {
protected:
    Decoded with_key(const std::string& key) { return decode(key, envelope("c", "{\"id\":1}")); }
    Decoded moved(const char* header, const std::string& op, const std::string& key,
                  const std::string& other) {
        RecordText record;
        record.key = key;
        record.value = envelope(op, op == "d" ? "null" : "{\"id\":1}");
        record.headers = {{"__debezium.context.taskId", "0"}, {header, other}};
        return decode(record);
    }
};

const std::string kIdSchema =
    struct_schema("srv.public.t.Key", "{\"type\":\"int32\",\"optional\":false,\"field\":\"id\"}");

TEST_F(DecoderKeys, StructsWithAndWithoutSchema) {
    Decoded out = with_key("{\"id\":7,\"code\":\"a\"}");
    expect_change(out, Op::create);
    EXPECT_FALSE(out.change.key.layout->typed);
    EXPECT_EQ(names(out.change.key), "id,code");
    EXPECT_EQ(text(out.change.key, "id"), "7");

    const RowLayout* layout = nullptr;
    for (const std::string& key : {framed(kIdSchema, "{\"id\":7}"), framed(kIdSchema, "{\"id\":7}"),
                                   "{\"payload\":{\"id\":7},\"schema\":" + kIdSchema + "}"}) {
        out = with_key(key);
        expect_change(out, Op::create);
        ASSERT_TRUE(out.change.key);
        EXPECT_TRUE(out.change.key.layout->typed);
        EXPECT_EQ(find(out.change.key, "id")->integer, 7);
        EXPECT_FALSE(out.change.key.layout->columns[0].optional);
        if (key[2] == 's') {
            EXPECT_TRUE(layout == nullptr || layout == out.change.key.layout);
            layout = out.change.key.layout;
        }
    }
}

TEST_F(DecoderKeys, BareScalars) {
    Decoded out = with_key("7");
    expect_change(out, Op::create);
    EXPECT_EQ(names(out.change.key), "");
    EXPECT_EQ(out.change.key.values[0].text(), "7");
    out = with_key("\"abc\"");
    EXPECT_EQ(out.change.key.values[0].kind, ValueKind::token_text);
    out = with_key(framed("{\"type\":\"int64\",\"optional\":false}", "7"));
    expect_change(out, Op::create);
    ASSERT_EQ(out.change.key.layout->columns.size(), 1u);
    EXPECT_EQ(out.change.key.layout->columns[0].name, "");
    EXPECT_EQ(out.change.key.values[0].integer, 7);
    EXPECT_EQ(out.change.key.values[0].kind, ValueKind::integer);
}

TEST_F(DecoderKeys, FieldOfTopicRoutingIsMarkedR16) {
    auto marked = [](const LayoutColumn& column) {
        return column.routing && column.ddl_type == "text";
    };
    Decoded out = with_key("{\"id\":1,\"__dbz__physicalTableIdentifier\":\"srv.public.t_shard3\"}");
    ASSERT_EQ(names(out.change.key), "id,__dbz__physicalTableIdentifier");
    EXPECT_FALSE(out.change.key.layout->columns[0].routing);
    EXPECT_TRUE(marked(out.change.key.layout->columns[1]));
    EXPECT_EQ(text(out.change.key, "__dbz__physicalTableIdentifier"), "srv.public.t_shard3");
    std::string schema =
        struct_schema("srv.public.t.Key", plain_field("__dbz__physicalTableIdentifier", "string") +
                                              "," + plain_field("id", "int32"));
    out = with_key(
        framed(schema, "{\"__dbz__physicalTableIdentifier\":\"srv.public.t_shard3\",\"id\":1}"));
    expect_change(out, Op::create);
    ASSERT_EQ(names(out.change.key), "__dbz__physicalTableIdentifier,id");
    EXPECT_TRUE(marked(out.change.key.layout->columns[0]));
    EXPECT_EQ(find(out.change.key, "id")->integer, 1);
    out = with_key("{\"__dbz__physicalTableIdentifier\":\"x\"}");
    expect_change(out, Op::create);
    EXPECT_FALSE(out.change.key);
    // Of a row it is a column as any other.
    out =
        decode("{\"id\":1}", "{\"id\":1,\"__dbz__physicalTableIdentifier\":\"x\",\"__op\":\"u\"}");
    ASSERT_EQ(names(out.change.row), "id,__dbz__physicalTableIdentifier");
    EXPECT_FALSE(out.change.row.layout->columns[1].routing);
}

TEST_F(DecoderKeys, FlattenedRowsLackTheFieldOfTopicRoutingR16) {
    expect_change(decode("{\"id\":1,\"__dbz__physicalTableIdentifier\":\"srv.public.t_shard3\"}",
                         "{\"id\":1,\"v\":\"x\"}"),
                  Op::upsert);
    expect_reject(decode("{\"id\":1,\"k\":2}", "{\"id\":1,\"v\":\"x\"}"), "22023", "change event");
}

TEST_F(DecoderKeys, HeadersTakeTheFieldOfTopicRoutingFromTheRecordKeyR16) {
    const std::string fields = plain_field("__dbz__physicalTableIdentifier", "string") + "," +
                               plain_field("id", "int32") + "," + plain_field("b", "string");
    const std::string payload =
        "{\"__dbz__physicalTableIdentifier\":\"srv.public.t1\",\"id\":1,\"b\":\"x\"}";
    const std::string framed_header =
        framed(struct_schema("srv.public.t.Key",
                             plain_field("b", "string") + "," + plain_field("id", "int32")),
               "{\"b\":\"y\",\"id\":2}");
    for (const std::string& key :
         {framed(struct_schema("srv.public.t.Key", fields), payload), payload})
        for (const std::string& header :
             {std::string("{\"id\":2,\"b\":\"y\"}"), std::string("{\"b\":\"y\",\"id\":2}"),
              std::string("{\"id\":2,\"b\":\"y\",\"__dbz__physicalTableIdentifier\":\"other\"}"),
              std::string("Struct{id=2,b=y}"), framed_header}) {
            SCOPED_TRACE(key + " " + header);
            Decoded out = moved(kNewKey, "d", key, header);
            expect_change(out, Op::remove);
            ASSERT_TRUE(out.change.new_key);
            EXPECT_EQ(out.change.new_key.layout->columns.size(), 3u);
            EXPECT_EQ(text(out.change.new_key, "b"), "y");
            EXPECT_EQ(text(out.change.new_key, "__dbz__physicalTableIdentifier"), "srv.public.t1");
            out = moved(kOldKey, "c", key, header);
            ASSERT_TRUE(out.change.old_key);
            EXPECT_EQ(text(out.change.old_key, "__dbz__physicalTableIdentifier"), "srv.public.t1");
        }
}

TEST_F(DecoderKeys, KeysThatCannotBeReadAreRefused) {
    for (const char* key : {"abc", "Struct{id=1}", "[1]", "{\"id\":1", "{\"id\":1} x", "",
                            "{\"id\":\"\\u0000\"}", "{\"id\":1,\"id\":2}", "\xff"}) {
        SCOPED_TRACE(key);
        Decoded out = with_key(key);
        ASSERT_EQ(out.kind, Decoded::Kind::reject);
        EXPECT_EQ(out.fault.message.rfind("record key: ", 0), 0u) << out.fault.message;
        bool json =
            std::string_view(key).substr(0, 5) == "{\"id\"" && out.fault.sqlstate != "22032";
        EXPECT_EQ(out.fault.hint.find("key.converter") == std::string::npos, json)
            << out.fault.hint;
        EXPECT_NE(out.target, nullptr);
    }
    expect_reject(with_key(framed(kIdSchema, "{\"id\":\"x\"}")), "22P02", "column \"id\"");
    expect_reject(decode("abc", std::nullopt), "22032", "record key: ");
}

TEST_F(DecoderKeys, KeyChangeR5) {
    Decoded out = moved(kNewKey, "d", "{\"id\":1}", "{\"id\":2}");
    expect_change(out, Op::remove);
    EXPECT_EQ(text(out.change.key, "id"), "1");
    EXPECT_EQ(text(out.change.new_key, "id"), "2");

    RecordText tombstone;
    tombstone.key = "{\"id\":1}";
    tombstone.headers = {{kNewKey, "{\"id\":2}"}};
    expect_skip(decode(tombstone), SkipReason::move_tombstone);
    tombstone.value = "null";
    expect_skip(decode(tombstone), SkipReason::move_tombstone);

    out = moved(kOldKey, "c", "{\"id\":2}", "{\"id\":1}");
    expect_change(out, Op::create);
    EXPECT_EQ(text(out.change.old_key, "id"), "1");
    EXPECT_TRUE(out.change.may_miss);
    EXPECT_FALSE(out.change.new_key);
}

TEST_F(DecoderKeys, FlattenedKeyChangeHasOnlyItsTombstone) {
    RecordText record;
    record.key = "{\"id\":1}";
    record.headers = {{kNewKey, "{\"id\":2}"}};
    Decoded out = decode(record);
    expect_change(out, Op::remove);
    EXPECT_TRUE(out.change.tombstone);
    EXPECT_EQ(text(out.change.new_key, "id"), "2");
    record.value = "{\"id\":1,\"__deleted\":\"true\"}";
    out = decode(record);
    expect_change(out, Op::remove);
    EXPECT_EQ(text(out.change.new_key, "id"), "2");
    record.value = "{\"id\":2,\"n\":1}";
    record.key = "{\"id\":2}";
    record.headers = {{kOldKey, "{\"id\":1}"}};
    out = decode(record);
    expect_change(out, Op::create);
    EXPECT_EQ(text(out.change.old_key, "id"), "1");
}

TEST_F(DecoderKeys, HeaderAsSimpleHeaderConverterWritesIt) {
    const std::string decimal =
        "{\"type\":\"bytes\",\"name\":\"org.apache.kafka.connect.data.Decimal\",\"parameters\":{"
        "\"scale\":\"2\"},\"field\":\"amount\"}";
    const std::string schema = struct_schema(
        "srv.public.t.Key",
        plain_field("id", "int32") + "," + plain_field("code", "string") + "," + decimal + "," +
            named_field("d", "int32", "org.apache.kafka.connect.data.Date") + "," +
            named_field("tm", "int32", "org.apache.kafka.connect.data.Time") + "," +
            named_field("ts", "int64", "org.apache.kafka.connect.data.Timestamp") + "," +
            plain_field("raw", "bytes") + "," + plain_field("flag", "boolean") + "," +
            plain_field("gone", "string"));
    const std::string key =
        framed(schema, "{\"id\":1,\"code\":\"x\",\"amount\":\"BOI=\",\"d\":1,\"tm\":1,\"ts\":1,"
                       "\"raw\":\"AQID\",\"flag\":true,\"gone\":null}");
    const std::string other =
        "{\"id\":2,\"code\":\"A\\\"B\\\\\nC\",\"amount\":12.50,\"d\":2018-06-20,"
        "\"tm\":15:13:16.945Z,\"ts\":2018-06-20T15:13:16.945Z,\"raw\":\"AQID\",\"flag\":false,"
        "\"gone\":null}";
    Decoded out = moved(kNewKey, "d", key, other);
    expect_change(out, Op::remove);
    const Row& row = out.change.new_key;
    ASSERT_TRUE(row);
    EXPECT_EQ(row.layout, out.change.key.layout);
    EXPECT_EQ(find(row, "id")->integer, 2);
    EXPECT_EQ(text(row, "code"), "A\"B\\\nC");
    EXPECT_TRUE(kind(row, "amount") == ValueKind::decimal ||
                kind(row, "amount") == ValueKind::numeric);
    if (kind(row, "amount") == ValueKind::decimal) {
        EXPECT_EQ(find(row, "amount")->integer, 1250);
        EXPECT_EQ(find(row, "amount")->scale, 2);
    }
    EXPECT_EQ(kind(row, "d"), ValueKind::date);
    EXPECT_EQ(find(row, "d")->integer, 17702 - kEpochDays);
    EXPECT_EQ(kind(row, "tm"), ValueKind::time);
    EXPECT_EQ(find(row, "tm")->integer, INT64_C(54796945000));
    EXPECT_EQ(kind(row, "ts"), ValueKind::timestamp);
    EXPECT_EQ(find(row, "ts")->integer, INT64_C(1529507596945000) - kEpochMicros);
    EXPECT_EQ(text(row, "raw"), "\1\2\3");
    EXPECT_EQ(find(row, "flag")->integer, 0);
    EXPECT_EQ(kind(row, "gone"), ValueKind::null);
}

TEST_F(DecoderKeys, HeaderAsJsonConverterWritesIt) {
    const std::string key = framed(kIdSchema, "{\"id\":1}");
    Decoded out = moved(kNewKey, "d", key, framed(kIdSchema, "{\"id\":2}"));
    expect_change(out, Op::remove);
    ASSERT_TRUE(out.change.new_key);
    EXPECT_EQ(find(out.change.new_key, "id")->integer, 2);
    out = moved(kNewKey, "d", key, "{\"id\":3}");
    EXPECT_EQ(find(out.change.new_key, "id")->integer, 3);
    out = moved(kNewKey, "d", "{\"k\":\"a\"}", "{\"k\":\"\\u00e4\\n\"}");
    EXPECT_EQ(text(out.change.new_key, "k"), "\xc3\xa4\n");
}

TEST_F(DecoderKeys, HeaderAsStringConverterWritesIt) {
    const std::string typed =
        framed(struct_schema("srv.public.t.Key",
                             plain_field("a", "int32") + "," + plain_field("b", "string") + "," +
                                 plain_field("__dbz__physicalTableIdentifier", "string")),
               "{\"a\":1,\"b\":\"x\",\"__dbz__physicalTableIdentifier\":\"srv.public.t1\"}");
    const std::string plain = "{\"a\":1,\"b\":\"x\"}";
    for (const std::string& key : {typed, plain}) {
        Decoded out = moved(kNewKey, "d", key, "Struct{a=2,b=y=z},{\"}");
        expect_change(out, Op::remove);
        ASSERT_TRUE(out.change.new_key);
        EXPECT_EQ(text(out.change.new_key, "b"), "y=z},{\"");
        out = moved(kNewKey, "d", key,
                    "Struct{a=2,b=y,__dbz__physicalTableIdentifier=srv.public.t1}");
        ASSERT_TRUE(out.change.new_key);
        EXPECT_EQ(text(out.change.new_key, "b"), "y");
        EXPECT_EQ(names(out.change.new_key), names(out.change.key));
        // Nothing is escaped, nulls are left out, and bytes are not in it.
        for (const char* header : {"Struct{a=2,b=y,b=z}", "Struct{a=2}", "Struct{b=y,a=2}",
                                   "Struct{a=x,b=y}", "Struct{a=2,b=[B@1f}", "Struct{a=2,b=y",
                                   "Struct{", "Struct{}", "Struct{a=2,b=Struct{c=1}}"}) {
            SCOPED_TRACE(header);
            out = moved(kNewKey, "d", key, header);
            expect_change(out, Op::remove);
            EXPECT_FALSE(out.change.new_key);
        }
    }
    // Digits may be a string's where the schema says so; else they may be a decimal.
    EXPECT_TRUE(moved(kNewKey, "d", typed, "Struct{a=2,b=5}").change.new_key);
    EXPECT_FALSE(moved(kNewKey, "d", plain, "Struct{a=2,b=5}").change.new_key);
    Decoded out = moved(kNewKey, "d", "7", "Struct{id=8}");
    ASSERT_TRUE(out.change.new_key);
    EXPECT_EQ(out.change.new_key.values[0].text(), "8");
}

TEST_F(DecoderKeys, HeaderWithSchemaOfAKeyWithout) {
    std::string header = framed(
        struct_schema("srv.public.t.Key", named_field("id", "int32", "io.debezium.time.Date")),
        "{\"id\":17110}");
    Decoded out = moved(kNewKey, "d", "{\"id\":17109}", header);
    expect_change(out, Op::remove);
    ASSERT_TRUE(out.change.new_key);
    EXPECT_EQ(kind(out.change.new_key, "id"), ValueKind::token_number); // as the key itself
    EXPECT_EQ(text(out.change.new_key, "id"), "17110");
}

TEST_F(DecoderKeys, HeaderThatIsNotUnderstoodMakesAPlainDelete) {
    for (const char* header :
         {"", "x", "{", "{\"id\":}", "{\"id\":2", "{\"other\":2}", "{\"id\":2,\"other\":2}", "{}",
          "[2]", "null", "{\"id\":2} x", "{\"id\":\"\xff\"}"}) {
        SCOPED_TRACE(header);
        Decoded out = moved(kNewKey, "d", "{\"id\":1}", header);
        expect_change(out, Op::remove);
        EXPECT_FALSE(out.change.new_key);
        EXPECT_EQ(text(out.change.key, "id"), "1");
        out = moved(kNewKey, "d", framed(kIdSchema, "{\"id\":1}"), header);
        expect_change(out, Op::remove);
        EXPECT_FALSE(out.change.new_key);
        out = moved(kOldKey, "c", "{\"id\":1}", header);
        expect_change(out, Op::create);
        EXPECT_FALSE(out.change.old_key);
        EXPECT_TRUE(out.change.may_miss);
    }
    expect_change(moved(kNewKey, "d", framed(kIdSchema, "{\"id\":1}"), "{\"id\":\"x\"}"),
                  Op::remove);
}

TEST_F(DecoderKeys, TimeOfMySqlIsADurationInKeysToo) {
    const std::string key = framed(
        struct_schema("srv.public.t.Key", named_field("c", "int64", "io.debezium.time.MicroTime")),
        "{\"c\":-3020399000000}");
    const std::string value =
        framed(envelope_schema(named_field("c", "int64", "io.debezium.time.MicroTime"), "mysql"),
               envelope("c", "{\"c\":-3020399000000}", "null", source_block("mysql"))); // V30
    Decoded out = decode(key, value);
    expect_change(out, Op::create);
    EXPECT_EQ(out.change.key.layout->columns[0].ddl_type, "interval");
    EXPECT_EQ(out.change.row.layout->columns[0].ddl_type, "interval");
}

} // namespace
} // namespace kcs::test
