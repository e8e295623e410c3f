#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "entry/holdings.hpp"
#include "entry/process.hpp"
#include "kafka/consumer.hpp"
#include "pipeline/pipeline.hpp"
#include "postgres/gucs.hpp"
#include "postgres/own_statement.hpp"
#include "postgres/pin.hpp"
#include "postgres/route_table.hpp"
#include "postgres/shared_memory.hpp"
#include "postgres/sink.hpp"
#include "postgres/wait_set.hpp"

#include <cstdio>
#include <fcntl.h>
#include <unistd.h>

extern "C" {
#include "postmaster/bgworker.h"
#include "storage/ipc.h"

PGDLLEXPORT void kafka_cdc_sink_worker_main(Datum argument);
}

// An apply worker: holds the partitions that the coordinator wants it to hold (slot protocol:
// coordinator.cpp) and turns its pipeline over. It sleeps on its latch and on librdkafka's
// descriptor, without a timer when there is nothing to wait for.

namespace kcs::pg {

namespace {

/// How often the memory figure is read again.
constexpr int64_t kMemoryEveryUs = 1000 * 1000;

/// Private memory of this process: what is resident and not shared with others.
int64_t private_memory() {
    int fd = open("/proc/self/statm", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    char text[128];
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    long size = 0, resident = 0, shared_pages = 0;
    if (n <= 0)
        return 0;
    text[n] = '\0';
    if (std::sscanf(text, "%ld %ld %ld", &size, &resident, &shared_pages) != 3)
        return 0;
    return static_cast<int64_t>(resident - shared_pages) * sysconf(_SC_PAGESIZE);
}

/// The worker's own transactions: losing one at a crash means reading its records again.
void set_synchronous_commit() {
    const char* value = "on";
    switch (synchronous_commit_setting()) {
    case SYNCHRONOUS_COMMIT_OFF:
        value = "off";
        break;
    case SYNCHRONOUS_COMMIT_LOCAL_FLUSH:
        value = "local";
        break;
    case SYNCHRONOUS_COMMIT_REMOTE_WRITE:
        value = "remote_write";
        break;
    case SYNCHRONOUS_COMMIT_REMOTE_APPLY:
        value = "remote_apply";
        break;
    default:
        break;
    }
    guard([value] { SetConfigOption("synchronous_commit", value, PGC_USERSET, PGC_S_OVERRIDE); });
}

class ApplyWorker {
public:
    ApplyWorker(int32_t number, uint64_t client, uint32_t extension, const Settings& settings)
        : number_(number), self_(shared().workers[number]), client_(client), extension_(extension),
          settings_(settings), host_(settings.log_level, self_), status_(self_, host_),
          sink_(Scope::transaction, settings), holdings_(number), routes_backoff_(0, 0) {
        make_backoff();
    }

    void run() {
        show_holdings();
        if (!connect_to_kafka())
            return;
        WaitSet wait(consumer_->wake_fd(), "KafkaCdcSinkWorker");
        Pipeline pipeline(*consumer_, sink_, host_, status_, clock_, shared().partitions, self_,
                          settings_);
        for (;;) {
            host_.check_interrupts();
            if (!keep_running())
                break;
            if (!follow_routes()) {
                host_.activity(nullptr);
                wait.wait(routes_backoff_.next_us());
                continue;
            }
            if (reloaded_) {
                sink_.configure(settings_);
                pipeline.configure(settings_);
                reloaded_ = false;
            }
            if (holdings_.sync(pipeline))
                show_holdings();
            consumer_->drain_wake_fd();
            Step step = pipeline.step();
            publish();
            if (step.again)
                continue;
            host_.activity(nullptr);
            int64_t asleep = clock_.steady_us();
            wait.wait(step.wait_us);
            bump(self_.wait_us, static_cast<uint64_t>(clock_.steady_us() - asleep));
        }
        self_.state.store(static_cast<uint8_t>(WorkerState::stopping));
        holdings_.release_all(pipeline);
    }

private:
    /// A client that cannot be made is a state, not an exit: it is tried again when settings change
    /// and at back-off.
    bool connect_to_kafka() {
        WaitSet wait(-1, "KafkaCdcSinkWorker");
        Backoff backoff(int64_t{1000} * settings_.retry_backoff_ms,
                        int64_t{1000} * settings_.retry_backoff_max_ms);
        for (;;) {
            host_.check_interrupts();
            if (!keep_running())
                return false;
            Result<std::unique_ptr<Consumer>> made = Consumer::create(settings_.client);
            if (made) {
                consumer_ = std::move(*made);
                status_.worker(WorkerState::idle, {}, {});
                return true;
            }
            const Fault& fault = made.fault();
            status_.worker(WorkerState::paused, fault.message, fault.hint);
            status_.error({fault.cls, fault.sqlstate, fault.message, fault.hint});
            host_.log(LogLevel::error, fault.message, fault.detail, fault.hint);
            host_.activity(nullptr);
            wait.wait(backoff.next_us());
        }
    }

    /// Takes up changed settings. False: the worker is to leave, because it was asked to, because
    /// nothing is to run, or because another client is needed, which is another process's.
    bool keep_running() {
        if (reload_if_asked(settings_)) {
            reloaded_ = true;
            settings_.routes = routes_;
            make_backoff();
            pin_session(settings_.apply);
            set_synchronous_commit();
            host_.log_level(settings_.log_level);
            if (!settings_.wants_to_run() ||
                client_identity(settings_.client, MyDatabaseId, extension_) != client_)
                return false;
        }
        bool stop = false;
        locked(false, [&] { stop = self_.stop_requested || self_.pid != MyProcPid; });
        return !stop;
    }

    void make_backoff() {
        routes_backoff_ = Backoff(int64_t{1000} * settings_.retry_backoff_ms,
                                  int64_t{1000} * settings_.retry_backoff_max_ms);
    }

    /// Reads the routes where they changed. False: they cannot be read, and no record may go by
    /// others.
    bool follow_routes() {
        if (routes_ && !routes_->stale())
            return true;
        Fault fault;
        try {
            std::shared_ptr<Routes> now;
            transaction([&] { now = load_routes(routes_); });
            reloaded_ = reloaded_ || now != routes_;
            settings_.routes = routes_ = std::move(now);
            routes_backoff_.reset();
            return true;
        } catch (Error& error) {
            fault = std::move(error.fault);
        }
        if (fault.hint.empty())
            fault.hint = own_tables_hint(fault);
        status_.worker(WorkerState::paused, fault.message, fault.hint);
        status_.error({fault.cls, fault.sqlstate, fault.message, fault.hint});
        host_.log(LogLevel::error, fault.message, fault.detail, fault.hint);
        return false;
    }

    // ---- figures --------------------------------------------------------------------------

    void show_holdings() {
        size_t count = holdings_.count();
        host_.idle_text(count == 0 ? "waiting for partitions"
                        : count == 1
                            ? "waiting for records of 1 partition"
                            : "waiting for records of " + std::to_string(count) + " partitions");
    }

    void publish() {
        for (const Consumer::LogLine& line : consumer_->take_log())
            host_.log(line.level, line.text);
        int64_t now = clock_.steady_us();
        int64_t down = consumer_->broker_down_since_us();
        int64_t down_wall = down == 0 ? 0 : clock_.wall_us() - (now - down);
        bool was_down = self_.broker_down_since_us.load() != 0;
        if (was_down != (down != 0)) {
            self_.broker_down_since_us.store(down_wall);
            if (down == 0)
                host_.log(LogLevel::info, "connected to a broker");
            ring_coordinator();
        }
        publish_statistics();
        self_.queue_messages.store(consumer_->queued_messages(), std::memory_order_relaxed);
        if (now - memory_read_us_ >= kMemoryEveryUs) {
            memory_read_us_ = now;
            self_.memory_bytes.store(private_memory(), std::memory_order_relaxed);
        }
    }

    void publish_statistics() {
        const ClientStatistics& now = consumer_->statistics();
        if (now.number == statistics_seen_)
            return;
        statistics_seen_ = now.number;
        ClientFigures& to = self_.client;
        auto put = [](std::atomic<int64_t>& value, int64_t told) {
            value.store(told, std::memory_order_relaxed);
        };
        put(to.brokers_up, now.brokers_up);
        put(to.brokers_down, now.brokers_down);
        put(to.rtt_avg_us, now.rtt_avg_us);
        put(to.rtt_p99_us, now.rtt_p99_us);
        put(to.fetch_queue_messages, now.fetch_queue_messages);
        put(self_.queue_bytes, now.fetch_queue_bytes);
        // Its counters begin anew with each client: ours go on.
        auto advance = [](Counter& counter, uint64_t told, uint64_t& before) {
            bump(counter, told - std::exchange(before, told));
        };
        ClientStatistics::Totals& b = statistics_before_;
        advance(to.received_bytes, now.received_bytes, b.received_bytes);
        advance(to.sent_bytes, now.sent_bytes, b.sent_bytes);
        advance(to.connects, now.connects, b.connects);
        advance(to.disconnects, now.disconnects, b.disconnects);
        advance(to.timeouts, now.timeouts, b.timeouts);
        advance(to.receive_errors, now.receive_errors, b.receive_errors);
        advance(to.send_errors, now.send_errors, b.send_errors);
        put(to.at_us, clock_.wall_us());
    }

    const int32_t number_;
    WorkerSlot& self_;
    const uint64_t client_;
    const uint32_t extension_;
    Settings settings_;
    SystemClock clock_;
    WorkerHost host_;
    SharedStatus status_;
    PgSink sink_;
    std::unique_ptr<Consumer> consumer_;
    Holdings holdings_;
    std::shared_ptr<Routes> routes_; ///< null: not read yet
    Backoff routes_backoff_;
    int64_t memory_read_us_ = 0;
    uint64_t statistics_seen_ = 0;
    ClientStatistics::Totals statistics_before_;
    bool reloaded_ = false;
};

// ---- birth and death ------------------------------------------------------------------------

int32_t worker_number = -1;

/// What this worker said of the table holds no longer: who reads on finds out anew. Under the lock.
void unpark(TableSlot& table) noexcept {
    table.parked_by &= ~(uint64_t{1} << worker_number);
    if (table.parked_by != 0 || !table.parked.load(std::memory_order_relaxed))
        return;
    table.parked.store(false, std::memory_order_relaxed);
    table.reason[0] = table.hint[0] = '\0';
}

/// Lets go of everything that others wait for. Nothing here raises.
void leave_worker(int code, Datum) {
    end_under_threads(code);
    const Shared& s = shared();
    WorkerSlot& self = s.workers[worker_number];
    int32_t pids[kMaxWorkers] = {};
    lock_shared_state(true);
    if (self.pid == MyProcPid) {
        for (int i = 0; i < s.header->partition_slots; ++i) {
            PartitionSlot& part = s.partitions[i];
            if (part.holder != worker_number)
                continue;
            release_slot(part);
            if (part.desired >= 0 && part.desired < kMaxWorkers)
                pids[part.desired] = s.workers[part.desired].pid;
        }
        for (int i = 0; i < s.header->table_slots; ++i)
            unpark(s.tables[i]);
        self.pid = 0;
        self.client_hash = 0;
        self.state.store(static_cast<uint8_t>(WorkerState::free));
        self.activity[0] = self.reason[0] = self.hint[0] = '\0';
        self.broker_down_since_us.store(0);
        self.memory_bytes.store(0);
        self.queue_messages.store(0);
    }
    unlock_shared_state();
    for (int32_t pid : pids)
        if (pid != MyProcPid)
            ring(pid);
    ring_coordinator();
    ring_launcher_process();
}

/// False: nobody waits for this process any more.
bool claim_slot(int32_t number, uint64_t client) {
    if (number < 0 || number >= kMaxWorkers)
        return false;
    WorkerSlot& self = shared().workers[number];
    bool mine = false;
    int64_t now = wall_us();
    locked(true, [&] {
        mine = self.pid == 0 && self.launched && !self.stop_requested;
        if (self.pid == 0)
            self.launched = false;
        if (!mine)
            return;
        self.pid = MyProcPid;
        self.client_hash = client;
        self.state.store(static_cast<uint8_t>(WorkerState::starting));
        self.started_us.store(now);
        bump(self.starts);
        self.applying_us.store(0);
        self.activity[0] = self.reason[0] = self.hint[0] = '\0';
    });
    return mine;
}

void worker_main(int32_t number) {
    guard([] { begin_process(); });
    uint32_t database = 0, extension = 0;
    locked(false, [&] {
        database = shared().header->database_oid;
        extension = shared().header->extension_oid;
    });
    Settings settings = read_settings();
    uint64_t client = client_identity(settings.client, database, extension);
    if (database == 0 || extension == 0 || !claim_slot(number, client))
        return;
    worker_number = number;
    guard([database] {
        before_shmem_exit(leave_worker, 0);
        BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
    });
    settings = read_settings(); // now with what is set for the database
    pin_session(settings.apply);
    set_synchronous_commit();
    // It lives as long as the process.
    auto* worker = new ApplyWorker(number, client, extension, settings);
    ring_coordinator();
    worker->run();
}

} // namespace

} // namespace kcs::pg

void kafka_cdc_sink_worker_main(Datum argument) {
    int32_t number = DatumGetInt32(argument);
    kcs::pg::entry_point([number] { kcs::pg::worker_main(number); });
}
