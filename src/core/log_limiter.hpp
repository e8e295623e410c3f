#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <unordered_map>

namespace kcs {

/// Keeps a line that repeats from filling the log: a line is admitted at once, again after a
/// minute, and the longer it goes on the more rarely, up to once an hour. Digits inside parentheses
/// do not tell lines apart (librdkafka puts durations and counts there).
class LogLimiter {
public:
    static constexpr int64_t kFirstUs = 60LL * 1000 * 1000;
    static constexpr int64_t kMaxUs = 60 * kFirstUs;

    /// Whether the line may be written now (`now_us` steady); `suppressed` gets how often it was
    /// held back since it was last written.
    bool admit(std::string_view line, int64_t now_us, uint64_t& suppressed) {
        suppressed = 0;
        if (lines_.size() >= kMostLines)
            lines_.clear(); // so many different lines are no loop
        auto [it, fresh] = lines_.try_emplace(digest(line));
        Entry& entry = it->second;
        if (!fresh && now_us < entry.next_us) {
            ++entry.suppressed;
            return false;
        }
        bool quiet = fresh || now_us > entry.next_us + entry.interval_us;
        entry.interval_us = quiet ? kFirstUs : std::min(entry.interval_us * 2, kMaxUs);
        entry.next_us = now_us + entry.interval_us;
        suppressed = entry.suppressed;
        entry.suppressed = 0;
        return true;
    }

private:
    static constexpr size_t kMostLines = 256;

    struct Entry {
        int64_t next_us = 0;
        int64_t interval_us = 0;
        uint64_t suppressed = 0;
    };

    static uint64_t digest(std::string_view line) {
        uint64_t h = UINT64_C(0xcbf29ce484222325);
        int depth = 0;
        for (char c : line) {
            depth += c == '(' ? 1 : c == ')' && depth > 0 ? -1 : 0;
            if (depth == 0 || c < '0' || c > '9')
                h = (h ^ static_cast<unsigned char>(c)) * UINT64_C(0x100000001b3);
        }
        return h;
    }

    std::unordered_map<uint64_t, Entry> lines_;
};

} // namespace kcs
