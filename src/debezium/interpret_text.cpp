#include "debezium/interpret_text.hpp"

#include "debezium/base64.hpp"
#include "debezium/bits.hpp"
#include "debezium/decimal.hpp"
#include "debezium/field_type.hpp"
#include "debezium/iso_text.hpp"
#include "debezium/json_cursor.hpp"
#include "debezium/number.hpp"
#include "debezium/special_columns.hpp"
#include "debezium/text_value.hpp"

#include <algorithm>
#include <optional>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr uint32_t kMoneyOid = 790; // pg_type.dat
constexpr uint32_t kTsvectorOid = 3614;

bool bytes_of(std::string_view text, BinaryMode mode, Arena& arena, Value& out, Refusal& refusal) {
    char* bytes = arena.make_array<char>(text.size() / 4 * 3 + 3);
    uint32_t size = 0;
    switch (mode) {
    case BinaryMode::bytes:
    case BinaryMode::base64:
        if (!decode_base64(text, Base64Alphabet::standard, bytes, size))
            return refuse(refusal, "22P02", "is not valid base64");
        break;
    case BinaryMode::base64_url_safe:
        if (!decode_base64(text, Base64Alphabet::url_safe, bytes, size))
            return refuse(refusal, "22P02", "is not valid URL-safe base64");
        break;
    case BinaryMode::hex:
        if (!decode_hex(text, bytes, size))
            return refuse(refusal, "22P02", "is not valid hexadecimal");
        break;
    }
    out = Value::of(ValueKind::bytes, std::string_view(bytes, size));
    return true;
}

/// PostgreSQL's connector sends the bytes of such a type's text, spelled as all bytes are; other
/// sources the text itself, which is not that spelling of any text.
bool spelled_text(std::string_view text, const TargetType& target, BinaryMode mode, Arena& arena,
                  Value& out) {
    bool may_be = target.source == SourceKind::postgresql || target.source == SourceKind::unknown;
    Value bytes;
    Refusal ignored;
    return may_be && bytes_of(text, mode, arena, bytes, ignored) && bytes.size > 0 &&
           valid_utf8(bytes.data, bytes.data + bytes.size) &&
           text_value(ValueKind::text, bytes.text(), out, ignored);
}

bool opaque_of(std::string_view text, const TargetType& target, BinaryMode mode, Arena& arena,
               Value& out, Refusal& refusal) {
    return spelled_text(text, target, mode, arena, out) ||
           text_value(ValueKind::text, text, out, refusal);
}

/// An array from MySQL's SET, or as PostgreSQL spells arrays: of types that the connector does not
/// know, as the bytes of that.
bool array_of(std::string_view text, const TargetType& target, BinaryMode mode, Arena& arena,
              Value& out, Refusal& refusal) {
    if (target.source == SourceKind::mysql) {
        if (!text_value(ValueKind::text, text, out, refusal))
            return false;
        out = split_set(text, arena);
        return true;
    }
    if (!opaque_of(text, target, mode, arena, out, refusal))
        return false;
    return (out.size > 0 && (out.data[0] == '{' || out.data[0] == '[')) ||
           refuse(refusal, "22P02", "is a string, which an array does not take");
}

/// A decimal as base64 of its unscaled integer, which is what a string means under precise.
bool precise_decimal(std::string_view text, const TargetType& target,
                     const DecoderSettings& settings, Arena& arena, Value& out, Refusal& refusal) {
    std::optional<int32_t> scale =
        find_decimal_entry(settings.schemaless_decimal_columns, target.column).scale;
    if (!scale && target.has_scale)
        scale = target.scale;
    if (!scale) {
        refusal.hint = kScaleHint;
        return refuse(refusal, "22P02", "is a decimal in base64 whose scale is not known");
    }
    // PostgreSQL's connector takes the 11 bits of a negative scale for a number without sign. Such
    // integers have more than 2048 digits, those of any column's own scale no more than 1000.
    constexpr size_t kFewestOfWrongScale = 1100;
    if (*scale < 0 && text.size() > kFewestOfWrongScale)
        *scale += 2048;
    return base64_decimal(text, *scale, arena, out, refusal);
}

bool decimal_of(std::string_view text, const TargetType& target, const DecoderSettings& settings,
                Arena& arena, Value& out, Refusal& refusal) {
    if (settings.decimal_handling_mode == DecimalMode::precise) {
        // Words of a floating-point source. `Infinity` is base64 too, so it may be either.
        if (text == "NaN" || text == "-Infinity") {
            out = Value::of(ValueKind::numeric, text);
            return true;
        }
        if (text == "Infinity")
            return refuse(refusal, "22P02", "may be infinity or a decimal in base64");
        return precise_decimal(text, target, settings, arena, out, refusal);
    }
    std::string_view numeric = numeric_text_from_debezium(text);
    if (!is_real_word(numeric) && !is_decimal_number(numeric))
        return refuse(refusal, "22P02", "is not a decimal number");
    out = Value::of(ValueKind::numeric, numeric);
    return true;
}

