// Wire format 1.7: flattened records.
#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderFlattened : public DecoderTest {};

TEST_F(DecoderFlattened, DeleteR11) {
    for (const char* value : {"{\"id\":1,\"name\":\"\",\"__deleted\":\"true\"}",
                              "{\"__deleted\":true,\"id\":1}", "{\"id\":1,\"__op\":\"d\"}"}) {
        Decoded out = decode("{\"id\":1}", value);
        expect_change(out, Op::remove);
        EXPECT_FALSE(out.change.tombstone);
        EXPECT_FALSE(out.change.row);
        EXPECT_EQ(text(out.change.key, "id"), "1");
    }
    Decoded out = decode(std::nullopt, "{\"id\":1,\"__deleted\":\"true\"}");
    expect_change(out, Op::remove);
    EXPECT_EQ(names(out.change.before), "id");
}

TEST_F(DecoderFlattened, DeleteNeedsItsKeyOnly) {
    for (const char* value : {"{\"id\":1,\"note\":\"a\\u0000b\",\"__deleted\":\"true\"}",
                              "{\"__op\":\"d\",\"id\":1,\"note\":\"a\\u0000b\"}"}) {
        Decoded out = decode("{\"id\":1}", value);
        expect_change(out, Op::remove);
        EXPECT_EQ(text(out.change.key, "id"), "1");
        EXPECT_EQ(decode(std::nullopt, value).kind, Decoded::Kind::reject);
    }
    std::string schema =
        struct_schema("srv.public.t.Value", plain_field("id", "int32") + "," +
                                                named_field("b", "bytes", "io.debezium.data.Bits") +
                                                "," + plain_field("__deleted", "string"));
    expect_change(
        decode("{\"id\":1}", framed(schema, "{\"id\":1,\"b\":\"AQ==\",\"__deleted\":\"true\"}")),
        Op::remove);
    for (const char* value : {"{\"id\":1,\"note\":\"a\\u0000b\",\"__deleted\":\"false\"}",
                              "{\"id\":1,\"note\":\"a\\u0000b\",\"__deleted\":\"true\""})
        EXPECT_EQ(decode("{\"id\":1}", value).kind, Decoded::Kind::reject);
}

TEST_F(DecoderFlattened, MetadataIsStrippedR12R22) {
    const std::string payload =
        "{\"id\":1,\"name\":\"a\",\"__deleted\":\"false\",\"__op\":\"u\","
        "\"__source_ts_ms\":5,\"__lsn\":9,\"__transaction_id\":\"x\","
        "\"__mine\":3,\"_x\":4,\"__source_system\":7,\"__rs_id\":\"r\",\"__txId\":1,\"__ts_ms\":2}";
    Decoded out = decode("{\"id\":1}", payload);
    expect_change(out, Op::update);
    EXPECT_EQ(names(out.change.row), "id,name,__mine,_x,__source_system");
    EXPECT_EQ(out.change.source_us, 5000);

    std::string fields = plain_field("id", "int32") + "," + plain_field("name", "string") + "," +
                         plain_field("__deleted", "string") + "," + plain_field("__op", "string") +
                         "," + plain_field("__source_ts_ms", "int64");
    for (const char* name : {"__lsn", "__transaction_id", "__mine", "_x", "__txId", "__ts_ms",
                             "__source_system", "__rs_id"})
        fields += "," + plain_field(name, std::string_view(name) == "__transaction_id" ||
                                                  std::string_view(name) == "__rs_id"
                                              ? "string"
                                              : "int64");
    out = decode("{\"id\":1}", framed(struct_schema("srv.public.t.Value", fields), payload));
    expect_change(out, Op::update);
    EXPECT_EQ(names(out.change.row), "id,name,__mine,_x,__source_system");
    EXPECT_EQ(out.change.source_us, 5000);
    // In an envelope they are columns like others.
    out = row("c", "{\"id\":1,\"__op\":\"d\",\"__deleted\":\"true\"}");
    expect_change(out, Op::create);
    EXPECT_EQ(names(out.change.row), "id,__op,__deleted");
}

