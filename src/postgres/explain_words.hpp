#pragma once

#include "core/settings.hpp"
#include "debezium/change.hpp"
#include "debezium/spelling.hpp"
#include "postgres/guard.hpp"

#include <string>

// What an explanation says in words.

namespace kcs::pg {

/// What would become of a record; the last of several is what happens.
enum class Outcome : uint8_t { applied, dead_letter, stops, waits, parks, pauses, untold };

Outcome outcome_of(const Fault& fault, const ApplySettings& settings);
const char* outcome_words(Outcome outcome);

/// SQLSTATE, message, detail and hint.
std::string error_text(const Fault& fault);

/// What the record is: "change event with schema", "flattened record", "tombstone".
std::string form_words(const Change& change, const Spelling& spelling);
/// "insert", "update", "delete", ...
const char* operation_name(const Change& change);
/// What that does to the target. `exists`: the table is there.
std::string operation_words(const Change& change, bool exists);

/// Microseconds since 1970 as timestamptz shows them; as a number where it has none.
std::string moment_text(int64_t unix_us);

} // namespace kcs::pg
