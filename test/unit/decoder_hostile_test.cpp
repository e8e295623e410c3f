// Input that nobody should send: a clear data fault each, never a crash. Run under sanitizers too.
#include "decoder_fixture.hpp"

#include <memory>

namespace kcs::test {
namespace {

class DecoderHostile : public DecoderTest {
protected:
    /// From memory of exactly the record's size, so that a sanitizer sees any read past the end.
    Decoded exact(std::string_view value, std::string_view key = "{\"id\":1}") {
        std::unique_ptr<char[]> copy(new char[value.size()]);
        value.copy(copy.get(), value.size());
        Record record;
        record.topic = "srv.public.t";
        record.has_key = record.has_value = true;
        record.key = key;
        record.value = {copy.get(), value.size()};
        return decoder.decode(record, arena);
    }
};

std::string repeat(const std::string& text, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i)
        out += text;
    return out;
}

TEST_F(DecoderHostile, NestingOfAHundredThousandLevels) {
    const std::string arrays = repeat("[", 100000), objects = repeat("{\"a\":", 100000);
    const std::string records[] = {
        arrays,
        objects,
        arrays + repeat("]", 100000),
        envelope("c", "{\"a\":" + arrays + repeat("]", 100000) + "}"),
        envelope("c", objects + "1" + repeat("}", 100000)),
        "{\"id\":" + arrays,
        framed(repeat("{\"items\":", 100000) + "1" + repeat("}", 100000), "{\"a\":1}"),
        framed(envelope_schema(plain_field("a", "string")),
               envelope("c", "{\"a\":" + arrays + repeat("]", 100000) + "}")),
    };
    for (const std::string& record : records) {
        Decoded out = exact(record);
        ASSERT_EQ(out.kind, Decoded::Kind::reject) << record.substr(0, 100);
        EXPECT_EQ(out.fault.sqlstate, "54000") << out.fault.message;
        EXPECT_EQ(out.fault.cls, ErrorClass::data);
    }
    Decoded out = exact(envelope("c", "{\"a\":1}"), arrays);
    ASSERT_EQ(out.kind, Decoded::Kind::reject);
    out = exact(envelope("c", "{\"a\":1}"), "{\"id\":" + arrays);
    ASSERT_EQ(out.kind, Decoded::Kind::reject);
    // What is within reason is read.
    out = exact(envelope("c", "{\"a\":" + repeat("[", 100) + repeat("]", 100) + "}"));
    EXPECT_EQ(out.kind, Decoded::Kind::change);
}

TEST_F(DecoderHostile, TruncationAtEveryByte) {
    const std::string fields =
        plain_field("id", "int32") + "," + plain_field("s", "string") + "," +
        named_field("v", "struct", "io.debezium.data.VariableScaleDecimal") +
        ",{\"type\":\"array\",\"items\":{\"type\":\"int32\"},\"field\":\"a\"}";
    const std::string after = "{\"id\":1,\"s\":\"a\\u00e4\\ud83d\\ude00\\n\",\"v\":{\"scale\":1,"
                              "\"value\":\"AQ==\"},\"a\":[1,null,-2e1]}";
    const std::string whole[] = {framed(envelope_schema(fields), envelope("u", after)),
                                 envelope("u", after), "{\"id\":1,\"s\":[true,{\"x\":null}]}",
                                 framed(struct_schema("srv.public.t.Value", fields), after)};
    for (const std::string& record : whole) {
        ASSERT_EQ(exact(record).kind, Decoded::Kind::change) << exact(record).fault.message;
        for (size_t size = 0; size < record.size(); ++size) {
            Decoded out = exact(std::string_view(record).substr(0, size));
            EXPECT_EQ(out.kind, Decoded::Kind::reject) << record.substr(0, size);
            out = exact(record, std::string_view(record).substr(0, size));
            EXPECT_NE(out.kind, Decoded::Kind::skip);
        }
        // One byte changed: any outcome, but no crash.
        for (size_t at = 0; at < record.size(); ++at) {
            std::string changed = record;
            for (char c : {'\0', '"', '\\', '{', '}', ',', '\xff', '9'}) {
                changed[at] = c;
                exact(changed);
            }
        }
        arena.reset();
        decoder.trim();
    }
}

TEST_F(DecoderHostile, TruncatedHeaders) {
    const std::string header = "{\"id\":2,\"code\":\"A\\\"B\",\"x\":{\"y\":[1]},\"t\":15:13Z}";
    for (size_t size = 0; size <= header.size(); ++size) {
        RecordText record;
        record.key = "{\"id\":1,\"code\":\"a\",\"x\":{},\"t\":\"1\"}";
        record.value = envelope("d", "null");
        record.headers = {{kNewKey, header.substr(0, size)}};
        Decoded out = decode(record);
        expect_change(out, Op::remove);
        EXPECT_EQ(static_cast<bool>(out.change.new_key), size == header.size());
    }
}

TEST_F(DecoderHostile, InvalidUtf8NamesItsColumn) {
    for (const char* bytes : {"\xff", "\xc0\x80", "\xed\xa0\x80", "\xf5\x80\x80\x80", "a\xe4",
                              "\xf0\x80\x80\x80", "\xe2\x82"}) {
        const std::string after = std::string("{\"ok\":\"x\",\"c\":\"") + bytes + "\"}";
        Decoded out = row("c", after);
        expect_reject(out, "22021", "column \"c\"");
        EXPECT_EQ(out.fault.column, "c");
        out = typed(plain_field("c", "string"), std::string("\"") + bytes + "\"");
        expect_reject(out, "22021", "column \"c\"");
        out = row("c", std::string("{\"c\":{\"k\":\"") + bytes + "\"}}");
        expect_reject(out, "22021", "column \"c\"");
    }
    for (const char* escaped : {"\\ud83d", "\\ude00", "\\ud83dx", "\\ud83d\\u0041", "\\ud83d\\n"})
        expect_reject(row("c", std::string("{\"c\":\"") + escaped + "\"}"), "22021",
                      "column \"c\"");
    Decoded out = row("c", std::string("{\"\xff\":1}"));
    ASSERT_EQ(out.kind, Decoded::Kind::reject);
    EXPECT_EQ(out.fault.sqlstate, "22021");
    // Where nobody looks it does no harm.
    out = decode("{\"id\":1}", envelope("u", "{\"a\":\"\xc3\xa4\"}", "{\"a\":\"\xff\"}"));
    expect_change(out, Op::update);
    EXPECT_EQ(text(out.change.row, "a"), "\xc3\xa4");
}

TEST_F(DecoderHostile, NulCharacterNamesItsColumn) {
    Decoded out = row("c", "{\"c\":\"a\\u0000b\"}");
    expect_reject(out, "22P05", "column \"c\"");
    EXPECT_EQ(out.fault.column, "c");
    out = typed(plain_field("c", "string"), "\"\\u0000\"");
    expect_reject(out, "22P05", "column \"c\"");
    expect_reject(row("c", "{\"a\\u0000\":1}"), "22P05", "U+0000");
    expect_reject(typed(plain_field("c\\u0000", "string"), "\"x\""), "22023", "U+0000");
    out = exact(envelope("c", std::string("{\"c\":\"a\0b\"}", 11)));
    ASSERT_EQ(out.kind, Decoded::Kind::reject);
}

TEST_F(DecoderHostile, BrokenJson) {
    for (const char* after : {"{\"a\":01}",
                              "{\"a\":1.}",
                              "{\"a\":.5}",
                              "{\"a\":+1}",
                              "{\"a\":1e}",
                              "{\"a\":-}",
                              "{\"a\":nul}",
                              "{\"a\":True}",
                              "{\"a\":'x'}",
                              "{a:1}",
                              "{\"a\":1,}",
                              "{,}",
                              "{\"a\"}",
                              "{\"a\":[1,]}",
                              "{\"a\":[1 2]}",
                              "{\"a\":\"\\x\"}",
                              "{\"a\":\"\\u12g4\"}",
                              "{\"a\":\"\n\"}",
                              "{\"a\":1 \"b\":2}",
                              "{\"a\":[}",
                              "{\"a\":{]}",
                              "{\"a\":NaN}"}) {
        SCOPED_TRACE(after);
        for (const std::string& record :
             {envelope("c", after), std::string(after),
              framed(envelope_schema("{\"type\":\"struct\",\"field\":\"a\"}"),
                     envelope("c", after))}) {
            Decoded out = exact(record);
            ASSERT_EQ(out.kind, Decoded::Kind::reject);
            EXPECT_EQ(out.fault.sqlstate, "22032") << out.fault.message;
            EXPECT_FALSE(out.fault.detail.empty());
        }
    }
    expect_reject(exact(envelope("c", "{\"a\":1}") + "{}"), "22032", "something follows");
    expect_reject(exact("null null"), "22032", "something follows");
    expect_reject(exact("{\"op\":\"c\",\"op\":\"d\"}"), "22023", "two members");
}

TEST_F(DecoderHostile, MessagesHoldNoBrokenText) {
    Decoded out = decode("{\"id\":1}", framed(envelope_schema(plain_field("a", "int32")),
                                              "{\"op\":\"\xff\",\"after\":{\"a\":1}}"));
    expect_reject(out, "22023", "unknown operation");
    EXPECT_EQ(out.fault.message.find('\xff'), std::string::npos);
}

TEST_F(DecoderHostile, EndlessVarietyIsBounded) {
    for (int i = 0; i < 2000; ++i) {
        Decoded out = row("c", "{\"c" + std::to_string(i) + "\":1}");
        expect_change(out, Op::create);
        if (i % 100 == 0) {
            arena.reset();
            decoder.trim();
        }
    }
    for (int i = 0; i < 20000; ++i) {
        RecordText record;
        record.topic = "srv.public.t" + std::to_string(i);
        record.key = "{\"id\":1}";
        decode(record);
    }
    decoder.trim();
    expect_change(row("c", "{\"id\":1}"), Op::create);
}

TEST_F(DecoderHostile, LargeValueIsRead) {
    const std::string big(20 * 1024 * 1024, 'x');
    Decoded out = row("c", "{\"a\":\"" + big + "\"}");
    expect_change(out, Op::create);
    EXPECT_EQ(find(out.change.row, "a")->size, big.size());
}

/// A schema field `c` of an array of `item`.
std::string array_of(const std::string& item, const std::string& rest = "") {
    return "{\"type\":\"array\",\"optional\":true,\"items\":" + item + rest + ",\"field\":\"c\"}";
}

const char kMegabits[] = R"({"type":"bytes","name":"io.debezium.data.Bits",)"
                         R"("parameters":{"length":"1048576"}})";
const char kManyZeros[] = R"({"type":"bytes","name":"org.apache.kafka.connect.data.Decimal",)"
                          R"("parameters":{"scale":"-131000"}})";

TEST_F(DecoderHostile, FewBytesDoNotBecomeGigabytes) {
    for (const char* item : {kMegabits, kManyZeros}) {
        expect_change(typed(array_of(item), "[" + repeat("\"AQ==\",", 9) + "\"AQ==\"]"),
                      Op::update);
        std::string many = "[" + repeat("\"AQ==\",", 20000) + "\"AQ==\"]";
        expect_reject(typed(array_of(item), many), "54000", "too much memory");
        expect_reject(typed(array_of(item, ",\"default\":" + many), "null"), "54000", "");
        EXPECT_LT(arena.used(), size_t{128} << 20);
    }
    // What follows is read as ever.
    expect_change(typed(plain_field("c", "int32"), "1"), Op::update);
}

TEST_F(DecoderHostile, OrdinaryValuesStayWithinTheirTexts) {
    const size_t many = 4 * 1024 * 1024;
    for (const char* item : {R"({"type":"int16","optional":true})", R"({"type":"boolean"})"}) {
        Decoded out = typed(array_of(item), "[" + repeat("null,", many) + "null]");
        if (std::string(item).find("int16") != std::string::npos)
            expect_change(out, Op::update);
    }
    expect_change(typed(array_of(R"({"type":"int16"})"), "[" + repeat("1,", many) + "1]"),
                  Op::update);
    expect_change(row("c", "{\"a\":[" + repeat("1,", many) + "1]}"), Op::create);
}

} // namespace
} // namespace kcs::test
