// Wire format 0.1 and 1.3: key and value have converters of their own, and one may write schemas
// where the other does not.
#include "routed_fixture.hpp"

namespace kcs::test {
namespace {

const std::string kDecimal =
    field("k", R"("bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal",)"
               R"("version":1,"parameters":{"scale":"2","connect.decimal.precision":"10"})");
const std::string kMicros = named_field("at", "int64", "io.debezium.time.MicroTimestamp");
const std::string kFields = kDecimal + "," + kMicros + "," + plain_field("v", "string");
const std::string kRow = R"({"k":"MDk=","at":1529507596945104,"v":"a"})";
const std::string kKey = R"({"k":"MDk="})";

class DecoderKeyTypes : public DecoderTest {
protected:
    Decoded valued(const std::string& op, const std::string& key, const std::string& after = kRow,
                   const std::string& before = "null", const std::string& fields = kFields) {
        return decode(key, framed(envelope_schema(fields), envelope(op, after, before)));
    }
    static void expect_decimal(const Row& key) {
        ASSERT_TRUE(key);
        ASSERT_NE(find(key, "k"), nullptr);
        EXPECT_TRUE(key.layout->typed);
        EXPECT_EQ(find(key, "k")->kind, ValueKind::decimal);
        EXPECT_EQ(find(key, "k")->integer, 12345);
        EXPECT_EQ(find(key, "k")->scale, 2);
    }
};

TEST_F(DecoderKeyTypes, TheValuesSchemaTellsTheTypesOfAKeyWithoutOne) {
    Decoded out = valued("c", kKey);
    expect_change(out, Op::create);
    expect_decimal(out.change.key);
    EXPECT_EQ(names(out.change.key), "k");
    EXPECT_EQ(out.change.key.layout->columns[0].ddl_type, "numeric(10,2)");
    EXPECT_FALSE(out.change.key.layout->columns[0].optional);
    EXPECT_EQ(out.change.key.layout->settings, out.change.row.layout->settings);

    const RowLayout* layout = out.change.key.layout;
    EXPECT_EQ(valued("u", kKey).change.key.layout, layout);
    // Members in another order than the row's, in the old converter's frame, with an escaped name.
    for (const char* key : {R"({"at":1529507596945104,"k":"MDk="})",
                            R"({"schema":null,"payload":{"at":1529507596945104,"k":"MDk="}})",
                            R"({"at":1529507596945104,"\u006b":"MDk="})"}) {
        SCOPED_TRACE(key);
        out = valued("r", key);
        expect_change(out, Op::read);
        EXPECT_EQ(names(out.change.key), "at,k");
        expect_decimal(out.change.key);
        EXPECT_EQ(kind(out.change.key, "at"), ValueKind::timestamp);
    }
    EXPECT_EQ(valued("u", kKey).change.key.layout, layout);
    // decimal.format=NUMERIC
    EXPECT_EQ(text(valued("c", R"({"k":123.45})").change.key, "k"), "123.45");
}

TEST_F(DecoderKeyTypes, OfDeletesAndTombstonesToo) {
    expect_decimal(valued("d", kKey, "null", kRow).change.key);
    Decoded out = decode(kKey, std::nullopt);
    expect_change(out, Op::remove);
    expect_decimal(out.change.key);

    // Flattened: the tombstone is all that tells the delete, with the row's schema or without.
    std::string schema = struct_schema("srv.public.t.Value", kFields);
    RecordText record;
    record.topic = "srv.public.flat";
    record.key = kKey;
    record.value = framed(schema, "null");
    out = decode(record);
    expect_change(out, Op::remove);
    expect_decimal(out.change.key);
    record.value = framed(schema, kRow);
    expect_decimal(decode(record).change.key);
    record.value = std::nullopt;
    expect_decimal(decode(record).change.key);
    // What the topic says last holds.
    record.value = R"({"k":"MDk=","__op":"u"})";
    EXPECT_EQ(decode(record).change.key.values[0].kind, ValueKind::token_text);
    record.value = std::nullopt;
    EXPECT_EQ(decode(record).change.key.values[0].kind, ValueKind::token_text);
}

TEST_F(DecoderKeyTypes, TombstonesOfATopicOfSeveralTablesAreReadByTheirTables) {
    auto from = [&](const std::string& table, const std::string& fields) {
        RecordText record;
        record.topic = "srv.public.all";
        record.key = R"({"k":"MDk=","__dbz__physicalTableIdentifier":"srv.public.)" + table + "\"}";
        record.value = framed(envelope_schema(fields), envelope("c", R"({"k":"MDk="})", "null",
                                                                source_block("postgresql", table)));
        return record;
    };
    RecordText record = from("t1", plain_field("k", "string"));
    EXPECT_EQ(kind(decode(record).change.key, "k"), ValueKind::text);
    Decoded out = decode(from("t2", kDecimal));
    expect_decimal(out.change.key);
    EXPECT_TRUE(out.change.key.layout->columns[1].routing);
    EXPECT_EQ(text(out.change.key, "__dbz__physicalTableIdentifier"), "srv.public.t2");
    record.value = std::nullopt;
    out = decode(record);
    EXPECT_EQ(out.target->table, "t1");
    EXPECT_EQ(kind(out.change.key, "k"), ValueKind::text);
    record = from("t2", kDecimal);
    record.value = std::nullopt;
    expect_decimal(decode(record).change.key);
    record.key = R"({"k":"MDk=","__dbz__physicalTableIdentifier":"srv.public.t3"})";
    expect_skip(decode(record), SkipReason::unplaced_tombstone);
}

TEST_F(DecoderKeyTypes, WhatTheRowDoesNotTellStaysAsItIs) {
    for (const char* key : {R"({"k":"MDk=","other":1})", "\"MDk=\"", R"({"other":1})"}) {
        SCOPED_TRACE(key);
        Decoded out = valued("c", key);
        expect_change(out, Op::create);
        EXPECT_FALSE(out.change.key.layout->typed);
    }
    // A transform may have changed the one and not the other.
    Decoded out = valued("c", R"({"k":"no base64"})");
    expect_change(out, Op::create);
    EXPECT_EQ(text(out.change.key, "k"), "no base64");
    EXPECT_FALSE(out.change.key.layout->typed);
    expect_reject(valued("c", R"({"k":"MDk=","k":"MDk="})"), "22023", "two members named");
}

TEST_F(DecoderKeyTypes, ArraysAndSchemasThatComeAndGo) {
    std::string items =
        R"({"type":"array","items":{"type":"int64","optional":true,)"
        R"("name":"io.debezium.time.MicroTimestamp"},"optional":false,"field":"k"})";
    const std::string row = R"({"k":[1529507596945104]})";
    for (int i = 0; i < 40; ++i) {
        std::string fields = items + "," + plain_field("v" + std::to_string(i), "string");
        Decoded out = valued("c", row, row, "null", fields);
        expect_change(out, Op::create);
        ASSERT_EQ(kind(out.change.key, "k"), ValueKind::array);
        EXPECT_EQ(find(out.change.key, "k")->items[0].kind, ValueKind::timestamp);
        EXPECT_EQ(out.change.key.layout->columns[0].ddl_type, "timestamp[]");
        if (i % 3 == 0)
            decoder.trim();
    }
    DecoderSettings settings;
    settings.unavailable_value = "gone";
    decoder.configure(settings, nullptr);
    decoder.trim();
    EXPECT_EQ(kind(decode(row, std::nullopt).change.key, "k"), ValueKind::token_json);
    EXPECT_EQ(kind(valued("c", row, row, "null", items).change.key, "k"), ValueKind::array);
}

TEST_F(DecoderKeyTypes, HeadersOfKeyChanges) {
    auto expect_other = [](const Row& other) {
        ASSERT_TRUE(other);
        EXPECT_TRUE(other.layout->typed);
        if (kind(other, "k") == ValueKind::decimal)
            EXPECT_EQ(find(other, "k")->integer, 12346);
        else
            EXPECT_EQ(text(other, "k"), "123.46");
    };
    // Of SimpleHeaderConverter, JsonConverter and StringConverter.
    for (const char* other : {R"({"k":123.46})", R"({"k":"MDo="})", "Struct{k=123.46}"}) {
        SCOPED_TRACE(other);
        RecordText record;
        record.key = kKey;
        record.value = framed(envelope_schema(kFields), envelope("c", kRow));
        record.headers = {{kOldKey, other}};
        Decoded out = decode(record);
        expect_change(out, Op::create);
        expect_other(out.change.old_key);
        record.value = framed(envelope_schema(kFields), envelope("d", "null", kRow));
        record.headers = {{kNewKey, other}};
        out = decode(record);
        expect_change(out, Op::remove);
        expect_other(out.change.new_key);
    }
}

TEST_F(DecoderKeyTypes, AKeysSchemaTellsItsColumnsInARowWithoutOne) {
    std::string key = framed(struct_schema("srv.public.t.Key", kDecimal), kKey);
    Decoded out = decode(key, envelope("u", kRow));
    expect_change(out, Op::update);
    expect_decimal(out.change.key);
    EXPECT_FALSE(out.change.row.layout->typed);
    EXPECT_EQ(kind(out.change.row, "k"), ValueKind::decimal);
    EXPECT_EQ(kind(out.change.row, "v"), ValueKind::token_text);
    out = decode(key, R"({"v":"a","__op":"u","k":"MDk="})");
    expect_change(out, Op::update);
    EXPECT_EQ(kind(out.change.row, "k"), ValueKind::decimal);
}

class RoutedKeyTypes : public RoutedTest {};

TEST_F(RoutedKeyTypes, ABareKeyIsOfTheOneColumnThatTheRouteNames) {
    route_.key_columns = {"k"};
    use();
    auto expect_key = [](const Decoded& out, Op op) {
        expect_change(out, op);
        ASSERT_TRUE(out.change.key);
        EXPECT_EQ(names(out.change.key), "k");
        EXPECT_EQ(kind(out.change.key, "k"), ValueKind::decimal);
    };
    const std::string schema = envelope_schema(kFields), key = "\"MDk=\"";
    expect_key(decode(key, framed(schema, envelope("d", "null"))), Op::remove);
    expect_key(decode(key, framed(schema, envelope("c", kRow))), Op::create);
    expect_key(decode(key, std::nullopt), Op::remove);
    Decoded out = decode("\"no base64\"", framed(schema, envelope("d", "null")));
    expect_change(out, Op::remove);
    EXPECT_EQ(text(out.change.key, "k"), "no base64");
}

TEST_F(DecoderKeyTypes, KeysThatARegistryHasTheSchemaOfAreRefused) {
    const char* key = R"({"schemaId":5,"payload":{"id":1}})";
    Decoded out = decode(key, envelope("c", R"({"id":1})"));
    expect_reject(out, "0A000", "record key is framed for a schema registry");
    EXPECT_NE(out.fault.hint.find("key.converter"), std::string::npos);
    expect_reject(decode(key, std::nullopt), "0A000", "record key is framed");
}

} // namespace
} // namespace kcs::test
