#pragma once

#include "core/arena.hpp"
#include "debezium/change.hpp"
#include "debezium/field_type.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace kcs {

/// A number for RowLayout::id, never given twice in a process.
uint64_t next_layout_id();

/// Most members of a row or key: a PostgreSQL table has no more columns, and matching names by
/// pairs stays affordable.
inline constexpr size_t kMostMembers = 1600;

/// Most memory for the default values of a schema, which can take more than their text.
inline constexpr size_t kMostDefaultBytes = size_t{8} << 20;

/// Where a row struct stands: decides which members are no columns.
enum class RowUse : uint8_t {
    envelope,  ///< before, after: every member is a column
    flattened, ///< top level of a flattened record: metadata fields are stripped
    key        ///< record key: every member is a column, the one of topic routing is marked
};

/// The field that topic routing adds to keys (wire format 5).
inline constexpr std::string_view kRoutingField = "__dbz__physicalTableIdentifier";

/// What a member of a row is for.
enum class FieldRole : uint8_t {
    column,
    dropped,   ///< metadata that nobody needs
    deleted,   ///< __deleted
    operation, ///< __op
    connector, ///< __connector
    db,        ///< __db
    schema,    ///< __schema
    table,     ///< __table
    source_ms, ///< __source_ts_ms
    source_us  ///< __source_ts_us
};

/// Role of a member by its name (wire format 1.7, rule R22 of section 7: an unknown name with two
/// underscores stays a column). `prefix`: of metadata in flattened records; where it is empty, only
/// `op` and what begins with `source_` or `transaction_` is told from columns.
FieldRole field_role(std::string_view name, RowUse use, std::string_view prefix);

/// One member of a row struct with schema.
struct Field {
    std::string name;
    FieldType type;
    FieldRole role = FieldRole::column;
    bool optional = false;
    uint32_t column = 0; ///< role column: index in the layout's columns
};

/// A row struct with schema: what its members are, and the layout of its columns.
struct TypedLayout {
    RowLayout row;
    std::vector<Field> fields; ///< in the schema's order
    std::unordered_map<std::string_view, uint32_t> index;
    std::string name;    ///< of the schema
    bool scalar = false; ///< a bare value in place of a struct (key): one field without name
    Arena storage{512, kMostDefaultBytes}; ///< of default values

    TypedLayout() = default;
    TypedLayout(const TypedLayout&) = delete;
    TypedLayout& operator=(const TypedLayout&) = delete;
};

/// Makes no columns of these members.
void drop_columns(TypedLayout& layout, const std::vector<std::string>& names);

/// What flattened records tell beside their columns.
struct RowMeta {
    bool deleted = false;
    Op op = Op::upsert; ///< as __op says; upsert: not told
    int64_t source_us = 0;
    bool marked = false; ///< __deleted or __op is there, which only Debezium writes
    SourceKind source = SourceKind::unknown; ///< as __connector says
    std::string_view db;                     ///< as __db says; likewise
    std::string_view schema;
    std::string_view table;
};

/// Where a member goes that names the source's table; null: it is another.
inline std::string_view* name_of(RowMeta& meta, FieldRole role) {
    return role == FieldRole::db       ? &meta.db
           : role == FieldRole::schema ? &meta.schema
           : role == FieldRole::table  ? &meta.table
                                       : nullptr;
}

} // namespace kcs
