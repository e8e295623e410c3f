#pragma once

#include "core/arena.hpp"
#include "core/value.hpp"
#include "debezium/refusal.hpp"

#include <cstdint>
#include <string_view>

namespace kcs {

/// io.debezium.data.Bits: base64 of the bits, the least significant byte first and trimmed to the
/// highest bit that is set. `length` digits come out; kUnlimitedBits: as many as are significant.
bool bits_value(std::string_view base64, int32_t length, Arena& arena, Value& out,
                Refusal& refusal);

} // namespace kcs
