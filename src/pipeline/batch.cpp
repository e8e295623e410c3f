#include "pipeline/batch.hpp"

#include <algorithm>
#include <unordered_map>

#include "pipeline/passed_over.hpp"

#include "core/pure.hpp"

namespace kcs {

bool Batch::poll(Source& source, size_t max_records, size_t max_bytes) {
    if (full(max_records, max_bytes))
        return true;
    size_t before = records_.size();
    bool more = source.poll(records_, max_records - before, max_bytes - bytes_);
    for (size_t i = before; i < records_.size(); ++i)
        bytes_ += records_[i].key.size() + records_[i].value.size();
    return more;
}

void Batch::foresee() {
    foreseen_.reserve(records_.size());
    while (foreseen_.size() < records_.size() && !heavy()) {
        const Record& record = records_[foreseen_.size()];
        if (!decoder_.knows(record.topic))
            return; // routes are looked up by the main thread
        foreseen_.push_back(decoder_.decode(record, arena_));
    }
}

const Target* Batch::decode_next(bool ordered) {
    const Record& record = records_[decoded_];
    uint32_t index = static_cast<uint32_t>(decoded_);
    Decoded fresh;
    if (!foreseen())
        fresh = decoder_.decode(record, arena_);
    Decoded& decoded = foreseen() ? foreseen_[decoded_] : fresh;
    kept_.push_back(true);
    ++decoded_;
    const Target* target = decoded.target;
    switch (decoded.kind) {
    case Decoded::Kind::change:
        target = decoded.change.target;
        if (passed_over(decoded.change, settings_)) {
            ++skipped_;
            break;
        }
        decoded.change.record = index;
        decoded.change.ordered = ordered;
        decoded.change.slot = record.slot;
        decoded.change.offset = record.offset;
        work_.changes.push_back(decoded.change);
        break;
    case Decoded::Kind::skip:
        ++skipped_;
        break;
    case Decoded::Kind::reject:
        work_.rejects.push_back({index, target, std::move(decoded.fault)});
        break;
    }
    targets_.push_back(target);
    return target;
}

void Batch::cut(uint32_t slot, size_t from) {
    for (size_t i = from; i < decoded_; ++i)
        if (records_[i].slot == slot)
            kept_[i] = false;
    auto gone = [this](const auto& item) { return kept_[item.record] == 0; };
    auto& changes = work_.changes;
    std::copy_if(changes.begin(), changes.end(), std::back_inserter(work_.later), gone);
    changes.erase(std::remove_if(changes.begin(), changes.end(), gone), changes.end());
    auto& rejects = work_.rejects;
    rejects.erase(std::remove_if(rejects.begin(), rejects.end(), gone), rejects.end());
}

std::vector<std::pair<uint32_t, uint32_t>> Batch::first_of(const Target* target) const {
    std::vector<std::pair<uint32_t, uint32_t>> result;
    for (size_t i = 0; i < decoded_; ++i) {
        if (!kept_[i] || targets_[i] != target)
            continue;
        uint32_t slot = records_[i].slot;
        if (std::none_of(result.begin(), result.end(),
                         [slot](const auto& entry) { return entry.first == slot; }))
            result.emplace_back(slot, static_cast<uint32_t>(i));
    }
    return result;
}

void sort_moves(std::vector<OffsetMove>& moves) {
    std::sort(moves.begin(), moves.end(), [](const auto& a, const auto& b) {
        return a.topic != b.topic ? a.topic < b.topic : a.partition < b.partition;
    });
}

Work& Batch::work(const std::function<int64_t(uint32_t)>& stored_of) {
    std::unordered_map<uint32_t, size_t> last;
    for (size_t i = 0; i < decoded_; ++i)
        if (kept_[i])
            last[records_[i].slot] = i;
    work_.offsets.clear();
    for (const auto& [slot, index] : last) {
        const Record& record = records_[index];
        OffsetMove move;
        move.slot = slot;
        move.topic = record.topic;
        move.partition = record.partition;
        move.stored = stored_of(slot);
        move.next = record.offset + 1;
        move.last_offset = record.offset;
        move.last_timestamp_ms = record.timestamp_ms;
        move.last_hash = record_hash(record);
        work_.offsets.push_back(move);
    }
    sort_moves(work_.offsets);
    work_.records = &records_;
    work_.arena = &arena_;
    return work_;
}

void Batch::clear(Source& source, size_t before) {
    std::vector<Change> changes = std::move(work_.changes);
    changes.clear();
    work_ = Work();
    work_.changes = std::move(changes); // (its memory)
    source.release(before, records_.size());
    records_.clear();
    foreseen_.clear();
    kept_.clear();
    targets_.clear();
    decoded_ = 0;
    bytes_ = 0;
    skipped_ = 0;
    // Ordinary batches reuse their memory; what a burst of large records took goes back.
    arena_.trim(96);
}

int64_t Batch::last_source_us(uint32_t slot) const {
    for (size_t i = work_.changes.size(); i-- > 0;)
        if (work_.changes[i].slot == slot && work_.changes[i].source_us != 0)
            return work_.changes[i].source_us;
    return 0;
}

} // namespace kcs
