#include "vectors.hpp"

#include "core/pure.hpp"

// Geometry and vectors in the forms that the vectors of wire format 7.1 leave out (3.5).

namespace kcs::test {

namespace {

using T = TypeKind;
using V = ValueKind;
constexpr V kRefused = V::absent;

class StructVectorTest : public VectorTest {};

const std::string kPoint = data_of("struct", "geometry.Point");
const std::string kGeometry = data_of("struct", "geometry.Geometry");
const std::string kGeography = data_of("struct", "geometry.Geography");
const std::string kCircle = data_of("struct", "geometry.Circle");
const std::string kLine = data_of("struct", "geometry.Line");
const std::string kSparse = data_of("struct", "SparseDoubleVector");

std::string array_of(const std::string& name, const std::string& item) {
    return field(
        "c", "\"array\",\"optional\":true," +
                 (name.empty() ? "" : "\"name\":\"io.debezium.data." + name + "\",") +
                 "\"items\":{\"type\":\"" + item + "\",\"optional\":true" +
                 (item == "struct" ? ",\"name\":\"io.debezium.data.geometry.Point\"" : "") + "}");
}

const char kXy[] = "0101000000000000000000f03f0000000000000040";

const Vector kShapes[] = {
    {"point_without_wkb",
     kPoint,
     "{\"x\":1.0,\"y\":2.0,\"wkb\":null,\"srid\":null}",
     {V::geometry, std::string("\\x") + kXy},
     {T::geometric}},
    {"point_with_srid",
     kPoint,
     "{\"x\":1.0,\"y\":2.0,\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":4326}",
     {V::geometry, "\\x0101000020e6100000000000000000f03f0000000000000040"},
     {T::geometry}},
    {"point_infinite",
     kPoint,
     "{\"x\":\"-Infinity\",\"y\":1E+2}",
     {V::geometry, "\\x0101000000000000000000f0ff0000000000005940"},
     {T::geometric}},
    {"point_null_part", kPoint, "{\"x\":1.0,\"y\":null}", {kRefused, "22P02"}, {T::geometric}},
    {"points",
     array_of("", "struct"),
     "[{\"x\":1.0,\"y\":2.0},null]",
     {V::array, std::string("{\\x") + kXy + ",<null>}"},
     {T::array, -1, -1, T::geometric}},
    {"srid_beside",
     kGeometry,
     "{\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":4326}",
     {V::geometry, "\\x0101000020e6100000000000000000f03f0000000000000040"},
     {T::bytea}},
    {"srid_none",
     kGeography,
     "{\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":null}",
     {V::geometry, std::string("\\x") + kXy},
     {T::geometry}},
    {"srid_zero",
     kGeometry,
     "{\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":0}",
     {V::geometry, std::string("\\x") + kXy},
     {T::geometry}},
    {"big_endian",
     kGeometry,
     "{\"wkb\":\"AAAAAAE/8AAAAAAAAEAAAAAAAAAA\",\"srid\":4326}",
     {V::geometry, "\\x0020000001000010e63ff00000000000004000000000000000"},
     {T::geometry}},
    {"no_wkb", kGeometry, "{\"wkb\":null,\"srid\":4326}", {kRefused, "22P02"}, {T::geometry}},
    {"short_wkb",
     kGeometry,
     "{\"wkb\":\"AQEA\",\"srid\":4326}",
     {kRefused, "22P02"},
     {T::geometry}},
    {"no_wkb_base64", kGeometry, "{\"wkb\":\"!\"}", {kRefused, "22P02"}, {T::geometry}},
    {"no_byte_order", kGeometry, "{\"wkb\":\"AgEAAAAA\"}", {kRefused, "22P02"}, {T::geometry}},
    {"srid_no_number",
     kGeometry,
     "{\"wkb\":\"AQEAAAAAAAAAAADwPwAAAAAAAABA\",\"srid\":\"x\"}",
     {kRefused, "22P02"},
     {T::geometry}},
    {"circle",
     kCircle,
     "{\"center\":{\"x\":1.5,\"y\":-2.0,\"wkb\":\"AQ==\",\"srid\":null},\"radius\":0.1}",
     {V::text, "<(1.5,-2.0),0.1>"},
     {T::geometric}},
    {"circle_no_center",
     kCircle,
     "{\"center\":null,\"radius\":0.1}",
     {kRefused, "22P02"},
     {T::geometric}},
    {"line",
     kLine,
     "{\"a\":1.0,\"b\":-1.2345678901234567E-5,\"c\":0.0}",
     {V::text, "{1.0,-1.2345678901234567E-5,0.0}"},
     {T::geometric}},
    {"line_incomplete",
     kLine,
     "{\"a\":1.0,\"b\":null,\"c\":0.0}",
     {kRefused, "22P02"},
     {T::geometric}},
};

