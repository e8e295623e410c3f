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

} // namespace
} // namespace kcs::test
