// Embedded schemas: what is remembered, and what must not be mixed up (design section 4).
#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

class DecoderCache : public DecoderTest {
protected:
    Decoded value(const std::string& text) { return decode("{\"id\":1}", text); }
};

std::string one_column(const std::string& name, const std::string& type) {
    return envelope_schema(plain_field(name, type));
}

TEST_F(DecoderCache, SameSchemaSameLayout) {
    const std::string schema = one_column("a", "int32");
    Decoded first = value(framed(schema, envelope("c", "{\"a\":1}")));
    Decoded second = value(framed(schema, envelope("u", "{\"a\":2}")));
    expect_change(first, Op::create);
    expect_change(second, Op::update);
    EXPECT_EQ(first.change.row.layout, second.change.row.layout);
    EXPECT_EQ(find(second.change.row, "a")->integer, 2);
    decoder.trim();
    EXPECT_EQ(value(framed(schema, envelope("u", "{\"a\":3}"))).change.row.layout,
              second.change.row.layout);
}

TEST_F(DecoderCache, OnlyThePayloadIsCopied) {
    const std::string schema = one_column(std::string(20000, 'n'), "int32");
    const std::string record = framed(schema, envelope("c", "{}"));
    value(record);
    arena.reset();
    value(record);
    EXPECT_LT(arena.used(), 2000u);
}

TEST_F(DecoderCache, EvolutionKeepsBothSchemas) {
    const std::string old_schema = one_column("a", "int32");
    const std::string new_schema =
        envelope_schema(plain_field("a", "int64") + "," + plain_field("b", "string"));
    Decoded before = value(framed(old_schema, envelope("c", "{\"a\":1}")));
    Decoded after = value(framed(new_schema, envelope("c", "{\"a\":1,\"b\":\"x\"}")));
    EXPECT_NE(before.change.row.layout->id, after.change.row.layout->id);
    EXPECT_EQ(names(after.change.row), "a,b");
    EXPECT_EQ(value(framed(old_schema, envelope("c", "{\"a\":2}"))).change.row.layout,
              before.change.row.layout);
    EXPECT_EQ(value(framed(new_schema, envelope("c", "{\"a\":2,\"b\":null}"))).change.row.layout,
              after.change.row.layout);
}

TEST_F(DecoderCache, ManySchemasInOneBatchStayReadable) {
    std::vector<Decoded> kept;
    for (int i = 0; i < 50; ++i)
        kept.push_back(value(framed(one_column("c" + std::to_string(i), "int32"),
                                    envelope("c", "{\"c" + std::to_string(i) + "\":5}"))));
    for (int i = 0; i < 50; ++i) {
        expect_change(kept[i], Op::create);
        EXPECT_EQ(find(kept[i].change.row, "c" + std::to_string(i))->integer, 5);
        EXPECT_EQ(names(kept[i].change.row), "c" + std::to_string(i));
    }
    decoder.trim();
    expect_change(value(framed(one_column("c0", "int32"), envelope("c", "{\"c0\":5}"))),
                  Op::create);
}

TEST_F(DecoderCache, MemberOrderAndSpaceDoNotMatter) {
    const std::string schema = one_column("a", "int32");
    const std::string payload = envelope("c", "{\"a\":1}");
    for (int round = 0; round < 2; ++round) {
        for (const std::string& text :
             {framed(schema, payload), "{\"payload\":" + payload + ",\"schema\":" + schema + "}",
              " { \"schema\" : " + schema + " , \"payload\" : " + payload + " } \n",
              "{\"schema\":" + schema + ",\"payload\":" + payload + " \t}"}) {
            Decoded out = value(text);
            expect_change(out, Op::create);
            EXPECT_EQ(find(out.change.row, "a")->integer, 1);
        }
    }
    // Members of the envelope, too.
    Decoded out = value("{\"op\":\"c\",\"source\":" + source_block() +
                        ",\"after\":{\"a\":1},\"before\":null}");
    expect_change(out, Op::create);
}

