#include "debezium/iso_text.hpp"
#include "debezium/json_parts.hpp"
#include "debezium/number.hpp"
#include "debezium/scalars.hpp"
#include "debezium/special_columns.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Type for text that a source of the propagated type `source` sends; empty: not one that tells
/// more than `text`. Built-in types only: an extension's need not be there.
std::string text_type(std::string_view source, int32_t length) {
    constexpr int32_t kMostLength = 10485760; // MaxAttrSize: of varchar(n) and char(n)
    bool told = length >= 1 && length <= kMostLength;
    if (told && source == "VARCHAR")
        return "varchar(" + std::to_string(length) + ")";
    if (told && (source == "BPCHAR" || source == "CHAR"))
        return "char(" + std::to_string(length) + ")";
    static constexpr struct {
        std::string_view source;
        const char* type;
    } kTypes[] = {
        {"INET", "inet"},           {"CIDR", "cidr"},           {"MACADDR", "macaddr"},
        {"MACADDR8", "macaddr8"},   {"INT4RANGE", "int4range"}, {"INT8RANGE", "int8range"},
        {"NUMRANGE", "numrange"},   {"TSRANGE", "tsrange"},     {"TSTZRANGE", "tstzrange"},
        {"DATERANGE", "daterange"},
    };
    for (const auto& known : kTypes)
        if (known.source == source)
            return known.type;
    return {};
}

std::string decimal_type(const FieldType& type) {
    constexpr int32_t kMostPrecision = 1000; // NUMERIC_MAX_PRECISION
    if (type.precision < 1 || type.precision > kMostPrecision || type.scale < 0 ||
        type.scale > type.precision)
        return "numeric";
    return "numeric(" + std::to_string(type.precision) + "," + std::to_string(type.scale) + ")";
}

std::string json_type(std::string_view source) {
    return source == "JSON" ? "json" : "jsonb";
}

bool ends_with(std::string_view text, std::string_view end) {
    return text.size() >= end.size() && text.substr(text.size() - end.size()) == end;
}

std::string array_type(const FieldType& type) {
    if (type.element == nullptr)
        return {};
    const FieldType& element = *type.element;
    if (element.semantic == Semantic::array)
        return array_type(element); // PostgreSQL's array types have no number of dimensions
    // What is told of the source stands beside the array: `_INET` for inet[].
    std::string of;
    if (!type.source_type.empty() && type.source_type[0] == '_') {
        std::string_view source = std::string_view(type.source_type).substr(1);
        if (element.semantic == Semantic::string)
            of = text_type(source, type.source_length);
        else if (element.semantic == Semantic::json)
            of = json_type(source);
    }
    if (of.empty())
        of = ddl_type(element);
    return of.empty() ? of : of + "[]";
}

std::string number_type(std::string_view token) {
    bool integral = token.find_first_of(".eE") == std::string_view::npos;
    int64_t n = 0;
    return integral && to_integer(token, 0, n) == Exactness::exact ? "bigint" : "numeric";
}

/// {"scale":...,"value":...}: a VariableScaleDecimal says its scale itself.
bool is_variable_decimal(std::string_view json) {
    Arena arena(1024);
    JsonParts object;
    return json.size() < 1024 && split_json(json, arena, object) == JsonError::none &&
           object.is_object && object.parts.size() == 2 && object.find("scale") != nullptr &&
           object.find("value") != nullptr;
}

} // namespace

std::string ddl_type(const FieldType& type) {
    switch (type.semantic) {
    case Semantic::boolean:
        return "boolean";
    case Semantic::int8:
    case Semantic::int16:
        return "smallint";
    case Semantic::int32:
    case Semantic::year:
        return "integer";
    case Semantic::int64:
        return "bigint";
    case Semantic::float32:
        return "real";
    case Semantic::float64:
        return "double precision";
    case Semantic::string: {
        std::string told = text_type(type.source_type, type.source_length);
        return told.empty() ? "text" : told;
    }
    case Semantic::bytes:
        return "bytea";
    case Semantic::decimal:
        return decimal_type(type);
    case Semantic::variable_decimal:
        return "numeric";
    case Semantic::date:
    case Semantic::iso_date:
        return "date";
    case Semantic::time_ms:
    case Semantic::time_us:
    case Semantic::time_ns:
    case Semantic::iso_time:
        return type.mysql ? "interval" : "time";
    case Semantic::timestamp_ms:
    case Semantic::timestamp_us:
    case Semantic::timestamp_ns:
    case Semantic::iso_timestamp:
        return "timestamp";
    case Semantic::zoned_timestamp:
        return "timestamptz";
    case Semantic::zoned_time:
        return "timetz";
    case Semantic::interval_text:
    case Semantic::micro_duration:
    case Semantic::nano_duration:
        return "interval";
    case Semantic::json:
        return json_type(type.source_type);
    case Semantic::uuid:
        return "uuid";
    case Semantic::enumeration:
        return "text";
    case Semantic::text_like: // xml needs a server with libxml, ltree an extension
        return ends_with(type.logical_name, ".Tsvector") ? "tsvector" : "text";
    case Semantic::array:
        return array_type(type);
    case Semantic::document:
        return "jsonb";
    case Semantic::unsupported:
        break;
    }
    return {};
}

std::string ddl_type_of_token(const std::string& column, const Value& token,
                              const DecoderSettings& settings) {
    if (token.is_null() || token.kind == ValueKind::unavailable)
        return {};
    if (column == "__deleted")
        return "boolean";
    bool stamp = matches_any_pattern(settings.schemaless_timestamp_columns, column);
    DecimalEntry decimal = find_decimal_entry(settings.schemaless_decimal_columns, column);
    switch (token.kind) {
    case ValueKind::boolean:
        return "boolean";
    case ValueKind::token_number:
        if (decimal.listed)
            return "numeric";
        return stamp && number_type(token.text()) == "bigint" ? "timestamp"
                                                              : number_type(token.text());
    case ValueKind::token_text: {
        // A value that was left out tells nothing about its column.
        if (placeholder_of(settings).matches_text(token.text()))
            return {};
        if (decimal.listed)
            return decimal.scale || settings.decimal_handling_mode != DecimalMode::precise
                       ? "numeric"
                       : "";
        int64_t ignored = 0;
        Refusal refusal;
        bool moment = stamp && parse_zoned_timestamp(token.text(), false, ignored, refusal);
        return moment ? "timestamptz" : "text";
    }
    case ValueKind::token_json:
        return decimal.listed && is_variable_decimal(token.text()) ? "numeric" : "jsonb";
    default:
        return {};
    }
}

} // namespace kcs