const Vector kVectors[] = {
    {"double_vector",
     array_of("DoubleVector", "double"),
     "[1.0,2.5E-3]",
     {V::array, "{1.0,2.5E-3}"},
     {T::vector}},
    {"float_vector", array_of("FloatVector", "float"), "[1.0]", {V::array, "{1.0}"}, {T::vector}},
    {"vector_as_array",
     array_of("DoubleVector", "double"),
     "[1.5]",
     {V::array, "{1.5}"},
     {T::array, -1, -1, T::float8}},
    {"vector_of_text",
     array_of("DoubleVector", "double"),
     "[\"a\"]",
     {kRefused, "22P02"},
     {T::vector}},
    {"sparse_empty",
     kSparse,
     "{\"dimensions\":5,\"vector\":[]}",
     {V::sparse, "{}/5"},
     {T::sparsevec}},
    {"sparse_fraction",
     kSparse,
     "{\"dimensions\":3,\"vector\":[[2,-1.25E-7]]}",
     {V::sparse, "{2:-1.25E-7}/3"},
     {T::sparsevec}},
    {"sparse_twice",
     kSparse,
     "{\"dimensions\":5,\"vector\":[[1,1.0],[1,2.0]]}",
     {kRefused, "22P02"},
     {T::sparsevec}},
    {"sparse_index_beyond",
     kSparse,
     "{\"dimensions\":5,\"vector\":[[6,1.0]]}",
     {kRefused, "22P02"},
     {T::sparsevec}},
    {"sparse_triple",
     kSparse,
     "{\"dimensions\":5,\"vector\":[[1,1.0,2]]}",
     {kRefused, "22P02"},
     {T::sparsevec}},
    {"sparse_no_pairs",
     kSparse,
     "{\"dimensions\":5,\"vector\":{\"1\":1.0}}",
     {kRefused, "22P02"},
     {T::sparsevec}},
    {"enum_set",
     data_of("string", "EnumSet", "\"allowed\":\"a,b,c\""),
     "\"a,c\"",
     {V::array, "{a,c}"},
     {T::array, -1, -1, T::text},
     {},
     true,
     {},
     "mysql"},
    {"enum_set_empty",
     data_of("string", "EnumSet", "\"allowed\":\"a,b,c\""),
     "\"\"",
     {V::array, "{}"},
     {T::array, -1, -1, T::enumeration},
     {},
     true,
     {},
     "mysql"},
    {"enum_set_as_text",
     data_of("string", "EnumSet", "\"allowed\":\"a,b,c\""),
     "\"a,c\"",
     {V::text, "a,c"},
     {T::text},
     {},
     true,
     {},
     "mysql"},
};

