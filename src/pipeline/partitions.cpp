#include "pipeline/partitions.hpp"

#include <algorithm>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

std::string quote_literal(const std::string& text) {
    std::string result = "'";
    for (char c : text) {
        if (c == '\'')
            result += '\'';
        result += c;
    }
    return result + "'";
}

void store(std::atomic<int64_t>& to, int64_t value) {
    to.store(value, std::memory_order_relaxed);
}

} // namespace

void Partitions::take(uint32_t slot, const std::string& topic, int32_t partition) {
    Part part;
    part.topic = topic;
    part.partition = partition;
    parts_[slot] = std::move(part);
    say(slot, PartitionState::starting);
}

void Partitions::give_up(uint32_t slot) {
    auto it = parts_.find(slot);
    if (it == parts_.end())
        return;
    source_.unassign(slot);
    parts_.erase(it);
}

void Partitions::reread(uint32_t slot) {
    auto it = parts_.find(slot);
    if (it == parts_.end())
        return;
    Part& part = it->second;
    if (part.mode == Part::Mode::flowing)
        source_.unassign(slot);
    part.mode = Part::Mode::unread;
    part.retry_at = 0;
    part.blocked_by = nullptr;
    part.eof = -1;
    part.last_offset = -1;
    part.looks_back = part.found = false;
    recheck(part);
    say(slot, PartitionState::starting);
}

void Partitions::reread_all() {
    for (auto& entry : parts_)
        reread(entry.first);
}

void Partitions::suspend() {
    for (auto& [slot, part] : parts_)
        if (part.mode == Part::Mode::flowing) {
            source_.unassign(slot);
            part.mode = Part::Mode::unread;
            part.eof = -1;
        }
}

void Partitions::rewind(uint32_t slot, int64_t offset) {
    auto it = parts_.find(slot);
    if (it == parts_.end())
        return;
    Part& part = it->second;
    part.next = std::min(part.next, offset);
    if (part.mode == Part::Mode::flowing)
        assign(slot, part);
}

bool Partitions::halt(uint32_t slot, int64_t offset, Part::Mode mode, const Target* target) {
    auto it = parts_.find(slot);
    if (it == parts_.end())
        return false;
    Part& part = it->second;
    if (part.mode == Part::Mode::flowing)
        source_.unassign(slot);
    part.mode = mode;
    part.trying = false;
    part.next = offset;
    part.eof = -1;
    part.blocked_by = target;
    return true;
}

void Partitions::block(uint32_t slot, int64_t offset, const Target* target, PartitionState state,
                       const std::string& reason, const std::string& hint) {
    if (halt(slot, offset, Part::Mode::blocked, target))
        say(slot, state, reason, hint);
}

void Partitions::stop(uint32_t slot, int64_t offset, const std::string& reason,
                      const std::string& hint) {
    if (halt(slot, offset, Part::Mode::stopped, nullptr))
        say(slot, PartitionState::paused, reason, hint);
}

void Partitions::lose(uint32_t slot, const std::string& reason) {
    if (halt(slot, parts_.at(slot).stored, Part::Mode::stopped, nullptr))
        say(slot, PartitionState::lost, reason);
}

bool Partitions::unblock(const Target* target) {
    bool any = false;
    for (auto& [slot, part] : parts_)
        if (part.mode == Part::Mode::blocked && part.blocked_by == target) {
            part.blocked_by = nullptr;
            try_again(slot, part);
            any = true;
        }
    return any;
}

void Partitions::release(uint32_t slot) {
    auto it = parts_.find(slot);
    if (it != parts_.end() && it->second.mode == Part::Mode::blocked)
        try_again(slot, it->second);
}

/// Shows as it did until something is applied.
void Partitions::try_again(uint32_t slot, Part& part) {
    part.mode = Part::Mode::flowing;
    part.troubled = false;
    part.trying = true;
    recheck(part);
    consume(slot, part);
}

std::vector<uint32_t> Partitions::stopped() const {
    std::vector<uint32_t> slots;
    for (const auto& [slot, part] : parts_)
        if (part.mode == Part::Mode::stopped)
            slots.push_back(slot);
    return slots;
}

int64_t Partitions::settle(int64_t retry_us) {
    int64_t due = -1;
    for (auto& [slot, part] : parts_) {
        if (part.mode != Part::Mode::unread)
            continue;
        int64_t now = clock_.steady_us();
        if (part.retry_at <= now) {
            Result<OffsetMove> read = sink_.read_offset(slot, part.topic, part.partition);
            if (!read) {
                say_unread(slot, part, read.fault());
                part.retry_at = now + retry_us;
            } else {
                part.stored = part.next = read->next;
                part.last_offset = read->last_offset;
                part.last_hash = read->last_hash;
                recheck(part);
                part.looks_back = part.last_offset < 0 && part.next > 0;
                assign(slot, part);
                publish(slot, part);
                continue;
            }
        }
        due = due < 0 ? part.retry_at : std::min(due, part.retry_at);
    }
    return due;
}

