#include "pipeline/batches.hpp"

#include "core/clock.hpp"

#include <new>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Fewer records are decoded sooner than a thread wakes up.
constexpr size_t kFewestAhead = 200;

} // namespace

Batches::Batches(const Settings& settings)
    : decoder_(settings.decoder, settings.routes),
      now_(std::make_unique<Batch>(decoder_, settings)),
      next_(std::make_unique<Batch>(decoder_, settings)), wanted_(settings.decode_ahead) {}

void Batches::configure(const Settings& settings) {
    rest();
    decoder_.configure(settings.decoder, settings.routes);
    now_->configure(settings);
    next_->configure(settings);
    wanted_ = settings.decode_ahead;
}

void Batches::look_ahead(Source& source, size_t max_records, size_t max_bytes) {
    // Layouts can be let go of only while nothing decoded is there.
    if (!wanted_ || ahead() || decoder_.wants_trim())
        return;
    next_->poll(source, max_records, max_bytes);
    if (next_->size() < kFewestAhead)
        return; // decoded when they come to hand
    thread_.begin([this, &source] {
        SystemClock clock;
        int64_t begun = clock.steady_us();
        try {
            source.reclaim();
            next_->foresee();
        } catch (const std::bad_alloc&) { // the main thread will meet it, too, and knows what to do
        } catch (...) {                   // what decode() may throw on the main thread
        }
        ahead_us_ += clock.steady_us() - begun;
    });
}

std::unordered_set<uint32_t> Batches::drop_ahead(Source& source) {
    rest();
    std::unordered_set<uint32_t> slots;
    for (size_t i = 0; i < next_->size(); ++i)
        slots.insert(next_->record(i).slot);
    next_->clear(source, now_->size());
    return slots;
}

void Batches::advance(Source& source) {
    rest();
    now_->clear(source, 0);
    std::swap(now_, next_);
    if (now_->empty()) {
        decoder_.trim();
        source.reclaim();
    }
}

void Batches::clear(Source& source) {
    rest();
    next_->clear(source, now_->size());
    advance(source);
}

int64_t Batches::take_ahead_us() {
    return std::exchange(ahead_us_, 0);
}

} // namespace kcs
