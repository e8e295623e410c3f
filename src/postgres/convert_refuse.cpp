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
    default:
        return "undecoded";
    }
}

/// The value for a message: at most kExcerpt bytes, cut between characters.
void excerpt(const Value& value, char (&out)[2 * kExcerpt]) {
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
    case ValueKind::json: {
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
    case ValueKind::bytes: {
        char* p = out;
        *p++ = '\\';
        *p++ = 'x';
        for (uint32_t i = 0; i < value.size && i < (kExcerpt - 5) / 2; i++, p += 2)
            pg_snprintf(p, 3, "%02x", static_cast<unsigned char>(value.data[i]));
        strlcpy(p, value.size > (kExcerpt - 5) / 2 ? "..." : "", 4);
        return;
    }
    case ValueKind::array:
        pg_snprintf(out, sizeof out, "array of %u elements", value.size);
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

} // namespace

bool refuse(const Value& value, const Converter& converter, ConvertError& error,
            const char* sqlstate, const char* what) {
    char shown[2 * kExcerpt];
    excerpt(value, shown);
    strlcpy(error.sqlstate, sqlstate, sizeof error.sqlstate);
    pg_snprintf(error.message, sizeof error.message, "value \"%s\" %s type %s", shown, what,
                format_type_with_typemod(converter.type, converter.typmod));
    return false;
}

bool refuse_kind(const Value& value, const Converter& converter, ConvertError& error) {
    char shown[2 * kExcerpt];
    excerpt(value, shown);
    strlcpy(error.sqlstate, "22000", sizeof error.sqlstate);
    pg_snprintf(error.message, sizeof error.message, "%s value \"%s\" has no form in type %s",
                kind_name(value.kind), shown,
                format_type_with_typemod(converter.type, converter.typmod));
    return false;
}

bool refuse_value(const Value& value, ConvertError& error, const char* sqlstate, const char* what) {
    char shown[2 * kExcerpt];
    excerpt(value, shown);
    strlcpy(error.sqlstate, sqlstate, sizeof error.sqlstate);
    pg_snprintf(error.message, sizeof error.message, "%s value \"%s\" %s", kind_name(value.kind),
                shown, what);
    return false;
}

} // namespace kcs::pg
