#pragma once

namespace kcs {

/// What look_for_interrupts() calls: may throw, or end the process. Null: nothing. Set once, by the
/// room that knows the process.
inline void (*interruption_point)() = nullptr;

/// For computations that may take long over one value, so that nobody who stops the process waits
/// for their end. Nothing may be half changed that outlives an exception.
inline void look_for_interrupts() {
    if (interruption_point != nullptr)
        interruption_point();
}

} // namespace kcs
