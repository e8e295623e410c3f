#include "debezium/base64.hpp"
#include "debezium/number.hpp"
#include "debezium/struct_values.hpp"
#include "debezium/text_value.hpp"

#include <charconv>
#include <cstring>
#include <limits>
#include <string>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr uint32_t kHasSrid = 0x20000000; // PostGIS's extended WKB
constexpr uint32_t kLineString = 2;
constexpr size_t kHead = 5; // byte order and type

bool given(const Value* value) {
    return value != nullptr && !value->is_null();
}

/// A coordinate as its text: a JSON number or one of the words.
bool is_coordinate(const Value* value) {
    return value != nullptr &&
           (value->kind == ValueKind::token_number ||
            (value->kind == ValueKind::token_text && is_real_word(value->text())));
}

bool coordinate(const Value* value, double& out) {
    if (!is_coordinate(value))
        return false;
    std::string_view text = value->text();
    if (value->kind == ValueKind::token_text) {
        out = text == "NaN" ? std::numeric_limits<double>::quiet_NaN()
                            : std::numeric_limits<double>::infinity();
        if (text[0] == '-')
            out = -out;
        return true;
    }
    auto result = std::from_chars(text.data(), text.data() + text.size(), out);
    return result.ptr == text.data() + text.size() && result.ec == std::errc();
}

char* put_word(char* to, uint32_t word, bool little) {
    for (int i = 0; i < 4; ++i)
        *to++ = static_cast<char>(word >> (little ? 8 * i : 24 - 8 * i));
    return to;
}

uint32_t get_word(const char* from, bool little) {
    uint32_t word = 0;
    for (int i = 0; i < 4; ++i)
        word |= static_cast<uint32_t>(static_cast<unsigned char>(from[i]))
                << (little ? 8 * i : 24 - 8 * i);
    return word;
}

bool read_srid(const JsonParts& members, int64_t& srid, Refusal& refusal) {
    const Value* value = members.find("srid");
    srid = 0;
    if (!given(value))
        return true;
    if (value->kind != ValueKind::token_number ||
        to_integer(value->text(), 0, srid) != Exactness::exact ||
        srid < std::numeric_limits<int32_t>::min() || srid > std::numeric_limits<int32_t>::max())
        return refuse(refusal, "22P02", "has an SRID that is no integer");
    return true;
}

/// EWKB from WKB. PostgreSQL's connector puts the SRID inside as well, MySQL's beside it only; 0
/// stands for none.
bool with_srid(std::string_view wkb, int64_t srid, Arena& arena, std::string_view& out,
               Refusal& refusal) {
    if (wkb.size() < kHead || (wkb[0] != 0 && wkb[0] != 1))
        return refuse(refusal, "22P02", "is not a geometry in well-known binary form");
    bool little = wkb[0] == 1;
    uint32_t type = get_word(wkb.data() + 1, little);
    out = wkb;
    if ((type & kHasSrid) != 0 || srid == 0)
        return true;
    char* bytes = arena.make_array<char>(wkb.size() + 4);
    char* to = bytes;
    *to++ = wkb[0];
    to = put_word(to, type | kHasSrid, little);
    to = put_word(to, static_cast<uint32_t>(srid), little);
    std::memcpy(to, wkb.data() + kHead, wkb.size() - kHead);
    out = {bytes, wkb.size() + 4};
    return true;
}

/// Whether it is a path whose ends are joined, which WKB does not tell.
bool is_closed(std::string_view wkb, const JsonParts& members, Arena& arena) {
    if ((get_word(wkb.data() + 1, wkb[0] == 1) & ~kHasSrid) != kLineString)
        return false;
    const Value* extensions = members.find("extensions");
    JsonParts object;
    if (extensions == nullptr || extensions->kind != ValueKind::token_json ||
        split_json(extensions->text(), arena, object) != JsonError::none)
        return false;
    const Value* closed = object.find("closed");
    return closed != nullptr &&
           (closed->kind == ValueKind::boolean
                ? closed->integer != 0
                : closed->kind == ValueKind::token_text && closed->text() == "true");
}

