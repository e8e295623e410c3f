#include "debezium/field_types.hpp"
#include "debezium/scalars.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "core/pure.hpp"

// README.md's table of types says what the code does: its rows are the ones below, in this order,
// and the columns that they name are those that would be created.

namespace kcs::test {

namespace {

struct TypeRow {
    const char* label;                ///< first cell
    std::vector<std::string> schemas; ///< nodes that the label stands for
    bool mysql = false;
};

std::string of(const std::string& type, const std::string& name = "",
               const std::string& parameters = "") {
    return "{\"type\":\"" + type + "\"" + (name.empty() ? "" : ",\"name\":\"" + name + "\"") +
           ",\"parameters\":{" + parameters + "}}";
}
std::string in_time(const std::string& type, const std::string& name) {
    return of(type, "io.debezium.time." + name);
}
std::string in_data(const std::string& type, const std::string& name,
                    const std::string& parameters = "") {
    return of(type, "io.debezium.data." + name, parameters);
}
std::string told(const std::string& source, int length = -1, int scale = -1) {
    auto number = [](const char* what, int n) {
        return n < 0 ? ""
                     : std::string(",\"__debezium.source.column.") + what + "\":\"" +
                           std::to_string(n) + "\"";
    };
    return "\"__debezium.source.column.type\":\"" + source + "\"" + number("length", length) +
           number("scale", scale);
}
std::string connect(const std::string& type, const std::string& name,
                    const std::string& parameters = "") {
    return of(type, "org.apache.kafka.connect.data." + name, parameters);
}
std::string array(const std::string& items, const std::string& name = "",
                  const std::string& parameters = "") {
    return "{\"type\":\"array\"" + (name.empty() ? "" : ",\"name\":\"" + name + "\"") +
           ",\"items\":" + items + ",\"parameters\":{" + parameters + "}}";
}
std::string vector(const std::string& name, const std::string& parameters = "") {
    return array(of(name == "FloatVector" ? "float" : "double"), "io.debezium.data." + name,
                 parameters);
}
const std::string kStringMap =
    "{\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"values\":{\"type\":\"string\"}}";

const std::vector<TypeRow>& rows() {
    static const std::vector<TypeRow> all = {
        {"`INT8`, `INT16`", {of("int8"), of("int16")}},
        {"`INT32`, `Year`", {of("int32"), in_time("int32", "Year")}},
        {"`INT64`", {of("int64")}},
        {"`INT64` of an `OID`", {of("int64", "", told("OID"))}},
        {"`FLOAT32`", {of("float")}},
        {"`FLOAT64`", {of("double")}},
        {"`BOOLEAN`", {of("boolean")}},
        {"`BOOLEAN` of a `BIT(1)` (not SQL Server's)", {of("boolean", "", told("BIT", 1))}},
        {"`STRING`", {of("string")}},
        {"`STRING` of a `VARCHAR(20)`", {of("string", "", told("VARCHAR", 20))}},
        {"`STRING` of a `BPCHAR(3)`", {of("string", "", told("BPCHAR", 3))}},
        {"`STRING` of an `INET`, `CIDR`, `MACADDR`, `MACADDR8`, `NAME`, range (here `TSTZRANGE`)",
         {of("string", "", told("TSTZRANGE"))}},
        {"`STRING` of a `NUMERIC(10,2)`", {of("string", "", told("NUMERIC", 10, 2))}},
        {"`STRING` of a `CITEXT`; likewise `ISBN` and its kin", {of("string", "", told("CITEXT"))}},
        {"`BYTES`", {of("bytes")}},
        {"`BYTES` of a multirange, `PG_LSN` (here), `TSQUERY`, `JSONPATH`, `CIRCLE` and its kin",
         {of("bytes", "", told("PG_LSN"))}},
        {"`BYTES` of a `CUBE`; likewise other extensions' types, and arrays (`_CUBE`)",
         {of("bytes", "", told("CUBE"))}},
        {"`Decimal` of precision 10 and scale 2",
         {connect("bytes", "Decimal", "\"scale\":\"2\",\"connect.decimal.precision\":\"10\"")}},
        {"other `Decimal`, `VariableScaleDecimal`",
         {connect("bytes", "Decimal", "\"scale\":\"-2\",\"connect.decimal.precision\":\"5\""),
          connect("bytes", "Decimal", "\"scale\":\"2\""),
          connect("bytes", "Decimal", "\"scale\":\"2\",\"connect.decimal.precision\":\"2000\""),
          in_data("struct", "VariableScaleDecimal")}},
        {"`Date`, `IsoDate`, `StructuredDate`",
         {in_time("int32", "Date"), connect("int32", "Date"), in_time("string", "IsoDate"),
          in_time("struct", "StructuredDate")}},
        {"`Time`, `MicroTime`, `NanoTime`, `IsoTime`, `StructuredTime`",
         {in_time("int32", "Time"), connect("int32", "Time"), in_time("int64", "MicroTime"),
          in_time("int64", "NanoTime"), in_time("string", "IsoTime"),
          in_time("struct", "StructuredTime")}},
        {"the same from MySQL or MariaDB",
         {in_time("int64", "MicroTime"), in_time("struct", "StructuredTime")},
         true},
        {"`ZonedTime`, `StructuredZonedTime`",
         {in_time("string", "ZonedTime"), in_time("struct", "StructuredZonedTime")}},
        {"`Timestamp`, `MicroTimestamp`, `NanoTimestamp`, `IsoTimestamp`, `StructuredTimestamp`",
         {in_time("int64", "Timestamp"), connect("int64", "Timestamp"),
          in_time("int64", "MicroTimestamp"), in_time("int64", "NanoTimestamp"),
          in_time("string", "IsoTimestamp"), in_time("struct", "StructuredTimestamp")}},
        {"`Timestamp` of a `TIMESTAMP(3)`; likewise the other times",
         {of("int64", "io.debezium.time.Timestamp", told("TIMESTAMP", 26, 3))}},
        {"`ZonedTimestamp`, `StructuredZonedTimestamp`",
         {in_time("string", "ZonedTimestamp"), in_time("struct", "StructuredZonedTimestamp")}},
        {"`Interval`, `MicroDuration`, `NanoDuration`, `StructuredDuration`",
         {in_time("string", "Interval"), in_time("int64", "MicroDuration"),
          in_time("int64", "NanoDuration"), in_time("struct", "StructuredDuration")}},
        {"`Json`", {in_data("string", "Json")}},
        {"`Json` of a `JSON`", {in_data("string", "Json", told("JSON"))}},
        {"`Json` of an `HSTORE`, `MAP` of strings",
         {in_data("string", "Json", told("HSTORE")), kStringMap}},
        {"other `MAP`, unnamed `STRUCT`",
         {"{\"type\":\"map\",\"keys\":{\"type\":\"string\"},\"values\":{\"type\":\"int32\"}}",
          "{\"type\":\"map\",\"keys\":{\"type\":\"int32\"},\"values\":{\"type\":\"string\"}}",
          of("struct")}},
        {"`Uuid`", {in_data("string", "Uuid")}},
        {"`Enum`, `EnumSet`", {in_data("string", "Enum"), in_data("string", "EnumSet")}},
        {"`Xml`", {in_data("string", "Xml")}},
        {"`Ltree`", {in_data("string", "Ltree")}},
        {"`Tsvector`", {in_data("string", "Tsvector")}},
        {"`Bits` of length 5", {in_data("bytes", "Bits", "\"length\":\"5\"")}},
        {"`Bits` of a `VARBIT(5)`",
         {in_data("bytes", "Bits", "\"length\":\"5\"," + told("VARBIT", 5))}},
        {"`Bits` without limit", {in_data("bytes", "Bits", "\"length\":\"2147483647\"")}},
        {"`DoubleVector`", {vector("DoubleVector")}},
        {"`DoubleVector` of a `VECTOR(3)`", {vector("DoubleVector", told("VECTOR", 3))}},
        {"`FloatVector`", {vector("FloatVector")}},
        {"`FloatVector` from MySQL or MariaDB", {vector("FloatVector", told("VECTOR", 3))}, true},
        {"`SparseDoubleVector`", {in_data("struct", "SparseDoubleVector")}},
        {"`Point`", {in_data("struct", "geometry.Point")}},
        {"`Point` from MySQL or MariaDB", {in_data("struct", "geometry.Point")}, true},
        {"`Geometry`", {in_data("struct", "geometry.Geometry")}},
        {"`Geometry` of a `BOX`, `LSEG`, `PATH` (here), `POLYGON`",
         {in_data("struct", "geometry.Geometry", told("PATH"))}},
        {"`Geography`", {in_data("struct", "geometry.Geography")}},
        {"`Circle`", {in_data("struct", "geometry.Circle")}},
        {"`Line`", {in_data("struct", "geometry.Line")}},
        {"`ARRAY` of `INT32`; likewise of every type above", {array(of("int32"))}},
        {"`ARRAY` of `Json` of an `_HSTORE`",
         {array(in_data("string", "Json"), "", told("_HSTORE"))}},
    };
    return all;
}

FieldType type_of(const std::string& schema, bool mysql) {
    JsonNode node;
    EXPECT_TRUE(parse_json(schema, node)) << schema;
    return field_type(node, mysql ? SourceKind::mysql : SourceKind::unknown);
}

/// Second cell.
std::string created(const FieldType& type) {
    std::string extension = extension_type(type);
    return (extension.empty() ? "" : "`" + extension + "`, else ") + "`" + ddl_type(type) + "`";
}

/// The rows of the table below the heading, without its head.
std::vector<std::string> table_of_readme() {
    std::ifstream readme("README.md");
    std::vector<std::string> lines;
    std::string line;
    bool within = false;
    while (std::getline(readme, line)) {
        if (line.compare(0, 4, "### ") == 0 || line.compare(0, 3, "## ") == 0)
            within = line == "### Types";
        else if (within && line.compare(0, 2, "| ") == 0)
            lines.push_back(line);
    }
    if (!lines.empty())
        lines.erase(lines.begin());
    return lines;
}

TEST(ReadmeTypes, are_those_of_the_code) {
    std::vector<std::string> lines = table_of_readme();
    ASSERT_EQ(lines.size(), rows().size());
    for (size_t i = 0; i < lines.size(); ++i)
        for (const std::string& schema : rows()[i].schemas) {
            std::string begin = std::string("| ") + rows()[i].label + " | " +
                                created(type_of(schema, rows()[i].mysql)) + " |";
            EXPECT_EQ(lines[i].substr(0, begin.size()), begin);
        }
}

TEST(ReadmeTypes, have_every_semantic) {
    std::set<Semantic> seen;
    for (const TypeRow& row : rows())
        for (const std::string& schema : row.schemas)
            seen.insert(type_of(schema, row.mysql).semantic);
    for (int i = 0; i < static_cast<int>(Semantic::unsupported); ++i)
        EXPECT_EQ(seen.count(static_cast<Semantic>(i)), 1u) << i;
}

} // namespace

} // namespace kcs::test
