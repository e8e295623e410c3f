// Wire format 1.1: every class of record, in the order in which they are told apart.
#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderClasses : public DecoderTest {};

const char* const kKey = "{\"id\":1}";

TEST_F(DecoderClasses, Rule1KeylessTombstoneIsSkippedR10) {
    expect_skip(decode(std::nullopt, std::nullopt), SkipReason::keyless_tombstone);
    expect_skip(decode(std::nullopt, "null"), SkipReason::keyless_tombstone);
    expect_skip(decode("null", "null"), SkipReason::keyless_tombstone);
    expect_skip(decode(framed("null", "null"), std::nullopt), SkipReason::keyless_tombstone);
}

TEST_F(DecoderClasses, Rules2And5And6TombstonesDeleteByKeyR8R9) {
    const std::string schema = struct_schema("srv.public.t.Value", plain_field("id", "int32"));
    const std::optional<std::string> values[] = {std::nullopt,
                                                 "null",
                                                 " null\n",
                                                 framed(schema, "null"),
                                                 framed("null", "null"),
                                                 "{\"payload\":null,\"schema\":" + schema + "}"};
    for (const auto& value : values) {
        Decoded out = decode(kKey, value);
        expect_change(out, Op::remove);
        EXPECT_TRUE(out.change.tombstone);
        if (out.change.key.layout->typed) // its schema tells the key's field
            EXPECT_EQ(find(out.change.key, "id")->integer, 1);
        else
            EXPECT_EQ(text(out.change.key, "id"), "1");
        EXPECT_FALSE(out.change.row);
        EXPECT_EQ(out.target->table, "t");
    }
}

TEST_F(DecoderClasses, Rules3And4RegistryFramesAreRefused) {
    for (const std::string& value : {std::string("\0\0\0\0\1\2", 6), std::string("\1abc")})
        expect_reject(decode(kKey, value), "0A000", "schema registry");
    for (const char* name : {"__value_schema_id", "apicurio.value.globalId",
                             "apicurio.value.contentId", "apicurio.value.contentHash"}) {
        RecordText record;
        record.key = kKey;
        record.value = envelope("c", "{\"id\":1}");
        record.headers = {{name, "x"}};
        Decoded out = decode(record);
        expect_reject(out, "0A000", "record value is framed for a schema registry");
        EXPECT_NE(out.fault.hint.find("value.converter"), std::string::npos);
    }
    expect_reject(decode(std::string("\0\0\0\0\1\2", 6), envelope("c", "{\"id\":1}")), "0A000",
                  "record key is framed");
    RecordText record;
    record.key = kKey;
    record.value = envelope("c", "{\"id\":1}");
    record.headers = {{"__key_schema_id", "x"}};
    expect_reject(decode(record), "0A000", "record key is framed");
}

TEST_F(DecoderClasses, Rules7And8OtherFramesAreRefused) {
    expect_reject(decode(kKey, "{\"schemaId\":7,\"payload\":{\"id\":1}}"), "0A000",
                  "schema registry");
    expect_reject(decode(kKey, "{\"id\":\"a\",\"source\":\"/debezium\",\"specversion\":\"1.0\","
                               "\"type\":\"x\",\"iodebeziumop\":\"c\",\"data\":{}}"),
                  "0A000", "CloudEvents");
    expect_reject(
        decode(kKey, framed(struct_schema("srv.CloudEvents.Envelope", ""), "{\"id\":\"a\"}")),
        "0A000", "CloudEvents");
}

TEST_F(DecoderClasses, Rule9EnvelopesByOperation) {
    const std::pair<const char*, Op> operations[] = {
        {"c", Op::create},   {"u", Op::update}, {"r", Op::read},  {"d", Op::remove},
        {"t", Op::truncate}, {"C", Op::create}, {"D", Op::remove}};
    for (const auto& [op, expected] : operations) {
        for (bool with_schema : {false, true}) {
            std::string after =
                expected == Op::remove || expected == Op::truncate ? "null" : "{\"id\":1}";
            std::string value = envelope(op, after);
            if (with_schema)
                value = framed(envelope_schema(plain_field("id", "int32")), value);
            Decoded out = decode(kKey, value);
            expect_change(out, expected);
            EXPECT_TRUE(out.change.may_create);
            EXPECT_FALSE(out.change.tombstone);
            EXPECT_EQ(out.change.source_us, 1529507596945104);
        }
    }
}

TEST_F(DecoderClasses, Rule9SourceTimeFallsBackToMilliseconds) {
    Decoded out = decode(kKey, envelope("c", "{\"id\":1}", "null",
                                        "{\"connector\":\"mysql\",\"ts_ms\":1000,\"db\":\"d\","
                                        "\"table\":\"t\"}"));
    expect_change(out, Op::create);
    EXPECT_EQ(out.change.source_us, 1000000);
}

