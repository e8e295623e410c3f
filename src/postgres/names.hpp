#pragma once

#include <optional>
#include <string>
#include <string_view>

// SQL text from names and values. Everything is quoted, always: no name is trusted to be plain.

namespace kcs::pg {

/// Longest identifier that the server keeps whole, in bytes (NAMEDATALEN - 1).
inline constexpr size_t kMaxNameBytes = 63;

/// "name", quotes doubled.
std::string quote_name(std::string_view name);
/// "schema"."name".
std::string quote_names(std::string_view schema, std::string_view name);
/// A string literal that means `text` whatever standard_conforming_strings says.
std::string quote_text(std::string_view text);

/// UTF-8 text in the database's encoding; none: that lacks a character. One that knows no encoding
/// keeps the bytes.
std::optional<std::string> in_server_encoding(std::string_view utf8);

/// The bytes that are not ASCII as \xNN, so that every encoding can show them.
std::string in_ascii(std::string_view text);
/// A name of a target's, which is UTF-8, for people who may see it in the database's encoding.
std::string shown_name(std::string_view name);

/// `items` with `separator` between them.
template <typename Items, typename Render>
std::string join(const Items& items, const char* separator, Render&& render) {
    std::string out;
    for (const auto& item : items) {
        if (!out.empty())
            out += separator;
        out += render(item);
    }
    return out;
}

} // namespace kcs::pg
