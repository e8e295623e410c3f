#include "postgres/pg.hpp"

#include "core/backoff.hpp"
#include "core/clock.hpp"
#include "entry/process.hpp"
#include "entry/snapshot.hpp"
#include "http/pages.hpp"
#include "postgres/gucs.hpp"
#include "postgres/shared_memory.hpp"
#include "postgres/wait_set.hpp"

#include <algorithm>

extern "C" {
#include "postmaster/bgworker.h"
#include "storage/ipc.h"

PGDLLEXPORT void kafka_cdc_sink_exporter_main(Datum argument);
}

// The exporter answers HTTP from shared memory. It is connected to no database and takes no lock
// but the segment's, which nobody holds for long: so it answers whatever the workers and the
// databases are up to, and on a standby.

namespace kcs::pg {

namespace {

// ---- C register: plain data only ------------------------------------------------------------

/// libmicrohttpd would abort the process, and with it the server.
void end_broken(const char* reason) {
    ereport(LOG, errmsg_internal("kafka_cdc_sink: error: exporter: libmicrohttpd: %s", reason));
    proc_exit(1);
}

void leave_exporter(int, Datum) {
    SharedHeader* header = shared().header;
    lock_shared_state(true);
    if (header->exporter_pid == MyProcPid) {
        header->exporter_pid = 0;
        header->exporter[0] = header->exporter_hint[0] = '\0';
    }
    unlock_shared_state();
    ring_launcher_process(); // the server rings only the one that started us
}

// ---- C++ register ---------------------------------------------------------------------------

class Exporter {
public:
    Exporter(std::unique_ptr<HttpServer> server, Pages& pages)
        : settings_(read_settings()), host_(settings_.log_level), pages_(pages),
          server_(std::move(server)), wait_(server_->fd(), "KafkaCdcSinkExporter") {}

    /// Returns when it is switched off.
    void run() {
        listen();
        while (settings_.metrics_enabled) {
            host_.check_interrupts();
            if (reload_if_asked(settings_)) {
                host_.log_level(settings_.log_level);
                listen();
            }
            wait_.wait(look());
        }
    }

private:
    int64_t look() {
        int64_t due = pages_.tick();
        int64_t served = server_->serve();
        if (served >= 0)
            due = std::min(due, served);
        if (server_->listeners().complaint().empty())
            return due;
        int64_t now = clock_.steady_us();
        if (now >= retry_at_) {
            server_->listeners().retry();
            tell();
            retry_at_ = now + backoff_.next_us();
        }
        return std::min(due, retry_at_ - now);
    }

    /// Where the settings say, unless it does.
    void listen() {
        std::string wanted =
            settings_.metrics_listen_address + " " + std::to_string(settings_.metrics_port);
        backoff_.reset();
        retry_at_ = clock_.steady_us() + backoff_.next_us();
        if (wanted == asked_for_) {
            server_->listeners().retry();
        } else {
            Result<std::vector<ListenAddress>> addresses =
                parse_listen_addresses(settings_.metrics_listen_address);
            if (!addresses) // the setting's check has passed it
                throw Error(addresses.fault());
            server_->listeners().listen(*addresses, settings_.metrics_port);
            asked_for_ = wanted;
        }
        tell();
    }

    void tell() {
        const Listeners& listeners = server_->listeners();
        std::string text = listeners.where();
        if (!listeners.complaint().empty())
            text = listeners.complaint() + (text.empty() ? "" : "; listening on " + text);
        SharedHeader& header = *shared().header;
        locked(true, [&] {
            put_text(header.exporter, sizeof header.exporter, text);
            put_text(header.exporter_hint, sizeof header.exporter_hint, listeners.hint());
        });
        if (text == told_)
            return;
        told_ = text;
        if (listeners.complaint().empty())
            host_.log(LogLevel::info, "exporter: listening on " + text);
        else
            host_.log(LogLevel::warning, "exporter: " + text, {}, listeners.hint());
    }

    Settings settings_;
    ProcessHost host_;
    Pages& pages_;
    std::unique_ptr<HttpServer> server_;
    WaitSet wait_;
    SystemClock clock_;
    Backoff backoff_{1000 * 1000, 30 * 1000 * 1000};
    int64_t retry_at_ = 0;  ///< steady us; where something is wrong
    std::string asked_for_; ///< addresses and port that the listeners were given
    std::string told_;
};

/// False: another one is there.
bool claim() {
    SharedHeader* header = shared().header;
    bool claimed = false;
    locked(true, [&] {
        claimed = header->exporter_pid == 0;
        if (claimed)
            header->exporter_pid = MyProcPid;
    });
    return claimed;
}

void exporter_main() {
    guard([] { begin_process(); });
    if (!claim())
        return;
    guard([] { before_shmem_exit(leave_exporter, 0); });
    HttpServer::on_panic(end_broken);
    auto* pages = new Pages(take_snapshot, *new SystemClock); // it all lives as long as the process
    Result<std::unique_ptr<HttpServer>> server = HttpServer::create(HttpLimits(), *pages);
    if (!server)
        throw Error(server.fault());
    auto* exporter = new Exporter(std::move(*server), *pages);
    exporter->run();
}

} // namespace

} // namespace kcs::pg

void kafka_cdc_sink_exporter_main(Datum) {
    kcs::pg::entry_point([] { kcs::pg::exporter_main(); });
}
