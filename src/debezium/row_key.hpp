#pragma once

#include "core/record.hpp"

#include <array>
#include <optional>

namespace kcs {

/// What tells records of one row from those of others in their topic and partition.
using RowKey = std::array<unsigned char, 16>;

/// MD5 of the record key as its converter wrote it, without the schema beside it, which may change
/// while the row stays the same (wire format 1.3). None: the record has no key.
std::optional<RowKey> row_key(const Record& record);

} // namespace kcs
