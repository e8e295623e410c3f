#include "debezium/source_type.hpp"

#include <algorithm>
#include <iterator>
#include <string_view>

#include "core/pure.hpp"

namespace kcs {

namespace {

std::string with_length(const char* type, int32_t n) {
    return std::string(type) + "(" + std::to_string(n) + ")";
}

template <size_t N> bool one_of(const std::string_view (&names)[N], std::string_view name) {
    return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// Types whose text is the value on the wire.
constexpr std::string_view kTextTypes[] = {"INET",      "CIDR",      "MACADDR",  "MACADDR8",
                                           "NAME",      "INT4RANGE", "NUMRANGE", "INT8RANGE",
                                           "TSTZRANGE", "TSRANGE",   "DATERANGE"};
/// Types that the connector sends as bytes of their text (include.unknown.datatypes).
constexpr std::string_view kOpaqueTypes[] = {
    "PG_LSN",         "TSQUERY",       "JSONPATH",     "INT4MULTIRANGE",
    "INT8MULTIRANGE", "NUMMULTIRANGE", "TSMULTIRANGE", "TSTZMULTIRANGE",
    "DATEMULTIRANGE", "XID",           "XID8",         "TXID_SNAPSHOT",
    "PG_SNAPSHOT",    "BOX",           "CIRCLE",       "LINE",
    "LSEG",           "PATH",          "POLYGON"};
constexpr std::string_view kExtensionTypes[] = {"CITEXT", "LTREE", "ISBN",   "ISBN13", "ISSN",
                                                "ISSN13", "ISMN",  "ISMN13", "UPC",    "EAN13"};

std::string lower(std::string_view name) {
    std::string out(name);
    for (char& c : out)
        if (c >= 'A' && c <= 'Z')
            c = static_cast<char>(c - 'A' + 'a');
    return out;
}

/// What a BYTES is that holds a value's text: of a built-in type, or of one that only an extension
/// can have, which the database is asked for.
SourceType opaque_type(const FieldType& type) {
    std::string_view name = type.source_type;
    const bool array = name.substr(0, 1) == "_";
    name.remove_prefix(array);
    std::string column = lower(name) + (array ? "[]" : "");
    if (one_of(kOpaqueTypes, name))
        return {column, {}};
    constexpr const char* kPlain = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    bool plain = !name.empty() && name.find_first_not_of(kPlain) == std::string_view::npos;
    return plain && name != "BYTEA" ? SourceType{{}, column} : SourceType();
}

/// Character types of a declared length.
std::string character_type(const FieldType& type) {
    static constexpr std::string_view kVarying[] = {"VARCHAR", "VARCHAR2", "NVARCHAR", "NVARCHAR2"};
    static constexpr std::string_view kFixed[] = {"BPCHAR", "CHAR", "NCHAR"};
    constexpr int32_t kMostLength = 10485760; // MaxAttrSize: of varchar(n) and char(n)
    int32_t length = type.source_length;
    if (length < 1 || length > kMostLength)
        return {};
    if (one_of(kVarying, type.source_type))
        return with_length("varchar", length);
    // PostgreSQL's "char" is CHAR of one byte too, and spells bytes beyond ASCII in four
    // characters.
    if (type.source_type == "CHAR" && length == 1 && !type.mysql())
        return {};
    return one_of(kFixed, type.source_type) ? with_length("char", length) : std::string();
}

SourceType text_type(const FieldType& type) {
    static constexpr std::string_view kDecimals[] = {"NUMERIC", "DECIMAL", "MONEY"};
    if (one_of(kTextTypes, type.source_type))
        return {lower(type.source_type), {}};
    if (one_of(kExtensionTypes, type.source_type))
        return {{}, lower(type.source_type)};
    if (one_of(kDecimals, type.source_type)) // decimal.handling.mode=string
        return {
            numeric_type(type.source_type == "MONEY" ? -1 : type.source_length, type.source_scale),
            {}};
    return {character_type(type), {}};
}

/// Fractional digits of times, where the source is certain to mean them.
std::string time_type(const char* type, std::string_view source, const FieldType& field) {
    bool told = field.source_type == source && !field.mysql() && field.source_scale >= 1 &&
                field.source_scale <= 5;
    return told ? with_length(type, field.source_scale) : std::string();
}

} // namespace

std::string numeric_type(int32_t precision, int32_t scale) {
    constexpr int32_t kMostPrecision = 1000; // NUMERIC_MAX_PRECISION
    if (precision < 1 || precision > kMostPrecision || scale < 0 || scale > precision)
        return "numeric";
    return "numeric(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
}

SourceType told_type(const FieldType& type) {
    switch (type.semantic) {
    case Semantic::boolean: // a bit string of one bit; but MySQL's and SQL Server's bit is a number
        if (type.source_length != 1 || type.mysql() || type.source == SourceKind::sqlserver)
            return {};
        return {type.source_type == "BIT"      ? "bit(1)"
                : type.source_type == "VARBIT" ? "varbit(1)"
                                               : "",
                {}};
    case Semantic::int64:
        return {type.source_type == "OID" ? "oid" : "", {}};
    case Semantic::string:
        return text_type(type);
    case Semantic::bytes:
        if (type.source != SourceKind::postgresql && type.source != SourceKind::unknown)
            return {};
        return opaque_type(type);
    case Semantic::json:
        return {type.source_type == "JSON" ? "json" : "",
                type.source_type == "HSTORE" ? "hstore" : ""};
    case Semantic::time_ms:
    case Semantic::time_us:
    case Semantic::time_ns:
    case Semantic::iso_time:
    case Semantic::structured_time:
        return {time_type("time", "TIME", type), {}};
    case Semantic::zoned_time:
    case Semantic::structured_zoned_time:
        return {time_type("timetz", "TIMETZ", type), {}};
    case Semantic::timestamp_ms:
    case Semantic::timestamp_us:
    case Semantic::timestamp_ns:
    case Semantic::iso_timestamp:
    case Semantic::structured_timestamp:
        return {time_type("timestamp", "TIMESTAMP", type), {}};
    case Semantic::zoned_timestamp:
    case Semantic::structured_zoned_timestamp:
        return {time_type("timestamptz", "TIMESTAMPTZ", type), {}};
    case Semantic::geometry: {
        static constexpr std::string_view kNative[] = {"BOX", "LSEG", "PATH", "POLYGON"};
        // MySQL has a POLYGON of its own, with holes and an SRID.
        bool native = !type.mysql() && one_of(kNative, type.source_type);
        return {native ? lower(type.source_type) : "", {}};
    }
    default:
        return {};
    }
}

} // namespace kcs
