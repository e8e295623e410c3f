#pragma once

#include "debezium/layouts.hpp"

#include <memory>
#include <string>
#include <string_view>

namespace kcs {

/// Class of a record by the name of its schema (wire format 1.1).
enum class SchemaClass : uint8_t {
    none, ///< `"schema":null`: the payload is read as if it came without
    envelope,
    flattened,
    scalar, ///< no struct; useful for keys only
    logical_message,
    schema_change,
    heartbeat,
    transaction,
    notification,
    cloud_event,
    invalid ///< no Connect schema
};

/// A Connect JSON schema, understood.
struct Schema {
    SchemaClass cls = SchemaClass::invalid;
    bool debezium_named = false; ///< recognisably Debezium's: an envelope or `<topic>.Value`
    SourceKind source = SourceKind::unknown; ///< of an envelope
    std::shared_ptr<TypedLayout> row;        ///< before/after struct, flattened struct, or key
    std::string problem;                     ///< cls invalid: why
};

/// The column that a field of role column is, without its default.
LayoutColumn layout_column(const Field& field, RowUse use);

/// Reads a schema. `key`: it is a record key's. `source`: the topic's, which only envelopes tell
/// themselves. `prefix`: of metadata in flattened rows. Never fails: a text that makes no sense is
/// `invalid`.
Schema read_schema(std::string_view text, bool key, std::string_view prefix, SourceKind source);

} // namespace kcs
