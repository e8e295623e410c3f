#pragma once

#include "core/fault.hpp"
#include "core/settings.hpp"
#include "core/value.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace kcs {

/// What says in a flattened record, and with soft deletes in a row, that the row was deleted.
inline constexpr const char* kDeletedColumn = "__deleted";

/// Target table of a topic's records. Interned: one object per distinct content, alive as long as
/// the Decoder; `id` counts from 0.
struct Target {
    uint32_t id = 0;
    std::string schema;
    std::string table;
    DeleteMode delete_mode = DeleteMode::remove;
    bool history = false; ///< every change is a row of its own (design 5.2, routes)
};

/// One column of the records of one layout.
struct LayoutColumn {
    std::string name;
    /// PostgreSQL type (SQL text, built-in types only) for an auto-created column; empty while it
    /// cannot be told (schemaless, only nulls seen): such a column is not created.
    std::string ddl_type;
    /// Type of an extension that is preferred to ddl_type where the database has it: its bare name
    /// with typmod and `[]` as needed (`hstore`, `vector(3)`, `ltree[]`); empty: none.
    std::string extension_type;
    /// How the record's schema names it, for explain_event: the logical name, else Connect's type;
    /// empty without schema.
    std::string wire_type;
    bool comma_set = false; ///< text is a set's members, joined by commas (EnumSet)
    /// What topic routing added to the key (kRoutingField): left out where the target lacks it.
    bool routing = false;
    bool optional = true;
    /// Whether a ddl_type without length or precision says that the source's column has none.
    bool limits_told = false;
    bool has_default = false; ///< default_value absent: it has one that could not be decoded
    Value default_value;      ///< its text lives in the layout's storage
};

/// Connectors that differ in how they write what a JSON number alone does not tell (wire format
/// 3.6). MariaDB counts as MySQL.
enum class SourceKind : uint8_t { unknown, postgresql, mysql, sqlserver, oracle };

/// Names and meanings of the members of one kind of row (key or value struct). Owned by the
/// Decoder; a pointer stays valid until Decoder::trim(), an id is never used twice in a process.
struct RowLayout {
    uint64_t id = 0;
    bool typed = true; ///< false: values are tokens, ask interpret() with the target column
    SourceKind source = SourceKind::unknown; ///< of tokens
    /// What holds for the topic; the Decoder's, valid as long as the layout.
    const DecoderSettings* settings = nullptr;
    std::vector<LayoutColumn> columns;
};

/// A row: values parallel to layout->columns. layout null means there is none.
struct Row {
    const RowLayout* layout = nullptr;
    const Value* values = nullptr;
    explicit operator bool() const { return layout != nullptr; }
    bool has_null() const {
        for (size_t i = 0; layout != nullptr && i < layout->columns.size(); ++i)
            if (values[i].kind == ValueKind::null)
                return true;
        return false;
    }
};

enum class Op : uint8_t {
    create,  ///< c
    update,  ///< u
    read,    ///< r, snapshot
    upsert,  ///< flattened row: insert or update, cannot be told
    remove,  ///< d, tombstone, flattened delete
    truncate ///< t
};

/// One decoded change event. Plain views; values live in the arena given to decode().
struct Change {
    Op op = Op::upsert;
    const Target* target = nullptr;
    Row key;            ///< from the record key; none: keyless
    Row row;            ///< after image (create, update, read, upsert)
    Row before;         ///< full before image of an update or delete that is not keyed(); else none
    Row new_key;        ///< of a remove that is the first half of a key change (wire format 1.5)
    Row old_key;        ///< of a create that is the second half of a key change; or see `moves`
    bool moves = false; ///< an update that alone says that the row leaves old_key
    bool tombstone = false;  ///< a remove that came as (pseudo-)tombstone: not counted as an event
    bool may_create = false; ///< recognisably Debezium's: a missing table may be created from it
    bool may_miss = false;   ///< unavailable values may occur (u; c with old key; any flattened)
    /// Where topic routing merges tables, rows of several may land in the target.
    bool merges = false;
    /// Order is known among all records of its topic: it has one partition.
    bool ordered = true;
    uint64_t pair = 0; ///< the same in both halves of one key change, as far as can be told
    /// Of a half of a change of the record key, where a route names other key columns: the same in
    /// both halves, and not 0. What the other half's key is this one does not tell.
    uint64_t half = 0;
    uint32_t slot = 0;   ///< partition slot of the record
    uint32_t record = 0; ///< index of the record in the batch
    int64_t offset = 0;
    int64_t source_us = 0; ///< commit time at the source, microseconds since 1970; 0 unknown

    /// Whether the key tells the row. One with a NULL part, which a unique index may have, tells
    /// none: its rows are found like those of a table without key (wire format 1.3).
    bool keyed() const { return key && !key.has_null(); }
};

} // namespace kcs
