#include "entry/process.hpp"

#include "core/client_properties.hpp"
#include "postgres/guard.hpp"
#include "postgres/gucs.hpp"
#include "postgres/recent_errors.hpp"
#include "postgres/shared_memory.hpp"

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

extern "C" {
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/procarray.h"
#include "tcop/tcopprot.h"
}

namespace kcs::pg {

const char kNoWorkerSlotHint[] =
    "Raise max_worker_processes and restart the server: the sink needs one for its launcher, one "
    "for its coordinator, one for its exporter and one for each of kafka_cdc_sink.max_workers.";

namespace {

// ---- C register: plain data only ------------------------------------------------------------

/// Most of the properties file that is looked at.
constexpr size_t kMostFileBytes = 1024 * 1024;

void set_field(char* field, size_t size, const char* text) {
    strlcpy(field, text, size);
}

BackgroundWorkerHandle* register_child(ProcessKind kind, int32_t slot) {
    BackgroundWorker worker;
    std::memset(&worker, 0, sizeof worker);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS;
    worker.bgw_start_time = BgWorkerStart_ConsistentState;
    if (kind != ProcessKind::exporter) {
        worker.bgw_flags |= BGWORKER_BACKEND_DATABASE_CONNECTION;
        worker.bgw_start_time = BgWorkerStart_RecoveryFinished;
    }
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_main_arg = Int32GetDatum(slot);
    worker.bgw_notify_pid = MyProcPid;
    set_field(worker.bgw_library_name, sizeof worker.bgw_library_name, "kafka_cdc_sink");
    if (kind == ProcessKind::coordinator) {
        set_field(worker.bgw_function_name, sizeof worker.bgw_function_name,
                  "kafka_cdc_sink_coordinator_main");
        set_field(worker.bgw_name, sizeof worker.bgw_name, "kafka_cdc_sink coordinator");
        set_field(worker.bgw_type, sizeof worker.bgw_type, "kafka_cdc_sink coordinator");
    } else if (kind == ProcessKind::exporter) {
        set_field(worker.bgw_function_name, sizeof worker.bgw_function_name,
                  "kafka_cdc_sink_exporter_main");
        set_field(worker.bgw_name, sizeof worker.bgw_name, "kafka_cdc_sink exporter");
        set_field(worker.bgw_type, sizeof worker.bgw_type, "kafka_cdc_sink exporter");
    } else {
        set_field(worker.bgw_function_name, sizeof worker.bgw_function_name,
                  "kafka_cdc_sink_worker_main");
        pg_snprintf(worker.bgw_name, sizeof worker.bgw_name, "kafka_cdc_sink worker %d", slot);
        set_field(worker.bgw_type, sizeof worker.bgw_type, "kafka_cdc_sink worker");
    }
    BackgroundWorkerHandle* handle = nullptr;
    MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
    bool registered = RegisterDynamicBackgroundWorker(&worker, &handle);
    MemoryContextSwitchTo(before);
    return registered ? handle : nullptr;
}

// ---- C++ register ---------------------------------------------------------------------------

void mix(uint64_t& h, const char* data, size_t size) {
    for (size_t i = 0; i < size; ++i)
        h = (h ^ static_cast<unsigned char>(data[i])) * UINT64_C(0x100000001b3);
    h = (h ^ 0x100) * UINT64_C(0x100000001b3); // an end, so that neighbours do not run together
}

void mix(uint64_t& h, const std::string& text) {
    mix(h, text.data(), text.size());
}

void mix(uint64_t& h, int64_t number) {
    mix(h, reinterpret_cast<const char*>(&number), sizeof number);
}

int exit_code = 0;

/// What cannot be read counts as empty: making the client will say why.
std::string file_contents(const std::string& path) {
    std::string text;
    int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0)
        return text;
    char buffer[4096];
    ssize_t n;
    while (text.size() < kMostFileBytes && (n = read(fd, buffer, sizeof buffer)) > 0)
        text.append(buffer, static_cast<size_t>(n));
    close(fd);
    std::memset(buffer, 0, sizeof buffer); // it may have held secrets
    return text;
}

/// Keys and certificates that the properties name, so that replacing them replaces the client.
void mix_named_files(uint64_t& h, const std::string& properties, PropertySource source) {
    auto list = parse_client_properties(properties, source);
    if (!list)
        return;
    for (const auto& [key, value] : *list)
        if (is_file_property(key))
            mix(h, file_contents(value));
}

} // namespace

