#pragma once

#include "core/arena.hpp"
#include "core/value.hpp"
#include "debezium/field_type.hpp"
#include "debezium/json_parts.hpp"
#include "debezium/refusal.hpp"

namespace kcs {

/// A value that is a struct on the wire (is_struct()), from its members; the same with and without
/// schema. `mysql`: a time may be a duration. False: refused.
bool struct_value(Semantic semantic, bool mysql, const JsonParts& members, Arena& arena, Value& out,
                  Refusal& refusal);

// By family:

/// io.debezium.time.Structured*.
bool structured_time_value(Semantic semantic, bool mysql, const JsonParts& members, Arena& arena,
                           Value& out, Refusal& refusal);

/// io.debezium.data.geometry.*: EWKB; circles and lines as PostgreSQL spells them.
bool geometry_value(Semantic semantic, const JsonParts& members, Arena& arena, Value& out,
                    Refusal& refusal);

/// io.debezium.data.SparseDoubleVector.
bool sparse_vector_value(const JsonParts& members, Arena& arena, Value& out, Refusal& refusal);

/// Which struct an object without schema is, by its members; Semantic::unsupported: none that is
/// known.
Semantic struct_kind(const JsonParts& members);

} // namespace kcs
