#pragma once

#include "debezium/json_cursor.hpp"
#include "debezium/json_node.hpp"
#include "debezium/json_parts.hpp"
#include "debezium/scalars.hpp"

#include <vector>

namespace kcs {

/// SQLSTATE and text for a flaw of the JSON itself.
ValueError json_flaw(JsonError error);

/// Reads values of typed fields, composite ones too. One per decoder: it keeps scratch memory.
class ValueReader {
public:
    explicit ValueReader(const Placeholder& placeholder) : placeholder_(&placeholder) {}

    /// One value of a field. `may_miss`: the placeholder for unchanged values can occur. False:
    /// refused, `error` says why; the cursor may have failed, then the text is broken.
    bool read(JsonCursor& cursor, const FieldType& type, bool may_miss, Arena& arena, Value& out,
              ValueError& error);

    /// A scalar that was read already (headers).
    bool scalar(const FieldType& type, const JsonScalar& json, bool may_miss, Arena& arena,
                Value& out, ValueError& error);

private:
    bool array(JsonCursor& cursor, const FieldType& type, bool may_miss, Arena& arena, Value& out,
               ValueError& error);
    /// Adds an array's elements to items_.
    bool elements(JsonCursor& cursor, const FieldType& type, Arena& arena, ValueError& error);
    bool document(JsonCursor& cursor, bool may_miss, Value& out, ValueError& error);
    bool structure(JsonCursor& cursor, const FieldType& type, Arena& arena, Value& out,
                   ValueError& error);
    bool refuse(JsonCursor& cursor, const FieldType& type, bool may_miss, Value& out,
                ValueError& error);

    const Placeholder* placeholder_;
    std::vector<Value> items_;
    JsonParts parts_;
};

/// A column's default as its schema carries it. False: there is none that could be used.
bool read_default(const FieldType& type, const JsonNode& node, Arena& storage, Value& out);

} // namespace kcs
