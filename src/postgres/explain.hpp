#pragma once

#include "core/record.hpp"
#include "core/settings.hpp"
#include "postgres/targets.hpp"

#include <optional>
#include <string>
#include <vector>

// What would become of one record, told without doing it: for explain_event.

namespace kcs::pg {

/// One line of an explanation; empty texts are not told. Texts are in the server's encoding.
struct ExplainRow {
    const char* part;          ///< record, key, old key, new key, column, before, problem
    std::string name;          ///< of the column; of what a line of part record tells
    std::string incoming_type; ///< as the record's schema names it, else JSON's
    std::string incoming;      ///< the value as the record spells it, shortened
    std::string target_type;
    std::string conversion;
    std::optional<std::string> result; ///< as the target's column shows it, shortened
    std::string error;
    /// Of `error`, as the sink would class it. With the error of a line of part problem,
    /// `conversion` says what would become of the record.
    std::optional<Fault> fault{};
};

/// Explains records by the workers' own path, each as the first of its topic. One per session.
class Explainer {
public:
    Explainer() : plans_(1), targets_(plans_) {}

    /// In the caller's transaction with SPI connected and settings pinned; locks are held until it
    /// returns. What a record or its target does wrong is told; what ends a statement (a cancel) is
    /// thrown.
    std::vector<ExplainRow> explain(const Record& record, const Settings& settings);

private:
    PlanCache plans_; ///< stays empty: Targets wants one
    Targets targets_;
    bool busy_ = false;
};

} // namespace kcs::pg
