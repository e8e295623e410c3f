#include "debezium/scalars.hpp"
#include "debezium/special_columns.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "core/pure.hpp"

namespace kcs::test {

namespace {

FieldType field(Semantic semantic, const char* source_type = "", int32_t length = -1) {
    FieldType type;
    type.semantic = semantic;
    type.source_type = source_type;
    type.source_length = length;
    return type;
}

std::string of(Semantic semantic, const char* source_type = "", int32_t length = -1) {
    return ddl_type(field(semantic, source_type, length));
}

std::string decimal(int32_t precision, int32_t scale) {
    FieldType type = field(Semantic::decimal);
    type.precision = precision;
    type.scale = scale;
    return ddl_type(type);
}

std::string array(FieldType element, const char* source_type = "", int32_t length = -1) {
    FieldType type = field(Semantic::array, source_type, length);
    element.source_type = type.source_type;
    element.source_length = type.source_length;
    type.element = std::make_unique<FieldType>(std::move(element));
    return ddl_type(type);
}

TEST(DdlType, of_every_semantic) {
    const struct {
        Semantic semantic;
        const char* type;
    } rows[] = {
        {Semantic::boolean, "boolean"},
        {Semantic::int8, "smallint"},
        {Semantic::int16, "smallint"},
        {Semantic::int32, "integer"},
        {Semantic::int64, "bigint"},
        {Semantic::float32, "real"},
        {Semantic::float64, "double precision"},
        {Semantic::string, "text"},
        {Semantic::bytes, "bytea"},
        {Semantic::decimal, "numeric"},
        {Semantic::variable_decimal, "numeric"},
        {Semantic::date, "date"},
        {Semantic::time_ms, "time"},
        {Semantic::time_us, "time"},
        {Semantic::time_ns, "time"},
        {Semantic::timestamp_ms, "timestamp"},
        {Semantic::timestamp_us, "timestamp"},
        {Semantic::timestamp_ns, "timestamp"},
        {Semantic::zoned_timestamp, "timestamptz"},
        {Semantic::zoned_time, "timetz"},
        {Semantic::iso_date, "date"},
        {Semantic::iso_time, "time"},
        {Semantic::iso_timestamp, "timestamp"},
        {Semantic::interval_text, "interval"},
        {Semantic::micro_duration, "interval"},
        {Semantic::nano_duration, "interval"},
        {Semantic::year, "integer"},
        {Semantic::json, "jsonb"},
        {Semantic::uuid, "uuid"},
        {Semantic::enumeration, "text"},
        {Semantic::document, "jsonb"},
        {Semantic::unsupported, ""},
    };
    for (const auto& row : rows)
        EXPECT_EQ(of(row.semantic), row.type) << static_cast<int>(row.semantic);
}

TEST(DdlType, of_what_the_source_tells) {
    EXPECT_EQ(of(Semantic::string, "VARCHAR", 20), "varchar(20)");
    EXPECT_EQ(of(Semantic::string, "VARCHAR", 10485760), "varchar(10485760)");
    EXPECT_EQ(of(Semantic::string, "VARCHAR", 2147483647), "text");
    EXPECT_EQ(of(Semantic::string, "VARCHAR", 0), "text");
    EXPECT_EQ(of(Semantic::string, "VARCHAR"), "text");
    EXPECT_EQ(of(Semantic::string, "BPCHAR", 3), "char(3)");
    EXPECT_EQ(of(Semantic::string, "CHAR", 3), "char(3)");
    EXPECT_EQ(of(Semantic::string, "TEXT", 2147483647), "text");
    EXPECT_EQ(of(Semantic::string, "CITEXT", 10), "text");
    EXPECT_EQ(of(Semantic::string, "INET"), "inet");
    EXPECT_EQ(of(Semantic::string, "MACADDR8"), "macaddr8");
    EXPECT_EQ(of(Semantic::string, "TSTZRANGE"), "tstzrange");
    EXPECT_EQ(of(Semantic::json, "JSON"), "json");
    EXPECT_EQ(of(Semantic::json, "HSTORE"), "jsonb");
    EXPECT_EQ(of(Semantic::decimal, "MONEY"), "numeric");
    EXPECT_EQ(of(Semantic::int32, "SERIAL"), "integer");
    FieldType duration = field(Semantic::time_us);
    duration.source = SourceKind::mysql;
    EXPECT_EQ(ddl_type(duration), "interval");
}

TEST(DdlType, of_decimals_where_numeric_can_say_it) {
    EXPECT_EQ(decimal(10, 2), "numeric(10,2)");
    EXPECT_EQ(decimal(1000, 1000), "numeric(1000,1000)");
    EXPECT_EQ(decimal(20, 0), "numeric(20,0)");
    EXPECT_EQ(decimal(1001, 2), "numeric");
    EXPECT_EQ(decimal(0, 0), "numeric");
    EXPECT_EQ(decimal(-1, 2), "numeric");
    EXPECT_EQ(decimal(5, -2), "numeric");
    EXPECT_EQ(decimal(2, 5), "numeric");
}

TEST(DdlType, of_bits) {
    FieldType bits = field(Semantic::bits);
    bits.length = 24;
    EXPECT_EQ(ddl_type(bits), "bit(24)");
    bits.source_type = "VARBIT";
    EXPECT_EQ(ddl_type(bits), "varbit(24)");
    bits.length = kUnlimitedBits;
    EXPECT_EQ(ddl_type(bits), "varbit");
    EXPECT_EQ(of(Semantic::boolean, "BIT", 1), "bit(1)");
    EXPECT_EQ(of(Semantic::boolean, "VARBIT", 1), "varbit(1)");
    EXPECT_EQ(of(Semantic::boolean, "BIT"), "boolean");
    EXPECT_EQ(of(Semantic::boolean, "BOOL", 1), "boolean");
    FieldType mysql = field(Semantic::boolean, "BIT", 1);
    mysql.source = SourceKind::mysql;
    EXPECT_EQ(ddl_type(mysql), "boolean");
    FieldType sqlserver = field(Semantic::boolean, "BIT", 1);
    sqlserver.source = SourceKind::sqlserver;
    EXPECT_EQ(ddl_type(sqlserver), "boolean");
}

TEST(DdlType, of_times_where_the_source_tells_their_digits) {
    auto told = [](Semantic semantic, const char* source, int32_t scale) {
        FieldType type = field(semantic, source);
        type.source_scale = scale;
        return ddl_type(type);
    };
    EXPECT_EQ(told(Semantic::timestamp_ms, "TIMESTAMP", 3), "timestamp(3)");
    EXPECT_EQ(told(Semantic::zoned_timestamp, "TIMESTAMPTZ", 1), "timestamptz(1)");
    EXPECT_EQ(told(Semantic::time_us, "TIME", 5), "time(5)");
    EXPECT_EQ(told(Semantic::zoned_time, "TIMETZ", 2), "timetz(2)");
    EXPECT_EQ(told(Semantic::timestamp_us, "TIMESTAMP", 6), "timestamp");
    EXPECT_EQ(told(Semantic::timestamp_us, "TIMESTAMP", 0), "timestamp");
    EXPECT_EQ(told(Semantic::timestamp_us, "DATETIME2", 3), "timestamp");
}

TEST(DdlType, of_types_whose_text_is_sent) {
    EXPECT_EQ(of(Semantic::string, "NUMERIC"), "numeric");
    EXPECT_EQ(of(Semantic::string, "NAME"), "name");
    EXPECT_EQ(of(Semantic::string, "CHAR", 1), "text");
    EXPECT_EQ(of(Semantic::bytes, "TSQUERY"), "tsquery");
    EXPECT_EQ(of(Semantic::bytes, "CIRCLE"), "circle");
    EXPECT_EQ(of(Semantic::bytes, "_PG_LSN"), "pg_lsn[]");
    EXPECT_EQ(of(Semantic::bytes, "BYTEA"), "bytea");
    EXPECT_EQ(of(Semantic::int64, "OID"), "oid");
    EXPECT_EQ(of(Semantic::int64, "INT8"), "bigint");
}

TEST(ExtensionType, by_what_the_schema_tells) {
    auto extension = [](Semantic semantic, const char* source = "", int32_t length = -1,
                        bool mysql = false) {
        FieldType type = field(semantic, source, length);
        type.source = mysql ? SourceKind::mysql : SourceKind::unknown;
        return extension_type(type);
    };
    EXPECT_EQ(extension(Semantic::string), "");
    EXPECT_EQ(extension(Semantic::string, "CITEXT"), "citext");
    EXPECT_EQ(extension(Semantic::bytes, "LTXTQUERY"), "ltxtquery");
    EXPECT_EQ(extension(Semantic::bytes, "_CUBE"), "cube[]");
    EXPECT_EQ(extension(Semantic::bytes, "CUBE", -1, true), "");
    EXPECT_EQ(extension(Semantic::bytes, "BYTEA"), "");
    EXPECT_EQ(extension(Semantic::bytes, "_"), "");
    EXPECT_EQ(extension(Semantic::bytes, "PG_LSN"), "");
    EXPECT_EQ(extension(Semantic::json), "");
    EXPECT_EQ(extension(Semantic::json, "HSTORE"), "hstore");
    EXPECT_EQ(extension(Semantic::ltree), "ltree");
    EXPECT_EQ(extension(Semantic::double_vector, "VECTOR", 3), "vector(3)");
    EXPECT_EQ(extension(Semantic::double_vector, "VECTOR", 2147483647), "vector");
    EXPECT_EQ(extension(Semantic::float_vector, "HALFVEC", 3), "halfvec(3)");
    EXPECT_EQ(extension(Semantic::float_vector, "VECTOR", 3, true), "vector");
    EXPECT_EQ(extension(Semantic::float_vector, "VECTOR", 3), "vector"); // MySQL's, flattened
    EXPECT_EQ(extension(Semantic::sparse_vector, "SPARSEVEC", 5), "sparsevec(5)");
    EXPECT_EQ(extension(Semantic::geometry), "geometry");
    EXPECT_EQ(extension(Semantic::geometry, "POLYGON"), "");
    EXPECT_EQ(extension(Semantic::geometry, "POLYGON", -1, true), "geometry");
    EXPECT_EQ(extension(Semantic::geography), "geography");
    EXPECT_EQ(extension(Semantic::point), "");
}

TEST(DdlType, of_arrays) {
    EXPECT_EQ(array(field(Semantic::int32)), "integer[]");
    EXPECT_EQ(array(field(Semantic::zoned_timestamp)), "timestamptz[]");
    EXPECT_EQ(array(field(Semantic::string), "INET"), "inet[]");
    EXPECT_EQ(array(field(Semantic::string), "VARCHAR", 5), "varchar(5)[]");
    EXPECT_EQ(array(field(Semantic::json), "JSON"), "json[]");
    EXPECT_EQ(array(field(Semantic::unsupported)), "");
}

Value token(ValueKind kind, std::string_view text) {
    return Value::of(kind, text);
}

TEST(DdlTypeOfToken, follows_the_special_rules) {
    DecoderSettings s;
    constexpr ValueKind kNumber = ValueKind::token_number;
    constexpr ValueKind kText = ValueKind::token_text;
    constexpr ValueKind kJson = ValueKind::token_json;
    EXPECT_EQ(ddl_type_of_token("n", token(kNumber, "1"), s), "bigint");
    EXPECT_EQ(ddl_type_of_token("n", token(kNumber, "9223372036854775807"), s), "bigint");
    EXPECT_EQ(ddl_type_of_token("n", token(kNumber, "9223372036854775808"), s), "numeric");
    EXPECT_EQ(ddl_type_of_token("n", token(kNumber, "1.0"), s), "numeric");
    EXPECT_EQ(ddl_type_of_token("n", token(kNumber, "1e3"), s), "numeric");
    EXPECT_EQ(ddl_type_of_token("b", Value::of(ValueKind::boolean, int64_t{1}), s), "boolean");
    EXPECT_EQ(ddl_type_of_token("t", token(kText, "x"), s), "text");
    EXPECT_EQ(ddl_type_of_token("j", token(kJson, "{}"), s), "jsonb");
    EXPECT_EQ(ddl_type_of_token("j", token(kJson, "[1]"), s), "jsonb");
    EXPECT_EQ(ddl_type_of_token("x", Value::of(ValueKind::null), s), "");
    EXPECT_EQ(ddl_type_of_token("x", Value::of(ValueKind::unavailable), s), "");
    EXPECT_EQ(ddl_type_of_token("x", token(kText, "__debezium_unavailable_value"), s), "");
    EXPECT_EQ(ddl_type_of_token("__deleted", token(kText, "false"), s), "boolean");

    EXPECT_EQ(ddl_type_of_token("made_at", token(kNumber, "1529507596945104"), s), "timestamp");
    EXPECT_EQ(ddl_type_of_token("made_at", token(kText, "2018-06-20T15:13:16Z"), s), "timestamptz");
    EXPECT_EQ(ddl_type_of_token("made_at", token(kText, "the station"), s), "text");
    EXPECT_EQ(ddl_type_of_token("made_at", token(kNumber, "1.5"), s), "numeric");

    EXPECT_EQ(ddl_type_of_token("price", token(kNumber, "15"), s), "numeric");
    EXPECT_EQ(ddl_type_of_token("price", token(kText, "AJiWfw=="), s), "");
    EXPECT_EQ(ddl_type_of_token("price", token(kJson, "{\"scale\":1,\"value\":\"AQ==\"}"), s),
              "numeric");
    EXPECT_EQ(ddl_type_of_token("price", token(kJson, "{\"a\":1}"), s), "jsonb");
    s.schemaless_decimal_columns = "price:2,amount";
    EXPECT_EQ(ddl_type_of_token("price", token(kText, "AJiWfw=="), s), "numeric");
    EXPECT_EQ(ddl_type_of_token("amount", token(kText, "AJiWfw=="), s), "");
    s.decimal_handling_mode = DecimalMode::string;
    EXPECT_EQ(ddl_type_of_token("amount", token(kText, "1.50"), s), "numeric");
}

TEST(SpecialColumns, entries_and_patterns) {
    EXPECT_TRUE(find_decimal_entry(" price , a:4 ", "price").listed);
    EXPECT_FALSE(find_decimal_entry("price", "price").scale.has_value());
    EXPECT_EQ(find_decimal_entry(" price , a : 4 ", "a").scale, 4);
    EXPECT_EQ(find_decimal_entry("a:-3", "a").scale, -3);
    EXPECT_FALSE(find_decimal_entry("a:x", "a").listed);
    EXPECT_FALSE(find_decimal_entry("", "a").listed);
    EXPECT_FALSE(find_decimal_entry("pric,prices", "price").listed);

    EXPECT_TRUE(matches_any_pattern("*_at", "made_at"));
    EXPECT_FALSE(matches_any_pattern("*_at", "made_at_all"));
    EXPECT_TRUE(matches_any_pattern("x, *a*b*", "1a2b2b"));
    EXPECT_TRUE(matches_any_pattern("when", "when"));
    EXPECT_FALSE(matches_any_pattern("", ""));
    EXPECT_TRUE(matches_any_pattern("**", ""));
}

} // namespace

} // namespace kcs::test
