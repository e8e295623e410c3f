#pragma once

#include "debezium/change.hpp"

namespace kcs {

/// Whether a former row tells nothing beyond the columns of the record key: where the server sent
/// no old value, the connector writes null, the column's default or its type's zero (wire format
/// 1.4). Without a record key the row was sent whole: false.
bool only_fallbacks(const Row& former, const Row& key);

/// Whether two values are the same, as spelled.
bool same_value(const Value& a, const Value& b);
/// Whether two rows of as many values have the same ones, as spelled.
bool same_values(const Row& a, const Row& b);

} // namespace kcs
