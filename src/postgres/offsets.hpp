#pragma once

#include "pipeline/ports.hpp"

#include <string>

// The truth about progress: kafka_cdc_sink.offsets. Called in a transaction with SPI connected;
// throws pg::Error.

namespace kcs::pg {

/// Moves next_offset from `move.stored` to `move.next`. False: it is not there any more.
bool move_offset(const std::string& group_id, const OffsetMove& move);

/// Reads a partition's row into `move` (stored and next are next_offset). False: there is none.
bool load_offset(const std::string& group_id, OffsetMove& move);

} // namespace kcs::pg
