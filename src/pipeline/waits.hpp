#pragma once

#include "core/backoff.hpp"

#include <cstdint>
#include <functional>
#include <unordered_map>
#include <vector>

namespace kcs {

/// Partitions that stand before a record which needs one of another partition (design section 4,
/// class cross-partition). Each is tried again at back-off until the longest wait is over; then the
/// record goes without, and so do the partition's later ones, until one has found what it needs.
class Waits {
public:
    /// The record at `offset` of `slot` misses another one. False: its time is over, it shall be
    /// applied without.
    bool wait(uint32_t slot, int64_t offset, int64_t now, int64_t longest_us);
    /// A record of the slot found what it needs.
    void met(uint32_t slot);
    /// The slot starts over, or is not ours any more.
    void forget(uint32_t slot) { waits_.erase(slot); }
    /// Everything is tried at once, with a fresh allowance of time.
    void restart();

    /// Slots whose records go without.
    std::vector<uint32_t> impatient() const;
    /// Calls `release` for each slot that is due. Returns when the next one is, -1: none.
    int64_t release_due(int64_t now, const std::function<void(uint32_t slot)>& release);

private:
    struct Wait {
        int64_t offset = -1; ///< of the record that waits; -1: none does
        int64_t since = 0;
        int64_t retry_at = -1; ///< -1: it is being tried
        Backoff backoff{kFirstUs, kMostUs};
        bool impatient = false;
    };
    /// The other record is usually on its way already.
    static constexpr int64_t kFirstUs = 20 * 1000;
    static constexpr int64_t kMostUs = 1000 * 1000;

    std::unordered_map<uint32_t, Wait> waits_;
};

} // namespace kcs
