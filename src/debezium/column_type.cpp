#include "debezium/iso_text.hpp"
#include "debezium/json_parts.hpp"
#include "debezium/number.hpp"
#include "debezium/scalars.hpp"
#include "debezium/source_type.hpp"
#include "debezium/special_columns.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// `bit(n)` or `varbit(n)`.
std::string bits_type(const FieldType& type) {
    if (type.length == kUnlimitedBits)
        return "varbit";
    return (type.source_type == "VARBIT" ? "varbit(" : "bit(") + std::to_string(type.length) + ")";
}

/// pgvector's type with the number of dimensions where the source's declaration tells exactly that
/// (MySQL's tells the most).
std::string vector_type(const char* name, const FieldType& type, int32_t most) {
    bool told = !type.mysql() && type.source_length >= 1 && type.source_length <= most;
    return told ? std::string(name) + "(" + std::to_string(type.source_length) + ")" : name;
}

std::string array_of(std::string element) {
    bool array = element.size() >= 2 && element.compare(element.size() - 2, 2, "[]") == 0;
    // PostgreSQL's array types have no number of dimensions.
    return element.empty() || array ? element : element + "[]";
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
    std::string told = told_type(type).builtin;
    if (!told.empty())
        return told;
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
    case Semantic::string:
    case Semantic::enumeration:
    case Semantic::enum_set:
    case Semantic::xml:
    case Semantic::ltree:
        return "text";
    case Semantic::bytes:
        return "bytea";
    case Semantic::decimal:
        return numeric_type(type.precision, type.scale);
    case Semantic::variable_decimal:
        return "numeric";
    case Semantic::date:
    case Semantic::iso_date:
    case Semantic::structured_date:
        return "date";
    case Semantic::time_ms:
    case Semantic::time_us:
    case Semantic::time_ns:
    case Semantic::iso_time:
    case Semantic::structured_time:
        return type.mysql() ? "interval" : "time";
    case Semantic::timestamp_ms:
    case Semantic::timestamp_us:
    case Semantic::timestamp_ns:
    case Semantic::iso_timestamp:
    case Semantic::structured_timestamp:
        return "timestamp";
    case Semantic::zoned_timestamp:
    case Semantic::structured_zoned_timestamp:
        return "timestamptz";
    case Semantic::zoned_time:
    case Semantic::structured_zoned_time:
        return "timetz";
    case Semantic::interval_text:
    case Semantic::micro_duration:
    case Semantic::nano_duration:
    case Semantic::structured_duration:
        return "interval";
    case Semantic::json:
    case Semantic::document:
    case Semantic::sparse_vector:
        return "jsonb";
    case Semantic::uuid:
        return "uuid";
    case Semantic::tsvector:
        return "tsvector";
    case Semantic::bits:
        return bits_type(type);
    case Semantic::array:
        return array_of(ddl_type(*type.element));
    case Semantic::double_vector:
        return "double precision[]";
    case Semantic::float_vector:
        return "real[]";
    case Semantic::point:
        return "point";
    case Semantic::geometry:
    case Semantic::geography:
        return "bytea"; // EWKB
    case Semantic::circle:
        return "circle";
    case Semantic::line:
        return "line";
    case Semantic::unsupported:
        break;
    }
    return {};
}

std::string extension_type(const FieldType& type) {
    switch (type.semantic) {
    case Semantic::xml:
        return "xml";
    case Semantic::ltree:
        return "ltree";
    case Semantic::double_vector:
        return vector_type("vector", type, 16000);
    case Semantic::float_vector:
        return type.mysql() || type.source_type == "VECTOR" ? "vector"
                                                            : vector_type("halfvec", type, 16000);
    case Semantic::sparse_vector:
        return vector_type("sparsevec", type, 1000000000);
    case Semantic::geometry:
        return told_type(type).builtin.empty() ? "geometry" : "";
    case Semantic::geography:
        return "geography";
    case Semantic::point: // MySQL's has an SRID
        return type.mysql() ? "geometry" : "";
    case Semantic::document:
        return type.string_map ? "hstore" : "";
    case Semantic::array:
        return array_of(extension_type(*type.element));
    default:
        return told_type(type).extension;
    }
}

std::string wire_type(const FieldType& type) {
    if (type.semantic == Semantic::array)
        return "array of " + wire_type(*type.element);
    return type.logical_name.empty() ? type.base : type.logical_name;
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
        bool moment = stamp && parse_zoned_timestamp(token.text(), false,
                                                     settings.time_precision_mode ==
                                                         TimePrecisionMode::isostring,
                                                     ignored, refusal);
        return moment ? "timestamptz" : "text";
    }
    case ValueKind::token_json:
        return decimal.listed && is_variable_decimal(token.text()) ? "numeric" : "jsonb";
    default:
        return {};
    }
}

bool tells_limits(const FieldType& type) {
    const std::string& source = type.source_type;
    switch (type.semantic) {
    case Semantic::array:
        return tells_limits(*type.element);
    case Semantic::string:
        return source == "VARCHAR" ||
               (source.size() >= 4 && source.compare(source.size() - 4, 4, "TEXT") == 0);
    case Semantic::decimal:
        return source == "NUMERIC" || source == "DECIMAL";
    default:
        return type.semantic == Semantic::variable_decimal;
    }
}

} // namespace kcs
