#pragma once

#include "core/backoff.hpp"
#include "pipeline/ports.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

namespace kcs {

/// Partitions that stand before a record which needs one of another partition (design section 4,
/// class cross-partition). Each is tried again at back-off until the longest wait is over; then the
/// record goes without. So do the partition's later ones that need the same: its other half or its
/// row, until one has found it; a constraint's leave, until none has missed it for as long as one
/// waits.
class Waits {
public:
    /// The record at `offset` of `slot` misses another one. False: its time is over, it shall be
    /// applied without.
    bool wait(uint32_t slot, int64_t offset, const std::string& need, int64_t now,
              int64_t longest_us);
    /// A record of the slot found its other half or its row.
    void met(uint32_t slot);
    /// A record went without what it needs.
    void unmet(const Impatience& went, int64_t now);
    /// All records of the slot before `next` are applied.
    void committed(uint32_t slot, int64_t next);
    /// The slot starts over, or is not ours any more.
    void forget(uint32_t slot) { waits_.erase(slot); }
    /// Everything is tried at once, with a fresh allowance of time.
    void restart();

    /// Whose records go without what.
    std::vector<Impatience> impatient(int64_t now, int64_t longest_us);
    /// Calls `release` for each slot that is due. Returns when the next one is, -1: none.
    int64_t release_due(int64_t now, const std::function<void(uint32_t slot)>& release);
    /// So long what is behind the released ones is fetched, too: a row may have left its place.
    int64_t look_until() const { return look_until_; }

private:
    struct InVain {
        int64_t last;    ///< when a record last went without
        int64_t pending; ///< offset of the one that is to do so yet; -1: none
    };
    struct Wait {
        int64_t offset = -1; ///< of the record that waits; -1: none does
        int64_t since = 0;
        int64_t retry_at = -1; ///< -1: it is being tried
        std::string need;
        Backoff backoff{kFirstUs, kMostUs};
        std::map<std::string, InVain> in_vain; ///< by need
    };
    /// The other record is usually on its way already.
    static constexpr int64_t kFirstUs = 20 * 1000;
    static constexpr int64_t kMostUs = 1000 * 1000;
    static constexpr int64_t kLookAheadUs = 100 * 1000;

    std::unordered_map<uint32_t, Wait> waits_;
    int64_t look_until_ = 0;
};

} // namespace kcs
