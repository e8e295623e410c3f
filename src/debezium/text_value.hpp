#pragma once

#include "core/arena.hpp"
#include "core/value.hpp"
#include "debezium/refusal.hpp"

#include <string_view>

namespace kcs {

/// The words that Connect's JSON has for floating-point values that are no numbers.
bool is_real_word(std::string_view text);

/// A value of a kind that is text; refused (22P05) with U+0000 in it.
bool text_value(ValueKind kind, std::string_view text, Value& out, Refusal& refusal);

/// The members of a set (EnumSet), which commas part and which have none inside, as an array of
/// text.
Value split_set(std::string_view text, Arena& arena);

/// An interval from its ISO 8601 form.
bool interval_value(std::string_view text, Value& out, Refusal& refusal);

} // namespace kcs
