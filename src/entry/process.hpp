#pragma once

#include "core/settings.hpp"
#include "core/shared_state.hpp"
#include "postgres/host.hpp"

#include <string>

// What launcher, coordinator and workers have in common.

namespace kcs::pg {

enum class ProcessKind : uint8_t { coordinator, worker, exporter };

/// A dynamic background worker that this process registered. Plain pointer of the server's.
class ChildProcess {
public:
    /// Registers one; it starts soon after. `slot`: the worker's; reaches its main. False: the
    /// server has no free background worker slot.
    bool start(ProcessKind kind, int32_t slot);
    bool registered() const { return handle_ != nullptr; }
    /// Registered here and not known to have ended. Asking forgets one that has ended.
    bool running();
    /// Forgets the registration, not the process.
    void forget();

private:
    void* handle_ = nullptr;
};

/// Signal handlers first, then signals (R27). C register.
void begin_process();

/// Where a reload was asked for: reads the configuration file and then the settings. True when it
/// was; `settings` is the new picture.
bool reload_if_asked(Settings& settings);

/// One number for everything that makes a client another client: the settings, what the properties
/// file and the certificates and keys named there hold, and the database and extension whose
/// offsets it goes by. Never 0.
uint64_t client_identity(const ClientSettings& client, uint32_t database_oid,
                         uint32_t extension_oid);

/// For the exit callback of a process that has a Kafka client. Destroying the client would wait for
/// its threads, and one that asks a name server may be busy for half a minute. So they run until
/// the end, and the process ends, with this code, without destructors of libraries under them (the
/// server's own part of ending is done by then). Raises nothing.
void end_under_threads(int code) noexcept;

/// SIGTERM to a process of ours that did not leave when asked; nothing if it has gone.
void terminate_process(int32_t pid);

/// The sink's state as the launcher or the coordinator sees it; a change is logged.
void say_state(ProcessHost& host, SinkState state, const std::string& reason,
               const std::string& hint);

/// The hint for a registration that found no free slot.
extern const char kNoWorkerSlotHint[];

/// Asks every apply worker to leave.
void ask_workers_to_stop();

} // namespace kcs::pg
