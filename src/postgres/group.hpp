#pragma once

#include "core/record.hpp"
#include "postgres/identity.hpp"
#include "postgres/moves.hpp"
#include "postgres/open_letters.hpp"
#include "postgres/rows.hpp"
#include "postgres/statements.hpp"
#include "postgres/targets.hpp"

#include <vector>

// The changes of one batch to one table: folded, then executed as a handful of statements.

namespace kcs::pg {

/// Memory of a batch, for Datums and stores; `row` is reset for each row.
struct BatchMemory {
    MemoryContext batch;
    MemoryContext row;
};

/// What applying needs beside the changes.
/// What is counted while changes of one table are applied.
struct GroupTally {
    uint64_t kept = 0;   ///< unavailable values that were left as they are
    uint64_t folded = 0; ///< changes that left no effect of their own
    int64_t fold_us = 0; ///< time that folding took
};

struct GroupContext {
    PlanCache& plans;
    Arena& arena;
    const std::string& group_id;
    BatchMemory memory;
    bool plain_inserts; ///< rows that are probably new may be tried without ON CONFLICT
    /// Set while a plain INSERT runs: a unique violation then means "not new after all".
    TargetState** inserting;
    /// Set while values become Datums: whatever is raised then is about a value.
    bool* converting;
    GroupTally& tally;
    const std::vector<Impatience>& impatient;
    /// Gets the slots of records that found what they need of another partition.
    std::vector<uint32_t>& met;
    /// Of the batch, by Change::record; null: none needs to be told apart.
    const std::vector<Record>* records;
    OpenLetters* letters; ///< null: nothing is applied
};

/// A change with its keys identified.
struct GroupChange {
    const Change* change = nullptr;
    KeyId key = kNoKey;   ///< kNoKey: keyless
    KeyId other = kNoKey; ///< of a half of a key change: the new key of a remove, else the old one
    bool paired = false;  ///< both halves are here, and the second is whole; or they need not meet
    /// Of a half that inserts: the table has columns of its own, whose values go with the row.
    bool carries = false;
    bool contended = false; ///< of a half: two rows may have its key (group_contended.cpp)
    bool partial = false;   ///< of a half, or of an insert beside soft deletes: it lacks values
    /// Of a half that deletes: a record of the row is a dead letter, so it is not what it should
    /// be.
    bool stale = false;

    /// The table's key of the other half may be told (`other`) or not (Change::half).
    bool is_half() const { return other != kNoKey || change->half != 0; }
};

/// A column of a batch relation that takes values of the table's column.
BatchColumn batch_column(const ColumnShape& column, std::string name);

/// Applies changes of one table, in arrival order, as the acting user. Throws pg::Error (class data
/// where a record is at fault) and Stop.
class Group {
public:
    Group(TargetState& state, GroupContext& context) : state_(state), context_(context) {}

    void apply(const std::vector<const Change*>& changes);
    /// The key of the row that has the values which a unique index, called so, keeps from the
    /// change's row, as text; empty: not to be told. With GroupContext::letters null.
    std::string holder(const Change& change, const std::string& index);
    /// Throws what apply() would before its first statement; its values are converted for the key
    /// only. For explain_event.
    void check(const Change& change);

private:
    struct RowGroup;

