#include "pipeline/waits.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

bool Waits::wait(uint32_t slot, int64_t offset, int64_t now, int64_t longest_us) {
    Wait& w = waits_[slot];
    if (w.offset != offset) {
        w.offset = offset;
        w.since = now;
        w.backoff.reset();
    }
    int64_t left = w.since + longest_us - now;
    if (left <= 0) {
        w.impatient = true;
        w.offset = w.retry_at = -1;
        return false;
    }
    w.retry_at = now + std::min(w.backoff.next_us(), left);
    return true;
}

void Waits::restart() {
    for (auto& [slot, w] : waits_) {
        w.impatient = false;
        if (w.retry_at >= 0)
            w.retry_at = 0;
        w.offset = -1;
    }
}

void Waits::met(uint32_t slot) {
    auto it = waits_.find(slot);
    if (it == waits_.end())
        return;
    if (it->second.retry_at < 0)
        waits_.erase(it);
    else // a later record of the same batch waits
        it->second.impatient = false;
}

std::vector<uint32_t> Waits::impatient() const {
    std::vector<uint32_t> slots;
    for (const auto& [slot, w] : waits_)
        if (w.impatient)
            slots.push_back(slot);
    return slots;
}

int64_t Waits::release_due(int64_t now, const std::function<void(uint32_t slot)>& release) {
    int64_t next = -1;
    for (auto& [slot, w] : waits_) {
        if (w.retry_at < 0)
            continue;
        if (w.retry_at <= now) {
            w.retry_at = -1;
            release(slot);
        } else {
            next = next < 0 ? w.retry_at : std::min(next, w.retry_at);
        }
    }
    return next;
}

} // namespace kcs
