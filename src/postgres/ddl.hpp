#pragma once

#include "core/settings.hpp"
#include "postgres/ddl_log.hpp"
#include "postgres/ddl_statements.hpp"
#include "postgres/shape.hpp"

// Targets made and extended from what records say (design section 4 and 5.1). Called in a
// transaction of its own with SPI connected; serialised by an advisory lock per name, and what
// another worker or user has done meanwhile is not done again. Throws pg::Error and Stop.

namespace kcs::pg {

/// DDL that must be done before a batch can be applied, for one record's sake.
struct DdlTask {
    const Target* target = nullptr;
    const Change* model = nullptr;             ///< make the table from it; null: alter it
    std::vector<const LayoutColumn*> columns;  ///< to add
    std::vector<const LayoutColumn*> wider;    ///< whose type is too narrow
    std::vector<const LayoutColumn*> nullable; ///< whose NOT NULL has to go
    uint32_t record = 0;                       ///< Change::record of the cause

    bool alters() const { return !columns.empty() || !wider.empty() || !nullable.empty(); }
};

/// The statements that do what the task asks for and the table as it is now lacks.
std::vector<DdlStatement> alter_statements(const Target& target, const TargetTable& table,
                                           const DdlTask& task);

/// Makes schema and table, unless they exist: primary key from the record key, typed as the key
/// tells; the other columns nullable, with the schema's default.
void create_table(const Target& target, const Change& model, const ApplySettings& settings,
                  const DdlCause& cause);

/// Runs alter_statements().
void alter_table(const DdlTask& task, const ApplySettings& settings, const DdlCause& cause);

} // namespace kcs::pg
