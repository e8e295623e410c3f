#pragma once

#include "debezium/change.hpp"

namespace kcs {

/// What both halves of a change of the record key have in common: the keys, and `pair` of their
/// source (Change::pair). One of the two was read from a record key, the other one from a header,
/// which may spell it differently. 0: they are no two keys of one table, or cannot be told.
uint64_t record_key_change(const Row& from, const Row& to, uint64_t pair);

} // namespace kcs