// What the connector sends as bytes of its text (include.unknown.datatypes), in binary modes too.
const Vector kOpaque[] = {
    {"composite",
     plain("bytes"),
     "\"KDEsZm9vKQ==\"",
     {V::bytes, "\\x28312c666f6f29"},
     {T::opaque},
     {V::text, "(1,foo)"}},
    {"composite_in_hex",
     plain("string"),
     "\"28312c666f6f29\"",
     {V::text, "(1,foo)"},
     {T::opaque},
     {},
     true,
     [](DecoderSettings& s) { s.binary_handling_mode = BinaryMode::hex; }},
    {"circle_of_old",
     plain("bytes"),
     "\"PCgxLDIpLDM+\"",
     {V::bytes, "\\x3c28312c32292c333e"},
     {T::geometric},
     {V::text, "<(1,2),3>"}},
    {"composite_of_mysql",
     "",
     "\"KDEsZm9vKQ==\"",
     {V::text, "KDEsZm9vKQ=="},
     {T::opaque},
     {},
     true,
     {},
     "mysql"},
    {"composite_as_text", "", "\"(1,foo)\"", {V::text, "(1,foo)"}, {T::opaque}},
    {"composites",
     array_of("", "bytes"),
     "[\"KDEsZm9vKQ==\",null]",
     {V::array, "{\\x28312c666f6f29,<null>}"},
     {T::array, -1, -1, T::opaque},
     {V::array, "{(1,foo),<null>}"}},
};

TEST_P(StructVectorTest, with_schema) {
    with_schema();
}
TEST_P(StructVectorTest, without_schema) {
    without_schema();
}
INSTANTIATE_TEST_SUITE_P(shapes, StructVectorTest, testing::ValuesIn(kShapes), vector_name);
INSTANTIATE_TEST_SUITE_P(vectors, StructVectorTest, testing::ValuesIn(kVectors), vector_name);
INSTANTIATE_TEST_SUITE_P(opaque, StructVectorTest, testing::ValuesIn(kOpaque), vector_name);

class StructDecoding : public DecoderTest {};

TEST_F(StructDecoding, closed_paths_are_marked) {
    const std::string path = "\"wkb\":\"AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8=\"";
    for (const char* closed : {"\"true\"", "true"}) {
        Decoded out = typed(kGeometry, "{" + path +
                                           ",\"srid\":null,\"extensions\":{\"type\":"
                                           "\"path\",\"closed\":" +
                                           closed + "}}");
        expect_change(out, Op::update);
        EXPECT_EQ(find(out.change.row, "c")->kind, V::geometry);
        EXPECT_EQ(find(out.change.row, "c")->scale, 1);
    }
    for (const char* extensions : {"null", "{\"type\":\"path\",\"closed\":\"false\"}"}) {
        Decoded out = typed(kGeometry, "{" + path + ",\"extensions\":" + extensions + "}");
        expect_change(out, Op::update);
        EXPECT_EQ(find(out.change.row, "c")->scale, 0);
    }
    // Another shape has no ends that could be joined.
    Decoded out = typed(kGeometry, R"({"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null,)"
                                   R"("extensions":{"type":"point","closed":"true"}})");
    expect_change(out, Op::update);
    EXPECT_EQ(find(out.change.row, "c")->scale, 0);
}

TEST_F(StructDecoding, refusals_show_the_object) {
    Decoded out =
        typed(time_of("struct", "StructuredDate"), "{\"year\":2024,\"month\":0,\"day\":1}");
    expect_reject(out, "22008", "value \"{\"year\":2024,\"month\":0,\"day\":1}\" is out of range");
    EXPECT_NE(out.fault.message.find("(io.debezium.time.StructuredDate)"), std::string::npos);
}

TEST_F(StructDecoding, defaults) {
    const std::string node =
        "{\"type\":\"struct\",\"optional\":false,\"name\":\"io.debezium.data.geometry.Point\","
        "\"default\":{\"x\":1.0,\"y\":2.0,\"wkb\":null,\"srid\":null},\"field\":\"c\"},"
        "{\"type\":\"array\",\"optional\":false,\"name\":\"io.debezium.data.DoubleVector\","
        "\"items\":{\"type\":\"double\"},\"default\":[1.5],\"field\":\"v\"}";
    Decoded out =
        decode("{\"id\":1}", framed(envelope_schema(node), envelope("c", "{\"c\":null}")));
    expect_change(out, Op::create);
    const auto& columns = out.change.row.layout->columns;
    ASSERT_TRUE(columns[0].has_default);
    EXPECT_EQ(value_text(columns[0].default_value), std::string("\\x") + kXy);
    ASSERT_TRUE(columns[1].has_default);
    EXPECT_EQ(value_text(columns[1].default_value), "{1.5}");
}

