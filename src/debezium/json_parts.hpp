#pragma once

#include "core/arena.hpp"
#include "core/value.hpp"
#include "debezium/json_cursor.hpp"

#include <string_view>
#include <vector>

namespace kcs {

/// Member of an object or element of an array (then without a name).
struct JsonPart {
    std::string_view name;
    Value value; ///< null, boolean, token_number, token_text or token_json
};

/// The parts of a JSON object or array, one level deep.
struct JsonParts {
    bool is_object = false;
    std::vector<JsonPart> parts;

    const Value* find(std::string_view name) const {
        for (const JsonPart& part : parts)
            if (part.name == name)
                return &part.value;
        return nullptr;
    }
};

/// Reads the object or array that comes next. The parts lie in the cursor's memory; `out` keeps its
/// own from call to call. False: the cursor has failed.
bool read_parts(JsonCursor& cursor, JsonParts& out);

/// Splits `json`, known to be UTF-8. The parts lie in a copy in the arena, strings unescaped. A
/// text that is neither object nor array is a syntax error.
JsonError split_json(std::string_view json, Arena& arena, JsonParts& out);

} // namespace kcs
