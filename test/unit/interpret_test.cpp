#include "interpret_rows.hpp"

#include "core/pure.hpp"

namespace kcs::test {

namespace {

constexpr ValueKind kNumber = ValueKind::token_number;
constexpr ValueKind kText = ValueKind::token_text;
constexpr ValueKind kJson = ValueKind::token_json;
constexpr ValueKind kRefused = ValueKind::absent;

void mode_string(DecoderSettings& s) {
    s.decimal_handling_mode = DecimalMode::string;
}
void mode_double(DecoderSettings& s) {
    s.decimal_handling_mode = DecimalMode::double_;
}
void scale_listed(DecoderSettings& s) {
    s.schemaless_decimal_columns = "price, c:2";
}
void hex(DecoderSettings& s) {
    s.binary_handling_mode = BinaryMode::hex;
}
void url(DecoderSettings& s) {
    s.binary_handling_mode = BinaryMode::base64_url_safe;
}

using T = TypeKind;
using V = ValueKind;

const Case kNumbers[] = {
    {"V12", T::numeric, 10, 2, kText, "1234", V::decimal, "-26588.24"},
    {"V12_string", T::numeric, 10, 2, kText, "1234.00", V::numeric, "1234.00", mode_string},
    {"V13", T::numeric, -1, -1, kText, "NAN", V::numeric, "NaN", mode_string},
    {"V13_minus", T::numeric, -1, -1, kText, "NEGATIVE_INFINITY", V::numeric, "-Infinity",
     mode_string},
    {"V15", T::int8, -1, -1, kNumber, "1.2345678E7", V::integer, "12345678"},
    {"V60", T::boolean, -1, -1, kNumber, "1", V::boolean, "t"},
    {"numeric_scale_listed", T::numeric, -1, -1, kText, "1234", V::decimal, "-26588.24",
     scale_listed},
    {"numeric_scale_listed_wins", T::numeric, 10, 4, kText, "1234", V::decimal, "-26588.24",
     scale_listed},
    {"numeric_scale_unknown", T::numeric, -1, -1, kText, "1234", kRefused, "22P02"},
    {"numeric_number", T::numeric, 10, 2, kNumber, "12.50", V::numeric, "12.50"},
    {"numeric_exponent", T::numeric, -1, -1, kNumber, "1E-7", V::numeric, "1E-7"},
    {"numeric_double_nan", T::numeric, -1, -1, kText, "NaN", V::numeric, "NaN", mode_double},
    {"numeric_precise_infinity_is_base64_too", T::numeric, 10, 2, kText, "Infinity", kRefused,
     "22P02"},
    {"numeric_string_garbage", T::numeric, -1, -1, kText, "12,5", kRefused, "22P02", mode_string},
    {"numeric_object", T::numeric, -1, -1, kJson, "{\"scale\":4,\"value\":\"AYr3\"}", V::decimal,
     "10.1111"},
    {"numeric_other_object", T::numeric, -1, -1, kJson, "{\"value\":\"AYr3\"}", kRefused, "0A000"},
    {"numeric_boolean", T::numeric, -1, -1, V::boolean, "t", V::integer, "1"},
    {"int2_beyond", T::int2, -1, -1, kNumber, "32768", kRefused, "22003"},
    {"int4_beyond", T::int4, -1, -1, kNumber, "-2147483649", kRefused, "22003"},
    {"int8_beyond", T::int8, -1, -1, kNumber, "1e19", kRefused, "22003"},
    {"int4_fraction", T::int4, -1, -1, kNumber, "1.5", kRefused, "22P02"},
    {"int8_text_is_base64", T::int8, -1, -1, kText, "1234", kRefused, "22P02"},
    {"int8_text", T::int8, -1, -1, kText, "1234", V::integer, "1234", mode_string},
    {"real", T::float8, -1, -1, kNumber, "1.0E10", V::real, "1.0E10"},
    {"real_long", T::float8, -1, -1, kNumber, "12345678901234567890.5", V::numeric,
     "12345678901234567890.5"},
    {"real_whole", T::float8, -1, -1, kNumber, "9007199254740993", V::numeric, "9007199254740993"},
    {"real_word", T::float4, -1, -1, kText, "Infinity", V::real, "Infinity"},
    {"real_debezium_word", T::float8, -1, -1, kText, "POSITIVE_INFINITY", V::real, "Infinity",
     mode_string},
    {"real_text_is_base64", T::float8, -1, -1, kText, "1234", kRefused, "22P02"},
    {"boolean", T::boolean, -1, -1, V::boolean, "f", V::boolean, "f"},
    {"boolean_text", T::boolean, -1, -1, kText, "true", V::boolean, "t"},
    {"boolean_word", T::boolean, -1, -1, kText, "yes", kRefused, "22P02"},
    {"boolean_2", T::boolean, -1, -1, kNumber, "-2", V::boolean, "t"},
    {"boolean_half", T::boolean, -1, -1, kNumber, "0.5", kRefused, "22P02"},
    {"bit_boolean", T::bit, 1, -1, V::boolean, "t", V::boolean, "t"},
    {"bit_text", T::bit, -1, -1, kText, "1010", V::bits, "11101000100110111010111"},
    {"bit_no_base64", T::bit, -1, -1, kText, "101", kRefused, "22P02"},
    {"bit_number", T::bit, -1, -1, kNumber, "1", kRefused, "22P02"},
};

const Case kOthers[] = {
    {"V46", T::bytea, -1, -1, kText, "010203", V::bytes, "\\x010203", hex},
    {"bytea_base64", T::bytea, -1, -1, kText, "AQID", V::bytes, "\\x010203"},
    {"bytea_url", T::bytea, -1, -1, kText, "-_8", V::bytes, "\\xfbff", url},
    {"bytea_hex_odd", T::bytea, -1, -1, kText, "010", kRefused, "22P02", hex},
    {"bytea_garbage", T::bytea, -1, -1, kText, "AQI", kRefused, "22P02"},
    {"bytea_number", T::bytea, -1, -1, kNumber, "1", kRefused, "22P02"},
    {"text", T::text, -1, -1, kText, "a", V::text, "a"},
    {"text_number", T::text, -1, -1, kNumber, "1.50", V::text, "1.50"},
    {"text_boolean", T::text, -1, -1, V::boolean, "t", V::text, "true"},
    {"text_object", T::text, -1, -1, kJson, "{\"a\": 1}", V::text, "{\"a\": 1}"},
    {"text_nul", T::text, -1, -1, kText, std::string("a\0", 2), kRefused, "22P05"},
    {"jsonb_text", T::jsonb, -1, -1, kText, "{\"a\":1}", V::json, "{\"a\":1}"},
    {"jsonb_object", T::jsonb, -1, -1, kJson, "{\"a\":1}", V::json, "{\"a\":1}"},
    {"json_number", T::json, -1, -1, kNumber, "1.50", V::json, "1.50"},
    {"json_boolean", T::json, -1, -1, V::boolean, "f", V::json, "false"},
    {"uuid", T::uuid, -1, -1, kText, "b68a35a7-17ad-35b3-af2a-ae46edb4545a", V::text,
     "b68a35a7-17ad-35b3-af2a-ae46edb4545a"},
    {"enumeration", T::enumeration, -1, -1, kText, "happy", V::text, "happy"},
    {"other_text", T::other, -1, -1, kText, "10.0.0.1", V::text, "10.0.0.1"},
    {"other_number", T::other, -1, -1, kNumber, "42", V::text, "42"},
    {"other_array", T::other, -1, -1, kJson, "[1.0,2.0]", V::text, "[1.0,2.0]"},
    {"other_object", T::other, -1, -1, kJson, "{\"x\":1.0}", V::text, "{\"x\":1.0}"},
    {"null", T::date, -1, -1, V::null, "", V::null, "<null>"},
    {"array_text",
     T::array,
     -1,
     -1,
     kJson,
     "[\"a\", null, \"b,c\", \"\\u00e4\\\"\"]",
     V::array,
     "{a,<null>,b,c,\xC3\xA4\"}",
     {},
     T::text},
    {"array_nul", T::array, -1, -1, kJson, "[\"a\\u0000\"]", kRefused, "22P05", {}, T::text},
    {"array_far_numbers",
     T::array,
     -1,
     -1,
     kJson,
     "[1E400,-0]",
     V::array,
     "{1E400,-0}",
     {},
     T::float8},
    {"array_broken", T::array, -1, -1, kJson, "[1] 2", kRefused, "22P02", {}, T::int4},
    {"array_empty", T::array, -1, -1, kJson, "[]", V::array, "{}", {}, T::int4},
    {"array_int4", T::array, -1, -1, kJson, "[1,-2]", V::array, "{1,-2}", {}, T::int4},
    {"array_int4_range", T::array, -1, -1, kJson, "[1,2147483648]", kRefused, "22003", {}, T::int4},
    {"array_boolean", T::array, -1, -1, kJson, "[true,false]", V::array, "{t,f}", {}, T::boolean},
    {"array_date", T::array, -1, -1, kJson, "[17109]", V::array, "{2016-11-04}", {}, T::date},
    {"array_numeric",
     T::array,
     10,
     2,
     kJson,
     "[\"1234\"]",
     V::array,
     "{-26588.24}",
     {},
     T::numeric},
    {"array_numeric_objects",
     T::array,
     -1,
     -1,
     kJson,
     "[{\"scale\":4,\"value\":\"AYr3\"}]",
     V::array,
     "{10.1111}",
     {},
     T::numeric},
    {"array_bytea", T::array, -1, -1, kJson, "[\"AQID\"]", V::array, "{\\x010203}", {}, T::bytea},
    {"array_jsonb",
     T::array,
     -1,
     -1,
     kJson,
     "[\"{}\", {\"a\": [1, \"]\"]}, [2]]",
     V::array,
     "{{},{\"a\": [1, \"]\"]},[2]}",
     {},
     T::jsonb},
    {"array_nested", T::array, -1, -1, kJson, "[[1],[2]]", kRefused, "0A000", {}, T::int4},
    {"array_object", T::array, -1, -1, kJson, "{\"a\":1}", kRefused, "22P02", {}, T::int4},
    {"array_literal", T::array, -1, -1, kText, "{1,2}", V::text, "{1,2}", {}, T::int4},
    {"array_set",
     T::array,
     -1,
     -1,
     kText,
     "a,b",
     V::array,
     "{a,b}",
     {},
     T::text,
     SourceKind::mysql},
    {"array_no_set",
     T::array,
     -1,
     -1,
     kText,
     "a,b",
     kRefused,
     "22P02",
     {},
     T::text,
     SourceKind::postgresql},
    {"array_empty_set",
     T::array,
     -1,
     -1,
     kText,
     "",
     V::array,
     "{}",
     {},
     T::text,
     SourceKind::mysql},
    {"array_number", T::array, -1, -1, kNumber, "1", kRefused, "22P02", {}, T::int4},
};

TEST_P(InterpretTest, gives_the_column_its_value) {
    const Case& c = GetParam();
    Arena arena;
    Result<Value> result = run(c, arena);
    if (c.kind == kRefused) {
        ASSERT_FALSE(result) << "gave " << kind_name(result->kind) << " " << value_text(*result);
        EXPECT_EQ(result.fault().sqlstate, c.expected) << result.fault().message;
        EXPECT_EQ(result.fault().cls, ErrorClass::data);
        EXPECT_EQ(result.fault().column, "c");
        EXPECT_NE(result.fault().message.find("\" of column \"c\" "), std::string::npos)
            << result.fault().message;
        return;
    }
    ASSERT_TRUE(result) << result.fault().message;
    EXPECT_STREQ(kind_name(result->kind), kind_name(c.kind));
    EXPECT_EQ(value_text(*result), c.expected);
}

INSTANTIATE_TEST_SUITE_P(numbers, InterpretTest, testing::ValuesIn(kNumbers), case_name);
INSTANTIATE_TEST_SUITE_P(others, InterpretTest, testing::ValuesIn(kOthers), case_name);

TEST(Interpret, says_how_to_give_a_scale) {
    Arena arena;
    Result<Value> result = run({"", T::numeric, -1, -1, kText, "1234", kRefused, ""}, arena);
    ASSERT_FALSE(result);
    EXPECT_EQ(result.fault().message,
              "value \"1234\" of column \"c\" is a decimal in base64 whose scale is not known");
    EXPECT_NE(result.fault().hint.find("schemaless_decimal_columns"), std::string::npos);
}

/// A number that `zeros` zeros follow, as the base64 of a big-endian integer.
std::string base64_integer(unsigned number, int zeros) {
    std::vector<unsigned> bytes = {number}; // least significant first
    for (int i = 0; i < zeros; ++i) {
        unsigned carry = 0;
        for (unsigned& byte : bytes) {
            carry += byte * 10;
            byte = carry & 0xFF;
            carry >>= 8;
        }
        if (carry > 0)
            bytes.push_back(carry);
    }
    while (bytes.back() >= 0x80 || bytes.size() % 3 != 0)
        bytes.push_back(0);
    constexpr const char* kDigits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string out;
    for (size_t i = bytes.size(); i >= 3; i -= 3) {
        unsigned group = bytes[i - 1] << 16 | bytes[i - 2] << 8 | bytes[i - 3];
        for (int shift = 18; shift >= 0; shift -= 6)
            out += kDigits[group >> shift & 63];
    }
    return out;
}

TEST(Interpret, negative_scales_are_as_the_column_says_or_without_their_sign) {
    Arena arena;
    Case wrong = {"", T::numeric, 5, -2, kText, base64_integer(123, 2048), V::numeric, ""};
    Result<Value> result = run(wrong, arena);
    ASSERT_TRUE(result) << result.fault().message;
    EXPECT_EQ(value_text(*result), "12300." + std::string(2046, '0'));
    result = run({"", T::numeric, 5, -2, kText, base64_integer(123, 0), V::numeric, ""}, arena);
    ASSERT_TRUE(result) << result.fault().message;
    EXPECT_EQ(value_text(*result), "12300");
}

TEST(Interpret, money_is_a_decimal) {
    constexpr uint32_t kMoneyOid = 790;
    Arena arena;
    ColumnShape column;
    column.name = "c";
    column.base_oid = kMoneyOid;
    DecoderSettings settings;
    Value token = Value::of(kText, std::string_view("1234"));
    EXPECT_FALSE(interpret(token, column, settings, SourceKind::unknown, false, arena));
    scale_listed(settings);
    Result<Value> result = interpret(token, column, settings, SourceKind::unknown, false, arena);
    ASSERT_TRUE(result);
    EXPECT_EQ(value_text(*result), "-26588.24");
}

TEST(Interpret, leaves_out_what_was_not_sent) {
    Arena arena;
    const Case forms[] = {
        {"", T::text, -1, -1, kText, "__debezium_unavailable_value", V::unavailable, ""},
        {"", T::numeric, -1, -1, kText, "__debezium_unavailable_value", V::unavailable, ""},
        {"", T::bytea, -1, -1, kText, "X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==", V::unavailable,
         ""},
        {"",
         T::array,
         -1,
         -1,
         kJson,
         "[\"__debezium_unavailable_value\"]",
         V::unavailable,
         "",
         {},
         T::text},
        {"", T::jsonb, -1, -1, kJson,
         "{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}", V::unavailable, ""},
    };
    for (const Case& c : forms) {
        Result<Value> missed = run(c, arena, true);
        ASSERT_TRUE(missed);
        EXPECT_EQ(missed->kind, V::unavailable) << c.text;
    }
    // Where it cannot occur, it is a value like any other.
    Result<Value> kept = run(forms[0], arena, false);
    ASSERT_TRUE(kept);
    EXPECT_EQ(value_text(*kept), "__debezium_unavailable_value");
    // A setting that changes is noticed.
    Case other = forms[0];
    other.set = [](DecoderSettings& s) { s.unavailable_value = "n/a"; };
    EXPECT_EQ(run(other, arena, true)->kind, V::text);
    other.text = "n/a";
    EXPECT_EQ(run(other, arena, true)->kind, V::unavailable);
}

TEST(Interpret, passes_what_has_its_meaning_already) {
    Arena arena;
    ColumnShape column;
    column.kind = T::date;
    Result<Value> result =
        interpret(Value::of(V::integer, int64_t{5}), column, {}, SourceKind::unknown, true, arena);
    ASSERT_TRUE(result);
    EXPECT_EQ(result->kind, V::integer);
}

} // namespace

} // namespace kcs::test