/// Section 2: what connectors of other databases have in their source blocks, and in `transaction`.
TEST_F(DecoderFlattened, MetadataOfEveryConnectorIsStripped) {
    const char* const source[] = {"project_id",
                                  "instance_id",
                                  "database_id",
                                  "change_stream_name",
                                  "server_transaction_id",
                                  "low_watermark",
                                  "read_at_timestamp",
                                  "number_records_in_transaction",
                                  "transaction_tag",
                                  "system_transaction",
                                  "value_capture_type",
                                  "partition_token",
                                  "mod_number",
                                  "is_last_record_in_transaction_in_partition",
                                  "number_of_partitions_in_transaction",
                                  "keyspace",
                                  "vgtid"};
    std::string fields = "\"id\":1";
    for (const char* name : source)
        for (const char* prefix : {"__", "__source_"})
            fields += std::string(",\"") + prefix + name + "\":\"x\"";
    for (const char* name : {"__transaction_transaction_epoch", "__transaction_transaction_rank",
                             "__transaction_epoch", "__transaction_mine", "__tag"})
        fields += std::string(",\"") + name + "\":\"x\"";
    Decoded out = decode("{\"id\":1}", "{" + fields + ",\"__op\":\"u\"}");
    expect_change(out, Op::update);
    EXPECT_EQ(names(out.change.row), "id,__transaction_mine,__tag");

    DecoderSettings settings;
    settings.flattened_prefix = "";
    decoder.configure(settings, nullptr);
    out = decode("{\"id\":1}", R"({"id":1,"project_id":2,"transaction_tag":3,"op":"u",)"
                               R"("source_project_id":2,"transaction_transaction_rank":4})");
    expect_change(out, Op::update);
    EXPECT_EQ(names(out.change.row), "id,project_id,transaction_tag");
}

TEST_F(DecoderFlattened, ObjectsWithoutTheKeysColumnsAreNotOurs) {
    expect_change(row("c", "{\"id\":1}"), Op::create); // an envelope topic
    for (const char* value :
         {"{\"op\":\"u\",\"after\":{\"id\":1,\"n\":5}}",
          "{\"op\":1,\"after\":{\"id\":1},\"source\":{\"connector\":\"postgresql\"}}",
          "{\"foo\":{\"bar\":1}}", "{\"payload\":{\"op\":\"c\",\"after\":{\"id\":1}}}",
          "{\"type\":\"insert\",\"database\":\"x\",\"data\":{\"id\":1}}", "{}"}) {
        Decoded out = decode("{\"id\":1}", value);
        ASSERT_EQ(out.kind, Decoded::Kind::reject) << value;
        EXPECT_EQ(out.fault.sqlstate, "22023") << value;
    }
    expect_change(decode("{\"id\":1}", "{\"id\":1,\"n\":2}"), Op::upsert);
    expect_change(decode("1", "{\"n\":2}"), Op::upsert); // a bare key has no name
}

TEST_F(DecoderFlattened, OperationIsTold) {
    for (auto [op, expected] : {std::pair{"c", Op::create}, {"r", Op::read}, {"u", Op::update}}) {
        Decoded out = decode(std::nullopt, "{\"id\":1,\"__op\":\"" + std::string(op) + "\"}");
        expect_change(out, expected);
        EXPECT_FALSE(out.change.key);
    }
    expect_change(decode(std::nullopt, "{\"id\":1}"), Op::upsert);
}

TEST_F(DecoderFlattened, KeysMayBeCalledLikeMetadata) {
    Decoded out = decode("{\"__id\":1}", "{\"__id\":1,\"v\":2,\"__op\":\"c\"}");
    expect_change(out, Op::create);
    EXPECT_EQ(names(out.change.key), "__id");
    EXPECT_EQ(names(out.change.row), "v");
    expect_change(decode("{\"__id\":1}", "{\"__id\":1,\"__op\":\"d\"}"), Op::remove);
    expect_reject(decode("{\"__mine\":1}", "{\"v\":2,\"__op\":\"c\"}"), "22023", "not a Debezium");
}

/// The connector that wrote a flattened record without schema, as its layouts have it.
SourceKind source_of(const Decoded& out) {
    EXPECT_EQ(out.change.key.layout->source, out.change.row.layout->source);
    return out.change.row.layout->source;
}

TEST_F(DecoderFlattened, ConnectorIsToldByAnAddedField) {
    EXPECT_EQ(source_of(decode("{\"id\":1}", "{\"id\":1}")), SourceKind::unknown);
    for (auto [field, kind] : {std::pair{"\"__connector\":\"mysql\"", SourceKind::mysql},
                               {"\"__source_connector\":\"postgresql\"", SourceKind::postgresql},
                               {"\"__connector\":\"mariadb\"", SourceKind::mysql},
                               {"\"__connector\":\"db2\"", SourceKind::unknown},
                               {"\"__connector\":\"oracle\"", SourceKind::oracle}})
        for (std::string value :
             {std::string("{\"id\":1,") + field + "}", std::string("{") + field + ",\"id\":1}"}) {
            Decoded out = decode("{\"id\":1}", value);
            EXPECT_EQ(names(out.change.row), "id");
            EXPECT_EQ(source_of(out), kind) << value;
        }
    EXPECT_EQ(source_of(decode("{\"id\":1}", "{\"id\":1,\"__connector\":null}")),
              SourceKind::unknown);
    EXPECT_EQ(source_of(row("c", "{\"id\":1}")), SourceKind::postgresql);
    EXPECT_EQ(source_of(decode("{\"id\":1}", "{\"id\":1}")), SourceKind::unknown);
}

