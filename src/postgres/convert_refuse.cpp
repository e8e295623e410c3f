#include "postgres/convert_internal.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

// C register: the words for values that are refused.

namespace kcs::pg {

namespace {

constexpr int kExcerpt = 64;

const char* kind_name(ValueKind kind) {
    switch (kind) {
    case ValueKind::boolean:
        return "boolean";
    case ValueKind::integer:
        return "integer";
    case ValueKind::real:
        return "floating-point";
    case ValueKind::text:
        return "text";
    case ValueKind::bytes:
        return "binary";
    case ValueKind::decimal:
    case ValueKind::numeric:
        return "decimal";
    case ValueKind::date:
        return "date";
    case ValueKind::time:
        return "time";
    case ValueKind::timestamp:
        return "timestamp";
    case ValueKind::timestamptz:
        return "timestamp with time zone";
    case ValueKind::interval:
        return "interval";
    case ValueKind::json:
        return "JSON";
    case ValueKind::array:
        return "array";
    case ValueKind::bits:
        return "bit string";
    case ValueKind::geometry:
        return "geometry";
    case ValueKind::sparse:
        return "sparse vector";
    default:
        return "undecoded";
    }
}

/// As many elements as there is room for.
void show_array(const Value& value, ShownValue& out) {
    check_stack_depth();
    size_t size = strlcpy(out, "{", sizeof out);
    for (uint32_t i = 0; i < value.size; i++) {
        ShownValue item;
        show_value(value.items[i], item);
        const size_t more = strlen(item) + 1;
        if (size + more > kExcerpt - 4) {
            size += strlcpy(out + size, "...", sizeof out - size);
            break;
        }
        size += static_cast<size_t>(
            pg_snprintf(out + size, sizeof out - size, i > 0 ? ",%s" : "%s", item));
    }
    strlcpy(out + size, "}", sizeof out - size);
}

} // namespace

void show_value(const Value& value, ShownValue& out) {
    switch (value.kind) {
    case ValueKind::boolean:
        strlcpy(out, value.integer ? "true" : "false", sizeof out);
        return;
    case ValueKind::integer:
        pg_snprintf(out, sizeof out, INT64_FORMAT, value.integer);
        return;
    case ValueKind::real:
    case ValueKind::numeric:
    case ValueKind::text:
    case ValueKind::json:
    case ValueKind::bits:
    case ValueKind::sparse:
    case ValueKind::spelled: {
        size_t size = value.size;
        if (size > kExcerpt) {
            size = kExcerpt - 3;
            while (size > 0 && (static_cast<unsigned char>(value.data[size]) & 0xC0) == 0x80)
                size--;
        }
        memcpy(out, value.data, size);
        strlcpy(out + size, size < value.size ? "..." : "", sizeof out - size);
        if (GetDatabaseEncoding() != PG_UTF8)
            for (char* p = out; *p; p++)
                if (IS_HIGHBIT_SET(*p))
                    *p = '?';
        return;
    }
    case ValueKind::bytes:
    case ValueKind::geometry: {
        char* p = out;
        *p++ = '\\';
        *p++ = 'x';
        for (uint32_t i = 0; i < value.size && i < (kExcerpt - 5) / 2; i++, p += 2)
            pg_snprintf(p, 3, "%02x", static_cast<unsigned char>(value.data[i]));
        strlcpy(p, value.size > (kExcerpt - 5) / 2 ? "..." : "", 4);
        return;
    }
    case ValueKind::array:
        show_array(value, out);
        return;
    case ValueKind::null:
        strlcpy(out, "NULL", sizeof out);
        return;
    case ValueKind::decimal:
    case ValueKind::date:
    case ValueKind::time:
    case ValueKind::timestamp:
    case ValueKind::timestamptz:
    case ValueKind::interval: {
        ConvertError unused;
        char* text = render_value(value, unused);
        if (text != nullptr)
            strlcpy(out, text, kExcerpt + 1);
        else
            pg_snprintf(out, sizeof out, INT64_FORMAT, value.integer);
        return;
    }
    default:
        strlcpy(out, "?", sizeof out);
    }
}

bool refuse(const Value& value, const Converter& converter, ConvertError& error,
            const char* sqlstate, const char* what) {
    ShownValue shown;
    show_value(value, shown);
    strlcpy(error.sqlstate, sqlstate, sizeof error.sqlstate);
    pg_snprintf(error.message, sizeof error.message, "value \"%s\" of column \"%s\" %s type %s",
                shown, converter.column, what,
                format_type_with_typemod(converter.type, converter.typmod));
    return false;
}

bool refuse_kind(const Value& value, const Converter& converter, ConvertError& error) {
    ShownValue shown;
    show_value(value, shown);
    strlcpy(error.sqlstate, "22000", sizeof error.sqlstate);
    pg_snprintf(error.message, sizeof error.message,
                "%s value \"%s\" of column \"%s\" has no form in type %s", kind_name(value.kind),
                shown, converter.column,
                format_type_with_typemod(converter.type, converter.typmod));
    return false;
}

bool refuse_value(const Value& value, ConvertError& error, const char* sqlstate, const char* what) {
    ShownValue shown;
    show_value(value, shown);
    strlcpy(error.sqlstate, sqlstate, sizeof error.sqlstate);
    pg_snprintf(error.message, sizeof error.message, "%s value \"%s\" %s", kind_name(value.kind),
                shown, what);
    return false;
}

} // namespace kcs::pg
