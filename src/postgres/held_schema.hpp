#pragma once

#include "postgres/pg.hpp"

// Statements name their target; what was checked and locked is a relation. Its owner cannot rename
// it meanwhile, but the schema's owner could rename the schema and put another one, with a table of
// his own, in its place: whoever runs the statement would run that table's code. So while it runs,
// the schema's name stands for the schema that was looked at, or for none. C register.

namespace kcs::pg {

/// From here on, until let_schema_go(), a lookup of `name` in a security-restricted operation that
/// finds another schema raises (40001).
void hold_schema(const char* name, Oid schema);
void let_schema_go() noexcept;

/// Registers the hook. Once per process.
void watch_schema_names();

} // namespace kcs::pg
