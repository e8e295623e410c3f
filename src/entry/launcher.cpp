#include "entry/processes.hpp"

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "entry/exporter_keeper.hpp"
#include "entry/process.hpp"
#include "postgres/gucs.hpp"
#include "postgres/shared_memory.hpp"
#include "postgres/transaction.hpp"
#include "postgres/wait_set.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "access/heapam.h"
#include "access/htup_details.h"
#include "access/table.h"
#include "access/tableam.h"
#include "access/xlog.h"
#include "catalog/pg_database.h"
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/procarray.h"

PGDLLEXPORT void kafka_cdc_sink_launcher_main(Datum argument);
}

// The launcher is connected to no database, so that the target can be missing, dropped or another
// one after a reload. It sees that a coordinator runs while the settings ask for one, and that
// nothing of ours is connected anywhere while they do not. On a standby it keeps the exporter only,
// until the promotion.

namespace kcs::pg {

namespace {

constexpr int64_t kSecondUs = 1000 * 1000;
constexpr int64_t kMinuteUs = 60 * kSecondUs;
/// How long processes that were asked to leave may take before they are terminated.
constexpr int64_t kPatienceUs = kSecondUs;

// ---- C register: plain data only ------------------------------------------------------------

struct DatabaseEntry {
    uint32_t oid; ///< 0: there is none of that name
    bool connectable;
};

/// Catalog caches need a database; a heap scan does not (as the autovacuum launcher does it).
DatabaseEntry scan_databases(const char* name) {
    DatabaseEntry found = {0, false};
    Relation relation = table_open(DatabaseRelationId, AccessShareLock);
    TableScanDesc scan = table_beginscan_catalog(relation, 0, nullptr);
    HeapTuple tuple;
    while ((tuple = heap_getnext(scan, ForwardScanDirection)) != nullptr) {
        Form_pg_database database = reinterpret_cast<Form_pg_database>(GETSTRUCT(tuple));
        if (std::strcmp(NameStr(database->datname), name) != 0)
            continue;
        found.oid = database->oid;
        found.connectable = database->datallowconn;
#ifdef DATCONNLIMIT_INVALID_DB // what an interrupted DROP DATABASE leaves
        found.connectable = found.connectable && database->datconnlimit != DATCONNLIMIT_INVALID_DB;
#endif
    }
    table_endscan(scan);
    table_close(relation, AccessShareLock);
    return found;
}

void leave_launcher(int, Datum) {
    lock_shared_state(true);
    if (shared().header->launcher_pid == MyProcPid)
        shared().header->launcher_pid = 0;
    unlock_shared_state();
}

// ---- C++ register ---------------------------------------------------------------------------

class Launcher {
public:
    Launcher()
        : settings_(read_settings()), host_(settings_.log_level), wait_(-1, "KafkaCdcSinkLauncher"),
          exporter_(host_) {}

    void run() {
        host_.idle_text("watching settings and the coordinator");
        host_.activity(nullptr);
        bool started = false;
        for (;;) {
            host_.check_interrupts();
            if (reload_if_asked(settings_)) {
                host_.log_level(settings_.log_level);
                look_again_ = true;
                missing_backoff_.reset();
            }
            // At the start the coordinator first: it gets the last slot.
            int64_t due = started ? exporter_.look(settings_.metrics_enabled) : -1;
            due = sooner(due, look_safely());
            started = true;
            // Once more: the latch that told of its end may have been reset meanwhile.
            wait_.wait(sooner(due, exporter_.look(settings_.metrics_enabled)));
        }
    }

private:
    /// What the server refuses (a cancel, a lock table that is full) is tried again.
    int64_t look_safely() {
        try {
            int64_t due = look();
            failed_backoff_.reset();
            return due;
        } catch (const Error& e) {
            host_.log(LogLevel::warning, "could not look for the database: " + e.fault.message, {},
                      e.fault.hint);
        }
        return failed_backoff_.next_us();
    }

