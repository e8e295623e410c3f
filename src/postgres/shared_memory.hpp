#pragma once

#include "core/shared_state.hpp"
#include "postgres/guard.hpp"

namespace kcs::pg {

/// Pointers into the shared segment. Null before the server has set it up, that is when the library
/// is not in shared_preload_libraries.
struct Shared {
    SharedHeader* header = nullptr;
    WorkerSlot* workers = nullptr;       ///< kMaxWorkers
    PartitionSlot* partitions = nullptr; ///< header->partition_slots
    TableSlot* tables = nullptr;         ///< header->table_slots; slot 0 is `other`
    ErrorSlot* errors = nullptr;         ///< kErrorSlots
};

/// From _PG_init while preloading: reserves memory and the lock, installs the startup hook
/// (14: at once; 15+: shmem_request_hook).
void reserve_shared_memory(int partition_slots, int table_slots);

const Shared& shared();
inline bool shared_ready() {
    return shared().header != nullptr;
}

/// Runs `body` (plain stores and copies; noexcept; no PostgreSQL call) under the segment's lock.
void lock_shared_state(bool exclusive);
void unlock_shared_state();
template <typename Body> void locked(bool exclusive, Body&& body) {
    guard([exclusive] { lock_shared_state(exclusive); });
    body();
    unlock_shared_state();
}

/// Microseconds since 1970: the unit of every *_us point in time in shared memory.
int64_t wall_us();

/// Wake a process by pid through its latch, if it is still there. Callable everywhere but in
/// signal handlers; raises nothing.
void ring(int32_t pid);
/// The extension came or went, or a database: the launcher looks again, also at what it had given
/// up on.
void ring_launcher();
/// Only wakes it: a process of ours has ended.
void ring_launcher_process();
void ring_coordinator();
void ring_workers();

/// Bounded copy with a terminating NUL, never inside a UTF-8 character.
void put_text(char* to, size_t size, std::string_view from) noexcept;

/// Tables are those of this database from now on: slots of another one's are freed. While no worker
/// runs. Takes the lock.
void tables_are_of(uint32_t database);

/// The table's slot, made when it has none; 0 (`other`) when all are taken. Takes the lock.
uint32_t table_slot(std::string_view schema, std::string_view table);

} // namespace kcs::pg
