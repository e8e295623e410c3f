#include "scalar_rows.hpp"

#include "core/pure.hpp"

namespace kcs::test {

namespace {

constexpr ValueKind kRefused = ValueKind::absent;

// The names of the rows are those of the wire-format reference, section 7.1.
const Row kVectors[] = {
    {"V13_nan", Semantic::string, string("NAN"), ValueKind::text, "NAN"},
    {"V14_nan", Semantic::float64, string("NaN"), ValueKind::real, "NaN"},
    {"V14_minus", Semantic::float64, string("-Infinity"), ValueKind::real, "-Infinity"},
    {"V15", Semantic::float64, number("1.2345678E7"), ValueKind::real, "1.2345678E7"},
    {"V15_int64", Semantic::int64, number("1.2345678E7"), ValueKind::integer, "12345678"},
    {"V16", Semantic::int64, number("-9223372036854775808"), ValueKind::integer,
     "-9223372036854775808"},
    {"V45", Semantic::bytes, string("AQID"), ValueKind::bytes, "\\x010203"},
    {"V45_empty", Semantic::bytes, string(""), ValueKind::bytes, "\\x"},
    {"V47_bits", Semantic::unsupported, string("AQID"), kRefused, "0A000"},
    {"V48_bits", Semantic::unsupported, string(""), kRefused, "0A000"},
    {"V49_bits", Semantic::unsupported, string("AQI="), kRefused, "0A000"},
    {"V50_bits", Semantic::unsupported, string("BQ=="), kRefused, "0A000"},
    {"V51_bits", Semantic::unsupported, string("AAAAAAAAAIA="), kRefused, "0A000"},
    {"V52", Semantic::boolean, boolean(true), ValueKind::boolean, "t"},
    {"V53", Semantic::json, string("{\"a\":null,\"b\":\"x\\\"y\"}"), ValueKind::json,
     "{\"a\":null,\"b\":\"x\\\"y\"}"},
    {"V54_text", Semantic::json, string("null"), ValueKind::json, "null"},
    {"V54_null", Semantic::json, null(), ValueKind::null, "<null>"},
    {"V55", Semantic::json, string("{\"a\":\"\\u0000\"}"), ValueKind::json, "{\"a\":\"\\u0000\"}"},
    {"V56_sparse_vector", Semantic::unsupported, string("x"), kRefused, "0A000"},
    {"V57_point", Semantic::unsupported, string("x"), kRefused, "0A000"},
    {"V58_geometry", Semantic::unsupported, string("x"), kRefused, "0A000"},
    {"V59_a", Semantic::json, string("a"), ValueKind::json, "a"},
    {"V59_null", Semantic::json, null(), ValueKind::null, "<null>"},
    {"V59_comma", Semantic::string, string("b,c"), ValueKind::text, "b,c"},
    {"V59_quote", Semantic::string, string("say \"x\""), ValueKind::text, "say \"x\""},
    {"V59_backslash", Semantic::string, string("back\\slash"), ValueKind::text, "back\\slash"},
    {"V60", Semantic::int8, number("1"), ValueKind::integer, "1"},
};

const Row kPrimitives[] = {
    {"null", Semantic::int32, null(), ValueKind::null, "<null>"},
    {"null_of_unsupported", Semantic::unsupported, null(), ValueKind::null, "<null>"},
    {"int8_low", Semantic::int8, number("-128"), ValueKind::integer, "-128"},
    {"int16_high", Semantic::int16, number("32767"), ValueKind::integer, "32767"},
    {"int16_beyond", Semantic::int16, number("32768"), kRefused, "22003"},
    {"int16_below", Semantic::int16, number("-32769"), kRefused, "22003"},
    {"int32_high", Semantic::int32, number("2147483647"), ValueKind::integer, "2147483647"},
    {"int32_beyond", Semantic::int32, number("2147483648"), kRefused, "22003"},
    {"int64_high", Semantic::int64, number("9223372036854775807"), ValueKind::integer,
     "9223372036854775807"},
    {"int64_beyond", Semantic::int64, number("9223372036854775808"), kRefused, "22003"},
    {"int64_below", Semantic::int64, number("-9223372036854775809"), kRefused, "22003"},
    {"int64_far_beyond", Semantic::int64, number("1E400"), kRefused, "22003"},
    {"int_exponent_low", Semantic::int64, number("120E-1"), ValueKind::integer, "12"},
    {"int_trailing_zeros", Semantic::int32, number("7.000"), ValueKind::integer, "7"},
    {"int_minus_zero", Semantic::int32, number("-0"), ValueKind::integer, "0"},
    {"int_zero_far_exponent", Semantic::int32, number("0e999999999999999"), ValueKind::integer,
     "0"},
    {"int_fraction", Semantic::int32, number("1.5"), kRefused, "22P02"},
    {"int_tiny", Semantic::int64, number("1e-30"), kRefused, "22P02"},
    {"int_string", Semantic::int32, string("1"), kRefused, "22P02"},
    {"int_boolean", Semantic::int32, boolean(true), kRefused, "22P02"},
    {"year", Semantic::year, number("2024"), ValueKind::integer, "2024"},
    {"real_shortest", Semantic::float32, number("3.3"), ValueKind::real, "3.3"},
    {"real_denormal", Semantic::float64, number("4.9E-324"), ValueKind::real, "4.9E-324"},
    {"real_minus_zero", Semantic::float64, number("-0.0"), ValueKind::real, "-0.0"},
    {"real_infinity", Semantic::float32, string("Infinity"), ValueKind::real, "Infinity"},
    {"real_word", Semantic::float32, string("infinity"), kRefused, "22P02"},
    {"real_quoted", Semantic::float64, string("1.5"), kRefused, "22P02"},
    {"boolean_false", Semantic::boolean, boolean(false), ValueKind::boolean, "f"},
    {"boolean_number", Semantic::boolean, number("1"), kRefused, "22P02"},
    {"text_empty", Semantic::string, string(""), ValueKind::text, ""},
    {"text_unicode", Semantic::string, string("\xF0\x9F\x98\x80"), ValueKind::text,
     "\xF0\x9F\x98\x80"},
    {"text_nul", Semantic::string, string(std::string("a\0b", 3)), kRefused, "22P05"},
    {"json_nul", Semantic::json, string(std::string("\"\0\"", 3)), kRefused, "22P05"},
    {"text_number", Semantic::string, number("1"), kRefused, "22P02"},
    {"bytes_all", Semantic::bytes, string("+/8="), ValueKind::bytes, "\\xfbff"},
    {"bytes_one", Semantic::bytes, string("/w=="), ValueKind::bytes, "\\xff"},
    {"bytes_unpadded", Semantic::bytes, string("/w"), kRefused, "22P02"},
    {"bytes_short_padding", Semantic::bytes, string("/w="), kRefused, "22P02"},
    {"bytes_only_padding", Semantic::bytes, string("===="), kRefused, "22P02"},
    {"bytes_padding_within", Semantic::bytes, string("/w==/w=="), kRefused, "22P02"},
    {"bytes_url_alphabet", Semantic::bytes, string("-_8="), kRefused, "22P02"},
    {"bytes_line_break", Semantic::bytes, string("AQID\n"), kRefused, "22P02"},
    {"bytes_stray_bits", Semantic::bytes, string("/x=="), kRefused, "22P02"},
    {"bytes_number", Semantic::bytes, number("1"), kRefused, "22P02"},
    {"uuid", Semantic::uuid, string("b68a35a7-17ad-35b3-af2a-ae46edb4545a"), ValueKind::text,
     "b68a35a7-17ad-35b3-af2a-ae46edb4545a"},
    {"enumeration", Semantic::enumeration, string("happy"), ValueKind::text, "happy"},
    {"tsvector", Semantic::tsvector, string("'a':1 'b':2"), ValueKind::text, "'a':1 'b':2"},
    {"scalar_for_array", Semantic::array, string("a"), kRefused, "22P02"},
    {"scalar_for_document", Semantic::document, number("1"), kRefused, "22P02"},
    {"scalar_for_variable_decimal", Semantic::variable_decimal, number("1"), kRefused, "22P02"},
};

TEST_P(ScalarTest, decodes) {
    check(GetParam());
}
INSTANTIATE_TEST_SUITE_P(vectors, ScalarTest, testing::ValuesIn(kVectors), row_name);
INSTANTIATE_TEST_SUITE_P(primitives, ScalarTest, testing::ValuesIn(kPrimitives), row_name);

ValueError refusal_of(Semantic semantic, std::string text, const char* logical_name = "") {
    FieldType type;
    type.semantic = semantic;
    type.logical_name = logical_name;
    JsonScalar json;
    json.kind = JsonScalar::Kind::string;
    json.data = text.data();
    json.size = static_cast<uint32_t>(text.size());
    Arena arena;
    Value value;
    ValueError error;
    EXPECT_FALSE(decode_scalar(type, json, arena, value, error));
    return error;
}

TEST(ScalarRefusal, names_the_value_and_its_type) {
    EXPECT_EQ(refusal_of(Semantic::unsupported, "BQ==", "io.debezium.data.Bits").message,
              "value \"BQ==\" is of a type that is not supported (io.debezium.data.Bits)");
}

TEST(ScalarRefusal, shows_what_was_sent_although_base64_is_decoded_in_place) {
    EXPECT_EQ(refusal_of(Semantic::bytes, "AQIDAQIDAQIDAQID!").message,
              "value \"AQIDAQIDAQIDAQID!\" is not valid base64");
}

TEST(ScalarRefusal, cuts_long_values_between_characters) {
    std::string text(63, 'a');
    text += "\xC3\xA4"; // begins at the last byte that is shown
    text += '\0';
    EXPECT_EQ(refusal_of(Semantic::string, text).message,
              "value \"" + std::string(63, 'a') +
                  "...\" has the character U+0000, which text cannot hold");
}

TEST(ScalarRefusal, escapes_what_would_end_a_message) {
    EXPECT_EQ(refusal_of(Semantic::string, std::string("a\0b", 3)).message,
              "value \"a\\x00b\" has the character U+0000, which text cannot hold");
}

} // namespace

} // namespace kcs::test
