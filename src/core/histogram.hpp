#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

// Counters and histograms in shared memory: one writer each unless said otherwise, read without a
// lock.

namespace kcs {

using Counter = std::atomic<uint64_t>;
static_assert(Counter::is_always_lock_free && std::atomic<double>::is_always_lock_free);

inline void bump(Counter& c, uint64_t by = 1) {
    c.store(c.load(std::memory_order_relaxed) + by, std::memory_order_relaxed);
}

/// Upper bounds of the buckets, in the unit that is observed.
template <size_t N> struct Bounds {
    int64_t values[N];
    static constexpr size_t kSize = N;
};
template <typename... T> Bounds(T...) -> Bounds<sizeof...(T)>;

/// Microseconds: 1 ms to a minute.
inline constexpr Bounds<15> kDurationBounds{{1000, 2500, 5000, 10000, 25000, 50000, 100000, 250000,
                                             500000, 1000000, 2500000, 5000000, 10000000, 30000000,
                                             60000000}};
/// Microseconds: 10 ms to a day.
inline constexpr Bounds<16> kDelayBounds{{10000, 25000, 50000, 100000, 250000, 500000, 1000000,
                                          2500000, 5000000, 10000000, 30000000, 60000000, 300000000,
                                          900000000, 3600000000, 86400000000}};
inline constexpr Bounds<15> kRecordBounds{
    {1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000}};

/// How many observations fell into each bucket, and their sum.
template <const auto& bounds> struct Histogram {
    static constexpr size_t kBuckets = bounds.kSize + 1; ///< the last one has no bound
    Counter counts[kBuckets];                            ///< not cumulative
    std::atomic<double> sum; ///< integers would wrap: a source may say any time

    void observe(int64_t value) {
        if (value < 0) // clocks differ
            value = 0;
        size_t at = 0;
        while (at < bounds.kSize && value > bounds.values[at])
            ++at;
        bump(counts[at]);
        sum.store(sum.load(std::memory_order_relaxed) + static_cast<double>(value),
                  std::memory_order_relaxed);
    }
    void reset() {
        for (Counter& count : counts)
            count.store(0, std::memory_order_relaxed);
        sum.store(0, std::memory_order_relaxed);
    }
};

} // namespace kcs