bool integer_of(std::string_view text, const TargetType& target, const DecoderSettings& settings,
                Arena& arena, Value& out, Refusal& refusal) {
    if (settings.decimal_handling_mode == DecimalMode::precise)
        return precise_decimal(text, target, settings, arena, out, refusal);
    return integer_for(text, target.kind, out, refusal);
}

bool real_of(std::string_view text, const TargetType& target, const DecoderSettings& settings,
             Arena& arena, Value& out, Refusal& refusal) {
    if (is_real_word(text)) {
        out = Value::of(ValueKind::real, text);
        return true;
    }
    if (settings.decimal_handling_mode == DecimalMode::precise)
        return precise_decimal(text, target, settings, arena, out, refusal);
    std::string_view number = numeric_text_from_debezium(text);
    if (!is_real_word(number) && !is_decimal_number(number))
        return refuse(refusal, "22P02", "is not a number");
    out = is_real_word(number) ? Value::of(ValueKind::real, number) : real_for(number);
    return true;
}

} // namespace

bool element_text(std::string_view text, const TargetType& target, BinaryMode mode, Arena& arena,
                  Value& out) {
    bool lines = target.kind == TypeKind::text;
    auto control = [lines](char c) {
        return c >= 0 && c < ' ' && !(lines && (c == '\t' || c == '\n' || c == '\r'));
    };
    return spelled_text(text, target, mode, arena, out) &&
           std::none_of(out.data, out.data + out.size, control);
}

bool interpret_text(std::string_view text, const TargetType& target,
                    const DecoderSettings& settings, Arena& arena, Value& out, Refusal& refusal) {
    int64_t n = 0;
    if (target.bytes_of_text && target.kind != TypeKind::array &&
        element_text(text, target, settings.binary_handling_mode, arena, out))
        return true;
    switch (target.kind) {
    case TypeKind::boolean: // __deleted of a flattened record is text
        if (text != "true" && text != "false")
            return refuse(refusal, "22P02", "is not a boolean");
        out = Value::of(ValueKind::boolean, static_cast<int64_t>(text == "true"));
        return true;
    case TypeKind::int2:
    case TypeKind::int4:
    case TypeKind::int8:
        return integer_of(text, target, settings, arena, out, refusal);
    case TypeKind::float4:
    case TypeKind::float8:
        return real_of(text, target, settings, arena, out, refusal);
    case TypeKind::numeric:
        return decimal_of(text, target, settings, arena, out, refusal);
    case TypeKind::bytea:
        return bytes_of(text, settings.binary_handling_mode, arena, out, refusal);
    case TypeKind::date:
        if (!parse_iso_date(text, n, refusal))
            return false;
        out = Value::of(ValueKind::date, n);
        return true;
    case TypeKind::time:
        if (!parse_iso_time(text, n, refusal))
            return false;
        out = Value::of(ValueKind::time, n);
        return true;
    case TypeKind::timestamp:
        if (!parse_iso_timestamp(text, true, n, refusal))
            return false;
        out = Value::of(ValueKind::timestamp, n);
        return true;
    case TypeKind::timestamptz:
        if (!parse_zoned_timestamp(text, false,
                                   settings.time_precision_mode == TimePrecisionMode::isostring, n,
                                   refusal))
            return false;
        out = Value::of(ValueKind::timestamptz, n);
        return true;
    case TypeKind::interval:
        if (target.source == SourceKind::mysql && text.find(':') != std::string_view::npos) {
            if (!parse_iso_time(text, n, refusal)) // its TIME
                return false;
            out = Value::of(ValueKind::time, n);
            return true;
        }
        return interval_value(text, out, refusal);
    case TypeKind::json:
    case TypeKind::jsonb:
        return text_value(ValueKind::json, text, out, refusal);
    case TypeKind::other:
        // Money is a decimal on the wire.
        if (target.type_oid == kMoneyOid)
            return decimal_of(text, target, settings, arena, out, refusal);
        // Connectors before 3.3 do not know it; its own text begins with a quote.
        if (target.type_oid == kTsvectorOid &&
            spelled_text(text, target, settings.binary_handling_mode, arena, out) &&
            out.text().front() == '\'')
            return true;
        return text_value(ValueKind::text, text, out, refusal);
    case TypeKind::text:
    case TypeKind::uuid:
    case TypeKind::enumeration:
    case TypeKind::timetz:
    case TypeKind::hstore:
    case TypeKind::geometry:
    case TypeKind::vector:
    case TypeKind::sparsevec:
        return text_value(ValueKind::text, text, out, refusal);
    case TypeKind::geometric: // of connectors before 3.7, but for points
    case TypeKind::opaque:
        return opaque_of(text, target, settings.binary_handling_mode, arena, out, refusal);
    case TypeKind::bit:
        return bits_value(text, target.typmod > 0 ? target.typmod : kUnlimitedBits, arena, out,
                          refusal);
    case TypeKind::array:
        return array_of(text, target, settings.binary_handling_mode, arena, out, refusal);
    }
    return refuse(refusal, "22P02", "is a string, which the type does not take");
}

} // namespace kcs
