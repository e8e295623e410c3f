#include "postgres/convert_internal.hpp"

extern "C" {
#include "utils/fmgrprotos.h"
#include "utils/numeric.h"
}

// C register: numeric and money targets.

namespace kcs::pg {

namespace {

constexpr const char* kNotExact = "cannot be stored exactly in";

constexpr uint64 kPowers[] = {UINT64_C(1),
                              UINT64_C(10),
                              UINT64_C(100),
                              UINT64_C(1000),
                              UINT64_C(10000),
                              UINT64_C(100000),
                              UINT64_C(1000000),
                              UINT64_C(10000000),
                              UINT64_C(100000000),
                              UINT64_C(1000000000),
                              UINT64_C(10000000000),
                              UINT64_C(100000000000),
                              UINT64_C(1000000000000),
                              UINT64_C(10000000000000),
                              UINT64_C(100000000000000),
                              UINT64_C(1000000000000000),
                              UINT64_C(10000000000000000),
                              UINT64_C(100000000000000000),
                              UINT64_C(1000000000000000000),
                              UINT64_C(10000000000000000000)};
constexpr int kMaxDigits = 19; // of an int64

Datum read_numeric(std::string_view text) {
    CString string(text);
    return DirectFunctionCall3(numeric_in, string.datum(), ObjectIdGetDatum(InvalidOid),
                               Int32GetDatum(-1));
}

/// Scales for which every release of this major version gives the right display scale: the first
/// ones of 14 and 15 got it wrong for multiples of four, and for products beyond int64.
bool fast_division_is_exact(int64 integer, int32 scale) {
    if (scale < 1 || scale > 1000)
        return false;
#if PG_VERSION_NUM < 140008 || (PG_VERSION_NUM >= 150000 && PG_VERSION_NUM < 150003)
    if (scale % 4 == 0)
        return false;
#endif
    return integer > PG_INT64_MIN / 1000 && integer < PG_INT64_MAX / 1000;
}

/// integer x 10^-scale with `scale` fractional digits.
Datum make_numeric(int64 integer, int32 scale) {
    if (scale == 0)
        return NumericGetDatum(int64_to_numeric(integer));
    if (fast_division_is_exact(integer, scale))
        return NumericGetDatum(int64_div_fast_to_numeric(integer, scale));
    char text[48];
    pg_snprintf(text, sizeof text, INT64_FORMAT "E%d", integer, -scale);
    return read_numeric(text);
}

/// Whether a sum with a currency's marks has digits that cash_in would round (lc_monetary is C).
bool more_than_cents(const Value& value) {
    if (value.kind != ValueKind::text)
        return false;
    const std::string_view text = value.text();
    const size_t point = text.find('.');
    return point != std::string_view::npos && text.size() - point > 3 &&
           text.substr(point + 3).find_first_of("123456789") != std::string_view::npos;
}

bool decimal_to_numeric(const Value& value, int64 integer, int32 scale, Converter& c, Datum* datum,
                        ConvertError& error) {
    if (c.typmod < static_cast<int32>(VARHDRSZ)) {
        *datum = make_numeric(integer, scale);
        return true;
    }
    // numeric.c: make_numeric_typmod; 14 has no negative scale, otherwise the same
    const int32 modifier = c.typmod - VARHDRSZ;
    const int32 precision = (modifier >> 16) & 0xffff;
    const int32 target = ((modifier & 0x7ff) ^ 1024) - 1024;
    const int32 shift = target - scale;
    if (target < 0 || shift > kMaxDigits || shift < -kMaxDigits) {
        *datum = make_numeric(integer, scale);
        return conform(value, c, datum, error);
    }

    const bool negative = integer < 0;
    uint64 magnitude = negative ? 0 - static_cast<uint64>(integer) : static_cast<uint64>(integer);
    if (shift < 0) {
        if (magnitude % kPowers[-shift] != 0)
            return refuse(value, c, error, "22003", kNotExact);
        magnitude /= kPowers[-shift];
    } else if (shift > 0) {
        if (magnitude > static_cast<uint64>(PG_INT64_MAX) / kPowers[shift]) {
            *datum = make_numeric(integer, scale);
            return conform(value, c, datum, error);
        }
        magnitude *= kPowers[shift];
    }
    if (precision <= kMaxDigits && magnitude >= kPowers[precision])
        return refuse(value, c, error, "22003", "is out of range for");
    *datum = make_numeric(static_cast<int64>(negative ? 0 - magnitude : magnitude), target);
    return true;
}

} // namespace

bool to_numeric(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    switch (value.kind) {
    case ValueKind::boolean:
    case ValueKind::integer:
        return decimal_to_numeric(value, value.integer, 0, c, datum, error);
    case ValueKind::decimal:
        return decimal_to_numeric(value, value.integer, value.scale, c, datum, error);
    case ValueKind::real:
    case ValueKind::numeric:
        *datum = read_numeric(value.text());
        return conform(value, c, datum, error);
    case ValueKind::text:
        if (const char* special = special_number(value.text())) {
            *datum = read_numeric(special);
            return conform(value, c, datum, error);
        }
        [[fallthrough]];
    case ValueKind::json:
        return convert_through_input(value, c, datum, error);
    default:
        return refuse_kind(value, c, error);
    }
}

static bool has_digit(std::string_view text) {
    return text.find_first_of("0123456789") != std::string_view::npos;
}

bool to_money(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    DecimalText number;
    const bool plain_text = value.kind == ValueKind::text && parse_decimal(value.text(), &number);
    Datum numeric;
    switch (value.kind) {
    case ValueKind::integer:
        numeric = make_numeric(value.integer, 0);
        break;
    case ValueKind::decimal:
        numeric = make_numeric(value.integer, value.scale);
        break;
    case ValueKind::real:
    case ValueKind::numeric:
        numeric = read_numeric(value.text());
        break;
    default:
        if (value.kind == ValueKind::bits)
            return refuse_kind(value, c, error);
        if (value.kind == ValueKind::text && !has_digit(value.text())) // it takes "" for zero
            return refuse(value, c, error, "22P02", "is not a literal of");
        if (!plain_text)
            return !more_than_cents(value) ? convert_through_input(value, c, datum, error)
                                           : refuse(value, c, error, "22003", kNotExact);
        numeric = read_numeric(value.text());
    }
    *datum = DirectFunctionCall1(numeric_cash, numeric);
    // The cast rounds to the currency's fraction.
    if (!DatumGetBool(
            DirectFunctionCall2(numeric_eq, numeric, DirectFunctionCall1(cash_numeric, *datum))))
        return refuse(value, c, error, "22003", kNotExact);
    return true;
}

} // namespace kcs::pg
