#include "pipeline/blocked.hpp"

#include <algorithm>

#include "pipeline/fault_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// How long a target that is tried may bring neither an error nor a change.
constexpr int64_t kTriedUs = 10 * 1000 * 1000;

} // namespace

const BlockedTargets::Entry* BlockedTargets::standing(const Target* target) const {
    auto it = target == nullptr ? entries_.end() : entries_.find(target);
    return it == entries_.end() || it->second.trying ? nullptr : &it->second;
}

BlockedTargets::Entry& BlockedTargets::block(const Target* target, const Fault& fault, int64_t now,
                                             const Backoff& fresh) {
    Entry& entry = entries_.emplace(target, Entry{0, fresh, {}, {}, {}}).first->second;
    entry.trying = false;
    entry.retry_at = now + entry.backoff.next_us();
    entry.state = fault.cls == ErrorClass::locked ? PartitionState::locked : PartitionState::parked;
    entry.news = entry.reason != safe_reason(fault);
    entry.reason = safe_reason(fault);
    entry.hint = fault.hint;
    return entry;
}

bool BlockedTargets::flows_again(const Target* target) {
    auto it = entries_.find(target);
    if (it == entries_.end() || !it->second.trying)
        return false;
    entries_.erase(it);
    return true;
}

int64_t BlockedTargets::release_due(int64_t now, Partitions& parts, Status& status) {
    int64_t next = -1;
    for (auto it = entries_.begin(); it != entries_.end();) {
        auto& [target, entry] = *it;
        if (entry.retry_at <= now) {
            if (entry.trying || !parts.unblock(target)) {
                status.table(*target, {}, {});
                it = entries_.erase(it);
                continue;
            }
            entry.trying = true;
            entry.retry_at = now + kTriedUs;
        }
        next = next < 0 ? entry.retry_at : std::min(next, entry.retry_at);
        ++it;
    }
    return next;
}

void BlockedTargets::retry_now() {
    for (auto& [target, entry] : entries_)
        if (!entry.trying)
            entry.retry_at = 0;
}

void BlockedTargets::forget_all(Partitions& parts, Status& status) {
    for (auto& [target, entry] : entries_) {
        parts.unblock(target);
        status.table(*target, {}, {});
    }
    entries_.clear();
}

} // namespace kcs
