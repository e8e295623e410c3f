#include "postgres/pg.hpp"

#include "entry/check_alarm.hpp"
#include "entry/check_topics.hpp"
#include "entry/process.hpp"
#include "entry/sql_call.hpp"
#include "postgres/compat.hpp"
#include "postgres/gucs.hpp"

#include <algorithm>
#include <unordered_map>

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/timestamp.h"
}

// check(timeout): looks at everything that the sink depends on, with a deadline.

namespace kcs::pg {

namespace {

constexpr int64_t kMillisecondUs = 1000;
/// Shortest and longest timeout.
constexpr int64_t kLeastUs = 100 * kMillisecondUs;
constexpr int64_t kMostUs = 600 * 1000 * kMillisecondUs;
/// Left for the targets, after the brokers.
constexpr int64_t kTargetsUs = 3000 * kMillisecondUs;

// ---- C register -------------------------------------------------------------------------------

int64_t timeout_argument(FunctionCallInfo fcinfo) {
    refuse_null(fcinfo, 0, "timeout");
    Interval* interval = PG_GETARG_INTERVAL_P(0);
    double seconds = interval->time / 1e6 + interval->day * 86400.0 + interval->month * 2592000.0;
    if (!(seconds >= kLeastUs / 1e6 && seconds <= kMostUs / 1e6))
        ereport(
            ERROR, errcode(ERRCODE_INVALID_PARAMETER_VALUE),
            errmsg("argument \"%s\" must be between 100 milliseconds and 10 minutes", "timeout"));
    return static_cast<int64_t>(seconds * 1e6);
}

/// What others said may be in another encoding: what is not valid here is shown as question marks.
Datum shown_datum(const char* text) {
    int length = static_cast<int>(strlen(text));
    if (pg_verifymbstr(text, length, true))
        return CStringGetTextDatum(text);
    char* plain = pstrdup(text);
    for (int i = 0; i < length; ++i)
        if ((static_cast<unsigned char>(plain[i]) & 0x80) != 0)
            plain[i] = '?';
    return CStringGetTextDatum(plain);
}

void put_row(ReturnSetInfo* result, const char* const* texts, int count) {
    Datum values[5];
    bool nulls[5];
    if (result->setDesc->natts != count || count > 5)
        elog(ERROR, "check does not fit its declaration");
    for (int i = 0; i < count; ++i) {
        nulls[i] = texts[i] == nullptr;
        values[i] = nulls[i] ? Datum{0} : shown_datum(texts[i]);
    }
    tuplestore_putvalues(result->setResult, result->setDesc, values, nulls);
}

// ---- C++ --------------------------------------------------------------------------------------

bool busy = false;

/// Everything in its order; the brokers are asked while the rest is looked at.
void look(Report& report, int64_t timeout_us) {
    CheckProcess process;
    int64_t reserve = std::min(kTargetsUs, timeout_us / 3);
    int64_t until = report.deadline_us - reserve;
    bool asked = !report.settings.client.bootstrap_servers.empty();
    bool started = asked && process.start(until - reserve / 10);
    report.part("server", [&] { check_server(report); });
    report.part("settings", [&] { check_settings(report); });
    report.part("sink", [&] { check_sink(report); });
    report.part("sink", [&] { check_progress(report); });
    if (started)
        check_kafka(report, process, until);
    else if (asked)
        report.add("brokers", "connection", Verdict::error,
                   "not asked: there is no free background worker slot for it", kNoWorkerSlotHint);
}

/// Rows of one subject together, in the order in which subjects were come to.
std::vector<Finding> by_subject(std::vector<Finding> findings) {
    std::unordered_map<std::string, size_t> place;
    for (const Finding& f : findings)
        place.emplace(f.subject, place.size());
    std::stable_sort(findings.begin(), findings.end(), [&](const Finding& a, const Finding& b) {
        return place.at(a.subject) < place.at(b.subject);
    });
    return findings;
}

std::vector<Finding> check(int64_t timeout_us) {
    struct Turn {
        Turn() {
            if (busy) // in a function of a domain's, say
                throw Error(Fault::of(ErrorClass::target, "55006",
                                      "check cannot be called from within itself"));
            busy = true;
        }
        ~Turn() { busy = false; }
    } turn;
    Report report(current_settings(), SystemClock().steady_us() + timeout_us);
    guard([timeout_us] {
        if (SPI_connect() != SPI_OK_CONNECT)
            elog(ERROR, "SPI_connect failed");
        arm_check_alarm(timeout_us);
    });
    std::exception_ptr failure;
    try {
        look(report, timeout_us);
    } catch (...) {
        failure = std::current_exception();
    }
    guard([] { disarm_check_alarm(); });
    if (failure)
        std::rethrow_exception(failure);
    guard([] { SPI_finish(); });
    return by_subject(std::move(report.findings));
}

const char* told(const std::string& text) {
    return text.empty() ? nullptr : text.c_str();
}

} // namespace

} // namespace kcs::pg

extern "C" {

KCS_FUNCTION(kafka_cdc_sink_check) {
    using namespace kcs::pg;
    return entry_point([fcinfo]() -> Datum {
        int64_t timeout_us = guard([fcinfo] {
            init_materialized_srf(fcinfo);
            return timeout_argument(fcinfo);
        });
        ReturnSetInfo* result = reinterpret_cast<ReturnSetInfo*>(fcinfo->resultinfo);
        for (const kcs::Finding& f : check(timeout_us)) {
            const char* texts[] = {f.subject.c_str(), f.item.c_str(), kcs::verdict_name(f.verdict),
                                   told(f.found), told(f.hint)};
            guard([&] { put_row(result, texts, lengthof(texts)); });
        }
        return Datum{0};
    });
}
}