TEST_F(DecoderCache, KnownFrameWithSomethingElseBehindIt) {
    const std::string schema = one_column("a", "int32");
    const std::string payload = envelope("c", "{\"a\":1}");
    value(framed(schema, payload));
    // A third member: no frame any more, a row with three members.
    Decoded out =
        decode(std::nullopt, "{\"schema\":" + schema + ",\"payload\":" + payload + ",\"x\":1}");
    expect_change(out, Op::upsert);
    EXPECT_EQ(names(out.change.row), "schema,payload,x");
    EXPECT_FALSE(out.change.may_create);
    for (const std::string& broken :
         {framed(schema, payload) + "}", framed(schema, payload) + "x",
          "{\"schema\":" + schema + ",\"payload\":" + payload,
          "{\"schema\":" + schema + ",\"payload\":", "{\"schema\":" + schema + ",\"payload\":}",
          "{\"schema\":" + schema + ",\"payload\":" + payload + " 1}"}) {
        out = value(broken);
        ASSERT_EQ(out.kind, Decoded::Kind::reject);
        EXPECT_EQ(out.fault.sqlstate, "22032") << out.fault.message;
    }
}

TEST_F(DecoderCache, SchemaNullReadsThePayloadAsWithoutSchema) {
    for (int round = 0; round < 2; ++round) {
        Decoded out = value(framed("null", envelope("c", "{\"a\":1}")));
        expect_change(out, Op::create);
        EXPECT_FALSE(out.change.row.layout->typed);
    }
}

TEST_F(DecoderCache, SchemasThatMakeNoSense) {
    for (const std::string& schema :
         {std::string("7"), std::string("{}"), std::string("\"x\""),
          struct_schema("a.Value", plain_field("a", "int32") + "," + plain_field("a", "int32")),
          struct_schema("a.Value", "{\"type\":\"int32\"}"),
          struct_schema("a.Envelope", plain_field("after", "string"))}) {
        SCOPED_TRACE(schema);
        for (int round = 0; round < 2; ++round) {
            Decoded out = value(framed(schema, "{\"op\":\"c\",\"after\":{\"a\":1}}"));
            expect_reject(out, "22023", "");
        }
    }
    // An unknown base type hurts only where it has a value.
    const std::string odd = one_column("a", "decimal128");
    expect_change(value(framed(odd, envelope("c", "{\"a\":null}"))), Op::create);
    expect_reject(value(framed(odd, envelope("c", "{\"a\":1}"))), "0A000", "decimal128");
}

TEST_F(DecoderCache, TopicsDoNotShareSchemas) {
    RecordText record;
    record.key = "{\"id\":1}";
    record.value = framed(one_column("a", "int32"), envelope("c", "{\"a\":1}"));
    Decoded first = decode(record);
    record.topic = "srv.public.u";
    Decoded second = decode(record);
    EXPECT_NE(first.change.row.layout, second.change.row.layout);
    EXPECT_EQ(first.change.target, second.change.target); // by source, not by topic
}

TEST_F(DecoderCache, SettingsChange) {
    DecoderSettings settings;
    const std::string record = framed(one_column("a", "string"), envelope("u", "{\"a\":\"gone\"}"));
    Decoded before = value(record);
    settings.unavailable_value = "gone";
    settings.table_format = "copy.${topic}";
    decoder.configure(settings, nullptr);
    Decoded after = value(record);
    expect_change(after, Op::update);
    EXPECT_EQ(kind(after.change.row, "a"), ValueKind::unavailable);
    EXPECT_EQ(after.target->schema, "copy");
    EXPECT_EQ(after.target->table, "srv.public.t");
    EXPECT_EQ(text(before.change.row, "a"), "gone"); // of the same batch
    EXPECT_EQ(before.change.row.layout->columns[0].name, "a");
    EXPECT_EQ(before.target->schema, "public");
    EXPECT_NE(before.target->id, after.target->id);
}

} // namespace
} // namespace kcs::test
