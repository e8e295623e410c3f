#include "pipeline/batch.hpp"
#include "pipeline/fault_text.hpp"
#include "pipeline/partitions.hpp"

#include <algorithm>

#include "core/pure.hpp"

// The second part of Partitions: ends that lie beyond the last record. What is between them (marks
// of transactions, aborted and compacted records) may expire before the next record comes, and is
// no loss then: so they are stored. Not each one of a stream of small transactions, whose next
// record moves the offset anyway.

namespace kcs {

namespace {

constexpr int64_t kRestUs = 1000 * 1000; ///< nothing came behind an end for so long

/// Whether there is something to store.
bool unstored(const Part& part) {
    return !part.looks_back && (part.eof > part.stored || part.found);
}

bool is_due(const Part& part) {
    return part.mode == Part::Mode::flowing && part.store_at >= 0 && part.next == part.stored &&
           unstored(part);
}

} // namespace

void Partitions::note_end(Part& part, bool idle) {
    if (!idle || !unstored(part))
        part.store_at = -1;
    else if (part.store_at < 0)
        part.store_at = clock_.steady_us() + kRestUs;
}

int64_t Partitions::store_ends() {
    int64_t now = clock_.steady_us(), due = -1;
    for (const auto& entry : parts_)
        if (is_due(entry.second))
            due = due < 0 ? entry.second.store_at : std::min(due, entry.second.store_at);
    if (due < 0 || due > now)
        return due;
    // All of them at once: a transaction for each would be many.
    Work work;
    const std::vector<Record> none;
    work.records = &none;
    for (const auto& [slot, part] : parts_) {
        if (!is_due(part))
            continue;
        OffsetMove& move = work.offsets.emplace_back();
        move.slot = slot;
        move.topic = part.topic;
        move.partition = part.partition;
        move.stored = part.stored;
        move.next = std::max(part.stored, part.eof);
        if (part.found) {
            move.last_offset = part.last_offset;
            move.last_hash = part.last_hash;
        } else if (part.last_offset < 0) { // the topic is known by that it has nothing there
            move.last_offset = part.stored;
        }
    }
    sort_moves(work.offsets);
    ApplyOutcome outcome = sink_.apply(work, false);
    if (outcome.kind == ApplyOutcome::Kind::moved) {
        for (uint32_t slot : outcome.moved_slots)
            reread(slot);
        return now;
    }
    bool stored = outcome.kind == ApplyOutcome::Kind::applied;
    if (!stored) // the next batch tells what hinders; here nothing waits for it
        status_.error(note_of(outcome.fault));
    for (const OffsetMove& move : work.offsets) {
        Part& part = parts_.at(move.slot);
        if (stored) {
            part.stored = part.next = move.next;
            part.found = false;
            if (move.last_offset >= 0) {
                part.last_offset = move.last_offset;
                part.last_hash = move.last_hash;
            }
        }
        part.store_at = stored ? -1 : now + kRestUs;
        publish(move.slot, part);
    }
    return stored ? -1 : now + kRestUs;
}

} // namespace kcs
