#pragma once

#include "pipeline/partitions.hpp"

#include <cstdint>
#include <string>
#include <unordered_map>

namespace kcs {

/// Targets that cannot take changes now. Each is tried again at back-off: then records of it are
/// let through once.
class BlockedTargets {
public:
    struct Entry {
        int64_t retry_at;
        Backoff backoff;
        PartitionState state;
        std::string reason, hint;
        bool trying = false; ///< due: records of it are let through once
        bool news = true;    ///< the reason is another one than before
    };

    bool empty() const { return entries_.empty(); }
    /// Why records of the target cannot pass; null: they can.
    const Entry* standing(const Target* target) const;
    /// It refused changes: it stands until its back-off is over, which begins as given.
    Entry& block(const Target* target, const Fault& fault, int64_t now, const Backoff& fresh);
    /// It took changes. False: nobody had noted that it stands, or it was not being tried.
    bool flows_again(const Target* target);

    /// Lets records of due targets through. One that no partition stands before any more, because
    /// it was passed or given up, is forgotten. Returns when the next one is due, -1: none.
    int64_t release_due(int64_t now, Partitions& parts, Status& status);
    /// All are due now.
    void retry_now();
    /// Records may go elsewhere now: whether a target stands, its next record says.
    void forget_all(Partitions& parts, Status& status);

private:
    std::unordered_map<const Target*, Entry> entries_;
};

} // namespace kcs