bool wkb_value(const JsonParts& members, std::string_view base64, int64_t srid, Arena& arena,
               Value& out, Refusal& refusal) {
    char* bytes = arena.make_array<char>(base64.size() / 4 * 3 + 3);
    uint32_t size = 0;
    std::string_view ewkb;
    if (!decode_base64(base64, Base64Alphabet::standard, bytes, size))
        return refuse(refusal, "22P02", "has a wkb that is not valid base64");
    if (!with_srid({bytes, size}, srid, arena, ewkb, refusal))
        return false;
    out = Value::of(ValueKind::geometry, ewkb);
    out.scale = is_closed(ewkb, members, arena) ? 1 : 0;
    return true;
}

bool point_value(const JsonParts& members, int64_t srid, Arena& arena, Value& out,
                 Refusal& refusal) {
    double at[2];
    if (!coordinate(members.find("x"), at[0]) || !coordinate(members.find("y"), at[1]))
        return refuse(refusal, "22P02", "is a point without coordinates");
    char wkb[kHead + sizeof at];
    wkb[0] = 1;
    char* to = put_word(wkb + 1, 1, true);
    for (double c : at) {
        uint64_t bits;
        std::memcpy(&bits, &c, sizeof bits);
        to = put_word(to, static_cast<uint32_t>(bits), true);
        to = put_word(to, static_cast<uint32_t>(bits >> 32), true);
    }
    std::string_view ewkb;
    if (!with_srid(arena.copy({wkb, sizeof wkb}), srid, arena, ewkb, refusal))
        return false;
    out = Value::of(ValueKind::geometry, ewkb);
    return true;
}

/// Where both are there, the coordinates of a point were read off its wkb.
bool any_geometry(const JsonParts& members, Arena& arena, Value& out, Refusal& refusal) {
    int64_t srid = 0;
    if (!read_srid(members, srid, refusal))
        return false;
    const Value* wkb = members.find("wkb");
    if (!given(wkb))
        return point_value(members, srid, arena, out, refusal);
    if (wkb->kind != ValueKind::token_text)
        return refuse(refusal, "22P02", "has a wkb that is not text");
    return wkb_value(members, wkb->text(), srid, arena, out, refusal);
}

bool circle_value(const JsonParts& members, Arena& arena, Value& out, Refusal& refusal) {
    const Value* center = members.find("center");
    const Value* radius = members.find("radius");
    JsonParts point;
    if (center == nullptr || center->kind != ValueKind::token_json || !is_coordinate(radius) ||
        split_json(center->text(), arena, point) != JsonError::none ||
        !is_coordinate(point.find("x")) || !is_coordinate(point.find("y")))
        return refuse(refusal, "22P02", "is not a circle");
    std::string text = "<(";
    text.append(point.find("x")->text()).append(",").append(point.find("y")->text());
    text.append("),").append(radius->text()).append(">");
    out = Value::of(ValueKind::text, arena.copy(text));
    return true;
}

bool line_value(const JsonParts& members, Arena& arena, Value& out, Refusal& refusal) {
    std::string text;
    for (const char* name : {"a", "b", "c"}) {
        const Value* part = members.find(name);
        if (!is_coordinate(part))
            return refuse(refusal, "22P02", "is not a line");
        text += text.empty() ? "{" : ",";
        text += part->text();
    }
    text += "}";
    out = Value::of(ValueKind::text, arena.copy(text));
    return true;
}

} // namespace

bool geometry_value(Semantic semantic, const JsonParts& members, Arena& arena, Value& out,
                    Refusal& refusal) {
    switch (semantic) {
    case Semantic::circle:
        return circle_value(members, arena, out, refusal);
    case Semantic::line:
        return line_value(members, arena, out, refusal);
    default:
        return any_geometry(members, arena, out, refusal);
    }
}

} // namespace kcs
