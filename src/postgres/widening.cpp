#include "postgres/widening.hpp"

#include "core/decimal_text.hpp"
#include "postgres/guard.hpp"
#include "postgres/targets.hpp"

namespace kcs::pg {

namespace {

constexpr int kMostPrecision = 1000;     // NUMERIC_MAX_PRECISION
constexpr int kMostFractionalDigits = 6; // of date/time types

/// A type that may have a limit, or of arrays of it.
struct Limited {
    Oid type = InvalidOid;
    int limit = -1; ///< characters, or fractional digits; -1: none
    int precision = -1, scale = 0;
};

Limited limited(const ColumnShape& column) {
    Limited out;
    Oid base = column.base_oid;
    out.type =
        column.kind == TypeKind::array ? guard([base] { return get_element_type(base); }) : base;
    if (column.has_scale) {
        out.precision = column.precision;
        out.scale = column.scale;
    } else if (out.type == VARCHAROID || out.type == BPCHAROID) {
        out.limit = column.typmod >= VARHDRSZ ? column.typmod - VARHDRSZ : -1;
    } else {
        out.limit = column.precision;
    }
    return out;
}

/// Place in the family of integers; 0: none of it.
int integer_rank(Oid type) {
    return type == INT2OID ? 1 : type == INT4OID ? 2 : type == INT8OID ? 3 : 0;
}

const char* time_type(Oid type) {
    switch (type) {
    case TIMEOID:
        return "time";
    case TIMETZOID:
        return "timetz";
    case TIMESTAMPOID:
        return "timestamp";
    case TIMESTAMPTZOID:
        return "timestamptz";
    default:
        return nullptr;
    }
}

std::string with_length(const char* type, int length) {
    return std::string(type) + "(" + std::to_string(length) + ")";
}

/// Wide enough for both: neither digits before the point nor behind it get fewer.
std::string wider_numeric(const Limited& have, const Limited& want) {
    int scale = std::max(have.scale, want.scale);
    int precision = std::max(have.precision - have.scale, want.precision - want.scale) + scale;
    if (precision == have.precision && scale == have.scale)
        return {};
    if (precision > kMostPrecision)
        return "numeric";
    return "numeric(" + std::to_string(precision) + "," + std::to_string(scale) + ")";
}

/// Sets `out.type` and `out.by_value`. `told`: the record's schema tells limits where there are
/// any.
void widen_type(const Limited& have, const Limited& want, bool told, Shortfall& out) {
    bool want_text = want.type == TEXTOID || want.type == VARCHAROID;
    if (integer_rank(have.type) > 0) {
        if (integer_rank(want.type) > integer_rank(have.type))
            out.type = want.type == INT8OID ? "bigint" : "integer";
    } else if (have.type == FLOAT4OID) {
        if (want.type == FLOAT8OID)
            out.type = "double precision";
    } else if (have.type == VARCHAROID && have.limit >= 0 && want_text) {
        out.by_value = want.limit < 0 && !told;
        if (want.limit < 0)
            out.type = "text";
        else if (want.limit > have.limit)
            out.type = with_length("varchar", want.limit);
    } else if (have.type == BPCHAROID && want.type == BPCHAROID) {
        if (have.limit >= 0 && want.limit > have.limit)
            out.type = with_length("char", want.limit);
    } else if (have.type == NUMERICOID && have.precision >= 0 && want.type == NUMERICOID) {
        out.by_value = want.precision < 0 && !told;
        out.type = want.precision < 0 ? "numeric" : wider_numeric(have, want);
    } else if (time_type(have.type) != nullptr && have.type == want.type && have.limit >= 0 &&
               have.limit < kMostFractionalDigits) {
        out.by_value = want.limit < 0;
        if (want.limit < 0)
            out.type = time_type(have.type);
        else if (want.limit > have.limit)
            out.type = with_length(time_type(have.type), want.limit);
    }
}

/// Characters of UTF-8.
int64_t length_of(std::string_view text) {
    return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; });
}

bool numeric_holds(const ColumnShape& column, const Value& value) {
    char digits[24];
    DecimalText number;
    if (value.kind == ValueKind::decimal || value.kind == ValueKind::integer) {
        int size = pg_snprintf(digits, sizeof digits, INT64_FORMAT, value.integer);
        parse_decimal({digits, static_cast<size_t>(size)}, &number);
        number.exponent -= value.kind == ValueKind::decimal ? value.scale : 0;
    } else if (value.kind != ValueKind::numeric && value.kind != ValueKind::real) {
        return true;
    } else if (!parse_decimal(value.text(), &number)) {
        const char* special = special_number(value.text());
        return special == nullptr || special[0] == 'N'; // NaN fits everywhere, infinities do not
    }
    return number.count == 0 || (-number.exponent <= column.scale &&
                                 number.count + number.exponent <= column.precision - column.scale);
}

bool time_holds(const ColumnShape& column, const Value& value) {
    if (value.integer == kInfinity || value.integer == kMinusInfinity)
        return true;
    int64_t unit = 1;
    for (int i = column.precision; i < kMostFractionalDigits; ++i)
        unit *= 10;
    return value.integer % unit == 0;
}

} // namespace

Shortfall shortfall(const ColumnShape& column, const LayoutColumn& wanted) {
    Shortfall out;
    if (column.inherited || column.generated)
        return out; // its parent's, or its expression's, to say
    out.not_null = wanted.optional && column.not_null && !column.set_by_nature;
    if (wanted.ddl_type.empty() || column.type_oid != column.base_oid)
        return out;
    ColumnShape natural = type_shape(wanted.ddl_type);
    bool both = column.kind == TypeKind::array && natural.kind == TypeKind::array;
    if (both || (column.kind != TypeKind::array && natural.kind != TypeKind::array))
        widen_type(limited(column), limited(natural), wanted.limits_told, out);
    return out;
}

std::vector<Shortfall> shortfalls(const Target& target, const TableShape& table,
                                  const RowLayout& layout) {
    std::vector<Shortfall> out;
    if (!layout.typed)
        return out;
    std::unordered_map<std::string_view, int> places;
    for (size_t c = 0; c < table.columns.size(); ++c)
        places.emplace(table.columns[c].name, static_cast<int>(c));
    for (size_t i = 0; i < layout.columns.size(); ++i) {
        auto place = places.find(server_name(target, "column", layout.columns[i].name));
        if (place == places.end())
            continue;
        Shortfall found = shortfall(table.columns[place->second], layout.columns[i]);
        found.value = static_cast<int>(i);
        found.column = place->second;
        if (found.any())
            out.push_back(std::move(found));
    }
    return out;
}

bool holds(const ColumnShape& column, const Value& value) {
    if (value.kind == ValueKind::array) {
        for (uint32_t i = 0; i < value.size; ++i)
            if (!holds(column, value.items[i]))
                return false;
        return true;
    }
    switch (value.kind) {
    case ValueKind::text:
    case ValueKind::json:
        return (column.base_oid != VARCHAROID && column.base_oid != VARCHARARRAYOID) ||
               column.typmod < VARHDRSZ || length_of(value.text()) <= column.typmod - VARHDRSZ;
    case ValueKind::integer:
    case ValueKind::decimal:
    case ValueKind::numeric:
    case ValueKind::real:
        return !column.has_scale || numeric_holds(column, value);
    case ValueKind::time:
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
        return column.precision < 0 || column.has_scale || time_holds(column, value);
    default:
        return true;
    }
}

} // namespace kcs::pg
