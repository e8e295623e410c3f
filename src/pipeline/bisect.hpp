#pragma once

#include <cstddef>
#include <functional>

namespace kcs {

/// What trying a run of changes gave.
enum class Try : unsigned char {
    done, ///< applied
    bad,  ///< rolled back, a data error: halve it, or reject it if it is a single one
    abort ///< rolled back, not a data error: give up the whole batch
};

/// Applies [0, count) in order by halving: `attempt(begin, end)` tries a run (in a subtransaction);
/// a bad single one goes to `reject(index)`, which returns false to give up. At most about
/// 2*bad*log2(count) attempts. Returns false when given up.
bool bisect(size_t count, const std::function<Try(size_t begin, size_t end)>& attempt,
            const std::function<bool(size_t index)>& reject);

} // namespace kcs