TEST_F(DecoderClasses, UnknownOperationIsRefused) {
    expect_reject(decode(kKey, envelope("x", "{\"id\":1}")), "22023", "unknown operation \"x\"");
    expect_reject(decode(kKey, envelope("", "{\"id\":1}")), "22023", "");
    expect_reject(decode(kKey, framed(envelope_schema(plain_field("id", "int32")),
                                      envelope("z", "{\"id\":1}"))),
                  "22023", "unknown operation");
    expect_reject(decode(kKey, framed(envelope_schema(plain_field("id", "int32")),
                                      "{\"after\":{\"id\":1},\"before\":null}")),
                  "22023", "unknown operation (none)");
}

TEST_F(DecoderClasses, Rules10To14OtherMessagesAreSkipped) {
    auto named = [](const char* name) { return framed(struct_schema(name, ""), "{\"a\":1}"); };
    const struct {
        std::string value;
        SkipReason reason;
    } cases[] = {
        {"{\"op\":\"m\",\"ts_ms\":1,\"source\":" + source_block("postgresql", "") +
             ",\"message\":{\"prefix\":\"p\",\"content\":\"AQ==\"}}",
         SkipReason::logical_message},
        {named("io.debezium.connector.postgresql.MessageValue"), SkipReason::logical_message},
        {"{\"source\":{},\"ts_ms\":1,\"databaseName\":\"d\",\"ddl\":\"x\",\"tableChanges\":[]}",
         SkipReason::schema_change},
        {named("io.debezium.connector.mysql.SchemaChangeValue"), SkipReason::schema_change},
        {"{\"ts_ms\":1}", SkipReason::heartbeat},
        {named("x.io.debezium.connector.common.Heartbeat"), SkipReason::heartbeat},
        {"{\"status\":\"BEGIN\",\"id\":\"571:100\",\"event_count\":null,\"data_collections\":null,"
         "\"ts_ms\":1}",
         SkipReason::transaction_boundary},
        {"{\"status\":\"END\",\"id\":\"571:164\",\"event_count\":2,\"data_collections\":[],"
         "\"ts_ms\":1}",
         SkipReason::transaction_boundary},
        {named("io.debezium.connector.common.TransactionMetadataValue"),
         SkipReason::transaction_boundary},
        {named("io.debezium.connector.common.Notification"), SkipReason::notification},
        {"{\"id\":\"u\",\"type\":\"COMPLETED\",\"aggregate_type\":\"Initial Snapshot\","
         "\"additional_data\":{},\"timestamp\":1}",
         SkipReason::notification},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.value);
        expect_skip(decode("{\"x\":1}", c.value), c.reason);
    }
}

TEST_F(DecoderClasses, HeartbeatTopicIsNeverADeleteR18) {
    for (const std::optional<std::string>& value :
         {std::optional<std::string>("{\"ts_ms\":1}"), std::optional<std::string>()}) {
        RecordText record;
        record.topic = "__debezium-heartbeat.srv";
        record.key = "{\"serverName\":\"srv\"}";
        record.value = value;
        expect_skip(decode(record), SkipReason::heartbeat);
    }
}

TEST_F(DecoderClasses, RowsThatOnlyResembleMessagesAreKept) {
    for (const char* value :
         {"{\"id\":\"7\",\"status\":\"END\"}", "{\"status\":\"BEGIN\",\"id\":\"x\",\"n\":1}",
          "{\"id\":\"a\",\"type\":\"t\",\"aggregate_type\":\"x\",\"additional_data\":\"y\","
          "\"timestamp\":1}",
          "{\"ts_ms\":\"x\"}", "{\"ts_ms\":1,\"n\":2}", "{\"op\":\"c\",\"source\":{\"a\":1}}",
          "{\"schema\":1,\"payload\":2,\"x\":3}", "{\"op\":\"m\",\"message\":\"text\"}"}) {
        SCOPED_TRACE(value);
        Decoded out = decode(std::nullopt, value);
        expect_change(out, Op::upsert);
        EXPECT_FALSE(out.change.may_create);
    }
}

TEST_F(DecoderClasses, Rule15FlattenedBySchemaName) {
    Decoded out =
        decode(kKey, framed(struct_schema("srv.public.t.Value", plain_field("id", "int32")),
                            "{\"id\":1}"));
    expect_change(out, Op::upsert);
    EXPECT_TRUE(out.change.may_create);
    EXPECT_TRUE(out.change.may_miss);
    out = decode(
        kKey, framed(struct_schema("com.example.Order", plain_field("id", "int32")), "{\"id\":1}"));
    expect_change(out, Op::upsert);
    EXPECT_FALSE(out.change.may_create);
}

