#include "debezium/scalars.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "core/pure.hpp"

namespace kcs::test {

namespace {

const std::string kDefault = "__debezium_unavailable_value";
const char kBase64[] = "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==";
const char kHex[] = "5f5f646562657a69756d5f756e617661696c61626c655f76616c7565";
const char kUuid[] = "b68a35a7-17ad-35b3-af2a-ae46edb4545a";
const char kIntegers[] = "[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,"
                         "98,108,101,95,118,97,108,117,101]";
const char kPair[] = "{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}";

bool matches(const Placeholder& placeholder, Semantic semantic, std::string text,
             JsonScalar::Kind kind = JsonScalar::Kind::string) {
    JsonScalar json;
    json.kind = kind;
    json.data = text.data();
    json.size = static_cast<uint32_t>(text.size());
    return placeholder.matches(semantic, json);
}

Value text(ValueKind kind, const std::string& of) {
    return Value::of(kind, std::string_view(of));
}

TEST(PlaceholderTest, literal_where_text_can_be) {
    Placeholder p(kDefault);
    for (Semantic s : {Semantic::string, Semantic::json, Semantic::uuid, Semantic::enumeration,
                       Semantic::enum_set, Semantic::xml, Semantic::ltree, Semantic::tsvector,
                       Semantic::zoned_timestamp})
        EXPECT_TRUE(matches(p, s, kDefault));
    for (Semantic s : {Semantic::bytes, Semantic::decimal, Semantic::int32, Semantic::float64})
        EXPECT_FALSE(matches(p, s, kDefault));
    EXPECT_FALSE(matches(p, Semantic::string, kDefault + " "));
    EXPECT_FALSE(matches(p, Semantic::string, ""));
    EXPECT_FALSE(matches(p, Semantic::string, "", JsonScalar::Kind::null));
}

TEST(PlaceholderTest, encoded_forms) {
    Placeholder p(kDefault);
    EXPECT_TRUE(matches(p, Semantic::bytes, kBase64));
    EXPECT_TRUE(matches(p, Semantic::string, kBase64));
    EXPECT_TRUE(matches(p, Semantic::string, kHex));
    EXPECT_FALSE(matches(p, Semantic::json, kBase64));
    EXPECT_FALSE(matches(p, Semantic::decimal, kBase64));
    EXPECT_TRUE(matches(p, Semantic::json, kPair)); // hstore
    EXPECT_FALSE(matches(p, Semantic::string, kPair));
    EXPECT_TRUE(
        matches(p, Semantic::json,
                "{ \"__debezium_unavailable_value\" : \"\\u005f_debezium_unavailable_value\" }"));
    EXPECT_FALSE(matches(p, Semantic::json, "{\"__debezium_unavailable_value\":1}"));
}

TEST(PlaceholderTest, arrays) {
    Placeholder p(kDefault);
    Value literal = text(ValueKind::text, kDefault);
    Value json = text(ValueKind::json, kDefault);
    Value bytes = text(ValueKind::bytes, kDefault);
    std::string uuid_text = kUuid;
    Value uuid = text(ValueKind::text, uuid_text);
    EXPECT_TRUE(p.matches_array(Semantic::string, &literal, 1));
    EXPECT_TRUE(p.matches_array(Semantic::json, &json, 1));
    EXPECT_TRUE(p.matches_array(Semantic::bytes, &bytes, 1));
    EXPECT_TRUE(p.matches_array(Semantic::uuid, &uuid, 1));
    EXPECT_FALSE(p.matches_array(Semantic::string, &uuid, 1));
    EXPECT_FALSE(p.matches_array(Semantic::float64, &literal, 1));
    EXPECT_FALSE(p.matches_array(Semantic::string, nullptr, 0));
    Value twice[] = {literal, literal};
    EXPECT_FALSE(p.matches_array(Semantic::string, twice, 2));

    std::vector<Value> integers;
    std::vector<Value> dates;
    for (char c : kDefault) {
        integers.push_back(Value::of(ValueKind::integer, int64_t{c}));
        dates.push_back(Value::of(ValueKind::date, int64_t{c} - kEpochDays));
    }
    auto count = static_cast<uint32_t>(integers.size());
    EXPECT_TRUE(p.matches_array(Semantic::int32, integers.data(), count));
    EXPECT_TRUE(p.matches_array(Semantic::int64, integers.data(), count));
    EXPECT_TRUE(p.matches_array(Semantic::date, dates.data(), count));
    EXPECT_FALSE(p.matches_array(Semantic::int32, integers.data(), count - 1));
    integers[5].integer++;
    EXPECT_FALSE(p.matches_array(Semantic::int32, integers.data(), count));
    dates[0] = Value::of(ValueKind::null);
    EXPECT_FALSE(p.matches_array(Semantic::date, dates.data(), count));
}

TEST(PlaceholderTest, untyped) {
    Placeholder p(kDefault);
    for (const char* form : {kDefault.c_str(), kBase64, kHex, kPair})
        EXPECT_TRUE(p.matches_text(form)) << form;
    for (const char* other : {kUuid, "", "x", kIntegers})
        EXPECT_FALSE(p.matches_text(other)) << other;

    for (const char* form :
         {kIntegers, kPair, "[\"__debezium_unavailable_value\"]",
          "[ \"__debezium_unavailable_value\" ]", "[\"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==\"]",
          "[\"b68a35a7-17ad-35b3-af2a-ae46edb4545a\"]"})
        EXPECT_TRUE(p.matches_json(form)) << form;
    for (const char* other : {"[]", "{}", "[null]", "[1,2]", "\"__debezium_unavailable_value\"",
                              "[\"a\",\"__debezium_unavailable_value\"]", "[", ""})
        EXPECT_FALSE(p.matches_json(other)) << other;
}

TEST(PlaceholderTest, another_setting) {
    Placeholder p("n/a~?");
    EXPECT_TRUE(matches(p, Semantic::string, "n/a~?"));
    EXPECT_TRUE(matches(p, Semantic::bytes, "bi9hfj8="));
    EXPECT_TRUE(p.matches_text("bi9hfj8="));
    EXPECT_FALSE(matches(p, Semantic::string, kDefault));
}

TEST(PlaceholderTest, bytes_given_in_hex) {
    Placeholder text("hex:4142");
    EXPECT_TRUE(matches(text, Semantic::string, "AB"));
    EXPECT_FALSE(matches(text, Semantic::string, "hex:4142"));

    Placeholder raw("hex:ff00fe");
    EXPECT_TRUE(matches(raw, Semantic::bytes, "/wD+"));
    EXPECT_TRUE(raw.matches_text("_wD-")); // URL-safe
    EXPECT_TRUE(raw.matches_text("ff00fe"));
    EXPECT_FALSE(matches(raw, Semantic::string, std::string("\xff\0\xfe", 3)));
    EXPECT_FALSE(matches(raw, Semantic::string, ""));
    EXPECT_TRUE(raw.matches_json("[255,0,254]"));
    EXPECT_TRUE(raw.matches_json("[-1,0,-2]"));

    Placeholder literal("hex:no digits");
    EXPECT_TRUE(matches(literal, Semantic::string, "hex:no digits"));
}

TEST(PlaceholderTest, octets_that_are_no_text_are_what_java_makes_of_them) {
    const std::pair<const char*, const char*> rows[] = {// hex; text, ? for U+FFFD, as JDK 17 has it
                                                        {"ff61fe", "?a?"},
                                                        {"c08041", "??A"},
                                                        {"eda080", "?"},
                                                        {"eda041", "?A"},
                                                        {"eda0", "?"},
                                                        {"f09f98", "?"},
                                                        {"f09f9841", "?A"},
                                                        {"f09f41", "?A"},
                                                        {"f041", "?A"},
                                                        {"e28241", "?A"},
                                                        {"e241", "?A"},
                                                        {"f8888080", "????"},
                                                        {"f4908080", "????"},
                                                        {"c328", "?("},
                                                        {"c3", "?"},
                                                        {"e08080", "???"},
                                                        {"f0808080", "????"},
                                                        {"8080", "??"},
                                                        {"c3a4ff", "\xc3\xa4?"},
                                                        {"edbfbf", "?"},
                                                        {"ed9fbf", "\xed\x9f\xbf"},
                                                        {"f09f9880ff", "\xf0\x9f\x98\x80?"}};
    for (const auto& [octets, pattern] : rows) {
        std::string text;
        for (const char* c = pattern; *c != '\0'; ++c)
            text += *c == '?' ? std::string("\xEF\xBF\xBD") : std::string(1, *c);
        Placeholder p(std::string("hex:") + octets);
        EXPECT_TRUE(matches(p, Semantic::string, text)) << octets;
        EXPECT_TRUE(p.matches_text("{\"" + text + "\":\"" + text + "\"}")) << octets;
        EXPECT_FALSE(matches(p, Semantic::string, text + "?")) << octets;
    }
}

TEST(PlaceholderTest, an_empty_setting_matches_nothing) {
    Placeholder p("");
    EXPECT_FALSE(matches(p, Semantic::string, ""));
    EXPECT_FALSE(matches(p, Semantic::bytes, ""));
    EXPECT_FALSE(p.matches_text(""));
    EXPECT_FALSE(p.matches_json("[]"));
    EXPECT_FALSE(p.matches_json("[\"\"]"));
}

} // namespace

} // namespace kcs::test
