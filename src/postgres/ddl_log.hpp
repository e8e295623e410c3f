#pragma once

#include "core/record.hpp"
#include "postgres/targets.hpp"

// The table ddl_log: what the sink changed about schemas and tables, and for which record.

namespace kcs::pg {

/// The record that a piece of DDL is done for.
struct DdlCause {
    std::string group_id;
    const Record* record = nullptr;
    mutable std::vector<const char*> ran; ///< kinds of the statements that ran
};

/// One statement of DDL. `kind` as the table has it: create_schema, create_table, add_columns,
/// widen, drop_not_null.
struct DdlStatement {
    const char* kind = nullptr;
    std::string sql;
};

/// Writes the row for a statement that ran as `user`, in the running transaction. Throws pg::Error.
void log_ddl(const DdlCause& cause, const CatalogName& target, const DdlStatement& statement,
             Oid user);

} // namespace kcs::pg
