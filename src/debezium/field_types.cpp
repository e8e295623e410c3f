#include "debezium/field_types.hpp"

#include <algorithm>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

struct Named {
    std::string_view name;
    Semantic semantic;
};

constexpr Named kPrimitives[] = {
    {"int8", Semantic::int8},      {"int16", Semantic::int16},     {"int32", Semantic::int32},
    {"int64", Semantic::int64},    {"float", Semantic::float32},   {"float32", Semantic::float32},
    {"double", Semantic::float64}, {"float64", Semantic::float64}, {"boolean", Semantic::boolean},
    {"string", Semantic::string},  {"bytes", Semantic::bytes},
};

constexpr std::string_view kConnect = "org.apache.kafka.connect.data.";
constexpr Named kConnectNames[] = {
    {"Decimal", Semantic::decimal},
    {"Date", Semantic::date},
    {"Time", Semantic::time_ms},
    {"Timestamp", Semantic::timestamp_ms},
};

constexpr std::string_view kDebezium = "io.debezium.";
constexpr Named kDebeziumNames[] = {
    {"data.VariableScaleDecimal", Semantic::variable_decimal},
    {"time.Date", Semantic::date},
    {"time.Time", Semantic::time_ms},
    {"time.MicroTime", Semantic::time_us},
    {"time.NanoTime", Semantic::time_ns},
    {"time.Timestamp", Semantic::timestamp_ms},
    {"time.MicroTimestamp", Semantic::timestamp_us},
    {"time.NanoTimestamp", Semantic::timestamp_ns},
    {"time.ZonedTimestamp", Semantic::zoned_timestamp},
    {"time.ZonedTime", Semantic::zoned_time},
    {"time.IsoDate", Semantic::iso_date},
    {"time.IsoTime", Semantic::iso_time},
    {"time.IsoTimestamp", Semantic::iso_timestamp},
    {"time.Interval", Semantic::interval_text},
    {"time.MicroDuration", Semantic::micro_duration},
    {"time.NanoDuration", Semantic::nano_duration},
    {"time.Year", Semantic::year},
    {"data.Json", Semantic::json},
    {"data.Uuid", Semantic::uuid},
    {"data.Enum", Semantic::enumeration},
    {"data.EnumSet", Semantic::enum_set},
    {"data.Xml", Semantic::xml},
    {"data.Ltree", Semantic::ltree},
    {"data.Tsvector", Semantic::tsvector},
    {"data.Bits", Semantic::bits},
    {"time.StructuredDate", Semantic::structured_date},
    {"time.StructuredTime", Semantic::structured_time},
    {"time.StructuredTimestamp", Semantic::structured_timestamp},
    {"time.StructuredZonedTime", Semantic::structured_zoned_time},
    {"time.StructuredZonedTimestamp", Semantic::structured_zoned_timestamp},
    {"time.StructuredDuration", Semantic::structured_duration},
    {"data.DoubleVector", Semantic::double_vector},
    {"data.FloatVector", Semantic::float_vector},
    {"data.SparseDoubleVector", Semantic::sparse_vector},
    {"data.SparseVector", Semantic::sparse_vector},
    {"data.geometry.Point", Semantic::point},
    {"data.geometry.Geometry", Semantic::geometry},
    {"data.geometry.Geography", Semantic::geography},
    {"data.geometry.Circle", Semantic::circle},
    {"data.geometry.Line", Semantic::line},
};

template <size_t N>
Semantic look_up(const Named (&table)[N], std::string_view name, Semantic otherwise) {
    for (const Named& entry : table)
        if (entry.name == name)
            return entry.semantic;
    return otherwise;
}

/// A schema name adjuster may put something before the fixed names, so they are looked for at the
/// end. A name of Debezium's or Connect's own that is not in the tables says that the value is
/// coded in a way that we do not know; any other name is decoration of its base type.
bool by_name(std::string_view name, Semantic& semantic) {
    size_t at = name.rfind(kDebezium);
    if (at != std::string_view::npos) {
        semantic =
            look_up(kDebeziumNames, name.substr(at + kDebezium.size()), Semantic::unsupported);
        return true;
    }
    at = name.rfind(kConnect);
    if (at != std::string_view::npos) {
        semantic = look_up(kConnectNames, name.substr(at + kConnect.size()), Semantic::unsupported);
        return true;
    }
    return false;
}