/// Of a required field of every type that is an object or holds one; the empty text: not known.
TEST_F(StructDecoding, defaults_are_read_as_values_are) {
    auto required = [](const std::string& type, const std::string& logical,
                       const std::string& rest) {
        return "\"" + type + "\",\"optional\":false" +
               (logical.empty() ? "" : ",\"name\":\"io.debezium." + logical + "\"") + rest;
    };
    const std::string keys = R"(,"keys":{"type":"string"},"values":)";
    const struct {
        std::string type, value, text;
    } cases[] = {
        {required("map", "", keys + R"({"type":"string","optional":true})"),
         R"({"a\"\\":"x\ny","\u00e9":null,"c":"\u0001/"})",
         "{\"a\\\"\\\\\":\"x\\ny\",\"\xc3\xa9\":null,\"c\":\"\\u0001/\"}"},
        {required("map", "", keys + R"({"type":"int64"})"), R"({"a":12345678901234567890})",
         R"({"a":12345678901234567890})"},
        {required("map", "", keys + R"({"type":"bytes"})"), R"({"a":"AQ=="})", ""},
        {required("struct", "data.geometry.Circle", ""),
         R"({"center":{"x":1.0,"y":2.0,"wkb":null,"srid":null},"radius":3.5})", "<(1.0,2.0),3.5>"},
        {required("struct", "data.geometry.Line", ""), R"({"a":1.0,"b":2.0,"c":-3.0})",
         "{1.0,2.0,-3.0}"},
        {required("struct", "data.geometry.Circle", ""), R"({"center":{"x":1.0},"radius":3.5})",
         ""},
        {required("struct", "data.geometry.Geometry", ""),
         R"({"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null,"extensions":{"type":"point"}})",
         "\\x0101000000000000000000f03f0000000000000040"},
        {required("struct", "data.VariableScaleDecimal", ""), R"({"scale":2,"value":"MDk="})",
         "123.45"},
        {required("struct", "data.SparseDoubleVector", ""),
         R"({"dimensions":5,"vector":[[3,2.0],[1,1.5]]})", "{1:1.5,3:2}/5"},
        {required("struct", "time.StructuredDate", ""),
         R"({"year":2024,"month":2,"day":29,"specialValue":null})", "2024-02-29"},
        {required("struct", "time.StructuredDate", ""),
         R"({"year":2024,"month":0,"day":29,"specialValue":null})", ""},
        {required("array", "",
                  R"(,"items":{"type":"struct","name":"io.debezium.data.geometry.Line"})"),
         R"([{"a":1.0,"b":2.0,"c":-3.0},null])", "{{1.0,2.0,-3.0},<null>}"},
        {required("struct", "data.Unheard", ""), R"({"a":1})", ""},
        {required("int32", "", ""), R"({"a":1})", ""},
    };
    for (const auto& c : cases) {
        SCOPED_TRACE(c.type + c.value);
        Decoded out = decode("{\"id\":1}",
                             framed(envelope_schema(field("c", c.type + ",\"default\":" + c.value)),
                                    envelope("c", "{\"c\":null}")));
        expect_change(out, Op::create);
        const LayoutColumn& column = out.change.row.layout->columns[0];
        EXPECT_TRUE(column.has_default);
        if (c.text.empty())
            EXPECT_EQ(column.default_value.kind, V::absent);
        else
            EXPECT_EQ(value_text(column.default_value), c.text);
    }
}

} // namespace

} // namespace kcs::test