// ---- ChildProcess ---------------------------------------------------------------------------

bool ChildProcess::start(ProcessKind kind, int32_t slot) {
    forget();
    handle_ = guard([=] { return static_cast<void*>(register_child(kind, slot)); });
    return handle_ != nullptr;
}

bool ChildProcess::running() {
    if (handle_ == nullptr)
        return false;
    void* handle = handle_;
    BgwHandleStatus status = guard([handle] {
        pid_t pid;
        return GetBackgroundWorkerPid(static_cast<BackgroundWorkerHandle*>(handle), &pid);
    });
    if (status == BGWH_STARTED || status == BGWH_NOT_YET_STARTED)
        return true;
    forget();
    return false;
}

void ChildProcess::forget() {
    if (handle_ != nullptr)
        pfree(handle_);
    handle_ = nullptr;
}

// ---- functions ------------------------------------------------------------------------------

void begin_process() {
    pqsignal(SIGHUP, SignalHandlerForConfigReload);
    pqsignal(SIGTERM, die);
    BackgroundWorkerUnblockSignals();
}

bool reload_if_asked(Settings& settings) {
    if (!ConfigReloadPending)
        return false;
    ConfigReloadPending = false;
    guard([] { ProcessConfigFile(PGC_SIGHUP); });
    settings = read_settings();
    return true;
}

uint64_t client_identity(const ClientSettings& client, uint32_t database_oid,
                         uint32_t extension_oid) {
    uint64_t h = UINT64_C(0xcbf29ce484222325);
    mix(h, client.bootstrap_servers);
    mix(h, client.group_id);
    mix(h, client.client_properties);
    mix(h, client.client_properties_file);
    mix(h, client.queue_bytes);
    mix(h, database_oid);
    mix(h, extension_oid);
    mix_named_files(h, client.client_properties, PropertySource::setting);
    if (!client.client_properties_file.empty()) {
        std::string properties = file_contents(client.client_properties_file);
        mix(h, properties);
        mix_named_files(h, properties, PropertySource::file);
    }
    return h == 0 ? 1 : h;
}

void end_under_threads(int code) noexcept {
    exit_code = code;
    std::atexit([] { _exit(exit_code); }); // registered last, so called before any library's
}

void terminate_process(int32_t pid) {
    if (pid != 0 && BackendPidGetProc(pid) != nullptr)
        kill(pid, SIGTERM);
}

void say_state(ProcessHost& host, SinkState state, const std::string& reason,
               const std::string& hint) {
    SharedHeader& header = *shared().header;
    int64_t now = wall_us();
    bool changed = false;
    locked(true, [&] {
        changed = header.state != state ||
                  reason.compare(0, sizeof header.reason - 1, header.reason) != 0;
        if (header.state != state)
            header.since_us = now;
        header.state = state;
        put_text(header.reason, sizeof header.reason, reason);
        put_text(header.hint, sizeof header.hint, hint);
    });
    if (!changed)
        return;
    if (state == SinkState::error || state == SinkState::degraded)
        note_error({ErrorClass::environment, {}, reason, hint});
    if (state == SinkState::error)
        host.log(LogLevel::error, reason, {}, hint);
    else if (state == SinkState::degraded)
        host.log(LogLevel::warning, reason, {}, hint);
    else if (!reason.empty())
        host.log(LogLevel::info, reason);
    else if (state == SinkState::running)
        host.log(LogLevel::info, "running");
}

void ask_workers_to_stop() {
    WorkerSlot* workers = shared().workers;
    locked(true, [&] {
        for (int i = 0; i < kMaxWorkers; ++i)
            workers[i].stop_requested = true;
    });
    ring_workers();
}

} // namespace kcs::pg
