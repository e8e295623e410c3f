#include "debezium/struct_values.hpp"

#include "debezium/decimal.hpp"
#include "debezium/number.hpp"

#include <algorithm>
#include <charconv>
#include <limits>
#include <string>
#include <vector>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool variable_decimal(const JsonParts& members, Arena& arena, Value& out, Refusal& refusal) {
    const Value* scale = members.find("scale");
    const Value* value = members.find("value");
    if (scale == nullptr || scale->kind != ValueKind::token_number || value == nullptr ||
        value->kind != ValueKind::token_text)
        return refuse(refusal, "22P02", "lacks the scale or the value of a decimal");
    int64_t n = 0;
    if (to_integer(scale->text(), 0, n) != Exactness::exact ||
        n < std::numeric_limits<int32_t>::min() || n > std::numeric_limits<int32_t>::max())
        return refuse(refusal, "22P02", "has a scale that is no integer");
    return base64_decimal(value->text(), static_cast<int32_t>(n), arena, out, refusal);
}

struct SparseItem {
    int64_t index;
    std::string_view number;
};

/// `[[index, number], ...]`, as Connect writes a map whose keys are no strings.
bool read_pairs(std::string_view json, std::vector<SparseItem>& out) {
    JsonScanner in(json);
    if (!in.open_array())
        return false;
    while (in.next_element()) {
        SparseItem item;
        std::string_view index;
        if (!in.open_array() || !in.next_element() || !in.read_number(index) ||
            !in.next_element() || !in.read_number(item.number) || in.next_element() ||
            in.failed() || to_integer(index, 0, item.index) != Exactness::exact)
            return false;
        out.push_back(item);
    }
    return !in.failed();
}

} // namespace

bool sparse_vector_value(const JsonParts& members, Arena& arena, Value& out, Refusal& refusal) {
    const Value* dimensions = members.find("dimensions");
    const Value* vector = members.find("vector");
    int64_t most = 0;
    std::vector<SparseItem> items;
    if (dimensions == nullptr || dimensions->kind != ValueKind::token_number ||
        to_integer(dimensions->text(), 0, most) != Exactness::exact || vector == nullptr ||
        vector->kind != ValueKind::token_json || !read_pairs(vector->text(), items))
        return refuse(refusal, "22P02", "is not a sparse vector");
    auto before = [](const SparseItem& a, const SparseItem& b) { return a.index < b.index; };
    std::sort(items.begin(), items.end(), before);
    std::string text = "{";
    for (size_t i = 0; i < items.size(); ++i) {
        if (items[i].index < 1 || items[i].index > most)
            return refuse(refusal, "22P02", "has an index outside of the vector's dimensions");
        if (i > 0 && items[i].index == items[i - 1].index)
            return refuse(refusal, "22P02", "has an index twice");
        std::string_view number = items[i].number;
        if (number.size() > 2 && number.substr(number.size() - 2) == ".0") // Java's whole numbers
            number.remove_suffix(2);
        text += (i > 0 ? "," : "") + std::to_string(items[i].index) + ":";
        text += number;
    }
    text += "}/" + std::to_string(most);
    out = Value::of(ValueKind::sparse, arena.copy(text));
    return true;
}

bool struct_value(Semantic semantic, bool mysql, const JsonParts& members, Arena& arena, Value& out,
                  Refusal& refusal) {
    switch (semantic) {
    case Semantic::variable_decimal:
        return variable_decimal(members, arena, out, refusal);
    case Semantic::sparse_vector:
        return sparse_vector_value(members, arena, out, refusal);
    case Semantic::point:
    case Semantic::geometry:
    case Semantic::geography:
    case Semantic::circle:
    case Semantic::line:
        return geometry_value(semantic, members, arena, out, refusal);
    default:
        return structured_time_value(semantic, mysql, members, arena, out, refusal);
    }
}

Semantic struct_kind(const JsonParts& members) {
    auto has = [&members](std::string_view name) { return members.find(name) != nullptr; };
    if (!members.is_object)
        return Semantic::unsupported;
    if (has("scale") && has("value") && members.parts.size() == 2)
        return Semantic::variable_decimal;
    if (has("dimensions") && has("vector") && members.parts.size() == 2)
        return Semantic::sparse_vector;
    if (has("x") && has("y"))
        return Semantic::point;
    if (has("wkb"))
        return Semantic::geometry;
    if (has("center") && has("radius"))
        return Semantic::circle;
    if (has("a") && has("b") && has("c"))
        return Semantic::line;
    if (has("seconds") && has("months"))
        return Semantic::structured_duration;
    bool day = has("year") && has("month") && has("day");
    bool clock = has("hour") && has("minute") && has("second");
    bool zone = has("offsetSeconds");
    if (day && clock)
        return zone ? Semantic::structured_zoned_timestamp : Semantic::structured_timestamp;
    if (day)
        return Semantic::structured_date;
    if (clock)
        return zone ? Semantic::structured_zoned_time : Semantic::structured_time;
    return Semantic::unsupported;
}

} // namespace kcs
