#pragma once

#include "core/table_shape.hpp"

#include "postgres/guard.hpp"

extern "C" {
#include "storage/lockdefs.h"
}

// What the catalogs say about a target: columns, owner, and the unique indexes that can identify
// its rows.

namespace kcs::pg {

/// One column of a unique index, with the operators that say what an equal key is.
struct KeyPart {
    int column = 0; ///< into TableShape::columns
    Oid collation = InvalidOid;
    Oid equality = InvalidOid; ///< operator
    Oid less = InvalidOid;     ///< operator
    bool exact = false;        ///< equal values look the same (not so: numeric, citext)
    std::string equals;        ///< OPERATOR("schema".=)
    std::string collate;       ///< " COLLATE ..." where it is not the column's own, else empty
};

/// A unique index that can be a conflict target: valid, immediate, over whole plain columns.
struct UniqueIndex {
    Oid oid = InvalidOid;
    bool primary = false;
    std::vector<KeyPart> parts;
};

/// A relation as a target.
struct TargetTable {
    TableShape shape;
    char kind = 0; ///< pg_class.relkind
    Oid owner = InvalidOid;
    Oid schema = InvalidOid;
    bool rewritten = false;                  ///< rules on INSERT or UPDATE
    bool of_extension = false;               ///< member of an extension
    std::string unlogged;                    ///< quoted name, its own or a partition's; empty: none
    std::vector<UniqueIndex> unique_indexes; ///< the primary key first
    std::vector<UniqueIndex> deferrable;     ///< that could be, were they not checked late
};

/// Reads the catalogs. The relation must be locked by the caller's transaction. Throws pg::Error.
TargetTable load_table(Oid relid);

/// A column of the type that `type` (SQL text) names. Throws pg::Error.
ColumnShape type_shape(const std::string& type);

/// The relation of that exact name, locked so that it stays what it is; InvalidOid: there is none.
/// C register.
Oid find_and_lock(const char* schema, const char* table, LOCKMODE mode);

/// Registers the invalidation callback; once per process, further calls do nothing. Throws
/// pg::Error.
void watch_relations();
/// Raised by an invalidation of `relid` or of everything since the last load: a counter that a
/// cache compares with what it saw. Starts watching the relation.
uint64_t relation_generation(Oid relid);

} // namespace kcs::pg