    /// One look around; returns how long to sleep, -1: until rung.
    int64_t look() {
        if (in_recovery_)
            in_recovery_ = guard([] { return RecoveryInProgress(); });
        if (in_recovery_)
            return kSecondUs; // nobody tells of a promotion
        if (!settings_.wants_to_run()) {
            if (!everything_stopped())
                return kSecondUs / 20;
            say_state(host_, SinkState::idle, "", "");
            return -1;
        }
        DatabaseEntry database = find_database();
        if (database.oid == 0 || !database.connectable)
            return without_database(database);
        missing_backoff_.reset();
        if (database.oid != header().database_oid) {
            if (!everything_stopped())
                return kSecondUs / 20;
            locked(true, [&] {
                header().database_oid = database.oid;
                header().coordinator_end = CoordinatorEnd::none;
            });
            look_again_ = true;
        }
        stop_deadline_ = 0;
        if (coordinator_alive())
            return -1;
        return bring_up();
    }

    int64_t without_database(const DatabaseEntry& database) {
        if (!everything_stopped())
            return kSecondUs / 20;
        const std::string name = "database \"" + settings_.database + "\"";
        if (database.oid == 0)
            say_state(host_, SinkState::error, name + " does not exist",
                      "Create it, or set kafka_cdc_sink.database to the database to write to.");
        else
            say_state(host_, SinkState::error, name + " does not accept connections",
                      "Allow connections to it, or set kafka_cdc_sink.database to another one.");
        return missing_backoff_.next_us();
    }

    int64_t bring_up() {
        CoordinatorEnd end;
        uint64_t end_rings;
        locked(false, [&] {
            end = header().coordinator_end;
            end_rings = header().coordinator_end_rings;
        });
        int64_t now = clock_.steady_us();
        bool missing = end == CoordinatorEnd::extension_missing && !look_again_ &&
                       header().launcher_rings.load() == end_rings;
        if (missing) {
            say_state(host_, SinkState::error,
                      "extension \"kafka_cdc_sink\" is not installed in database \"" +
                          settings_.database + "\"",
                      "Run CREATE EXTENSION kafka_cdc_sink there.");
            // COMMIT PREPARED does not ring, nor does another database that takes this name.
            int64_t next_look =
                started_at_ + std::max(kSecondUs, int64_t{1000} * settings_.retry_backoff_max_ms);
            if (now < next_look)
                return next_look - now;
        }
        if (started_at_ != 0 && end != CoordinatorEnd::extension_missing) {
            if (now - started_at_ > kMinuteUs)
                backoff_.reset();
            not_before_ = end == CoordinatorEnd::asked ? now : now + backoff_.next_us();
            started_at_ = 0;
        }
        if (now < not_before_ && !look_again_)
            return not_before_ - now;
        locked(true, [&] {
            header().coordinator_end = CoordinatorEnd::none;
            header().coordinator_stop = false;
        });
        if (!coordinator_.start(ProcessKind::coordinator, 0)) {
            say_state(host_, SinkState::error, "there is no free background worker slot",
                      kNoWorkerSlotHint);
            not_before_ = now + backoff_.next_us();
            look_again_ = false;
            return not_before_ - now;
        }
        look_again_ = false;
        started_at_ = now;
        SinkState before = header().state;
        if (!missing && (before == SinkState::idle || before == SinkState::error))
            say_state(host_, SinkState::starting, "", "");
        return -1; // its start and its end ring us
    }

    /// Looked up at each look, so the latch that a transaction sets would never let us sleep. What
    /// it may stand for is looked at afterwards: here and by the caller.
    DatabaseEntry find_database() {
        DatabaseEntry found = {0, false};
        const char* name = settings_.database.c_str();
        uint64_t rings;
        do {
            rings = header().launcher_rings.load();
            transaction([&] { found = guard([name] { return scan_databases(name); }); });
            guard([] { ResetLatch(MyLatch); });
        } while (header().launcher_rings.load() != rings);
        return found;
    }

