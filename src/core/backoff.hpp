#pragma once

#include <algorithm>
#include <cstdint>

namespace kcs {

/// Doubling delay between two bounds.
class Backoff {
public:
    Backoff(int64_t first_us, int64_t max_us) : first_us_(first_us), max_us_(max_us) {}

    /// The delay to wait now; the next one is twice as long, up to the maximum.
    int64_t next_us() {
        int64_t now = std::min(next_us_ == 0 ? first_us_ : next_us_, max_us_);
        next_us_ = std::min(now * 2, max_us_);
        return now;
    }
    void reset() { next_us_ = 0; }

private:
    int64_t first_us_;
    int64_t max_us_;
    int64_t next_us_ = 0;
};

} // namespace kcs
