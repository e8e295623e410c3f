#include "entry/check_report.hpp"

extern "C" {
#include "utils/guc.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

struct QueryResult {
    SPITupleTable* table;
    uint64_t rows;
    int columns;
};

QueryResult run(OwnStatement* statement, const char* const* parameters) {
    Datum values[kMaxOwnParameters];
    for (int i = 0; i < statement->parameter_count; ++i)
        values[i] = CStringGetTextDatum(parameters[i]);
    QueryResult result = {};
    result.rows = run_own(statement, values, nullptr);
    result.table = SPI_tuptable;
    result.columns = result.table->tupdesc->natts;
    return result;
}

} // namespace

std::vector<TextRow> query(OwnStatement& statement, const std::vector<std::string>& parameters) {
    const char* texts[kMaxOwnParameters] = {};
    for (size_t i = 0; i < parameters.size(); ++i)
        texts[i] = parameters[i].c_str();
    QueryResult result = guard([&statement, &texts] { return run(&statement, texts); });
    std::vector<TextRow> rows(result.rows);
    for (uint64_t i = 0; i < result.rows; ++i)
        for (int c = 1; c <= result.columns; ++c) {
            const char* text = guard(
                [=] { return SPI_getvalue(result.table->vals[i], result.table->tupdesc, c); });
            rows[i].emplace_back(text == nullptr ? "" : text);
        }
    guard([&result] { SPI_freetuptable(result.table); });
    return rows;
}

std::string setting_text(const char* name) {
    const char* text = guard([name] { return GetConfigOption(name, true, false); });
    return text == nullptr ? "" : text;
}

bool Report::out_of_time(const char* subject) {
    add(subject, "time", Verdict::warning, "not looked at, or not to the end: the time was over",
        "Call check() with a longer timeout.");
    return false;
}

bool Report::failed(const char* subject, const char* item, const Fault& fault) {
    const char* hint = fault.cls == ErrorClass::locked
                           ? kOwnLockHint // what a record waits for, its explanation tells
                           : "See what is wrong there, and call check() again.";
    // Code of a target's may say values.
    const std::string said = fault.names_of_others() ? "" : ": " + fault.message;
    add(subject, item, Verdict::error, "cannot be looked at: " + fault.sqlstate + said,
        fault.hint.empty() ? hint : fault.hint);
    return false;
}

} // namespace kcs::pg
