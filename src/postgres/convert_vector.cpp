#include "postgres/convert_internal.hpp"

extern "C" {
#include "lib/stringinfo.h"
#include "utils/fmgrprotos.h"
}

// C register: pgvector's types. Their input functions round to float4 or half precision and drop
// zeros, so what they made is shown again and compared.

namespace kcs::pg {

namespace {

constexpr const char* kNotExact = "cannot be stored exactly in";

/// The next number of a vector's text; empty when there is none.
std::string_view next_number(std::string_view& text) {
    constexpr const char* kBetween = "[]{}(),:/ \t\r\n";
    const size_t start = text.find_first_not_of(kBetween);
    if (start == std::string_view::npos)
        return {};
    text.remove_prefix(start);
    const size_t end = text.find_first_of(kBetween);
    const std::string_view number = text.substr(0, end);
    text.remove_prefix(number.size());
    return number;
}

/// Whether `shown`, which the type wrote, stands for the number `given`.
bool stands_for(std::string_view shown, std::string_view given) {
    DecimalText number, again;
    if (!parse_decimal(given, &number) || !parse_decimal(shown, &again))
        return false;
    if (same_decimal(number, again))
        return true;
    CString string(shown);
    return float4_shows(DatumGetFloat4(DirectFunctionCall1(float4in, string.datum())), number);
}

bool is_zero(std::string_view text) {
    DecimalText number;
    return parse_decimal(text, &number) && number.count == 0;
}

const char* show(Datum datum, const Converter& c) {
    Oid output;
    bool is_varlena;
    getTypeOutputInfo(c.type, &output, &is_varlena);
    return OidOutputFunctionCall(output, datum);
}

bool same_dense(std::string_view shown, std::string_view given) {
    for (;;) {
        const std::string_view a = next_number(shown), b = next_number(given);
        if (a.empty() || b.empty())
            return a.empty() && b.empty();
        if (!stands_for(a, b))
            return false;
    }
}

/// index:value pairs and the number of dimensions; pairs of zero stand for nothing.
bool same_sparse(std::string_view shown, std::string_view given) {
    std::string_view b = next_number(given);
    for (;;) {
        const std::string_view b_value = next_number(given);
        if (!b_value.empty() && is_zero(b_value)) {
            b = next_number(given);
            continue;
        }
        const std::string_view a = next_number(shown), a_value = next_number(shown);
        if (a.empty() || b.empty() || !stands_for(a, b) || a_value.empty() != b_value.empty())
            return false;
        if (a_value.empty())
            return true;
        if (!stands_for(a_value, b_value))
            return false;
        b = next_number(given);
    }
}

} // namespace

bool to_vector(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    std::string_view text;
    if (value.kind == ValueKind::text || value.kind == ValueKind::bytes) {
        if (!has_text(value, c, error))
            return false;
        text = server_text(value);
    } else if (value.kind == ValueKind::array) {
        StringInfoData out;
        initStringInfo(&out);
        appendStringInfoChar(&out, '[');
        for (uint32_t i = 0; i < value.size; i++) {
            const Value& item = value.items[i];
            if (item.kind != ValueKind::real && item.kind != ValueKind::integer &&
                item.kind != ValueKind::decimal && item.kind != ValueKind::numeric)
                return refuse_kind(item, c, error);
            const char* number = render_for(item, c, error);
            if (number == nullptr)
                return false;
            appendStringInfo(&out, i > 0 ? ",%s" : "%s", number);
        }
        appendStringInfoChar(&out, ']');
        text = {out.data, static_cast<size_t>(out.len)};
    } else {
        return refuse_kind(value, c, error);
    }
    return convert_text_through_input(text, value, c, datum, error) &&
           (same_dense(show(*datum, c), text) || refuse(value, c, error, "22003", kNotExact));
}

bool to_sparse_vector(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind != ValueKind::sparse && value.kind != ValueKind::text &&
        value.kind != ValueKind::bytes)
        return refuse_kind(value, c, error);
    if (value.kind == ValueKind::bytes && !has_text(value, c, error))
        return false;
    const std::string_view text = server_text(value);
    return convert_text_through_input(text, value, c, datum, error) &&
           (same_sparse(show(*datum, c), text) || refuse(value, c, error, "22003", kNotExact));
}

} // namespace kcs::pg
