#pragma once

#include "core/settings.hpp"
#include "debezium/decoder.hpp"
#include "pipeline/ports.hpp"

#include <algorithm>
#include <functional>
#include <vector>

namespace kcs {

/// The records polled so far, decoded, until they are applied. Records of a slot can be cut off
/// from some record on: they are then read again later.
class Batch {
public:
    /// `decoder`: the caller's, configured and trimmed by it.
    Batch(Decoder& decoder, const Settings& settings)
        : decoder_(decoder), settings_(settings.apply) {}

    /// For records that decode_next() has not seen.
    void configure(const Settings& settings) { settings_ = settings.apply; }

    /// Poll more from the source and note how many arrived. Returns true when the batch is full or
    /// the source has more at hand.
    bool poll(Source& source, size_t max_records, size_t max_bytes);

    /// First record that decode_next() has not seen.
    size_t undecoded() const { return decoded_; }
    size_t size() const { return records_.size(); }
    bool empty() const { return records_.empty(); }
    bool full(size_t max_records, size_t max_bytes) const {
        return records_.size() >= max_records || bytes_ >= max_bytes;
    }
    const Record& record(size_t index) const { return records_[index]; }

    /// Decodes records before decode_next() asks for them, in order, as far as memory and what is
    /// known of their topics allow. May run on another thread, while nothing else is done to batch
    /// and decoder; throws what Decoder::decode() throws, and what was decoded before counts.
    void foresee();
    /// Whether the next record was decoded by foresee().
    bool foreseen() const { return decoded_ < foreseen_.size(); }

    /// Decodes the next record into the work. `ordered`: its topic has one partition. Returns its
    /// target, null if it has none.
    const Target* decode_next(bool ordered);
    /// Why the record decoded last is refused for its target's sake (not its own); else null.
    const Fault* refused_target(size_t record) const {
        const auto& rejects = work_.rejects;
        bool is_one = !rejects.empty() && rejects.back().record == record &&
                      rejects.back().fault.cls != ErrorClass::data;
        return is_one ? &rejects.back().fault : nullptr;
    }
    /// The next record was applied before a restart: what follows is read in its light, as a
    /// tombstone is behind its delete.
    void recall_next() {
        if (!foreseen())
            decoder_.decode(records_[decoded_], arena_);
    }
    /// Passes over the next record: not part of the batch, moves no offset.
    void drop_next() {
        kept_.push_back(0);
        targets_.push_back(nullptr);
        ++decoded_;
    }

    /// Removes all records of `slot` from record index `from` on.
    void cut(uint32_t slot, size_t from);
    /// For each slot with records of `target`: the index of the first one.
    std::vector<std::pair<uint32_t, uint32_t>> first_of(const Target* target) const;

    /// The work, with `stored` of each slot by `stored_of`. Valid until clear().
    Work& work(const std::function<int64_t(uint32_t)>& stored_of);

    /// Empties the batch; records go back to the source, which has handed out `before` records
    /// before them that are still in use.
    void clear(Source& source, size_t before);

    /// Whether what was decoded so far takes so much memory that the rest must wait.
    bool heavy() const { return arena_.used() > kMostMemory; }
    /// Records that were decoded and not cut.
    size_t kept() const { return static_cast<size_t>(std::count(kept_.begin(), kept_.end(), 1)); }
    /// Payload bytes of what is in the batch.
    size_t bytes() const { return bytes_; }
    uint64_t skipped() const { return skipped_; }
    /// Largest source commit time per slot among the kept records, for the views.
    int64_t last_source_us(uint32_t slot) const;

private:
    /// Bytes of decoded values; batches of ordinary records are far from it.
    static constexpr size_t kMostMemory = size_t{256} << 20;

    Decoder& decoder_;
    ApplySettings settings_;
    Arena arena_;
    std::vector<Record> records_;
    std::vector<Decoded> foreseen_; ///< of the first records
    std::vector<char> kept_;        ///< per decoded record: still part of the batch
    size_t decoded_ = 0;
    size_t bytes_ = 0;
    uint64_t skipped_ = 0;
    Work work_;
    std::vector<const Target*> targets_; ///< per decoded record
};

/// The order in which their rows are locked: one for workers and sessions that move offsets by
/// hand.
void sort_moves(std::vector<OffsetMove>& moves);

} // namespace kcs
