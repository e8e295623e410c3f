#include "entry/topic_keeper.hpp"

#include "postgres/names.hpp"

#include <algorithm>

// The second half of TopicKeeper: where each partition starts, and whether its stored offset is
// still in the topic.

namespace kcs::pg {

namespace {

using Stage = PartitionEntry::Stage;
using EndsMap = std::map<TopicPartition, PartitionEnds>;

constexpr int kCallMs = 500;

bool known(const PartitionEnds& ends) {
    return ends.low >= 0 && ends.high >= 0;
}

const PartitionEnds* find_ends(const EndsMap& ends, const TopicPartition& name) {
    auto it = ends.find(name);
    return it != ends.end() && known(it->second) ? &it->second : nullptr;
}

std::string seek_hint(const TopicPartition& name, const PartitionEnds& ends) {
    std::string call = "SELECT kafka_cdc_sink.seek(" + quote_text(name.first) + ", " +
                       std::to_string(name.second) + ", ";
    if (ends.low == ends.high)
        return "To go on at offset " + std::to_string(ends.low) + ", run " + call +
               std::to_string(ends.low) + ").";
    return "To go on with the oldest record, run " + call + std::to_string(ends.low) +
           "); to go on with new ones only, give " + std::to_string(ends.high) + ".";
}

/// Why an offset is not in the topic; empty: it is.
std::string outside(int64_t next, const PartitionEnds& ends) {
    if (next < ends.low)
        return "records from offset " + std::to_string(next) +
               " on have expired: the topic begins at offset " + std::to_string(ends.low);
    if (next > ends.high)
        return "the next offset " + std::to_string(next) + " is beyond the topic's end at " +
               std::to_string(ends.high) + ": it was recreated or cut";
    return {};
}

std::string paused(const TopicPartition& name, const std::string& reason) {
    return "topic \"" + name.first + "\", partition " + std::to_string(name.second) +
           " is paused: " + reason;
}

} // namespace

bool TopicKeeper::anything_to_settle() const {
    for (const PartitionEntry& entry : table_.entries())
        if (entry.used && entry.wanted &&
            (entry.stage == Stage::unchecked ||
             (entry.stage == Stage::added && !entry.barrier.empty())))
            return true;
    return false;
}

/// Brings every partition as far towards `ready` as it can be brought now.
void TopicKeeper::settle_offsets() {
    offset_problem_ = Problem();
    bool refreshed = refreshed_;
    table_.note_generations();
    stored_ = read_stored_offsets(settings_.client.group_id);

    std::vector<PartitionEnds> asked = ask_ends();
    if (!asked.empty()) {
        host_.activity("asking brokers for offsets");
        discovery_->ends(asked, kCallMs); // each says for itself why it is not known
        host_.check_interrupts();
    }
    EndsMap ends;
    for (PartitionEnds& e : asked)
        ends[{e.topic, e.partition}] = e;

    if (store_new(ends))
        stored_ = read_stored_offsets(settings_.client.group_id);
    for (size_t i = 0; i < table_.entries().size(); ++i) {
        PartitionEntry& entry = table_.entries()[i];
        if (!entry.used || !entry.wanted)
            continue;
        auto slot = static_cast<uint32_t>(i);
        auto answer = ends.find(entry.name());
        if (answer != ends.end())
            await_ends(slot, answer->second);
        const PartitionEnds* e = find_ends(ends, entry.name());
        watch_flow(slot, e, refreshed);
        if (entry.stage == Stage::unchecked)
            check(slot, e);
        else if (e != nullptr)
            table_.put_offsets(slot, -1, e->low, e->high);
        if (entry.stage == Stage::added)
            watch_added(slot, e);
    }
    for (uint32_t slot : table_.lost(true))
        if (const PartitionEnds* e = find_ends(ends, table_.entries()[slot].name()))
            advise(slot, *e);
}

/// A partition whose leader does not tell its ends says why. One late answer is no news.
void TopicKeeper::await_ends(uint32_t slot, const PartitionEnds& ends) {
    PartitionEntry& entry = table_.entries()[slot];
    // Of one that was given out, its holder says what it is; that its leader is silent shows as the
    // sink's state.
    bool ours =
        entry.stage == Stage::unchecked || (entry.stage == Stage::added && entry.barrier.empty());
    if (known(ends)) {
        if (entry.unanswered > 1 && ours)
            table_.say(slot, PartitionState::waiting);
        entry.unanswered = 0;
        return;
    }
    if (++entry.unanswered < 2)
        return;
    const char* hint = "Look at the brokers, and whether this server reaches them at the addresses "
                       "that they advertise.";
    std::string reason = ours ? "waits until its ends are known: " + ends.error : ends.error;
    if (ours)
        table_.say(slot, PartitionState::waiting, reason, hint);
    if (!offset_problem_)
        offset_problem_ = {how_bad(),
                           "partition " + std::to_string(entry.partition) + " of topic \"" +
                               entry.topic + "\": " + reason,
                           hint};
}

/// Not every error that a broker answers a fetch with is told to who fetches, and some fetches are
/// not answered at all.
void TopicKeeper::watch_flow(uint32_t slot, const PartitionEnds* ends, bool refreshed) {
    PartitionEntry& entry = table_.entries()[slot];
    if (refreshed) {
        bool misses = ends != nullptr && entry.stands && entry.position < ends->high &&
                      table_.position(slot) == entry.position && table_.awaits_records(slot);
        entry.missed = misses ? entry.missed + 1 : 0;
    }
    if (entry.missed > 1 && !offset_problem_)
        offset_problem_ = {SinkState::degraded,
                           "partition " + std::to_string(entry.partition) + " of topic \"" +
                               entry.topic + "\" stands at offset " +
                               std::to_string(entry.position) +
                               ": its leader has more records, and does not send them",
                           "They may wait for an open transaction. Else look at the brokers' logs, "
                           "and at the network between them and this server."};
}

/// Ends are asked of partitions without a stored offset, of those that cannot be given out yet, and
/// at each refresh of those that stand, so that their lag is told.
std::vector<PartitionEnds> TopicKeeper::ask_ends() {
    std::set<TopicPartition> names;
    for (const auto& [topic, count] : selected_)
        for (int32_t p = 0; p < count; ++p)
            if (stored_.count({topic, p}) == 0)
                names.insert({topic, p});
    for (const PartitionEntry& entry : table_.entries())
        if (entry.used && entry.wanted &&
            (entry.stage != Stage::ready || entry.unanswered > 0 || (refreshed_ && entry.stands)))
            names.insert(entry.name());
    for (uint32_t slot : table_.lost(refreshed_))
        names.insert(table_.entries()[slot].name());
    refreshed_ = false;
    std::vector<PartitionEnds> result;
    for (const TopicPartition& name : names) {
        PartitionEnds ends;
        ends.topic = name.first;
        ends.partition = name.second;
        result.push_back(std::move(ends));
    }
    return result;
}

/// Stores where partitions start that have no offset yet. A topic seen for the first time is stored
/// whole or not at all, so that its partitions are told from ones that are added later.
bool TopicKeeper::store_new(const EndsMap& ends) {
    std::vector<NewOffset> rows;
    const std::map<TopicPartition, int64_t> known = table_.progress();
    for (const auto& [topic, count] : selected_) {
        auto first = stored_.lower_bound({topic, 0});
        bool seen_before = first != stored_.end() && first->first.first == topic;
        bool latest = !seen_before && settings_.start_offset == StartOffset::latest;
        size_t before = rows.size();
        for (int32_t p = 0; p < count; ++p) {
            if (stored_.count({topic, p}) != 0 || known.count({topic, p}) != 0)
                continue; // one that had a row and has none now waits for seek()
            const PartitionEnds* e = find_ends(ends, {topic, p});
            if (e != nullptr) {
                rows.push_back({topic, p, latest ? e->high : e->low, seen_before});
            } else if (!seen_before) {
                rows.resize(before);
                break;
            }
        }
    }
    store_start_offsets(settings_.client.group_id, rows);
    return !rows.empty();
}

/// A partition that is to be given out for the first time: is its stored offset in the topic?
void TopicKeeper::check(uint32_t slot, const PartitionEnds* e) {
    PartitionEntry& entry = table_.entries()[slot];
    auto stored = stored_.find(entry.name());
    if (e == nullptr)
        return; // the next round asks again
    if (stored == stored_.end() && table_.position(slot) >= 0) {
        entry.stage = Stage::halted;
        table_.say(slot, PartitionState::paused,
                   "its row in kafka_cdc_sink.offsets, where the next offset was " +
                       std::to_string(table_.position(slot)) + ", is gone",
                   seek_hint(entry.name(), *e));
        return;
    }
    if (stored == stored_.end()) {
        table_.say(slot, PartitionState::waiting,
                   "waits until the ends of all partitions of the new topic are known", "");
        return;
    }
    int64_t next = stored->second.next;
    table_.put_offsets(slot, next, e->low, e->high);
    if (outside(next, *e).empty()) {
        entry.stage = stored->second.added_later ? Stage::added : Stage::ready;
        table_.say(slot, PartitionState::waiting);
        return;
    }
    entry.stage = Stage::halted;
    table_.say(slot, PartitionState::lost, outside(next, *e)); // settle_offsets() adds the hint
}

/// How to go on where a topic is not what it was: said as soon as its ends are known, and anew when
/// they have changed.
void TopicKeeper::advise(uint32_t slot, const PartitionEnds& ends) {
    TopicPartition name = table_.entries()[slot].name();
    auto stored = stored_.find(name);
    std::string hint = seek_hint(name, ends);
    std::string reason = table_.advise(
        slot, stored == stored_.end() ? std::string() : outside(stored->second.next, ends), hint);
    if (!reason.empty())
        host_.log(LogLevel::error, paused(name, reason), {}, hint);
}

// ---- partitions added later -----------------------------------------------------------------

/// Records of a partition that was added later wait until the older partitions have passed the ends
/// they had when its first record was seen, so that a key that moved keeps its order.
void TopicKeeper::watch_added(uint32_t slot, const PartitionEnds* ends) {
    PartitionEntry& entry = table_.entries()[slot];
    auto stored = stored_.find(entry.name());
    bool has_records =
        ends != nullptr && stored != stored_.end() && ends->high > stored->second.next;
    bool sought = stored != stored_.end() && !stored->second.added_later;
    if (!sought && entry.barrier.empty() && has_records)
        arm_barrier(slot);
    if (!sought && (entry.barrier.empty() || !barrier_passed(slot)))
        return;
    end_wait_of_added(settings_.client.group_id, entry.topic, entry.partition);
    entry.barrier.clear();
    entry.stage = Stage::ready;
    table_.say(slot, PartitionState::waiting);
}

void TopicKeeper::arm_barrier(uint32_t slot) {
    const std::string topic = table_.entries()[slot].topic;
    std::vector<uint32_t> older;
    std::vector<PartitionEnds> ends;
    for (size_t i = 0; i < table_.entries().size(); ++i) {
        const PartitionEntry& entry = table_.entries()[i];
        if (!entry.used || !entry.wanted || entry.topic != topic || entry.stage == Stage::added)
            continue;
        older.push_back(static_cast<uint32_t>(i));
        PartitionEnds end;
        end.topic = topic;
        end.partition = entry.partition;
        ends.push_back(std::move(end));
    }
    host_.check_interrupts();
    if (!ends.empty())
        discovery_->ends(ends, kCallMs);
    std::vector<std::pair<uint32_t, int64_t>> barrier = {{slot, -1}}; // not empty: it is armed
    for (size_t i = 0; i < older.size(); ++i) {
        if (ends[i].high < 0)
            return;
        barrier.emplace_back(older[i], ends[i].high);
    }
    table_.entries()[slot].barrier = std::move(barrier);
    table_.say(slot, PartitionState::waiting,
               "added later: waits until the older partitions have been applied up to where they "
               "ended when its first record was seen",
               "");
}

bool TopicKeeper::barrier_passed(uint32_t slot) {
    const PartitionEntry& waiting = table_.entries()[slot];
    return std::all_of(waiting.barrier.begin(), waiting.barrier.end(), [&](const auto& end) {
        const PartitionEntry& older = table_.entries()[end.first];
        // A slot that has gone to another partition holds nothing to wait for; the position of one
        // that stopped says nothing of the topic as it is now.
        return !older.used || older.topic != waiting.topic ||
               (table_.position(end.first) >= end.second && !table_.stopped(end.first));
    });
}

} // namespace kcs::pg
