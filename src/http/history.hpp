#pragma once

#include "core/snapshot.hpp"

#include <cstdint>
#include <deque>

namespace kcs {

/// The last quarter of an hour, for charts.
class History {
public:
    static constexpr int64_t kIntervalUs = 10 * 1000 * 1000;
    static constexpr size_t kPoints = 90;

    struct Point {
        int64_t at_us;     ///< since 1970
        double per_second; ///< records taken from Kafka, since the point before; -1: unknown
        int64_t lag;       ///< -1: unknown
        int64_t delay_us;  ///< of the event committed last; -1: none yet
    };

    /// `steady_us`: when the picture was taken. Counters that went back were reset, and have grown
    /// from zero since.
    void add(const Snapshot& snapshot, int64_t steady_us);
    const std::deque<Point>& points() const { return points_; } ///< oldest first

private:
    std::deque<Point> points_;
    int64_t records_ = 0;
    int64_t steady_us_ = 0;
};

} // namespace kcs
