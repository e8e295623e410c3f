// What a record says before anything of it is given a meaning.
#include "debezium/conversion_words.hpp"
#include "debezium/lenient.hpp"
#include "debezium/spelling.hpp"

#include "decoder_fixture.hpp"

namespace kcs::test {
namespace {

std::string shown(const SpelledRow& row) {
    std::string out;
    for (const SpelledMember& member : row)
        out += std::string(out.empty() ? "" : " ") + std::string(member.name) + "=" +
               std::string(member.value);
    return out;
}

class SpellingTest : public ::testing::Test {
protected:
    const Spelling& spell(const std::optional<std::string>& key,
                          const std::optional<std::string>& value) {
        text_ = {key.value_or(""), value.value_or("")};
        record_ = Record();
        record_.has_key = key.has_value();
        record_.key = text_.first;
        record_.has_value = value.has_value();
        record_.value = text_.second;
        return spelling_ = spell_record(record_, arena_);
    }

    std::pair<std::string, std::string> text_;
    Record record_;
    Arena arena_;
    Spelling spelling_;
};

TEST_F(SpellingTest, EnvelopesAndRows) {
    spell("{\"id\": 1}", "{\"before\":{\"id\":0},\"after\":{\"i\\u0064\":1,\"t\":\"a\\\"b\", "
                         "\"x\":[1, 2]},\"source\":{},\"op\":\"u\"}");
    EXPECT_TRUE(spelling_.envelope);
    EXPECT_FALSE(spelling_.schema);
    EXPECT_EQ(spelling_.op, "u");
    EXPECT_EQ(shown(spelling_.key), "id=1");
    EXPECT_EQ(shown(spelling_.row), "id=1 t=\"a\\\"b\" x=[1, 2]");
    EXPECT_EQ(shown(spelling_.before), "id=0");
    for (const SpelledMember& member : spelling_.row) // what is shown can be cut out of the record
        EXPECT_TRUE(member.value.data() > record_.value.data() &&
                    member.value.data() < record_.value.data() + record_.value.size());

    spell("7", framed(struct_schema("s.Value", plain_field("id", "int32")), "{\"id\":7}"));
    EXPECT_FALSE(spelling_.envelope);
    EXPECT_TRUE(spelling_.schema);
    EXPECT_EQ(shown(spelling_.key), "=7");
    EXPECT_EQ(shown(spelling_.row), "id=7");
}

TEST_F(SpellingTest, WhatIsNoRowIsEmpty) {
    for (const char* value : {"", "null", "garbage", "[1]", "\"x\"", "{\"a\":1", "{\"op\":}"}) {
        spell(std::nullopt, value);
        EXPECT_TRUE(spelling_.key.empty());
        EXPECT_FALSE(spelling_.envelope) << value;
    }
    EXPECT_TRUE(spell(std::nullopt, std::nullopt).row.empty());
    // Up to the flaw.
    EXPECT_EQ(shown(spell("{\"a\":1,\"b\":tru", std::nullopt).key), "a=1");
    spell("null", "{\"before\":null,\"after\":null,\"source\":{},\"op\":\"t\"}");
    EXPECT_TRUE(spelling_.key.empty() && spelling_.row.empty() && spelling_.before.empty());
}

TEST_F(SpellingTest, RefusedValuesAreLeftOut) {
    std::string fields = plain_field("id", "int32") + "," + plain_field("a", "boolean") + "," +
                         plain_field("b", "string") + "," + plain_field("c", "bytes");
    DecoderSettings settings;
    Decoder decoder(settings);
    auto read = [&](const std::string& payload) -> Decoded {
        spell("{\"id\":1}", framed(envelope_schema(fields), payload));
        record_.topic = "srv.public.t";
        return LenientReader(record_, spelling_, arena_).decode(decoder);
    };
    std::string rest = ",\"source\":{\"connector\":\"postgresql\"},\"op\":\"u\"}";
    std::string bad = "{\"id\":1,\"a\":\"x\",\"b\":\"y\",\"c\":[\"z\"]}";
    Decoded decoded = read("{\"before\":null,\"after\":" + bad + rest);
    ASSERT_EQ(decoded.kind, Decoded::Kind::change);
    EXPECT_EQ(decoded.change.row.values[1].kind, ValueKind::null);
    EXPECT_EQ(decoded.change.row.values[2].text(), "y");
    LenientReader reader(record_, spelling_, arena_);
    (void)reader.decode(decoder);
    for (const SpelledMember& member : spelling_.row) {
        bool refused = member.name == "a" || member.name == "c";
        EXPECT_EQ(reader.refusal_of(member) != nullptr, refused) << member.name;
    }
    // Without a key the former values are read, too.
    spell(std::nullopt,
          framed(envelope_schema(fields), "{\"before\":" + bad + ",\"after\":" + bad + rest));
    record_.topic = "srv.public.t";
    EXPECT_EQ(LenientReader(record_, spelling_, arena_).decode(decoder).kind,
              Decoded::Kind::change);
    // What no value is at fault for stays refused.
    EXPECT_EQ(read("{\"before\":null,\"after\":7" + rest).kind, Decoded::Kind::reject);
    EXPECT_EQ(read("{\"before\":null,\"after\":{\"id\":1,\"d\":2}" + rest).kind,
              Decoded::Kind::reject);
}

TEST(ConversionWords, Reading) {
    DecoderSettings settings;
    auto words = [&settings](const char* type, Value wire, Value meant) {
        return reading_words(type, wire, meant, settings);
    };
    Value decimal = Value::of(ValueKind::decimal, 1234);
    decimal.scale = 2;
    Value numeric = Value::of(ValueKind::numeric, std::string_view("-12345678901234567890.123"));
    Value moment = Value::of(ValueKind::timestamp, INT64_C(1529507596945104) - kEpochMicros);
    EXPECT_EQ(words("org.apache.kafka.connect.data.Decimal", decimal, decimal),
              "decimal with scale 2");
    EXPECT_EQ(words("io.debezium.data.VariableScaleDecimal", numeric, numeric),
              "decimal with scale 3");
    EXPECT_EQ(words("io.debezium.time.MicroTimestamp", moment, moment), "microseconds since 1970");
    EXPECT_EQ(words("mine.MicroTimestamp", moment, moment), "value of its schema's type");
    Value infinity = Value::of(ValueKind::timestamp, kInfinity);
    EXPECT_EQ(words("io.debezium.time.MicroTimestamp", infinity, infinity),
              "the source's spelling of infinity");
    Value text = Value::of(ValueKind::text, std::string_view("AQID"));
    Value bytes = Value::of(ValueKind::bytes, std::string_view("\1\2\3", 3));
    EXPECT_EQ(words("string", text, text), "text");
    EXPECT_EQ(words("string", text, bytes), "base64");

    auto token = [](ValueKind kind, const char* spelling) {
        return Value::of(kind, std::string_view(spelling));
    };
    EXPECT_EQ(words("", token(ValueKind::token_number, "1529507596945104"), moment),
              "microseconds since 1970");
    moment.integer -= 104;
    EXPECT_EQ(words("", token(ValueKind::token_number, "1529507596945"), moment),
              "milliseconds since 1970");
    EXPECT_EQ(words("", token(ValueKind::token_number, "1529507596945000000"), moment),
              "nanoseconds since 1970");
    EXPECT_EQ(words("", token(ValueKind::token_text, "BNI="), decimal),
              "base64 of a decimal with scale 2");
    EXPECT_EQ(words("", token(ValueKind::token_json, "{}"), token(ValueKind::json, "{}")),
              "JSON as spelled");
    EXPECT_EQ(words("", token(ValueKind::token_text, "AQID"), bytes), "base64");
    settings.binary_handling_mode = BinaryMode::hex;
    EXPECT_EQ(words("", token(ValueKind::token_text, "010203"), bytes), "hexadecimal digits");
    EXPECT_EQ(words("", Value::of(ValueKind::null), Value::of(ValueKind::null)), "null");
}

} // namespace
} // namespace kcs::test