    bool coordinator_alive() {
        int32_t pid = 0;
        locked(false, [&] { pid = header().coordinator_pid; });
        return coordinator_.running() || (pid != 0 && BackendPidGetProc(pid) != nullptr);
    }

    /// Asks coordinator and workers to leave, and sees to it that they do. True: none is left.
    bool everything_stopped() {
        WorkerSlot* workers = shared().workers;
        int32_t pids[kMaxWorkers + 1];
        int count = 0;
        bool coordinator = coordinator_alive();
        locked(true, [&] {
            if (coordinator && header().coordinator_pid != 0)
                pids[count++] = header().coordinator_pid;
            for (int i = 0; i < kMaxWorkers; ++i) {
                workers[i].stop_requested = true;
                if (!coordinator)
                    workers[i].launched = false; // one that comes late finds that it may not
                if (workers[i].pid != 0)
                    pids[count++] = workers[i].pid;
            }
            header().coordinator_stop = true;
        });
        if (count == 0 && !coordinator) {
            stop_deadline_ = 0;
            started_at_ = 0;
            locked(true, [&] { header().coordinator_stop = false; });
            return true;
        }
        int64_t now = clock_.steady_us();
        if (stop_deadline_ == 0) {
            stop_deadline_ = now + kPatienceUs;
            for (int i = 0; i < count; ++i)
                ring(pids[i]);
        } else if (now >= stop_deadline_) {
            stop_deadline_ = now + kPatienceUs;
            for (int i = 0; i < count; ++i)
                terminate_process(pids[i]);
        }
        return false;
    }

    static int64_t sooner(int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); }

    SharedHeader& header() { return *shared().header; }

    Settings settings_;
    ProcessHost host_;
    WaitSet wait_;
    ExporterKeeper exporter_;
    bool in_recovery_ = true; ///< as far as it was looked at
    SystemClock clock_;
    ChildProcess coordinator_;
    Backoff backoff_{kSecondUs, kMinuteUs};
    Backoff missing_backoff_{kSecondUs, kMinuteUs};
    Backoff failed_backoff_{kSecondUs, kMinuteUs};
    int64_t started_at_ = 0;    ///< of the last coordinator, until its end is dealt with
    int64_t not_before_ = 0;    ///< of the next start
    int64_t stop_deadline_ = 0; ///< when those asked to leave are terminated; 0: none was asked
    bool look_again_ = true;    ///< something changed: what was given up on is tried at once
};

void launcher_main() {
    guard([] {
        begin_process();
        before_shmem_exit(leave_launcher, 0);
        BackgroundWorkerInitializeConnection(nullptr, nullptr, 0);
    });
    locked(true, [] { shared().header->launcher_pid = MyProcPid; });
    auto* launcher = new Launcher; // lives as long as the process
    launcher->run();
}

} // namespace

void register_launcher() {
    BackgroundWorker worker;
    std::memset(&worker, 0, sizeof worker);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS | BGWORKER_BACKEND_DATABASE_CONNECTION;
    worker.bgw_start_time = BgWorkerStart_ConsistentState;
    worker.bgw_restart_time = 1;
    strlcpy(worker.bgw_library_name, "kafka_cdc_sink", sizeof worker.bgw_library_name);
    strlcpy(worker.bgw_function_name, "kafka_cdc_sink_launcher_main",
            sizeof worker.bgw_function_name);
    strlcpy(worker.bgw_name, "kafka_cdc_sink launcher", sizeof worker.bgw_name);
    strlcpy(worker.bgw_type, "kafka_cdc_sink launcher", sizeof worker.bgw_type);
    RegisterBackgroundWorker(&worker);
}

} // namespace kcs::pg

void kafka_cdc_sink_launcher_main(Datum) {
    kcs::pg::entry_point([] { kcs::pg::launcher_main(); });
}
