#include "postgres/names.hpp"

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

} // namespace kcs::pg
