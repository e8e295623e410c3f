#pragma once

#include <cstdint>
#include <vector>

namespace kcs {

/// Gives partitions to workers. `current[i]` is the worker that partition i belongs to now (-1
/// none), `present[w]` whether worker w can hold partitions. Returns the same with every partition
/// given to a present worker (-1 for all when none is), in equal counts (they differ by one at
/// most), moving as few as possible: an arrangement that is already equal comes back unchanged.
std::vector<int32_t> assign_partitions(const std::vector<int32_t>& current,
                                       const std::vector<bool>& present);

} // namespace kcs