    void prepare(const std::vector<const Change*>& changes);
    void take(const Change& change);
    bool meet_letters(const Change& change, const Row& row);
    void check_row(const Change& change);
    void add_key_source(const Row& row, const Change& change, bool spelling);
    void identify();
    void apply_keyed(const std::vector<KeyedChange>& changes);
    void apply_alone(const GroupChange& c);
    void pair_halves();
    void find_contended();
    MoveId name_displaced(const GroupChange& c, KeyId key);
    bool displace_row(const GroupChange& c, ParkedRow& row);
    bool take_displaced(const GroupChange& c, KeyId key, ParkedRow& row);
    std::string place_of(const Change& change) const;
    MoveId name_move(const Change& change, KeyId from, KeyId to);
    template <typename Read> auto run_for_keys(Plan* use, std::vector<KeyId> keys, Read&& read);
    uint64_t run_for_keys(Plan* use, std::vector<KeyId> keys);
    bool take_row(KeyId key, ParkedRow& row);
    bool lives(KeyId key);
    void begin_life(const GroupChange& c);
    KnownMove look_up(MoveId& move, MoveState other, bool ordered);
    bool same_key(const KnownMove& known, const GroupChange& c);
    void leave_key(const GroupChange& c);
    void leave_record_key(const GroupChange& c);
    void settle_half(const GroupChange& c);
    bool awaits_delete(const KnownMove& known, const Change& change) const;
    void settle_record_key(const GroupChange& c);
    void take_key(const GroupChange& c);
    void take_whole_key(const GroupChange& c);
    bool has_own_columns(const Row& row);
    bool take_parked(const GroupChange& c, ParkedRow& row);
    void move_row(const GroupChange& c);
    void write_whole(const GroupChange& c, const ParkedRow& old, std::vector<const char*>& columns,
                     std::vector<const char*>& values);
    void truncate(const Change& change);
    void change_one(const Change& change);
    uint64_t change_one(const Change& change, bool exact);
    bool keeps_identity(const Change& change, int column, const Value& value);
    bool may_wait(const Change& change) const;
    [[noreturn]] void need_other(const Change& change, Fault fault);
    void execute(const Folded& folded);
    void execute_deletes(const std::vector<KeyId>& keys);
    void execute_marks(const std::vector<KeyId>& keys);
    void execute_rows(const std::vector<FoldedRow>& rows, bool may_be_new);
    void execute_group(const std::vector<FoldedRow>& rows, RowGroup& group, bool may_insert);
    void require_rows(const RowGroup& group, const std::vector<KeyId>& keys);
    Plan* plan(char kind, const std::vector<int>& columns);
    template <typename Make> Plan* plan(std::string key, Make&& make);
    PlanSource key_source();
    bool has_fixed_identity(const std::vector<int>& columns) const;
    int mark_column() const;
    void require_boolean_mark() const;
    bool soft() const { return state_.target->delete_mode == DeleteMode::soft; }
    PlanSource plan_source(char kind, const std::vector<int>& columns);
    StatementTarget statement_target() const { return {&state_.table.shape, key_}; }
    void require_values(const Row& row);
    [[noreturn]] void refuse_null_key(const Change& change);
    [[noreturn]] void refuse(const char* sqlstate, std::string message, std::string column = {});
    [[noreturn]] void fail(const RowProblem& problem, const std::vector<int>& columns);
    [[noreturn]] void blame(Fault fault, const RowProblem& problem,
                            const std::vector<int>& columns);
    /// guard(), where what is raised while values become Datums tells the column and the value.
    template <typename Body>
    auto guard_values(const RowProblem& problem, const std::vector<int>& columns, Body&& body)
        -> decltype(body()) {
        Fault fault;
        try {
            return guard([&] {
                int level = NewGUCNestLevel(); // what a type's functions set is set for them alone
                auto result = body();
                AtEOXact_GUC(false, level);
                return result;
            });
        } catch (Error& error) {
            if (*context_.converting)
                ++error.fault.contexts; // as if a statement did it
            if (!*context_.converting || error.fault.cls == ErrorClass::environment)
                throw;
            fault = error.fault;
        }
        blame(std::move(fault), problem, columns);
    }

    TargetState& state_;
    GroupContext& context_;
    const UniqueIndex* key_ = nullptr; ///< of this group's records; null: keyless
    bool know_key_ = false;
    std::deque<Change> interpreted_;
    std::vector<GroupChange> changes_;
    std::vector<KeySource> sources_; ///< two for each of changes_: key, other
    KeyBook* book_ = nullptr;
};

/// A plan is made anew when its table may be twice as large as it was then: which way to the rows
/// is the right one is not told by a table that is nearly empty. `make` gives its PlanSource.
template <typename Make> Plan* Group::plan(std::string key, Make&& make) {
    constexpr uint64_t kFewRows = 100; // growth of a table that no plan is made anew for
    if (Plan* known = context_.plans.find(key)) {
        if (state_.rows_given <= 2 * known->planned_at + kFewRows)
            return known;
        context_.plans.remove(key);
    }
    Plan* made = context_.plans.add(key, make());
    made->planned_at = state_.rows_given;
    return made;
}

/// Runs a statement over keys, in the order of their index; `read` gets what run_plan() returned,
/// while rows that the statement returned are there.
template <typename Read> auto Group::run_for_keys(Plan* use, std::vector<KeyId> keys, Read&& read) {
    MemoryContext memory = context_.memory.batch;
    KeyBook* book = book_;
    return guard([&] {
        MemoryContext before = MemoryContextSwitchTo(memory);
        sort_by_key(book, keys.data(), keys.size(), sizeof(KeyId));
        Tuplestorestate* store = make_store();
        put_keys(store, use->desc, keys.data(), keys.size(), book);
        uint64_t count = run_plan(use, store);
        tuplestore_end(store);
        auto result = read(count);
        MemoryContextSwitchTo(before);
        return result;
    });
}

} // namespace kcs::pg