TEST_F(DecoderFlattened, ConnectorIsToldUnderItsPrefix) {
    DecoderSettings settings;
    settings.flattened_prefix = "";
    decoder.configure(settings, nullptr);
    Decoded out = decode("{\"id\":1}", "{\"id\":1,\"connector\":\"mysql\"}");
    EXPECT_EQ(names(out.change.row), "id,connector");
    EXPECT_EQ(source_of(out), SourceKind::unknown);
    out = decode("{\"id\":1}", "{\"id\":1,\"source_connector\":\"mysql\"}");
    EXPECT_EQ(names(out.change.row), "id");
    EXPECT_EQ(source_of(out), SourceKind::mysql);
}

TEST_F(DecoderFlattened, ConnectorIsToldByAHeader) {
    auto from = [&](const char* header, const char* value) {
        RecordText record;
        record.key = "{\"id\":1}";
        record.value = "{\"id\":1}";
        record.headers = {{header, value}};
        return source_of(decode(record));
    };
    EXPECT_EQ(from("__connector", "mysql"), SourceKind::mysql);
    EXPECT_EQ(from("__connector", "\"sqlserver\""), SourceKind::sqlserver);
    EXPECT_EQ(from("__source_connector",
                   "{\"schema\":{\"type\":\"string\",\"optional\":true},\"payload\":\"oracle\"}"),
              SourceKind::oracle);
    EXPECT_EQ(from("__debezium.context.connectorName", "mariadb"), SourceKind::mysql);
    for (const char* nothing : {"", "null", "{\"schema\":null,\"payload\":null}"})
        EXPECT_EQ(from("__connector", nothing), SourceKind::unknown);
    // A tombstone has nothing but headers; else it is of whom the rows before it are.
    RecordText record;
    record.key = "{\"id\":1}";
    record.headers = {{"__debezium.context.connectorName", "sqlserver"}};
    EXPECT_EQ(decode(record).change.key.layout->source, SourceKind::sqlserver);
    EXPECT_EQ(from("__connector", "mysql"), SourceKind::mysql);
    record.headers.clear();
    EXPECT_EQ(decode(record).change.key.layout->source, SourceKind::mysql);
}

TEST_F(DecoderFlattened, TypesHangOnTheConnector) {
    const std::string schema = struct_schema(
        "srv.public.t.Value", plain_field("id", "int32") + "," +
                                  named_field("t", "int64", "io.debezium.time.MicroTime") + "," +
                                  plain_field("__connector", "string"));
    auto decoded = [&](const char* time, const std::string& connector, bool payload_first) {
        std::string payload =
            "{\"id\":1,\"t\":" + std::string(time) + ",\"__connector\":" + connector + "}";
        Decoded out = decode("{\"id\":1}", payload_first ? "{\"payload\":" + payload +
                                                               ",\"schema\":" + schema + "}"
                                                         : framed(schema, payload));
        expect_change(out, Op::upsert);
        EXPECT_EQ(names(out.change.row), "id,t");
        return out.change.row.layout->columns[1].ddl_type;
    };
    EXPECT_EQ(decoded("1", "null", false), "time");
    for (bool payload_first : {false, true}) {
        // -838:59:59 is no time of day
        EXPECT_EQ(decoded("-3020399000000", "\"mysql\"", payload_first), "interval");
        EXPECT_EQ(decoded("1", "\"postgresql\"", payload_first), "time");
        EXPECT_EQ(decoded("1", "\"mariadb\"", payload_first), "interval");
        EXPECT_EQ(decoded("1", "\"sqlserver\"", payload_first), "time");
    }
    RecordText record;
    record.key = "{\"id\":1}";
    record.value = framed(schema, "{\"id\":1,\"t\":-1,\"__connector\":null}");
    record.headers = {{"__debezium.context.connectorName", "mysql"}};
    Decoded out = decode(record);
    expect_change(out, Op::upsert);
    EXPECT_EQ(out.change.row.layout->columns[1].ddl_type, "interval");
}

TEST_F(DecoderFlattened, KeysHangOnTheConnector) {
    const std::string key =
        struct_schema("srv.public.t.Key", named_field("t", "int64", "io.debezium.time.MicroTime"));
    Decoded out = decode(framed(key, "{\"t\":-1}"), "{\"t\":-1,\"__connector\":\"mysql\"}");
    expect_change(out, Op::upsert);
    EXPECT_EQ(out.change.key.layout->columns[0].ddl_type, "interval");
}

} // namespace
} // namespace kcs::test
