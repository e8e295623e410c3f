#include "postgres/open_letters.hpp"

#include "postgres/guard.hpp"
#include "postgres/letter_rows.hpp"
#include "postgres/names.hpp"

#include <algorithm>
#include <cstring>

namespace kcs::pg {

namespace {

uint64_t hash_of(const RowKey& row) {
    uint64_t hash;
    std::memcpy(&hash, row.data(), sizeof hash);
    return hash;
}

uint64_t hash_of(int64_t offset) {
    return static_cast<uint64_t>(offset) * UINT64_C(0x9e3779b97f4a7c15);
}

LetterPlace place_of(const std::string& group_id, const Record& record) {
    return {group_id.data(), group_id.size(), record.topic.data(), record.topic.size(),
            record.partition};
}

RowKey row_key_of(const OpenLetterRow& letter) {
    RowKey row;
    std::memcpy(row.data(), letter.row_key, row.size());
    return row;
}

const RememberedLetters::Letters& read_all(const LetterPlace& place,
                                           RememberedLetters::Letters& letters) {
    OpenLetterRows all =
        guard([&place] { return open_letters_of(&place, RememberedLetters::kMost + 1); });
    if (all.count > RememberedLetters::kMost)
        letters.give_up();
    for (uint64_t i = 0; i < all.count; ++i) {
        const OpenLetterRow& letter = all.rows[i];
        RowKey row{};
        if (letter.row_key != nullptr)
            row = row_key_of(letter);
        letters.add(letter.offset, letter.row_key == nullptr ? nullptr : &row);
    }
    return letters;
}

/// As write_dead_letter() has it; empty: none.
std::string target_text(const Target* target) {
    return target == nullptr ? "" : shown_name(target->schema) + "." + shown_name(target->table);
}

/// Whether the letter is of an earlier record of the change's row.
template <typename Letter>
bool is_before(const Letter& letter, const Change& change, const std::string& target) {
    return letter.offset < change.offset && (letter.target.empty() || letter.target == target);
}

} // namespace

// ---- what is remembered -------------------------------------------------------------------------

bool RememberedLetters::Letters::may_have(const RowKey& row) const {
    return many_ || hashes_.count(hash_of(row)) > 0;
}

bool RememberedLetters::Letters::may_have(int64_t offset) const {
    return many_ || hashes_.count(hash_of(offset)) > 0;
}

void RememberedLetters::Letters::add(int64_t offset, const RowKey* row) {
    add(hash_of(offset));
    if (row != nullptr)
        add(hash_of(*row));
}

void RememberedLetters::Letters::add(uint64_t hash) {
    if (!many_)
        hashes_.insert(hash);
    if (hashes_.size() > 2 * kMost)
        give_up();
}

void RememberedLetters::Letters::give_up() {
    many_ = true;
    hashes_ = {};
}

const RememberedLetters::Letters* RememberedLetters::find(std::string_view topic,
                                                          int32_t partition) const {
    auto found = of_.find({std::string(topic), partition});
    return found == of_.end() ? nullptr : &found->second;
}

RememberedLetters::Letters& RememberedLetters::make(std::string_view topic, int32_t partition) {
    return of_[{std::string(topic), partition}];
}

void RememberedLetters::forget(std::string_view topic, int32_t partition) {
    of_.erase({std::string(topic), partition});
}

// ---- reading ------------------------------------------------------------------------------------

void OpenLetters::read() {
    std::map<uint32_t, std::vector<const Record*>> partitions;
    auto note = [&](uint32_t record) {
        const Record& r = (*work_->records)[record];
        // One without an offset of its own meets none, and shall lock none: its caller may have no
        // right to.
        if (r.offset >= 0)
            partitions[r.slot].push_back(&r);
    };
    for (const Change& change : work_->changes)
        note(change.record);
    for (const Reject& reject : work_->rejects)
        note(reject.record);
    for (const auto& [slot, records] : partitions)
        read_partition(records);
    for (const Reject& reject : work_->rejects)
        add(reject.record, reject.target);
}

/// `records`: all of one partition.
void OpenLetters::read_partition(const std::vector<const Record*>& records) {
    const Record& any = *records.front();
    LetterPlace place = place_of(*group_id_, any);
    const RememberedLetters::Letters* known = nullptr;
    if (remembered_ != nullptr) {
        known = remembered_->find(any.topic, any.partition);
        if (known == nullptr)
            known = &read_all(place, remembered_->make(any.topic, any.partition));
        if (known->none())
            return;
    }
    slots_.insert(any.slot);
    std::vector<int64> offsets;
    std::vector<RowKey> rows;
    for (const Record* record : records) {
        std::optional<RowKey> row = row_key(*record);
        if (known == nullptr || known->may_have(record->offset))
            offsets.push_back(record->offset);
        if (row && (known == nullptr || known->may_have(*row)))
            rows.push_back(*row);
    }
    std::sort(rows.begin(), rows.end());
    rows.erase(std::unique(rows.begin(), rows.end()), rows.end());
    if (offsets.empty() && rows.empty())
        return;
    const unsigned char* keys = rows.empty() ? nullptr : rows.front().data();
    const int64* places = offsets.data();
    size_t row_count = rows.size(), offset_count = offsets.size();
    OpenLetterRows found =
        guard([&] { return lock_letters(&place, keys, row_count, places, offset_count); });
    for (uint64_t i = 0; i < found.count; ++i) {
        const OpenLetterRow& letter = found.rows[i];
        records_.insert({any.slot, letter.offset});
        if (letter.row_key == nullptr)
            continue;
        rows_[{any.slot, row_key_of(letter)}].push_back(
            {letter.offset, letter.target == nullptr ? "" : letter.target});
    }
}

void OpenLetters::add(uint32_t record, const Target* target) {
    const Record& r = (*work_->records)[record];
    std::optional<RowKey> row = row_key(r);
    if (remembered_ != nullptr)
        remembered_->make(r.topic, r.partition).add(r.offset, row ? &*row : nullptr);
    slots_.insert(r.slot);
    if (row)
        rows_[{r.slot, *row}].push_back({r.offset, target_text(target)});
}

// ---- meeting ------------------------------------------------------------------------------------

/// End: none, or the row is not told by its key, or every event is a row of its own.
OpenLetters::Rows::iterator OpenLetters::letters_of_row(const Change& change) {
    if (!change.keyed() || change.target->history || change.offset < 0)
        return rows_.end();
    std::optional<RowKey> row = row_key(record_of(change));
    return row ? rows_.find({change.slot, *row}) : rows_.end();
}

bool OpenLetters::concerns(const Change& change) {
    if (slots_.count(change.slot) == 0)
        return false;
    return change.op == Op::truncate || records_.count({change.slot, change.offset}) > 0 ||
           open_before(change);
}

bool OpenLetters::open_before(const Change& change) {
    auto letters = slots_.count(change.slot) == 0 ? rows_.end() : letters_of_row(change);
    if (letters == rows_.end())
        return false;
    std::string target = target_text(change.target);
    return std::any_of(letters->second.begin(), letters->second.end(),
                       [&](const Letter& l) { return is_before(l, change, target); });
}

/// Takes those away that the change makes up for.
void OpenLetters::pass(const Row& row, std::vector<Letter>& letters, const Change& change,
                       const std::string& target) {
    auto open = std::stable_partition(letters.begin(), letters.end(), [&](const Letter& letter) {
        return !is_before(letter, change, target);
    });
    for (auto letter = open; letter != letters.end(); ++letter)
        passed_.emplace_back(row, std::move(*letter));
    letters.erase(open, letters.end());
}

void OpenLetters::back_to(Mark mark) {
    for (; passed_.size() > mark.passed; passed_.pop_back())
        rows_[passed_.back().first].push_back(std::move(passed_.back().second));
    closed_.resize(mark.closed);
}

void OpenLetters::meet(const Change& change, bool lacks) {
    std::string target = target_text(change.target);
    if (change.op == Op::truncate) {
        for (auto& [row, letters] : rows_)
            if (row.first == change.slot)
                pass(row, letters, change, target);
        closed_.push_back({Closing::table, change.record, change.target});
    } else if (open_before(change)) {
        if (lacks) {
            Fault fault = Fault::data(
                "55000", "an earlier record of the row is a dead letter, and this one does not "
                         "have all of its values");
            fault.ours = fault.fenced = true;
            fault.table = target;
            fault.hint = "It is applied by kafka_cdc_sink.replay_dead_letters() after the earlier "
                         "one, and not needed any more when a later record has the whole row.";
            throw Error(std::move(fault));
        }
        auto letters = letters_of_row(change);
        pass(letters->first, letters->second, change, target);
        closed_.push_back({Closing::row, change.record, change.target});
        return;
    }
    if (records_.count({change.slot, change.offset}) > 0)
        closed_.push_back({Closing::record, change.record, change.target});
}

void OpenLetters::close() const {
    for (const Closed& closed : closed_) {
        const Record& record = (*work_->records)[closed.record];
        LetterPlace place = place_of(*group_id_, record);
        std::optional<RowKey> row = row_key(record);
        std::string target = target_text(closed.target);
        const unsigned char* key = row ? row->data() : nullptr;
        const char* text = target.c_str();
        int64 offset = record.offset;
        Closing what = closed.what;
        guard([&] {
            switch (what) {
            case Closing::record:
                close_letter(&place, offset);
                break;
            case Closing::row:
                close_letters_of_row(&place, offset, key, text);
                break;
            case Closing::table:
                close_letters_of_table(&place, offset, text);
                break;
            }
        });
    }
}

} // namespace kcs::pg
