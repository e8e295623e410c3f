#include "postgres/names.hpp"

#include "postgres/pg.hpp"

extern "C" {
#include "mb/pg_wchar.h"
}

namespace kcs::pg {

std::string quote_name(std::string_view name) {
    std::string out = "\"";
    for (char c : name) {
        if (c == '"')
            out += '"';
        out += c;
    }
    return out += '"';
}

std::string quote_names(std::string_view schema, std::string_view name) {
    return quote_name(schema) + "." + quote_name(name);
}

std::string quote_text(std::string_view text) {
    std::string out = text.find('\\') == std::string_view::npos ? "'" : "E'";
    for (char c : text) {
        if (c == '\'' || c == '\\')
            out += c;
        out += c;
    }
    return out += '\'';
}

std::string in_ascii(std::string_view text) {
    static const char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        if ((c & 0x80) == 0) {
            out += c;
            continue;
        }
        unsigned byte = static_cast<unsigned char>(c);
        out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

std::string shown_name(std::string_view name) {
    return GetDatabaseEncoding() == PG_UTF8 ? std::string(name) : in_ascii(name);
}

} // namespace kcs::pg
