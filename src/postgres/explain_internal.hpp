#pragma once

#include "debezium/lenient.hpp"
#include "postgres/attempt.hpp"
#include "postgres/explain.hpp"
#include "postgres/explain_value.hpp"
#include "postgres/explain_words.hpp"

// Shared by the files that make an explanation; nobody else includes it.

namespace kcs::pg {

/// The explanation of one record, as it grows.
class Explanation {
public:
    Explanation(const Record& record, const Settings& settings, Targets& targets, PlanCache& plans)
        : record_(record), settings_(settings), targets_(targets), plans_(plans),
          spelling_(spell_record(record, arena_)), reader_(record, spelling_, arena_) {}

    void tell(Decoder& decoder);

    std::vector<ExplainRow> rows;

private:
    void tell_change(const Change& change);
    void tell_rejected(const Decoded& decoded);
    void look(const Change& change);
    void tell_target(const Target& target);
    void tell_ddl(const DdlTask& task);
    void tell_role();
    size_t tell_operation(const Change& change);
    void tell_key_index(const Change& change);
    void tell_row(const char* part, const Row& row, bool may_miss, const SpelledRow& spelled);
    void tell_place(ExplainRow& line, const Row& row, int place, bool may_miss);
    bool is_key_part(int column) const;
    bool alter_planned(ColumnShape& shape, const LayoutColumn& column);
    void tell_planned(ExplainRow& line, const Row& row, int place, bool may_miss);
    void tell_value(ExplainRow& line, const Row& row, int place, const ColumnShape& shape,
                    Converter* converter, bool may_miss);
    void tell_spelled(const char* part, const SpelledRow& spelled, const Fault& fault);
    void tell_unsent(const Row& row);
    void blame(ExplainRow& line, const Fault& fault);
    void check(const Change& change);
    Fault judged(Fault fault) const;
    void problem(Fault fault);
    bool is_told(const Fault& fault) const;
    ExplainRow& add(const char* part, std::string name = {});
    SpelledRow spelled_header(const char* name);
    template <typename Body> bool attempt(Body&& body);

    const Record& record_;
    Arena arena_; ///< of the record's values, and of what is made of them
    const Settings& settings_;
    Targets& targets_;
    PlanCache& plans_;
    Spelling spelling_;
    LenientReader reader_;
    Outcome outcome_ = Outcome::applied;
    std::vector<ExplainRow> problems_;
    std::vector<DdlTask> tasks_; ///< what would be done before the change
    TargetState* state_ = nullptr;
    const UniqueIndex* key_ = nullptr;
    const Change* model_ = nullptr; ///< a table would be made from it
    bool ddl_ = false;              ///< what goes wrong now is DDL
    bool converting_ = false;       ///< or about a value
    bool partial_ = false;          ///< values were not sent
    bool looked_ = false;           ///< and nothing was in the way
    bool may_act_ = false;          ///< as `acting_`
    Oid acting_ = InvalidOid;       ///< whom its statements would run as
};

/// Runs `body` in a subtransaction, undone when it throws. False: that is told as a problem.
template <typename Body> bool Explanation::attempt(Body&& body) {
    try {
        subtransaction(body);
        return true;
    } catch (const Stop& stop) {
        problem(stop.outcome.fault);
    } catch (const Error& error) {
        if (ends_statement(error.fault))
            throw;
        problem(error.fault);
    } catch (const ArenaFull&) {
        problem(too_much_memory());
    }
    return false;
}

} // namespace kcs::pg
