#pragma once

#include "debezium/interpret_number.hpp"

namespace kcs {

/// Gives a JSON string its meaning for a target (wire format 3.8).
bool interpret_text(std::string_view text, const TargetType& target,
                    const DecoderSettings& settings, Arena& arena, Value& out, Refusal& refusal);

} // namespace kcs
