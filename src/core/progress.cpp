#include "core/shared_rows.hpp"

#include <algorithm>

#include "core/pure.hpp"

// How far a partition is in a snapshot or a catch-up.

namespace kcs {

namespace {

bool catches_up(const PartitionRow& p) {
    return p.catchup_from >= 0 && p.lag() > 0;
}

} // namespace

const char* PartitionRow::phase() const {
    if (lag() < 0)
        return "";
    if (!catches_up(*this))
        return "following";
    return in_snapshot ? "snapshot" : "catching up";
}

int64_t PartitionRow::done() const {
    if (!catches_up(*this))
        return -1;
    return std::max<int64_t>(std::max(position, next_offset) - catchup_from, 0);
}

double PartitionRow::rate() const {
    const bool flows = state == PartitionState::running;
    return flows && catches_up(*this) && rate_milli > 0 ? static_cast<double>(rate_milli) / 1000
                                                        : -1;
}

int64_t PartitionRow::time_left_us() const {
    if (rate() <= 0)
        return -1;
    return static_cast<int64_t>(std::min(static_cast<double>(lag()) / rate() * 1e6, 9e17));
}

} // namespace kcs
