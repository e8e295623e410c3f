#pragma once

#include "debezium/change.hpp"
#include "debezium/json_cursor.hpp"

#include <cstdint>
#include <string_view>

namespace kcs {

/// Class of a record whose payload came without a schema (wire format 1.1).
enum class PayloadClass : uint8_t {
    embedded,    ///< exactly `schema` and `payload`
    schema_id,   ///< exactly `schemaId` and `payload` (Apicurio)
    cloud_event, ///< CloudEvents
    envelope,
    logical_message,
    schema_change,
    heartbeat,
    transaction,
    notification,
    flattened
};

/// What is needed of an envelope's `source` block.
struct Source {
    std::string_view connector;
    std::string_view db;
    std::string_view schema;
    std::string_view table;
    int64_t us = 0; ///< commit time, microseconds since 1970
};

SourceKind source_kind(std::string_view connector);

/// Where the members are that decide what a record is, as spelled; empty views: not there. One pass
/// over the top level, nothing is changed.
struct Members {
    std::string_view schema;
    std::string_view payload;
    std::string_view op;
    std::string_view before;
    std::string_view after;
    std::string_view source;
    Source told;             ///< what `source` tells, as spelled
    bool told_plain = false; ///< and nothing of it is escaped
    uint32_t count = 0;      ///< of all members
    uint64_t seen = 0;       ///< which of the telling names occurred

    bool has(unsigned bit) const { return (seen >> bit & 1) != 0; }
};

/// Walks an object's top level. False: the scanner failed, or a telling member occurs twice.
bool scan_members(JsonScanner& scanner, Members& out);

/// Classifies an object by its members.
PayloadClass classify(const Members& members);

/// Whether these are the members of a frame around a schema and its payload. A row may have columns
/// of these names: where it is known to be `rows`, a frame's schema must look like one.
bool is_frame(const Members& members, bool rows);

/// The operation, lower case; 0 if it is no single letter.
char operation(std::string_view op);

/// A number for where in the source's history a change is, equal for both halves of a key change;
/// 0: the `source` object does not tell.
uint64_t source_place(std::string_view source);

/// Reads a `source` object, unescaping in place. False: the cursor failed, or it is no object.
bool read_source(JsonCursor& cursor, Source& out);

} // namespace kcs
