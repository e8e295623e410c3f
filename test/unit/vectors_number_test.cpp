#include "vectors.hpp"

#include "core/pure.hpp"

// Wire format 7.1: numbers, text and bytes (V1-V16, V45-V60). The dates and times are in
// vectors_time_test.cpp.

namespace kcs::test {

namespace {

using T = TypeKind;
using V = ValueKind;
constexpr V kRefused = V::absent;

void decimals_as_text(DecoderSettings& s) {
    s.decimal_handling_mode = DecimalMode::string;
}
void decimals_as_double(DecoderSettings& s) {
    s.decimal_handling_mode = DecimalMode::double_;
}
void hex(DecoderSettings& s) {
    s.binary_handling_mode = BinaryMode::hex;
}
void url_safe(DecoderSettings& s) {
    s.binary_handling_mode = BinaryMode::base64_url_safe;
}

const std::string kVariable = data_of("struct", "VariableScaleDecimal");
const std::string kText = plain("string");
const std::string kJson = data_of("string", "Json");
const std::string kHstore =
    data_of("string", "Json", "\"__debezium.source.column.type\":\"HSTORE\"");
const std::string kArray = field("c", "\"array\",\"optional\":true,\"items\":{\"type\":\"string\","
                                      "\"optional\":true,\"name\":\"io.debezium.data.Json\"}");

const Vector kDecimals[] = {
    {"V1", decimal_of("2"), "\"AJiWfw==\"", {V::decimal, "99999.99"}, {T::numeric, 10, 2}},
    {"V2", decimal_of("2"), "\"/w==\"", {V::decimal, "-0.01"}, {T::numeric, 10, 2}},
    {"V3", decimal_of("2"), "\"kg==\"", {V::decimal, "-1.10"}, {T::numeric, 10, 2}},
    {"V4", decimal_of("0"), "\"AIA=\"", {V::decimal, "128"}, {T::numeric, 10, 0}},
    {"V4_negative", decimal_of("0"), "\"gA==\"", {V::decimal, "-128"}, {T::numeric, 10, 0}},
    {"V5",
     decimal_of("0", "20"),
     "\"AP//////////\"",
     {V::numeric, "18446744073709551615"},
     {T::numeric, 20, 0}},
    {"V6", decimal_of("-3"), "\"AQ==\"", {V::numeric, "1000"}, {T::numeric, 10, -3}},
    {"V7",
     decimal_of("9"),
     "\"XODppWAV/sWq36MorjmBFQ==\"",
     {V::numeric, "123456789012345678901234567890.123456789"},
     {T::numeric, 40, 9}},
    {"V8", decimal_of("2"), "\"AA==\"", {V::decimal, "0.00"}, {T::numeric, 10, 2}},
    {"V9", decimal_of("2"), "\"\"", {kRefused, "22P02"}, {T::numeric, 10, 2}},
    {"V10", decimal_of("7"), "1E-7", {V::numeric, "1E-7"}, {T::numeric, 10, 7}},
    {"V11", kVariable, "{\"scale\":4,\"value\":\"AYr3\"}", {V::decimal, "10.1111"}, {T::numeric}},
    {"V11_large",
     kVariable,
     "{\"scale\":-2,\"value\":\"AQ==\"}",
     {V::numeric, "100"},
     {T::numeric}},
    {"V12", "", "\"1234\"", {V::decimal, "-26588.24"}, {T::numeric, 10, 2}},
    {"V12_no_scale", "", "\"1234\"", {kRefused, "22P02"}, {T::numeric}},
    {"V12_text",
     "",
     "\"1234\"",
     {V::numeric, "1234"},
     {T::numeric, 10, 2},
     {},
     true,
     decimals_as_text},
    // A schema says text; the Datum's maker reads Debezium's words.
    {"V13_nan",
     kText,
     "\"NAN\"",
     {V::text, "NAN"},
     {T::numeric},
     {V::numeric, "NaN"},
     true,
     decimals_as_text},
    {"V13_minus",
     kText,
     "\"NEGATIVE_INFINITY\"",
     {V::text, "NEGATIVE_INFINITY"},
     {T::numeric},
     {V::numeric, "-Infinity"},
     true,
     decimals_as_text},
    {"V14_nan", plain("double"), "\"NaN\"", {V::real, "NaN"}, {T::float8}},
    {"V14_minus", plain("double"), "\"-Infinity\"", {V::real, "-Infinity"}, {T::float8}},
    {"V15",
     plain("double"),
     "1.2345678E7",
     {V::real, "1.2345678E7"},
     {T::int8},
     {V::integer, "12345678"},
     true,
     decimals_as_double},
    {"V16",
     plain("int64"),
     "-9223372036854775808",
     {V::integer, "-9223372036854775808"},
     {T::int8}},
};

const Vector kOthers[] = {
    {"V45", plain("bytes"), "\"AQID\"", {V::bytes, "\\x010203"}, {T::bytea}},
    {"V45_empty", plain("bytes"), "\"\"", {V::bytes, "\\x"}, {T::bytea}},
    {"V46", kText, "\"010203\"", {V::bytes, "\\x010203"}, {T::bytea}, {}, true, hex},
    {"V46_url_safe", kText, "\"-_8=\"", {V::bytes, "\\xfbff"}, {T::bytea}, {}, true, url_safe},
    {"V46_array",
     field("c", "\"array\",\"optional\":true,\"items\":{\"type\":\"string\",\"optional\":true}"),
     "[\"0102\",null]",
     {V::array, "{\\x0102,<null>}"},
     {T::array, -1, -1, T::bytea},
     {},
     true,
     hex},
    {"V47", bits_of("24"), "\"AQID\"", {V::bits, "000000110000001000000001"}, {T::bit, 24}},
    {"V48", bits_of("2"), "\"\"", {V::bits, "00"}, {T::bit, 2}},
    {"V49",
     bits_of("10"),
     "\"AQI=\"",
     {V::bits, "1000000001"},
     {T::bit, 10},
     {},
     true,
     {},
     "mysql"},
    {"V50", bits_of("2147483647"), "\"BQ==\"", {V::bits, "101"}, {T::bit}},
    {"V51", bits_of("64"), "\"AAAAAAAAAIA=\"", {V::bits, "1" + std::string(63, '0')}, {T::bit, 64}},
    {"bits_beyond", bits_of("9"), "\"AQI=\"", {kRefused, "22026"}, {T::bit, 9}},
    {"bits_padded", bits_of("3"), "\"BQAA\"", {V::bits, "101"}, {T::bit, 3}},
    {"bits_unlimited_none", bits_of("2147483647"), "\"AA==\"", {V::bits, ""}, {T::bit}},
    {"bits_no_base64", bits_of("3"), "\"101\"", {kRefused, "22P02"}, {T::bit, 3}},
    {"bits_many_zeros", bits_of("80000000"), "\"AQ==\"", {kRefused, "54000"}, {T::bit, 80000000}},
    {"bits_array",
     field("c", "\"array\",\"optional\":true,\"items\":{\"type\":\"bytes\",\"optional\":true,"
                "\"name\":\"io.debezium.data.Bits\",\"parameters\":{\"length\":\"3\"}}"),
     "[\"BQ==\",null,\"\"]",
     {V::array, "{101,<null>,000}"},
     {T::array, 3, -1, T::bit}},
    {"V52", plain("boolean"), "true", {V::boolean, "t"}, {T::bit, 1}},
    {"V53",
     kHstore,
     "\"{\\\"a\\\":null,\\\"b\\\":\\\"x\\\\\\\"y\\\"}\"",
     {V::json, "{\"a\":null,\"b\":\"x\\\"y\"}"},
     {T::hstore},
     {V::text, "{\"a\":null,\"b\":\"x\\\"y\"}"}},
    {"V53_map",
     field("c", "\"map\",\"optional\":true,\"keys\":{\"type\":\"string\"},\"values\":{\"type\":"
                "\"string\",\"optional\":true}"),
     "{\"a\":null,\"b\":\"x\\\"y\"}",
     {V::json, "{\"a\":null,\"b\":\"x\\\"y\"}"},
     {T::hstore}},
    {"V54_text", kJson, "\"null\"", {V::json, "null"}, {T::jsonb}},
    {"V54_null", kJson, "null", {V::null, "<null>"}, {T::jsonb}},
    {"V55",
     kJson,
     "\"{\\\"a\\\":\\\"\\\\u0000\\\"}\"",
     {V::json, "{\"a\":\"\\u0000\"}"},
     {T::jsonb}},
    {"V56",
     data_of("struct", "SparseDoubleVector"),
     "{\"dimensions\":5,\"vector\":[[3,2.0],[1,1.0]]}",
     {V::sparse, "{1:1,3:2}/5"},
     {T::sparsevec}},
    {"V57",
     data_of("struct", "geometry.Point"),
     "{\"x\":1.0,\"y\":2.0,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":null}",
     {V::geometry, "\\x0101000000000000000000f03f0000000000000040"},
     {T::geometric}},
    {"V58",
     data_of("struct", "geometry.Geometry"),
     "{\"wkb\":\"AQEAACBzDAAAHHxhMlXeZUB4eqUsQ1xCwA==\",\"srid\":3187}",
     {V::geometry, "\\x0101000020730c00001c7c613255de6540787aa52c435c42c0"},
     {T::geometry}},
    {"V59",
     kArray,
     "[\"a\",null,\"b,c\",\"say \\\"x\\\"\",\"back\\\\slash\"]",
     {V::array, "{a,<null>,b,c,say \"x\",back\\slash}"},
     {T::array, -1, -1, T::text}},
    {"V60", plain("int8"), "1", {V::integer, "1"}, {T::boolean}, {V::boolean, "t"}},
};

TEST_P(VectorTest, with_schema) {
    with_schema();
}
TEST_P(VectorTest, without_schema) {
    without_schema();
}
INSTANTIATE_TEST_SUITE_P(decimals, VectorTest, testing::ValuesIn(kDecimals), vector_name);
INSTANTIATE_TEST_SUITE_P(others, VectorTest, testing::ValuesIn(kOthers), vector_name);

} // namespace

} // namespace kcs::test
