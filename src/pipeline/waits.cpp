#include "pipeline/waits.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

std::string need_of(const Fault& fault) {
    if (fault.constraint.empty() && !fault.by_user_code)
        return {};
    return fault.sqlstate + '/' + fault.table + '/' + fault.constraint;
}

bool is_patient(const std::vector<Impatience>& impatient, uint32_t slot, const std::string& need) {
    return std::none_of(impatient.begin(), impatient.end(), [&](const Impatience& i) {
        return i.slot == slot && i.need.value_or(need) == need;
    });
}

bool Waits::wait(uint32_t slot, int64_t offset, const std::string& need, int64_t now,
                 int64_t longest_us) {
    Wait& w = waits_[slot];
    if (w.offset != offset) {
        w.offset = offset;
        w.since = now;
        w.backoff.reset();
    }
    w.need = need;
    int64_t left = w.since + longest_us - now;
    if (left <= 0) {
        w.in_vain[need] = {now, offset};
        w.offset = w.retry_at = -1;
        return false;
    }
    w.retry_at = now + std::min(w.backoff.next_us(), left);
    return true;
}

void Waits::restart() {
    for (auto& [slot, w] : waits_) {
        w.in_vain.clear();
        if (w.retry_at >= 0)
            w.retry_at = 0;
        w.offset = -1;
    }
}

void Waits::met(uint32_t slot) {
    auto it = waits_.find(slot);
    if (it == waits_.end())
        return;
    it->second.in_vain.erase(std::string());
    if (it->second.retry_at < 0) // else a later record of the same batch waits
        it->second.offset = -1;
}

void Waits::unmet(const Impatience& went, int64_t now) {
    auto it = waits_.find(went.slot);
    if (it != waits_.end() && went.need)
        it->second.in_vain[*went.need] = {now, -1};
}

void Waits::committed(uint32_t slot, int64_t next) {
    auto it = waits_.find(slot);
    if (it == waits_.end())
        return;
    Wait& w = it->second;
    if (w.offset >= 0 && w.offset < next) {
        w.in_vain.erase(w.need);
        w.offset = w.retry_at = -1;
    }
    for (auto& [need, v] : w.in_vain)
        if (v.pending < next)
            v.pending = -1;
}

std::vector<Impatience> Waits::impatient(int64_t now, int64_t longest_us) {
    int64_t quiet = std::max(longest_us, kMostUs);
    std::vector<Impatience> result;
    for (auto& [slot, w] : waits_)
        for (auto it = w.in_vain.begin(); it != w.in_vain.end();) {
            const InVain& v = it->second;
            if (!it->first.empty() && v.pending < 0 && now - v.last >= quiet) {
                it = w.in_vain.erase(it);
                continue;
            }
            result.push_back({slot, it->first});
            ++it;
        }
    return result;
}

int64_t Waits::release_due(int64_t now, const std::function<void(uint32_t slot)>& release) {
    int64_t next = -1;
    for (auto& [slot, w] : waits_) {
        if (w.retry_at < 0)
            continue;
        if (w.retry_at <= now) {
            w.retry_at = -1;
            release(slot);
            look_until_ = now + kLookAheadUs;
        } else {
            next = next < 0 ? w.retry_at : std::min(next, w.retry_at);
        }
    }
    return next;
}

} // namespace kcs
