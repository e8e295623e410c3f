#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace kcs {

/// A JSON value as a tree, for what is read rarely (schemas). Numbers keep their spelling.
struct JsonNode {
    enum class Kind : uint8_t { null, boolean, number, string, array, object };
    Kind kind = Kind::null;
    bool boolean = false;
    std::string text; ///< number: the token; string: unescaped
    std::vector<JsonNode> items;
    std::vector<std::pair<std::string, JsonNode>> members; ///< in order; of equal names the first

    /// Member of an object; null when there is none or this is no object.
    const JsonNode* find(std::string_view name) const;
    /// Text of a string member; empty when there is none.
    std::string_view string(std::string_view name) const;
    /// A whole number, from a number or a string that spells one; `otherwise` if it is none.
    int32_t integer(std::string_view name, int32_t otherwise) const;
    bool truth(std::string_view name, bool otherwise) const;
};

/// Parses a JSON text without recursion. False: malformed, nested deeper than kMaxJsonDepth, or a
/// string holds U+0000.
bool parse_json(std::string_view text, JsonNode& out);

/// The node as JSON text.
std::string json_text(const JsonNode& node);

} // namespace kcs
