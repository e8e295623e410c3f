#pragma once

#include "debezium/field_type.hpp"
#include "debezium/json_node.hpp"

namespace kcs {

/// Type of a field from its schema node (wire format section 3): by logical name where that is
/// known, else by base type. What is not known becomes Semantic::unsupported.
FieldType field_type(const JsonNode& node, SourceKind source);

} // namespace kcs