/// A row that was there and is gone is not replaced: what was applied would be applied once more,
/// or what was not applied skipped.
void Partitions::say_unread(uint32_t slot, const Part& part, const Fault& fault) {
    int64_t before = slots_[slot].next_offset.load(std::memory_order_relaxed);
    if (fault.sqlstate != kNoOffset || before < 0)
        return say(slot, PartitionState::starting, fault.message, fault.hint);
    std::string next = std::to_string(before);
    say(slot, PartitionState::paused,
        "its row in kafka_cdc_sink.offsets, where the next offset was " + next + ", is gone",
        "To go on there, run SELECT kafka_cdc_sink.seek(" + quote_literal(part.topic) + ", " +
            std::to_string(part.partition) + ", " + next + ").");
}

int64_t Partitions::reassign_troubled(int64_t first_us, int64_t max_us) {
    int64_t now = clock_.steady_us();
    int64_t due = -1;
    for (auto& [slot, part] : parts_) {
        if (part.mode != Part::Mode::flowing || !part.troubled)
            continue;
        bool again = part.retry_us > 0 && part.retry_at <= now;
        if (again) {
            recheck(part);
            consume(slot, part);
        }
        if (again || part.retry_us == 0) {
            part.retry_us = part.retry_us == 0 ? first_us : std::min(part.retry_us * 2, max_us);
            part.retry_at = now + part.retry_us;
        }
        due = due < 0 ? part.retry_at : std::min(due, part.retry_at);
    }
    return due;
}

void Partitions::assign(uint32_t slot, Part& part) {
    part.eof = -1; // an end that lies beyond records which are to be read again
    part.mode = Part::Mode::flowing;
    part.troubled = part.trying = false;
    consume(slot, part);
    say(slot, PartitionState::running);
}

Admission Partitions::admit(const Record& record) {
    auto it = parts_.find(record.slot);
    if (it == parts_.end() || it->second.mode != Part::Mode::flowing)
        return Admission::refused;
    Part& part = it->second;
    bool last = record.offset == part.check_offset;
    std::string another = compare(part, record);
    if (!another.empty()) {
        lose(record.slot, another);
        return Admission::refused;
    }
    if (record.offset < part.next)
        return last ? Admission::last_applied : Admission::refused;
    part.next = record.offset + 1;
    calm(record.slot, part);
    return Admission::taken;
}

void Partitions::calm(uint32_t slot, Part& part) {
    part.outside_since = -1;
    if (!part.troubled)
        return;
    part.troubled = false;
    say(slot, PartitionState::running);
}

void Partitions::trouble(uint32_t slot, Part& part, const std::string& reason,
                         const std::string& hint) {
    if (!part.troubled)
        part.retry_us = 0;
    part.troubled = true;
    say(slot, PartitionState::running, reason, hint);
}

void Partitions::event(const SourceEvent& event) {
    auto it = parts_.find(event.slot);
    if (event.kind == SourceEvent::Kind::client_error || it == parts_.end())
        return;
    Part& part = it->second;
    switch (event.kind) {
    case SourceEvent::Kind::end_of_partition:
        if (part.mode != Part::Mode::flowing)
            break;
        if (!compare_end(event.slot, part, event.offset))
            break;
        calm(event.slot, part);
        if (event.offset >= part.next)
            part.eof = event.offset;
        if (part.trying && part.next == part.stored && part.eof >= 0) { // the record is gone
            part.trying = false;
            say(event.slot, PartitionState::running);
        }
        publish(event.slot, part);
        break;
    case SourceEvent::Kind::out_of_range:
        if (part.mode != Part::Mode::flowing)
            break;
        out_of_range(event.slot, part);
        break;
    case SourceEvent::Kind::partition_error:
        if (part.mode == Part::Mode::flowing)
            trouble(event.slot, part, event.text,
                    !event.hint.empty() ? event.hint
                                        : "It is tried again by itself. Look at the topic, at what "
                                          "the client may read, and at the brokers' logs.");
        break;
    case SourceEvent::Kind::client_error:
        break;
    }
}

void Partitions::committed(const OffsetMove& move, int64_t source_us, int64_t now_wall_us) {
    auto it = parts_.find(move.slot);
    if (it == parts_.end())
        return;
    it->second.stored = move.next;
    if (move.last_offset >= 0) {
        it->second.last_offset = move.last_offset;
        it->second.last_hash = move.last_hash;
        it->second.found = false;
    }
    if (std::exchange(it->second.trying, false))
        say(move.slot, PartitionState::running);
    if (source_us != 0)
        store(slots_[move.slot].last_event_us, source_us);
    store(slots_[move.slot].last_commit_us, now_wall_us);
    publish(move.slot, it->second);
}

void Partitions::publish(uint32_t slot, Part& part) {
    // Everything taken is committed: then an end reached beyond it counts too.
    bool idle = part.next == part.stored;
    note_end(part, idle);
    status_.progress(slot, part.stored, idle ? std::max(part.stored, part.eof) : part.stored,
                     std::max(source_.high_watermark(slot), part.eof));
}

int64_t Partitions::stored(uint32_t slot) const {
    return parts_.at(slot).stored;
}

} // namespace kcs
