#include "debezium/conversion_words.hpp"

#include "debezium/number.hpp"

#include <string_view>

#include "core/pure.hpp"

namespace kcs {

namespace {

struct Words {
    std::string_view name;
    const char* words;
};

/// Logical names of Debezium's and Connect's own packages, without the package.
constexpr Words kLogical[] = {
    {"Date", "days since 1970-01-01"},
    {"Time", "milliseconds of the day"},
    {"MicroTime", "microseconds of the day"},
    {"NanoTime", "nanoseconds of the day, rounded to microseconds"},
    {"Timestamp", "milliseconds since 1970"},
    {"MicroTimestamp", "microseconds since 1970"},
    {"NanoTimestamp", "nanoseconds since 1970, rounded to microseconds"},
    {"ZonedTimestamp", "ISO 8601 date and time with offset"},
    {"ZonedTime", "ISO 8601 time with offset"},
    {"IsoDate", "ISO 8601 date"},
    {"IsoTime", "ISO 8601 time of day"},
    {"IsoTimestamp", "ISO 8601 date and time without zone, whatever its Z says"},
    {"StructuredDate", "date in parts"},
    {"StructuredTime", "time in parts"},
    {"StructuredZonedTime", "time in parts, with offset"},
    {"StructuredTimestamp", "date and time in parts"},
    {"StructuredZonedTimestamp", "date and time in parts, with offset"},
    {"StructuredDuration", "interval in parts"},
    {"Interval", "ISO 8601 duration"},
    {"MicroDuration", "microseconds"},
    {"NanoDuration", "nanoseconds, rounded to microseconds"},
    {"Year", "number of the year"},
    {"Bits", "base64 of bits, the least significant byte first"},
    {"Json", "JSON text"},
    {"Xml", "XML text"},
    {"Uuid", "text of a UUID"},
    {"Enum", "text of a label"},
    {"EnumSet", "text of labels with commas between"},
    {"Ltree", "text of a label path"},
    {"Tsvector", "text of a text search vector"},
    {"Point", "coordinates of a point"},
    {"Geometry", "well-known binary of a geometry"},
    {"Geography", "well-known binary of a geography"},
    {"Circle", "center and radius"},
    {"Line", "coefficients of a line"},
    {"DoubleVector", "vector"},
    {"FloatVector", "vector"},
    {"SparseDoubleVector", "sparse vector"},
};

/// Connect's own types.
constexpr Words kPlain[] = {
    {"int8", "integer"},
    {"int16", "integer"},
    {"int32", "integer"},
    {"int64", "integer"},
    {"float", "floating-point number"},
    {"float32", "floating-point number"},
    {"double", "floating-point number"},
    {"float64", "floating-point number"},
    {"boolean", "boolean"},
    {"string", "text"},
    {"bytes", "base64"},
    {"map", "JSON object"},
    {"struct", "JSON object"},
};

template <size_t n> const char* find_words(const Words (&table)[n], std::string_view name) {
    for (const Words& entry : table)
        if (entry.name == name)
            return entry.words;
    return nullptr;
}

bool cut_prefix(std::string_view& text, std::string_view prefix) {
    if (text.substr(0, prefix.size()) != prefix)
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

const char* schema_words(std::string_view type) {
    if (cut_prefix(type, "io.debezium.") || cut_prefix(type, "org.apache.kafka.connect.data."))
        return find_words(kLogical, type.substr(type.rfind('.') + 1));
    return find_words(kPlain, type);
}

/// Of a decimal that was read digit by digit: what stands behind its point tells.
std::string decimal_words(const Value& decimal) {
    int64_t scale = decimal.scale;
    if (decimal.kind == ValueKind::numeric) {
        std::string_view text = decimal.text();
        if (text.find_first_not_of("-0123456789.") != std::string_view::npos)
            return "decimal number";
        size_t point = text.find('.');
        scale = point == std::string_view::npos ? 0 : static_cast<int64_t>(text.size() - point - 1);
    }
    return "decimal with scale " + std::to_string(scale);
}

const char* bytes_words(BinaryMode mode) {
    switch (mode) {
    case BinaryMode::hex:
        return "hexadecimal digits";
    case BinaryMode::base64_url_safe:
        return "URL-safe base64";
    default:
        return "base64";
    }
}

/// Which unit turned `count` into `micros`; null: either would have.
const char* unit_words(int64_t count, int64_t micros) {
    int64_t thousandfold = 0;
    if (count == 0)
        return nullptr;
    if (count == micros)
        return "microseconds";
    bool milli =
        !__builtin_mul_overflow(count, INT64_C(1000), &thousandfold) && thousandfold == micros;
    return milli ? "milliseconds" : "nanoseconds";
}

std::string counted(std::string_view number, int64_t micros, const char* what) {
    int64_t count = 0;
    const char* unit =
        to_integer(number, 0, count) == Exactness::exact ? unit_words(count, micros) : nullptr;
    return std::string(unit == nullptr ? "number of units" : unit) + what;
}

std::string number_words(std::string_view number, const Value& meant) {
    switch (meant.kind) {
    case ValueKind::boolean:
        return "number 0 or 1";
    case ValueKind::date:
        return "days since 1970-01-01";
    case ValueKind::time:
        return counted(number, meant.integer, " of the day");
    case ValueKind::timestamp:
    case ValueKind::timestamptz: {
        int64_t since_1970 = 0;
        if (__builtin_add_overflow(meant.integer, kEpochMicros, &since_1970))
            return "number of units since 1970";
        return counted(number, since_1970, " since 1970");
    }
    case ValueKind::interval:
        return counted(number, meant.integer, "");
    case ValueKind::integer:
        return "integer";
    case ValueKind::real:
        return "floating-point number";
    case ValueKind::decimal:
    case ValueKind::numeric:
        return "decimal number";
    default:
        return "number as spelled";
    }
}

std::string text_words(const Value& meant, const DecoderSettings& settings) {
    switch (meant.kind) {
    case ValueKind::boolean:
        return "text true or false";
    case ValueKind::bytes:
        return bytes_words(settings.binary_handling_mode);
    case ValueKind::decimal:
    case ValueKind::numeric: {
        bool precise = settings.decimal_handling_mode == DecimalMode::precise;
        return precise ? "base64 of a " + decimal_words(meant) : "text of a decimal";
    }
    case ValueKind::integer:
    case ValueKind::real:
        return "text of a number";
    case ValueKind::date:
        return "ISO 8601 date";
    case ValueKind::time:
        return "ISO 8601 time of day";
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
        return "ISO 8601 date and time";
    case ValueKind::interval:
        return "ISO 8601 duration";
    case ValueKind::json:
        return "JSON text";
    case ValueKind::bits:
        return "base64 of bits, the least significant byte first";
    default:
        return "text";
    }
}

std::string json_words(const Value& meant) {
    switch (meant.kind) {
    case ValueKind::array:
        return "JSON array, element by element";
    case ValueKind::decimal:
    case ValueKind::numeric:
        return decimal_words(meant) + " of its own";
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
    case ValueKind::interval:
        return "date and time in parts";
    case ValueKind::geometry:
        return "well-known binary of a geometry";
    case ValueKind::sparse:
        return "sparse vector";
    default:
        return "JSON as spelled";
    }
}

/// Of a type with a name that is not known.
std::string kind_words(const Value& meant) {
    switch (meant.kind) {
    case ValueKind::decimal:
    case ValueKind::numeric:
        return decimal_words(meant);
    case ValueKind::integer:
        return "integer";
    case ValueKind::real:
        return "floating-point number";
    case ValueKind::text:
        return "text";
    case ValueKind::json:
        return "JSON";
    default:
        return "value of its schema's type";
    }
}

std::string typed_words(const std::string& wire_type, const Value& wire, const Value& meant,
                        const DecoderSettings& settings) {
    if (wire.kind == ValueKind::text && meant.kind == ValueKind::bytes)
        return bytes_words(settings.binary_handling_mode);
    bool number = wire_type == "org.apache.kafka.connect.data.Decimal" ||
                  wire_type == "io.debezium.data.VariableScaleDecimal";
    if (number && (meant.kind == ValueKind::decimal || meant.kind == ValueKind::numeric))
        return decimal_words(meant);
    std::string_view type = wire_type;
    if (cut_prefix(type, "array of ")) {
        const char* element = schema_words(type);
        return element == nullptr ? "array" : std::string("array, each ") + element;
    }
    const char* words = schema_words(wire_type);
    return words == nullptr ? kind_words(meant) : words;
}

bool is_moment(ValueKind kind) {
    return kind == ValueKind::date || kind == ValueKind::timestamp ||
           kind == ValueKind::timestamptz;
}

} // namespace

std::string reading_words(const std::string& wire_type, const Value& wire, const Value& meant,
                          const DecoderSettings& settings) {
    if (meant.kind == ValueKind::null)
        return "null";
    if (is_moment(meant.kind) && (meant.integer == kInfinity || meant.integer == kMinusInfinity))
        return "the source's spelling of infinity";
    switch (wire.kind) {
    case ValueKind::token_number:
        return number_words(wire.text(), meant);
    case ValueKind::token_text:
        return text_words(meant, settings);
    case ValueKind::token_json:
        return json_words(meant);
    case ValueKind::boolean:
        return "boolean";
    default:
        return typed_words(wire_type, wire, meant, settings);
    }
}

std::string storing_words(const Value& meant, const ColumnShape& column,
                          const std::string& type_name) {
    if (meant.kind == ValueKind::null)
        return {};
    switch (column.kind) {
    case TypeKind::other:
    case TypeKind::enumeration:
    case TypeKind::json:
    case TypeKind::jsonb:
    case TypeKind::timetz:
        return "through the input function of type " + type_name;
    case TypeKind::text:
        return meant.kind == ValueKind::text ? "" : "as text";
    default:
        return {};
    }
}

} // namespace kcs
