#include "postgres/convert_internal.hpp"

extern "C" {
#include "common/shortest_dec.h"
#include "utils/fmgrprotos.h"
}

#include <cmath>

// C register: boolean, integer and floating-point targets. A number is stored when the target shows
// the same number again, else refused.

namespace kcs::pg {

namespace {

constexpr const char* kOutOfRange = "is out of range for";
constexpr const char* kNotExact = "cannot be stored exactly in";

bool is_decimal_text(ValueKind kind) {
    return kind == ValueKind::real || kind == ValueKind::numeric || kind == ValueKind::text;
}

/// integer x 10^-scale as parse_decimal sees it; `buffer` holds the digits.
bool decimal_of(const Value& value, char (&buffer)[48], DecimalText* out) {
    if (is_decimal_text(value.kind))
        return parse_decimal(value.text(), out);
    int size = pg_snprintf(buffer, sizeof buffer, INT64_FORMAT "E%d", value.integer, -value.scale);
    return parse_decimal({buffer, static_cast<size_t>(size)}, out);
}

/// The number as an int64; false when it is none.
bool integer_of(const Value& value, int64* out) {
    switch (value.kind) {
    case ValueKind::boolean:
    case ValueKind::integer:
        *out = value.integer;
        return true;
    case ValueKind::decimal:
        if (value.scale == 0) {
            *out = value.integer;
            return true;
        }
        [[fallthrough]];
    case ValueKind::real:
    case ValueKind::numeric: {
        char buffer[48];
        DecimalText number;
        return decimal_of(value, buffer, &number) && decimal_as_int64(number, out);
    }
    default:
        return false;
    }
}

bool is_number(ValueKind kind) {
    return kind == ValueKind::integer || kind == ValueKind::real || kind == ValueKind::decimal ||
           kind == ValueKind::numeric;
}

/// Whether `number` is what cutting or rounding the exact value of `d` to as many digits gives.
/// Java before JDK 19 may write more digits than the shortest form needs, and not the nearest ones.
bool is_rounded(double d, const DecimalText& number) {
    char exact[160]; // of more digits than any number that comes here has
    const int size = pg_snprintf(exact, sizeof exact, "%.119e", d);
    const char* mark = static_cast<const char*>(memchr(exact, 'e', size));
    if (mark == nullptr)
        return false;
    char text[64];
    DecimalText shown;
    const int point = exact[0] == '-' ? 2 : 1;
    const int cut = number.count == 1 ? point : point + number.count;
    memcpy(text, exact, cut);
    strlcpy(text + cut, mark, sizeof text - cut);
    if (parse_decimal(text, &shown) && same_decimal(shown, number))
        return true;
    pg_snprintf(text, sizeof text, "%.*e", number.count - 1, d);
    return parse_decimal(text, &shown) && same_decimal(shown, number);
}

/// Whether Java's Float.toString may show `f` so: from 2^25 on, for powers of two and for the least
/// normal and the subnormal numbers. Elsewhere it writes the shortest form.
bool java_shows(float4 f, const DecimalText& number) {
    const float4 magnitude = std::fabs(f);
    int exponent;
    if (number.count == 0 || number.count > 9 ||
        (magnitude < 0x1p25f && magnitude > 0x1p-126f && std::frexp(magnitude, &exponent) != 0.5f))
        return false;
    return is_rounded(f, number);
}

/// Whether the type's shortest form is the number again.
bool shows_again(Datum datum, TypeKind kind, const DecimalText& number) {
    char text[64];
    DecimalText shown;
    const int size = kind == TypeKind::float8
                         ? double_to_shortest_decimal_bufn(DatumGetFloat8(datum), text)
                         : float_to_shortest_decimal_bufn(DatumGetFloat4(datum), text);
    return parse_decimal({text, static_cast<size_t>(size)}, &shown) && same_decimal(shown, number);
}

/// Whether `number`, read as the float8, is kept: 15 digits always are.
bool float8_keeps(float8 d, const DecimalText& number) {
    if (number.count <= 15)
        return true;
    if (number.count <= 17)
        return is_rounded(d, number) || shows_again(Float8GetDatum(d), TypeKind::float8, number);
    int64 integer;
    return decimal_as_int64(number, &integer) && std::fabs(d) < 0x1p63 &&
           static_cast<int64>(d) == integer;
}

/// The integer exactly, whatever its shortest form.
bool integer_as_float(int64 integer, TypeKind kind, Datum* datum) {
    // 2^63 as a floating-point number would overflow on the way back.
    if (kind == TypeKind::float8) {
        const float8 d = static_cast<float8>(integer);
        *datum = Float8GetDatum(d);
        return d < 0x1p63 && static_cast<int64>(d) == integer;
    }
    const float4 f = static_cast<float4>(integer);
    *datum = Float4GetDatum(f);
    return f < 0x1p63f && static_cast<int64>(f) == integer;
}

/// `text` read by the type's own input function, which raises what is out of range.
Datum read_float(std::string_view text, const Converter& c) {
    CString string(text);
    return c.kind == TypeKind::float8 ? DirectFunctionCall1(float8in, string.datum())
                                      : DirectFunctionCall1(float4in, string.datum());
}

/// Whether `number` is the float4 with the digits of a float8, as sources write it that keep their
/// FLOAT in one (MySQL's FLOAT(7,2)).
bool is_wide_float4(Datum datum, TypeKind kind, const DecimalText& number) {
    return kind == TypeKind::float4 &&
           shows_again(Float8GetDatum(static_cast<float8>(DatumGetFloat4(datum))), TypeKind::float8,
                       number);
}

bool decimal_to_float(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    char buffer[48];
    DecimalText number;
    if (!decimal_of(value, buffer, &number))
        return refuse_kind(value, c, error);
    int64 integer;
    if (decimal_as_int64(number, &integer) && integer_as_float(integer, c.kind, datum))
        return true;
    *datum = read_float(is_decimal_text(value.kind) ? value.text() : std::string_view(buffer), c);
    return shows_again(*datum, c.kind, number) || is_wide_float4(*datum, c.kind, number) ||
           refuse(value, c, error, "22003", kNotExact);
}

} // namespace

bool float4_shows(float4 f, const DecimalText& number) {
    const Datum datum = Float4GetDatum(f);
    return shows_again(datum, TypeKind::float4, number) ||
           is_wide_float4(datum, TypeKind::float4, number) || java_shows(f, number);
}

bool to_boolean(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    int64 integer;
    if (value.kind == ValueKind::boolean || is_number(value.kind)) {
        if (!integer_of(value, &integer) || (integer != 0 && integer != 1))
            return refuse(value, c, error, "22003", "is neither 0 nor 1, as needed for");
        *datum = BoolGetDatum(integer != 0);
        return true;
    }
    if (value.kind == ValueKind::bits && value.size == 1) {
        *datum = BoolGetDatum(value.data[0] == '1');
        return true;
    }
    if (value.kind == ValueKind::text || value.kind == ValueKind::json)
        return convert_through_input(value, c, datum, error);
    return refuse_kind(value, c, error);
}

bool to_integer(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    int64 integer;
    if (value.kind == ValueKind::text || value.kind == ValueKind::json)
        return convert_through_input(value, c, datum, error);
    if (value.kind != ValueKind::boolean && !is_number(value.kind))
        return refuse_kind(value, c, error);
    if (!integer_of(value, &integer))
        return refuse(value, c, error, "22003", kNotExact);
    switch (c.kind) {
    case TypeKind::int2:
        if (integer < PG_INT16_MIN || integer > PG_INT16_MAX)
            return refuse(value, c, error, "22003", kOutOfRange);
        *datum = Int16GetDatum(static_cast<int16>(integer));
        return true;
    case TypeKind::int4:
        if (integer < PG_INT32_MIN || integer > PG_INT32_MAX)
            return refuse(value, c, error, "22003", kOutOfRange);
        *datum = Int32GetDatum(static_cast<int32>(integer));
        return true;
    default:
        *datum = Int64GetDatum(integer);
        return true;
    }
}

bool to_float(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    DecimalText number;
    switch (value.kind) {
    case ValueKind::integer:
        return integer_as_float(value.integer, c.kind, datum) ||
               refuse(value, c, error, "22003", kNotExact);
    case ValueKind::decimal:
        return decimal_to_float(value, c, datum, error);
    case ValueKind::numeric:
    case ValueKind::text:
        if (const char* special = special_number(value.text())) {
            *datum = read_float(special, c);
            return true;
        }
        if (value.kind == ValueKind::numeric || parse_decimal(value.text(), &number))
            return decimal_to_float(value, c, datum, error);
        [[fallthrough]];
    case ValueKind::json:
        return convert_through_input(value, c, datum, error);
    case ValueKind::real: {
        *datum = read_float(value.text(), c);
        if (!parse_decimal(value.text(), &number))
            return true; // NaN and the infinities are every type's
        if (c.kind == TypeKind::float8 ? float8_keeps(DatumGetFloat8(*datum), number)
                                       : float4_shows(DatumGetFloat4(*datum), number))
            return true;
        return refuse(value, c, error, "22003", kNotExact);
    }
    default:
        return refuse_kind(value, c, error);
    }
}

} // namespace kcs::pg
