#include "entry/check_report.hpp"
#include "entry/process.hpp"
#include "postgres/shared_memory.hpp"

#include <cstdlib>

extern "C" {
#include "access/xlog.h"
#include "commands/dbcommands.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
}

// The parts of check() about the server and the settings.

namespace kcs::pg {

namespace {

/// Nothing here depends on search_path: run_own pins it.
OwnStatement find_version = {
    "SELECT extversion::text FROM pg_extension WHERE extname = 'kafka_cdc_sink'", 0, {}, nullptr};

/// Background workers of others; those without a database are not seen.
OwnStatement count_others = {
    "SELECT count(*)::text FROM pg_stat_activity WHERE backend_type NOT LIKE 'kafka\\_cdc\\_sink%' "
    "AND backend_type NOT IN ('client backend', 'standalone backend', 'walsender', 'walreceiver', "
    "'autovacuum launcher', 'autovacuum worker', 'background writer', 'checkpointer', 'walwriter', "
    "'walsummarizer', 'archiver', 'startup', 'logger', 'slotsync worker', 'io worker')",
    0,
    {},
    nullptr};

OwnStatement find_database = {
    "SELECT (datallowconn AND datconnlimit <> -2)::text FROM pg_database WHERE datname = $1",
    1,
    {TEXTOID},
    nullptr};

OwnStatement find_role_row = {
    "SELECT rolsuper::text FROM pg_roles WHERE rolname = $1", 1, {TEXTOID}, nullptr};

OwnStatement waiting_settings = {
    "SELECT name FROM pg_settings WHERE pending_restart "
    "AND (name LIKE 'kafka\\_cdc\\_sink.%' OR name IN ('shared_preload_libraries', "
    "'max_worker_processes')) ORDER BY name",
    0,
    {},
    nullptr};

/// Never the values: what does not fit may be a secret in the wrong place.
OwnStatement faulty_settings = {
    "SELECT name, sourcefile, sourceline::text, error FROM pg_file_settings f "
    "WHERE name LIKE 'kafka\\_cdc\\_sink.%' AND error IS NOT NULL AND NOT EXISTS "
    "(SELECT FROM pg_settings s WHERE s.name = f.name AND pending_restart) ORDER BY 2, "
    "f.sourceline",
    0,
    {},
    nullptr};

constexpr char kServer[] = "server";
constexpr char kSettings[] = "settings";

void check_library(Report& report) {
    if (!shared_ready())
        report.add(kServer, "shared_preload_libraries", Verdict::error,
                   "kafka_cdc_sink is not in it: nothing runs",
                   "Add kafka_cdc_sink to shared_preload_libraries and restart the server.");
    else
        report.add(kServer, "shared_preload_libraries", Verdict::ok, "has kafka_cdc_sink");
    std::vector<TextRow> version = query(find_version);
    std::string here = version.empty() ? "none" : version[0][0];
    if (here == KCS_VERSION)
        report.add(kServer, "version", Verdict::ok, here);
    else
        report.add(kServer, "version", Verdict::error,
                   "the extension is version " + here + ", the library " KCS_VERSION,
                   "Run ALTER EXTENSION kafka_cdc_sink UPDATE; where the library is the older one, "
                   "install the newer and restart the server.");
}

/// `off` says what it means that the setting is off.
void check_switch(Report& report, const char* name, Verdict verdict, const char* off) {
    if (setting_text(name) == "on")
        report.add(kServer, name, Verdict::ok, "on");
    else
        report.add(kServer, name, verdict, std::string("off: ") + off,
                   std::string("Set ") + name + " to on.");
}

void check_encoding(Report& report) {
    int encoding = guard([] { return GetDatabaseEncoding(); });
    std::string name = guard([encoding] { return pg_encoding_to_char(encoding); });
    const char* hint = "Write to a database with encoding UTF8.";
    if (encoding == PG_UTF8)
        report.add(kServer, "encoding", Verdict::ok, name);
    else if (encoding == PG_SQL_ASCII)
        report.add(kServer, "encoding", Verdict::warning,
                   name + ": text is stored as it comes, and nothing checks it", hint);
    else
        report.add(kServer, "encoding", Verdict::warning,
                   name + ": records with characters that it lacks become dead letters", hint);
}

void check_worker_slots(Report& report) {
    int all = std::atoi(setting_text("max_worker_processes").c_str());
    bool exporter = report.settings.metrics_enabled;
    int needed = 2 + report.settings.max_workers + (exporter ? 1 : 0);
    int others = std::atoi(query(count_others)[0][0].c_str());
    std::string found =
        std::to_string(all) + ", of which the sink takes " + std::to_string(needed) +
        " (launcher, coordinator, " + std::to_string(report.settings.max_workers) + " workers" +
        (exporter ? ", exporter" : "") + ") and others have " + std::to_string(others);
    Verdict verdict = needed > all             ? Verdict::error
                      : needed + others >= all ? Verdict::warning
                                               : Verdict::ok;
    report.add(kServer, "max_worker_processes", verdict, found,
               verdict == Verdict::ok ? "" : kNoWorkerSlotHint);
}

void check_database(Report& report) {
    const std::string& name = report.settings.database;
    std::vector<TextRow> rows = query(find_database, {name});
    const char* current = guard([] { return get_database_name(MyDatabaseId); });
    report.here = current != nullptr && name == current;
    if (rows.empty())
        report.add(kSettings, "database", Verdict::error, "there is no database \"" + name + "\"",
                   "Create it, or set kafka_cdc_sink.database to the database to write to.");
    else if (rows[0][0] != "true")
        report.add(kSettings, "database", Verdict::error, name + " does not accept connections",
                   "Allow connections to it, or set kafka_cdc_sink.database to another one.");
    else if (!report.here)
        report.add(kSettings, "database", Verdict::warning,
                   name + ", which is not this database: targets are not looked at",
                   "Call check() there, or set kafka_cdc_sink.database to this database.");
    else
        report.add(kSettings, "database", Verdict::ok, name);
}

void check_role(Report& report) {
    const std::string& name = report.settings.apply.role;
    if (name.empty()) {
        report.add(kSettings, "role", Verdict::ok, "empty: tables are written as their owners");
        return;
    }
    std::vector<TextRow> rows = query(find_role_row, {name});
    if (rows.empty())
        report.add(kSettings, "role", Verdict::error, "there is no role \"" + name + "\"",
                   "Create it, or correct kafka_cdc_sink.role.");
    else if (rows[0][0] == "true")
        report.add(kSettings, "role", Verdict::warning,
                   name + " is a superuser: code of the targets runs with all rights",
                   "Give the targets to a role that is none, or grant it what it needs.");
    else
        report.add(kSettings, "role", Verdict::ok, name);
}

void check_given(Report& report, const char* name, const std::string& value, const char* hint) {
    if (value.empty())
        report.add(kSettings, name, Verdict::error, "empty: nothing runs", hint);
    else
        report.add(kSettings, name, Verdict::ok, value);
}

void check_files(Report& report) {
    for (const TextRow& row : query(waiting_settings))
        report.add(kSettings, row[0], Verdict::warning, "changed since the server started",
                   "Restart the server.");
    for (const TextRow& row : query(faulty_settings))
        report.add(kSettings, row[0], Verdict::error,
                   "line " + row[2] + " of " + row[1] + ": " + row[3], "Correct it and reload.");
}

} // namespace

void check_server(Report& report) {
    check_library(report);
    if (guard([] { return RecoveryInProgress(); }))
        report.add(kServer, "recovery", Verdict::ok,
                   "the server is a standby: consuming starts when it is promoted");
    check_worker_slots(report);
    check_encoding(report);
    check_switch(report, "fsync", Verdict::error,
                 "a crash of the machine can destroy rows and offsets");
    check_switch(report, "full_page_writes", Verdict::warning,
                 "a crash of the machine can damage pages of tables and of offsets");
    check_switch(report, "autovacuum", Verdict::warning,
                 "tables that change much, kafka_cdc_sink.offsets first, grow without end");
}

void check_settings(Report& report) {
    const Settings& s = report.settings;
    if (s.enabled)
        report.add(kSettings, "enabled", Verdict::ok, "on");
    else
        report.add(kSettings, "enabled", Verdict::warning, "off: nothing runs",
                   "Set kafka_cdc_sink.enabled to on.");
    check_given(report, "bootstrap_servers", s.client.bootstrap_servers,
                "Set kafka_cdc_sink.bootstrap_servers to the addresses of Kafka brokers.");
    check_given(report, "topics", s.topics, "Set kafka_cdc_sink.topics to the topics to consume.");
    check_database(report);
    check_role(report);
    report.add(kSettings, "synchronous_commit", Verdict::ok,
               setting_text("kafka_cdc_sink.synchronous_commit") +
                   ": exactly once in any case, as offsets are committed with the rows");
    report.add(kSettings, "fire_triggers", Verdict::ok,
               s.apply.fire_triggers ? "on"
                                     : "off: ordinary triggers and foreign keys of targets do not "
                                       "fire");
    if (s.dead_letter_retention_s > 0)
        report.add(kSettings, "dead_letter_retention", Verdict::warning,
                   std::to_string(s.dead_letter_retention_s) +
                       " s: records that were refused are lost after that",
                   "Set it to 0, or make sure that somebody looks at dead letters sooner.");
    check_files(report);
}

} // namespace kcs::pg
