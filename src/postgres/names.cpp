#include "postgres/names.hpp"

#include "postgres/guard.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

/// UTF-8 to the database's encoding; the size of the result, -1: it has none.
int convert_text(const char* from, int size, char* to, int room) {
    const int encoding = GetDatabaseEncoding();
    bool ascii = true;
    for (int i = 0; i < size; i++)
        ascii = ascii && !IS_HIGHBIT_SET(from[i]) && from[i] != '\0';
    if (ascii || encoding == PG_UTF8 || encoding == PG_SQL_ASCII) {
        if (!pg_verify_mbstr(PG_UTF8, from, size, true))
            return -1;
        memcpy(to, from, size);
        return size;
    }
    const Oid conversion = FindDefaultConversionProc(PG_UTF8, encoding);
    if (!OidIsValid(conversion) ||
        pg_do_encoding_conversion_buf(conversion, PG_UTF8, encoding,
                                      reinterpret_cast<unsigned char*>(const_cast<char*>(from)),
                                      size, reinterpret_cast<unsigned char*>(to), room,
                                      true) != size)
        return -1;
    return static_cast<int>(strlen(to));
}

} // namespace

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

std::optional<std::string> in_server_encoding(std::string_view utf8) {
    std::string out(4 * utf8.size() + 1, '\0'); // (MAX_CONVERSION_GROWTH)
    const char* from = utf8.data();
    char* to = out.data();
    int size = static_cast<int>(utf8.size()), room = static_cast<int>(out.size());
    int done = guard([=] { return convert_text(from, size, to, room); });
    if (done < 0)
        return std::nullopt;
    out.resize(static_cast<size_t>(done));
    return out;
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
