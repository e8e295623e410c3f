#pragma once

#include "core/table_shape.hpp"

#include "postgres/pg.hpp"

namespace kcs::pg {

/// Family of a base type (no domain). C register: may raise.
TypeKind type_kind(Oid base);

/// Fills precision, scale and has_scale from the typmod.
void read_typmod(ColumnShape& column);

} // namespace kcs::pg
