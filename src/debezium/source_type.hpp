#pragma once

#include "debezium/field_type.hpp"

#include <string>

namespace kcs {

/// What a field's propagated source type (wire format 3.7) tells of the column to be created.
struct SourceType {
    std::string builtin;   ///< empty: nothing beyond what the schema says anyway
    std::string extension; ///< empty: none
};

SourceType told_type(const FieldType& type);

/// `numeric(p,s)` where every PostgreSQL version can say it, else `numeric`.
std::string numeric_type(int32_t precision, int32_t scale);

} // namespace kcs
