#pragma once

#include "core/settings.hpp"
#include "core/table_shape.hpp"
#include "core/value.hpp"

#include <string>

namespace kcs {

/// How a value was read, in words: "microseconds since 1970", "decimal with scale 2", "base64".
/// `wire_type`: LayoutColumn::wire_type, empty without schema. `wire`: as decoded, a token without
/// schema. `meant`: what it means for its column, no token.
std::string reading_words(const std::string& wire_type, const Value& wire, const Value& meant,
                          const DecoderSettings& settings);

/// How it gets into the column, beyond what goes without saying: "through the input function of
/// type inet"; else empty.
std::string storing_words(const Value& meant, const ColumnShape& column,
                          const std::string& type_name);

} // namespace kcs
