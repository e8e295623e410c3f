#include "entry/letter_keeper.hpp"

#include "postgres/shared_memory.hpp"
#include "postgres/start_offsets.hpp"

#include <algorithm>

namespace kcs::pg {

namespace {

/// How often dead letters are looked through, and how soon again where some were too old.
constexpr int64_t kPurgeEveryUs = 60 * 1000 * 1000;
constexpr int64_t kPurgeMoreUs = 100 * 1000;
/// How often open ones are counted while some are written, and otherwise.
constexpr int64_t kCountEveryUs = 2 * 1000 * 1000;
constexpr int64_t kCountAnywayUs = 10 * 1000 * 1000;
/// Counting takes no larger part of the time than one in so many.
constexpr int64_t kCountShare = 50;

} // namespace

int64_t LetterKeeper::look(const Settings& settings) {
    const int64_t counted = count(settings);
    const int64_t purged = purge(settings);
    return purged < 0 ? counted : std::min(counted, purged);
}

/// -1: nothing is ever too old.
int64_t LetterKeeper::purge(const Settings& settings) {
    if (settings.dead_letter_retention_s <= 0)
        return -1;
    int64_t now = clock_.steady_us();
    if (now >= purge_at_) {
        int64_t gone = -1;
        try {
            gone = purge_dead_letters(settings.client.group_id, settings.dead_letter_retention_s);
        } catch (const Error& e) {
            host_.log(LogLevel::warning, "could not delete old dead letters: " + e.fault.message);
        }
        purge_at_ = now + (gone > 0 ? kPurgeMoreUs : kPurgeEveryUs);
    }
    return purge_at_ - now;
}

/// Workers ring when they write some, and so do sessions.
int64_t LetterKeeper::count(const Settings& settings) {
    SharedHeader& header = *shared().header;
    uint64_t written = header.letters_generation.load();
    for (int i = 0; i < kMaxWorkers; ++i)
        written += shared().workers[i].dead_letters.load(std::memory_order_relaxed);
    int64_t now = clock_.steady_us();
    const int64_t due = written != written_ ? count_at_ : count_anyway_at_;
    if (now < due)
        return due - now;
    written_ = written;
    try {
        const OpenLetterCounts open = count_open_letters(settings.client.group_id);
        header.pending_letters.store(open.pending, std::memory_order_relaxed);
        header.fenced_letters.store(open.fenced, std::memory_order_relaxed);
    } catch (const Error& e) {
        host_.log(LogLevel::warning, "could not count dead letters: " + e.fault.message);
    }
    const int64_t took = clock_.steady_us() - now;
    now += took;
    count_at_ = now + std::max(kCountEveryUs, kCountShare * took);
    count_anyway_at_ = now + std::max(kCountAnywayUs, kCountShare * took);
    return count_anyway_at_ - now;
}

} // namespace kcs::pg
