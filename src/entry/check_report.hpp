#pragma once

#include "core/clock.hpp"
#include "core/finding.hpp"
#include "core/settings.hpp"
#include "entry/check_alarm.hpp"
#include "postgres/explain_value.hpp"
#include "postgres/own_statement.hpp"
#include "postgres/pin.hpp"
#include "postgres/transaction.hpp"

#include <string>
#include <vector>

// What the parts of check() have in common; nobody else includes it.

namespace kcs::pg {

/// One row of a query, all columns as text; NULL is empty.
using TextRow = std::vector<std::string>;

/// A query on catalogs and our own tables, whose columns are all text. Its parameters are text.
std::vector<TextRow> query(OwnStatement& statement,
                           const std::vector<std::string>& parameters = {});

/// A setting of the server; empty where it has none of that name.
std::string setting_text(const char* name);

class Report {
public:
    Report(const Settings& settings, int64_t deadline_us)
        : settings(settings), deadline_us(deadline_us) {}

    const Settings settings; ///< no routes
    const int64_t deadline_us;
    std::vector<Finding> findings;
    bool here = false; ///< this is the database that is written

    void add(std::string subject, std::string item, Verdict verdict, std::string found,
             std::string hint = {}) {
        findings.push_back(
            {std::move(subject), std::move(item), verdict, std::move(found), std::move(hint)});
    }

    /// Runs a part of the check in a subtransaction, with settings pinned. What it cannot look at
    /// is a row of that item; a cancel is thrown. False: it did not come to its end.
    template <typename Body>
    bool part(const char* subject, Body&& body, const char* item = "check") {
        if (check_alarm_rang() || clock_.steady_us() >= deadline_us)
            return out_of_time(subject);
        try {
            subtransaction([&] {
                int level = pin_call(settings.apply);
                body();
                unpin_call(level);
            });
            return true;
        } catch (const Error& error) {
            if (!ends_statement(error.fault))
                return failed(subject, item, error.fault);
            if (!check_alarm_rang())
                throw;
        }
        return out_of_time(subject);
    }

private:
    bool out_of_time(const char* subject);
    bool failed(const char* subject, const char* item, const Fault& fault);

    SystemClock clock_;
};

void check_server(Report& report);
void check_settings(Report& report);
void check_sink(Report& report);
void check_progress(Report& report);

} // namespace kcs::pg
