#pragma once

#include "core/snapshot.hpp"

namespace kcs::pg {

/// For the exporter and the view `metrics`. Reads shared memory and settings only: it needs no
/// connection to a database, and waits for nothing but the segment's lock. Raises nothing.
Snapshot take_snapshot();

} // namespace kcs::pg