TEST_F(DecoderClasses, FlattenedRowsWithoutSchemaAreToldByWhatOnlyDebeziumWrites) {
    for (const char* value :
         {R"({"id":1,"__deleted":"false"})", R"({"id":1,"__op":"c"})", R"({"id":1,"__op":"r"})"}) {
        Decoded out = decode(kKey, value);
        expect_change(out, out.change.op);
        EXPECT_TRUE(out.change.may_create) << value;
    }
    for (const char* value : {R"({"id":1})", R"({"id":1,"__op":"x"})", R"({"id":1,"__lsn":1})"}) {
        EXPECT_FALSE(decode(kKey, value).change.may_create) << value;
        RecordText record;
        record.key = kKey;
        record.value = value;
        record.headers = {{"__debezium.context.connectorName", "postgresql"}};
        EXPECT_TRUE(decode(record).change.may_create) << value; // since Debezium 3.2
    }
}

TEST_F(DecoderClasses, EnvelopeIsToldByItsFieldsUnderAnotherName) {
    std::string schema = envelope_schema(plain_field("id", "int32"));
    schema.replace(schema.find("srv.public.t.Envelope"), 21, "renamed.by.transform.X");
    Decoded out = decode(kKey, framed(schema, envelope("c", "{\"id\":1}")));
    expect_change(out, Op::create);
    EXPECT_EQ(names(out.change.row), "id");
}

TEST_F(DecoderClasses, Rule16AnythingElseIsNotOurs) {
    for (const char* value : {"1", "\"text\"", "[1]", "true", "hello", "<xml/>", "", "   "}) {
        SCOPED_TRACE(value);
        Decoded out = decode(kKey, value);
        ASSERT_EQ(out.kind, Decoded::Kind::reject);
        EXPECT_EQ(out.fault.cls, ErrorClass::data);
    }
    expect_reject(decode(kKey, "hello"), "22023", "not a Debezium change event");
    expect_reject(decode(kKey, framed("{\"type\":\"string\"}", "\"x\"")), "22023",
                  "not a Debezium change event");
    expect_reject(decode(kKey, framed("{\"type\":\"struct\",\"name\":\"a.Value\"}", "[1]")),
                  "22023", "not a Debezium change event");
    expect_reject(decode(kKey, framed("{\"a\":1}", "{\"id\":1}")), "22023", "schema has no type");
}

TEST_F(DecoderClasses, KeylessChanges) {
    Decoded out = decode(std::nullopt, envelope("c", "{\"a\":1}"));
    expect_change(out, Op::create);
    EXPECT_FALSE(out.change.key);
    out = decode(std::nullopt, envelope("u", "{\"a\":2}", "{\"a\":1}"));
    expect_change(out, Op::update);
    EXPECT_EQ(text(out.change.before, "a"), "1");
    EXPECT_EQ(text(out.change.row, "a"), "2");
    out = decode(std::nullopt, envelope("d", "null", "{\"a\":1}"));
    expect_change(out, Op::remove);
    EXPECT_EQ(text(out.change.before, "a"), "1");
    expect_reject(decode(std::nullopt, envelope("d", "null")), "22023", "without key");
    expect_reject(decode(std::nullopt, envelope("u", "{\"a\":1}")), "22023", "without key");
}

TEST_F(DecoderClasses, BeforeOfAKeyedChangeIsNotReadR7) {
    Decoded out = decode("{\"id\":5}", envelope("d", "null", "{\"id\":5,\"name\":\"\",\"age\":0}"));
    expect_change(out, Op::remove);
    EXPECT_FALSE(out.change.before);
    EXPECT_EQ(text(out.change.key, "id"), "5");
    // Not even what could not be read.
    out = decode("{\"id\":5}", framed(envelope_schema(plain_field("id", "int32")),
                                      envelope("u", "{\"id\":5}", "{\"id\":\"x\",\"y\":1}")));
    expect_change(out, Op::update);
}

TEST_F(DecoderClasses, ChangeWithoutAfterIsRefused) {
    expect_reject(decode(kKey, envelope("c", "null")), "22023", "no after image");
    expect_reject(decode(kKey, envelope("u", "[1]")), "22023", "no JSON object");
}

// Wire format 1.8: CloudEvents leave the value out, and the topic's name is the user's.
TEST_F(DecoderClasses, HeartbeatsWithoutValueDeleteNothing) {
    RecordText record;
    record.topic = "hb.srv";
    record.key = "{\"serverName\":\"srv\"}";
    const std::string typed = framed(struct_schema("io.debezium.connector.common.ServerNameKey",
                                                   plain_field("serverName", "string")),
                                     *record.key);
    for (const std::string& key : {*record.key, typed}) {
        record.key = key;
        expect_skip(decode(record), SkipReason::heartbeat);
    }
    // Tables with such a key.
    record.key = "{\"serverName\":\"srv\"}";
    record.topic = "srv.public.servers";
    record.value = envelope("c", *record.key, "null", source_block("postgresql", "servers"));
    expect_change(decode(record), Op::create);
    record.value = std::nullopt;
    expect_change(decode(record), Op::remove);
    record.topic = "srv.public.flat";
    record.value = *record.key;
    expect_change(decode(record), Op::upsert);
    record.value = std::nullopt;
    expect_change(decode(record), Op::remove);
}

} // namespace
} // namespace kcs::test
