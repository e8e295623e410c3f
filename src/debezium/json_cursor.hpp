#pragma once

#include "debezium/json_scanner.hpp"
#include "debezium/scalars.hpp"

#include <cstdint>
#include <string_view>

namespace kcs {

/// Whether the bytes are UTF-8 as PostgreSQL takes it (no surrogates, nothing above U+10FFFF).
bool valid_utf8(const char* begin, const char* end);

/// A scanner over writable memory: strings are unescaped where they stand.
class JsonCursor : public JsonScanner {
public:
    /// `known_utf8`: the text was found valid as a whole, so strings need no check of their own.
    JsonCursor(char* begin, char* end, bool known_utf8)
        : JsonScanner(begin, end), known_utf8_(known_utf8) {}

    /// Raw control characters in strings are let pass (Connect's SimpleHeaderConverter).
    void tolerate_control_characters() { tolerant_ = true; }
    /// next_member() with the name unescaped in place.
    bool next_name(std::string_view& name);
    /// A string, unescaped in place.
    bool read_string(char*& data, uint32_t& size);
    /// null, boolean, number or string.
    bool read_scalar(JsonScalar& out);
    /// skip_value() whose text is going to be kept: checked to be UTF-8.
    bool keep_value(std::string_view& span);
    /// Everything up to the next comma or closing bracket, trimmed, as it stands.
    bool read_bare(std::string_view& text);

private:
    bool unescape(char* from, char*& end_of_text);

    bool known_utf8_;
    bool tolerant_ = false;
};

} // namespace kcs
