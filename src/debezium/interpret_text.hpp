#pragma once

#include "debezium/interpret_number.hpp"

namespace kcs {

/// Whether a string may be the bytes of the text of an array's element whose type is a domain
/// (ColumnShape::element_domain), and that text. Most other strings are no such bytes, or bytes of
/// control characters.
bool element_text(std::string_view text, const TargetType& target, BinaryMode mode, Arena& arena,
                  Value& out);

/// Gives a JSON string its meaning for a target (wire format 3.8).
bool interpret_text(std::string_view text, const TargetType& target,
                    const DecoderSettings& settings, Arena& arena, Value& out, Refusal& refusal);

} // namespace kcs
