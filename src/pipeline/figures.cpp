#include "pipeline/figures.hpp"

#include <algorithm>
#include <cstdio>

#include "pipeline/fault_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kSecondUs = 1000 * 1000;
/// Span over which rates are smoothed.
constexpr double kSmoothUs = 10e6;

int64_t get(const std::atomic<int64_t>& value) {
    return value.load(std::memory_order_relaxed);
}
void put(std::atomic<int64_t>& value, int64_t to) {
    value.store(to, std::memory_order_relaxed);
}

} // namespace

void Figures::configure(const Settings& settings) {
    batch_size_ = std::max(1, settings.batch_size);
}

void Figures::received(const Record& record) {
    const uint64_t bytes = record.key.size() + record.value.size();
    PartitionSlot& slot = slots_[record.slot];
    bump(self_.messages);
    bump(self_.message_bytes, bytes);
    bump(slot.messages);
    bump(slot.message_bytes, bytes);
}

void Figures::error(const Fault& fault, const Record* at) {
    bump(self_.errors);
    bump(self_.errors_by[static_cast<int>(fault.cls)]);
    status_.error(note_of(fault, at));
}

void Figures::client_error(const std::string& text) {
    // Its end is times and counts that differ each time.
    status_.error(
        {ErrorClass::environment, {}, "Kafka client: " + text.substr(0, text.find(" (after "))});
}

void Figures::refused(const Fault& fault, const Record& record) {
    bump(self_.errors);
    bump(self_.errors_by[static_cast<int>(ErrorClass::data)]);
    ErrorNote note = note_of(fault, &record);
    note.cls = ErrorClass::data;
    status_.error(note);
}

void Figures::applied(const Work& work, const ApplyOutcome& outcome, const Batch& batch,
                      int64_t took_us) {
    const int64_t wall = clock_.wall_us();
    bump(self_.transactions);
    bump(self_.skipped, batch.skipped());
    bump(self_.dead_letters, outcome.dead_letters);
    for (const ErrorNote& letter : outcome.letters) {
        bump(self_.letters_by[static_cast<int>(letter.cls)], letter.count);
        status_.error(letter);
    }
    const auto records = static_cast<int64_t>(batch.kept());
    put(self_.last_batch_records, records);
    put(self_.last_batch_us, took_us);
    put(self_.last_commit_us, wall);
    self_.batch_time.observe(took_us);
    self_.batch_records.observe(records);
    observe_delays(work, wall);
    for (const OffsetMove& move : work.offsets)
        observe_progress(move);
}

void Figures::observe_delays(const Work& work, int64_t wall) {
    for (const Change& change : work.changes) {
        const int64_t kafka_ms = (*work.records)[change.record].timestamp_ms;
        if (change.source_us > 0)
            self_.source_delay.observe(wall - change.source_us);
        if (kafka_ms > 0)
            self_.kafka_delay.observe(wall - kafka_ms * 1000);
        if (!change.tombstone)
            slots_[change.slot].in_snapshot.store(change.op == Op::read, std::memory_order_relaxed);
    }
}

// A catch-up begins more than two batches behind the end, and is over less than one behind it: what
// flows is always somewhat behind.
void Figures::observe_progress(const OffsetMove& move) {
    PartitionSlot& slot = slots_[move.slot];
    if (move.last_timestamp_ms > 0)
        put(slot.last_kafka_us, move.last_timestamp_ms * 1000);
    const int64_t behind = get(slot.high_watermark) - move.next;
    auto it = catching_up_.find(move.slot);
    if (it == catching_up_.end()) {
        if (behind < batch_size_ && get(slot.catchup_from) >= 0)
            end_catch_up(move.slot); // another worker's, or from before a restart of this one
        if (behind + (move.next - move.stored) <= 2 * batch_size_ || behind < batch_size_)
            return;
        it = catching_up_.insert({move.slot, {clock_.steady_us(), move.next}}).first;
        if (get(slot.catchup_from) < 0 || get(slot.catchup_from) > move.stored)
            put(slot.catchup_from, move.stored);
        return;
    }
    if (behind < batch_size_)
        return end_catch_up(move.slot);
    CatchUp& span = it->second;
    const int64_t now = clock_.steady_us();
    const int64_t lasted = now - span.since;
    if (lasted < kSecondUs)
        return;
    const double rate =
        static_cast<double>(move.next - span.from) * 1e9 / static_cast<double>(lasted);
    const double before = static_cast<double>(get(slot.rate_milli));
    const double weight = std::min(1.0, static_cast<double>(lasted) / kSmoothUs);
    put(slot.rate_milli,
        static_cast<int64_t>(before == 0 ? rate : before + (rate - before) * weight));
    span = {now, move.next};
}

void Figures::end_catch_up(uint32_t slot) {
    catching_up_.erase(slot);
    put(slots_[slot].catchup_from, -1);
    put(slots_[slot].rate_milli, 0);
}

void Figures::forget(uint32_t slot) {
    catching_up_.erase(slot);
}

std::string Figures::activity(size_t changes) {
    const int64_t now = clock_.steady_us();
    if (catching_up_.empty()) {
        progress_.clear();
    } else if (now - progress_at_ >= kSecondUs) {
        progress_at_ = now;
        int64_t done = 0, left = 0;
        double rate = 0;
        for (const auto& [number, span] : catching_up_) {
            const PartitionSlot& slot = slots_[number];
            const int64_t at = get(slot.next_offset);
            done += std::max<int64_t>(at - get(slot.catchup_from), 0);
            left += std::max<int64_t>(get(slot.high_watermark) - at, 0);
            rate += static_cast<double>(get(slot.rate_milli)) / 1000;
        }
        char text[160];
        int n = std::snprintf(text, sizeof text, "; caught up %lld of %lld records",
                              static_cast<long long>(done), static_cast<long long>(done + left));
        if (rate > 0)
            std::snprintf(text + n, sizeof text - static_cast<size_t>(n),
                          " at %.0f per second, about %.0f s left", rate,
                          static_cast<double>(left) / rate);
        progress_ = text;
    }
    return "applying " + std::to_string(changes) + " changes" + progress_;
}

} // namespace kcs
