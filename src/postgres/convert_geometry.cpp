#include "postgres/convert_internal.hpp"

extern "C" {
#include "common/shortest_dec.h"
#include "lib/stringinfo.h"
}

// C register: shapes. They arrive as EWKB (PostGIS's extension of well-known binary).

namespace kcs::pg {

namespace {

enum : uint32 { kPoint = 1, kLineString = 2, kPolygon = 3, kHasSrid = 0x20000000 };

struct Position {
    double x, y;
};

/// The points of a shape without height, of one line or ring.
struct Shape {
    uint32 type;
    uint32 count;
    Position* points;
};

struct WkbReader {
    const char* at;
    const char* end;
    bool little;
};

bool read_bytes(WkbReader& in, unsigned char* to, size_t size) {
    if (static_cast<size_t>(in.end - in.at) < size)
        return false;
    memcpy(to, in.at, size);
    in.at += size;
#ifdef WORDS_BIGENDIAN
    const bool reversed = in.little;
#else
    const bool reversed = !in.little;
#endif
    if (reversed)
        std::reverse(to, to + size);
    return true;
}

bool read_word(WkbReader& in, uint32* out) {
    return read_bytes(in, reinterpret_cast<unsigned char*>(out), sizeof *out);
}

bool read_position(WkbReader& in, Position* out) {
    return read_bytes(in, reinterpret_cast<unsigned char*>(&out->x), sizeof out->x) &&
           read_bytes(in, reinterpret_cast<unsigned char*>(&out->y), sizeof out->y);
}

/// False: malformed, or nothing that one list of points in the plane tells.
bool read_shape(std::string_view wkb, Shape* out) {
    WkbReader in{wkb.data(), wkb.data() + wkb.size(), true};
    unsigned char order;
    uint32 ignored, rings;
    if (!read_bytes(in, &order, 1) || order > 1)
        return false;
    in.little = order == 1;
    if (!read_word(in, &out->type))
        return false;
    if ((out->type & kHasSrid) != 0 && !read_word(in, &ignored))
        return false;
    out->type &= ~kHasSrid;
    out->count = 1;
    if (out->type == kPolygon && (!read_word(in, &rings) || rings != 1))
        return false;
    if (out->type != kPoint && !read_word(in, &out->count))
        return false;
    if (out->type < kPoint || out->type > kPolygon ||
        static_cast<size_t>(in.end - in.at) != size_t{out->count} * 16)
        return false;
    out->points = static_cast<Position*>(palloc(sizeof(Position) * (out->count + 1)));
    for (uint32 i = 0; i < out->count; i++)
        if (!read_position(in, &out->points[i]))
            return false;
    return true;
}

bool same(double a, double b) {
    return a == b;
}

bool same_place(const Position& a, const Position& b) {
    return same(a.x, b.x) && same(a.y, b.y);
}

/// Whether the ring is a rectangle along the axes, corner by corner.
bool is_box(const Shape& s) {
    if (s.type != kPolygon || s.count != 5 || !same_place(s.points[0], s.points[4]))
        return false;
    const Position *a = s.points, *b = a + 1, *c = a + 2, *d = a + 3;
    return (same(a->x, b->x) && same(b->y, c->y) && same(c->x, d->x) && same(d->y, a->y)) ||
           (same(a->y, b->y) && same(b->x, c->x) && same(c->y, d->y) && same(d->x, a->x));
}

void append_position(StringInfo out, const Position& p) {
    char x[DOUBLE_SHORTEST_DECIMAL_LEN], y[DOUBLE_SHORTEST_DECIMAL_LEN];
    double_to_shortest_decimal_buf(p.x, x);
    double_to_shortest_decimal_buf(p.y, y);
    appendStringInfo(out, "%s(%s,%s)", out->len > 1 ? "," : "", x, y);
}

/// The type's text; null: the shape is another one.
const char* native_text(Oid type, const Shape& s, bool closed) {
    uint32 count = s.count;
    const char *open = "", *close = "";
    switch (type) {
    case POINTOID:
        if (s.type != kPoint)
            return nullptr;
        break;
    case LSEGOID:
        if (s.type != kLineString || count != 2)
            return nullptr;
        open = "[";
        close = "]";
        break;
    case PATHOID:
        if (s.type != kLineString || count == 0)
            return nullptr;
        open = closed ? "(" : "[";
        close = closed ? ")" : "]";
        break;
    case POLYGONOID:
        // its ring ends where it begins, a polygon's points do not say so
        if (s.type != kPolygon || count < 2 || !same_place(s.points[0], s.points[--count]))
            return nullptr;
        open = "(";
        close = ")";
        break;
    default: {
        if (!is_box(s))
            return nullptr;
        s.points[1] = s.points[2];
        count = 2;
    }
    }
    StringInfoData out;
    initStringInfo(&out);
    appendStringInfoString(&out, open);
    for (uint32 i = 0; i < count; i++)
        append_position(&out, s.points[i]);
    appendStringInfoString(&out, close);
    return out.data;
}

/// Text that a character of which the first byte of WKB is none begins.
bool is_binary(const Value& value) {
    return value.kind == ValueKind::geometry || (value.kind == ValueKind::bytes && value.size > 0 &&
                                                 value.data[0] >= 0 && value.data[0] <= 1);
}

} // namespace

bool to_geometry(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (!is_binary(value))
        return convert_through_input(value, c, datum, error);
    Value shape = value;
    shape.kind = ValueKind::geometry;
    const char* hex = render_for(shape, c, error);
    return hex != nullptr && convert_text_through_input(hex, value, c, datum, error);
}

bool to_native_shape(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind != ValueKind::geometry)
        return convert_through_input(value, c, datum, error);
    Shape shape;
    const char* text =
        read_shape(value.text(), &shape) ? native_text(c.type, shape, value.scale == 1) : nullptr;
    if (text == nullptr)
        return refuse(value, c, error, "22000", "is another shape than");
    return convert_text_through_input(text, value, c, datum, error);
}

} // namespace kcs::pg
