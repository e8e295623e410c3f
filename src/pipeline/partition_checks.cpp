#include "pipeline/partitions.hpp"

#include <algorithm>

#include "core/pure.hpp"

// The third part of Partitions: whether the topic is still the one that was read from. It has the
// last applied record where that was, or nothing there (compaction), and nothing between it and the
// next offset. Where none was applied, what is before the next offset takes its place: another
// record, or an offset without any, whose hash is 0.

namespace kcs {

namespace {

/// How long an end before what was read is not believed: a leader that is new ends short of its
/// last records for a moment, until the other replicas have told it how far they are.
constexpr int64_t kShortUs = 5 * 1000 * 1000;

/// How many offsets before the first one to be applied a record to know the topic by is looked for.
constexpr int64_t kLookBack = 16;

} // namespace

void Partitions::recheck_all() {
    for (auto& [slot, part] : parts_)
        if (part.mode == Part::Mode::flowing) {
            recheck(part);
            consume(slot, part);
        }
}

void Partitions::recheck(Part& part) {
    if (part.looks_back) // not to its end, so far
        know(part, part.next, 0);
    part.check_offset = part.last_offset;
    part.check_hash = part.last_hash;
    part.check_end = part.last_offset < 0 ? -1 : part.stored;
    part.short_end = -1;
}

void Partitions::consume(uint32_t slot, Part& part) {
    int64_t from = part.next;
    if (part.check_offset >= 0)
        from = std::min(from, part.check_offset);
    if (part.looks_back) {
        int64_t low = slots_[slot].low_watermark.load(std::memory_order_relaxed);
        from = std::min(from, std::max({from - kLookBack, low, int64_t{0}}));
        know(part, from, 0);
    }
    source_.assign(slot, part.topic, part.partition, from);
}

void Partitions::know(Part& part, int64_t offset, uint64_t hash) {
    part.found = offset < part.next;
    part.last_offset = part.found ? offset : -1;
    part.last_hash = hash;
}

std::string Partitions::compare(Part& part, const Record& record) {
    part.looks_back = part.looks_back && record.offset < part.next;
    if (part.looks_back)
        know(part, record.offset, record_hash(record));
    if (part.check_end < 0)
        return {};
    std::string offset = std::to_string(record.offset);
    if (record.offset == part.check_offset && part.check_hash != 0) {
        if (record_hash(record) != part.check_hash)
            return "the record at offset " + offset +
                   " is not the one that was applied: the topic was recreated";
    } else if (record.offset < part.check_end) {
        return "offset " + offset + " had no record: the topic was recreated or cut";
    }
    part.check_offset = part.short_end = -1;
    if (record.offset + 1 >= part.check_end)
        part.check_end = part.lost_at = -1;
    return {};
}

bool Partitions::compare_end(uint32_t slot, Part& part, int64_t end) {
    if (part.looks_back && end < part.next) {
        dont_look_back(slot, part);
        return false;
    }
    part.looks_back = false;
    if (end < part.check_end) {
        part.short_end = end;
        if (part.lost_at < 0)
            part.lost_at = clock_.steady_us() + kShortUs;
        return false;
    }
    part.check_offset = part.check_end = part.short_end = part.lost_at = -1;
    return true;
}

void Partitions::dont_look_back(uint32_t slot, Part& part) {
    know(part, part.next, 0);
    part.looks_back = false;
    assign(slot, part);
}

int64_t Partitions::lose_short() {
    int64_t due = -1;
    for (auto& [slot, part] : parts_) {
        if (part.mode != Part::Mode::flowing || part.short_end < 0)
            continue;
        if (part.lost_at <= clock_.steady_us())
            lose(slot, "the topic ends at offset " + std::to_string(part.short_end) +
                           ", and was read up to " + std::to_string(part.check_end) +
                           ": it was recreated or cut");
        else
            due = due < 0 ? part.lost_at : std::min(due, part.lost_at);
    }
    return due;
}

/// Such an answer may come of a leader that is new, or has trouble. It is believed when the topic's
/// ends, which the coordinator asks for, say the same, and no longer where it ends than where a new
/// leader may not know its last records.
void Partitions::out_of_range(uint32_t slot, Part& part) {
    if (part.looks_back) // only that is not there, perhaps
        return dont_look_back(slot, part);
    PartitionSlot& shared = slots_[slot];
    bool check = part.check_offset >= 0;
    int64_t asked = check ? part.check_offset : part.next;
    int64_t now = clock_.steady_us();
    if (part.outside_since < 0) {
        part.outside_since = now;
        // It may be older than what was read since.
        shared.asked_high.store(-1, std::memory_order_relaxed);
    }
    bool expired = asked < shared.low_watermark.load(std::memory_order_relaxed);
    int64_t high = shared.asked_high.load(std::memory_order_relaxed);
    bool shorter = high >= 0 && asked > high && now - part.outside_since >= kShortUs;
    if (!expired && !shorter)
        return trouble(slot, part,
                       "its leader says that offset " + std::to_string(asked) +
                           " is not in the topic",
                       "It is asked again; where the topic's ends say the same, the partition "
                       "pauses. To go on elsewhere, run kafka_cdc_sink.seek().");
    if (check && expired) { // the record to compare: that is no fault
        part.check_offset = part.check_end = part.short_end = -1;
        return assign(slot, part);
    }
    lose(slot, "offset " + std::to_string(asked) + " is not in the topic any more");
}

} // namespace kcs
