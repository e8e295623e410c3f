#pragma once

#include "core/arena.hpp"
#include "core/value.hpp"
#include "debezium/refusal.hpp"

#include <string_view>

namespace kcs {

/// The decimal number `unscaled` x 10^-scale, where `unscaled` is a two's complement big-endian
/// integer (Connect's Decimal): ValueKind::decimal where 64 bits and a scale of 0 ... 18 hold it,
/// else ValueKind::numeric with exactly `scale` fractional digits in the arena. False: no bytes at
/// all, or beyond what PostgreSQL's numeric holds (131072 digits before the point, 16383 behind).
bool decimal_from_bytes(std::string_view unscaled, int32_t scale, Arena& arena, Value& out,
                        Refusal& refusal);

/// The same from base64 of the bytes (decimal.format=BASE64).
bool base64_decimal(std::string_view base64, int32_t scale, Arena& arena, Value& out,
                    Refusal& refusal);

/// A JSON number as numeric text, as spelled (decimal.format=NUMERIC).
bool decimal_from_number(std::string_view token, Value& out, Refusal& refusal);

/// Text of decimal.handling.mode=string: Debezium's NAN, POSITIVE_INFINITY and NEGATIVE_INFINITY in
/// PostgreSQL's spelling, anything else unchanged.
std::string_view numeric_text_from_debezium(std::string_view text);

} // namespace kcs
