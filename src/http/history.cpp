#include "http/history.hpp"

#include "core/pure.hpp"

namespace kcs {

void History::add(const Snapshot& snapshot, int64_t steady_us) {
    int64_t records = 0; // that were committed: what stands is read again and again
    for (const WorkerRow& worker : snapshot.worker_slots)
        records += static_cast<int64_t>(worker.batch_records.sum);
    double per_second = -1;
    if (!points_.empty() && steady_us > steady_us_) {
        int64_t grown = records < records_ ? records : records - records_;
        per_second = static_cast<double>(grown) * 1e6 / static_cast<double>(steady_us - steady_us_);
    }
    records_ = records;
    steady_us_ = steady_us;
    points_.push_back(
        {snapshot.now_us, per_second, snapshot.status.total_lag, snapshot.status.delay_us});
    if (points_.size() > kPoints)
        points_.pop_front();
}

} // namespace kcs
