#pragma once

#include "pipeline/bisect.hpp"
#include "postgres/ddl.hpp"
#include "postgres/group.hpp"
#include "postgres/stop.hpp"
#include "postgres/transaction.hpp"

#include <exception>
#include <optional>
#include <unordered_map>
#include <vector>

// One try at a batch, inside the transaction that shall hold it: offsets first, then the changes of
// each table, then the dead letters.

namespace kcs::pg {

/// Bytes that may be taken for what is made of values, given the size of the largest record. Few
/// bytes without schema can become many when the target's column tells what they mean.
inline constexpr size_t scratch_limit(size_t record_bytes) {
    return (size_t{256} << 20) + 32 * record_bytes;
}
/// What is said of a record beyond it.
Fault too_much_memory();

/// What somebody's code says of the table is what it likes: the target (null: none) is the table.
void name_target(Fault& fault, const Target* target);

/// What the work was at when an error came: it decides what the error means.
enum class Phase : uint8_t { own, target, commit };

/// Thrown through the transaction, which aborts: do these first.
class DdlNeeded : public std::exception {
public:
    explicit DdlNeeded(std::vector<DdlTask> t) : tasks(std::move(t)) {}
    std::vector<DdlTask> tasks;
};

class Attempt {
public:
    /// `scratch` holds what is built of the changes; nothing in it outlives the try. `remembered`
    /// null: dead letters are looked for.
    Attempt(Work& work, const Settings& settings, Targets& targets, PlanCache& plans,
            Arena& scratch, BatchMemory memory, RememberedLetters* remembered)
        : work_(work), settings_(settings), targets_(targets), plans_(plans), scratch_(scratch),
          memory_(memory), letters_(settings.client.group_id, work, remembered) {}

    /// Throws Stop, DdlNeeded and pg::Error; all of them after nothing that a retry would repeat.
    /// `plain`: rows that are probably new may be tried without ON CONFLICT.
    void run(Scope scope, bool careful, bool plain);

    /// Only the part of run() that looks at the targets: throws Stop and DdlNeeded as that does.
    /// For explain_event.
    void look();

    /// Where it was when run() threw.
    Phase phase = Phase::own;
    const Target* at = nullptr;
    TargetState* inserting = nullptr; ///< a plain INSERT was running
    bool converting = false;          ///< values were becoming Datums: see class_of()
    uint32_t dead_letters = 0;
    std::vector<ErrorNote> letters; ///< their errors, equal ones counted
    std::vector<uint32_t> met;      ///< slots of records that found what they need of others
    std::vector<Impatience> unmet;  ///< of records that went without
    int64_t applied_us = 0;         ///< steady clock: when nothing was left but the commit

    /// Class of an error that came out of run() or of a part of it. What a type's input function
    /// refuses is the record's fault, whatever SQLSTATE it has (42601 of tsquery, 42P01 of
    /// regclass): the statement that could tell about the table has not begun. So is what a RAISE
    /// says, where it does so for this record and not for others: see apply_carefully().
    ErrorClass class_of(const Fault& fault) const;

    /// Tables that were not tried with a plain INSERT come nearer to it. After the commit.
    void settle() const;
    /// Adds the events to the counters in shared memory. After the commit.
    void count() const;
    /// Time that folding took.
    int64_t fold_us() const;

private:
    /// The changes of one table, in order.
    struct Bucket {
        const Target* target = nullptr;
        TargetState* state = nullptr;
        std::vector<const Change*> changes;
        GroupTally tally;
        bool takes = false;         ///< careful: some changes were applied
        std::optional<Fault> alarm; ///< careful: the first RAISE of what is no data error
        size_t alarmed = 0;         ///< change that raised it
    };
    /// A record that was written as a dead letter.
    struct Rejected {
        uint32_t record;
        const Target* target;
        Fault fault; ///< without its texts
    };

    bool must_check_at_once() const;
    void move_offsets();
    void sort_into_buckets();
    void prepare();
    void prepare_missing(Bucket& bucket, std::vector<DdlTask>& tasks);
    void prepare_columns(Bucket& bucket, std::vector<DdlTask>& tasks);
    void ask_for_columns(const Bucket& bucket, const Row& row, DdlTask& task);
    void ask_for_column(const Bucket& bucket, const LayoutColumn& column, DdlTask& task);
    void apply_bucket(Bucket& bucket, const std::vector<const Change*>& changes, bool plain);
    void apply_run(size_t begin, size_t end);
    void apply_carefully();
    Try try_run(size_t begin, size_t end, Fault& bad);
    bool overtaken(const Change& change) const;
    bool misses_another(const Change& change, const Fault& fault) const;
    bool refuse(size_t index, Fault& bad);
    void name_holder(const Change& change, Fault& bad);
    void require_evidence();
    void reject(uint32_t record, const Target* target, const Fault& fault);
    ErrorNote note_letter(const Rejected& rejected) const;
    void reject_decoded_before(uint32_t record);
    [[noreturn]] void stop_at(const Rejected& rejected, std::string message, std::string hint);
    [[noreturn]] void stop_at_allowance(const Rejected& rejected);
    void check_allowance();

    Work& work_;
    const Settings& settings_;
    Targets& targets_;
    PlanCache& plans_;
    Arena& scratch_;
    BatchMemory memory_;
    OpenLetters letters_;
    bool careful_ = false;
    bool check_at_once_ = false;
    std::vector<Bucket> buckets_;
    std::vector<uint32_t> bucket_of_; ///< of each change
    std::vector<bool> rejected_;      ///< changes that became dead letters
    size_t next_reject_ = 0;          ///< into work_.rejects
    std::vector<Rejected> letters_written_;
    std::unordered_map<const Target*, uint64_t> letters_of_; ///< written, by the record's target
    std::exception_ptr other_;                               ///< what ended the careful try
    int64_t recent_letters_ = -1;                            ///< -1: not counted yet
};

} // namespace kcs::pg
