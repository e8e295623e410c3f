#pragma once

#include "core/error_note.hpp"
#include "core/fault.hpp"
#include "core/record.hpp"

#include <string>

namespace kcs {

/// A fault's message where it cannot hold row values: what we said about the environment or the
/// target, never what a data error or somebody's trigger said.
std::string safe_reason(const Fault& fault);
/// The fault as recent_errors tells it; `at`: the record that it befell, null: none.
ErrorNote note_of(const Fault& fault, const Record* at = nullptr);
/// ", topic t, partition 0, offset 5".
std::string place_text(const Record& record);

} // namespace kcs
