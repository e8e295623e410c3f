#pragma once

#include "core/error_note.hpp"
#include "core/shared_state.hpp"

// The last errors, in shared memory: the view recent_errors and the exporter show them.

namespace kcs::pg {

/// Notes it as this process's, together with an equal one that is there, else in place of the one
/// that happened last the longest ago; and as the last error of the view status. Takes the lock.
void note_error(const ErrorNote& note);

/// Counts a pause that begins.
void count_pause(PauseCause cause) noexcept;

} // namespace kcs::pg
