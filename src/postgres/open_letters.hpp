#pragma once

#include "debezium/change.hpp"
#include "debezium/row_key.hpp"
#include "pipeline/ports.hpp"

#include <map>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

// Dead letters that stand open (pending or fenced), and what later records of the same rows mean
// for them (design 4): a whole row or a delete makes them superseded, so that no replay goes back
// in time; a record that lacks values goes behind them, fenced, as the row that it builds on is not
// there. The letters of a row go by the record key, in their topic and partition, and by target,
// because a topic may carry several tables.

namespace kcs::pg {

/// What a worker remembers of open letters from batch to batch, so that most batches need not look.
/// It may name some that are closed, but misses none.
class RememberedLetters {
public:
    /// Of one partition.
    class Letters {
    public:
        bool none() const { return !many_ && hashes_.empty(); }
        bool may_have(const RowKey& row) const;
        bool may_have(int64_t offset) const;
        /// `row` null: the record has no key.
        void add(int64_t offset, const RowKey* row);
        /// There are too many to be told apart: any record may be of one.
        void give_up();

    private:
        void add(uint64_t hash);

        bool many_ = false;
        std::unordered_set<uint64_t> hashes_; ///< of row keys and of offsets
    };

    /// As many letters of a partition as are told apart.
    static constexpr uint64_t kMost = 100000;

    /// Null: not read yet.
    const Letters* find(std::string_view topic, int32_t partition) const;
    Letters& make(std::string_view topic, int32_t partition);
    /// To be read again: another process may have held the partition.
    void forget(std::string_view topic, int32_t partition);
    void forget_all() { of_.clear(); }

private:
    std::map<std::pair<std::string, int32_t>, Letters> of_;
};

/// Those of one batch's rows. Called in a transaction with SPI connected; throws pg::Error.
class OpenLetters {
public:
    /// `remembered` null: look always.
    OpenLetters(const std::string& group_id, const Work& work, RememberedLetters* remembered)
        : group_id_(&group_id), work_(&work), remembered_(remembered) {}

    /// Reads the letters of the batch's records and of earlier ones of their rows, and locks them.
    /// Before any row is written, so that sessions that replay and workers that apply take their
    /// locks in one order.
    void read();

    /// Whether an open letter is of the change's row or record: then meet() is to be told.
    bool concerns(const Change& change);
    /// Whether letters of earlier records stand open for the change's row.
    bool open_before(const Change& change);
    /// The change is about to be applied; its row's letters are closed. Throws pg::Error
    /// (Fault::fenced) where it has to go behind them. `lacks`: some of its values are unavailable.
    void meet(const Change& change, bool lacks);
    /// A record becomes a letter.
    void add(uint32_t record, const Target* target);

    /// How much was met so far; and back to there, after what was met since has failed.
    struct Mark {
        size_t closed, passed;
    };
    Mark mark() const { return {closed_.size(), passed_.size()}; }
    void back_to(Mark mark);

    /// Writes what was closed. After all letters of the batch were written.
    void close() const;

private:
    struct Letter {
        int64_t offset;
        std::string target; ///< empty: not told
    };
    using Row = std::pair<uint32_t, RowKey>; ///< slot, key
    using Rows = std::map<Row, std::vector<Letter>>;
    enum class Closing : uint8_t { record, row, table };
    struct Closed {
        Closing what;
        uint32_t record;
        const Target* target;
    };

    const Record& record_of(const Change& change) const { return (*work_->records)[change.record]; }
    void read_partition(const std::vector<const Record*>& records);
    Rows::iterator letters_of_row(const Change& change);
    void pass(const Row& row, std::vector<Letter>& letters, const Change& change,
              const std::string& target);

    const std::string* group_id_;
    const Work* work_;
    RememberedLetters* remembered_;
    Rows rows_;
    std::set<std::pair<uint32_t, int64_t>> records_; ///< slot, offset: the batch's own letters
    std::unordered_set<uint32_t> slots_;             ///< where any may be open
    std::vector<Closed> closed_;
    std::vector<std::pair<Row, Letter>> passed_; ///< not open any more, those in closed_
};

} // namespace kcs::pg