void read_parameters(const JsonNode& node, FieldType& type) {
    const JsonNode* parameters = node.find("parameters");
    constexpr int32_t kMissing = INT32_MIN;
    int32_t scale = parameters ? parameters->integer("scale", kMissing) : kMissing;
    if (type.semantic == Semantic::decimal) {
        // A Decimal without scale cannot be told from another by a factor of ten.
        if (scale == kMissing)
            type.semantic = Semantic::unsupported;
        else
            type.scale = scale;
    }
    if (type.semantic == Semantic::bits) {
        type.length = parameters ? parameters->integer("length", -1) : -1;
        if (type.length < 1)
            type.semantic = Semantic::unsupported;
    }
    if (parameters == nullptr)
        return;
    type.precision = parameters->integer("connect.decimal.precision", -1);
    type.source_type = parameters->string("__debezium.source.column.type");
    for (char& c : type.source_type)
        if (c >= 'a' && c <= 'z')
            c = static_cast<char>(c - 'a' + 'A');
    if (type.semantic == Semantic::array && type.source_type.compare(0, 1, "_") == 0)
        type.source_type.erase(0, 1);
    type.source_length = parameters->integer("__debezium.source.column.length", -1);
    type.source_scale = parameters->integer("__debezium.source.column.scale", -1);
}

/// Whether the JSON string is the value.
bool is_text(Semantic semantic) {
    switch (semantic) {
    case Semantic::string:
    case Semantic::json:
    case Semantic::uuid:
    case Semantic::enumeration:
    case Semantic::enum_set:
    case Semantic::xml:
    case Semantic::ltree:
    case Semantic::tsvector:
        return true;
    default:
        return false;
    }
}

/// Whether JSON has every value below a struct or map as it means it: bytes, decimals and times are
/// coded by their logical types.
bool plain_document(const JsonNode& node) {
    Semantic semantic = Semantic::string;
    if (by_name(node.string("name"), semantic))
        return is_text(semantic);
    std::string_view base = node.string("type");
    if (base == "map" || base == "array") {
        for (const char* part : {"keys", "values", "items"}) {
            const JsonNode* below = node.find(part);
            if (below != nullptr && !plain_document(*below))
                return false;
        }
        return true;
    }
    if (base == "struct") {
        const JsonNode* fields = node.find("fields");
        return fields == nullptr ||
               std::all_of(fields->items.begin(), fields->items.end(), plain_document);
    }
    return look_up(kPrimitives, base, Semantic::bytes) != Semantic::bytes;
}

bool is_string(const JsonNode* node) {
    return node != nullptr && node->string("type") == "string";
}

FieldType type_of_level(const JsonNode& node, SourceKind source) {
    FieldType type;
    type.source = source;
    std::string_view base = node.string("type");
    type.base = base;
    type.logical_name = node.string("name");
    if (!by_name(type.logical_name, type.semantic)) {
        if (base == "array") {
            type.semantic = Semantic::array;
        } else if (base == "struct" || base == "map") {
            type.semantic = plain_document(node) ? Semantic::document : Semantic::unsupported;
            type.string_map = is_string(node.find("keys")) && is_string(node.find("values"));
        } else {
            type.semantic = look_up(kPrimitives, base, Semantic::unsupported);
        }
    }
    if (type.semantic == Semantic::unsupported && type.logical_name.empty())
        type.logical_name = base;
    read_parameters(node, type);
    return type;
}

} // namespace

FieldType field_type(const JsonNode& node, SourceKind source) {
    FieldType type = type_of_level(node, source);
    FieldType* level = &type;
    const JsonNode* at = &node;
    while (is_array(level->semantic)) {
        at = at->find("items");
        if (at == nullptr) {
            level->semantic = Semantic::unsupported;
            break;
        }
        level->element = std::make_shared<FieldType>(type_of_level(*at, source));
        // What is told of the source stands beside the array.
        if (level->element->source_type.empty()) {
            level->element->source_type = level->source_type;
            level->element->source_length = level->source_length;
        }
        level = level->element.get();
    }
    return type;
}

} // namespace kcs
