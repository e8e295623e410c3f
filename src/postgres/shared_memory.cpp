#include "postgres/shared_memory.hpp"

#include "postgres/names.hpp"

#include <cstring>
#include <new>

extern "C" {
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/lwlock.h"
#include "storage/proc.h"
#include "storage/procarray.h"
#include "storage/shmem.h"
}

namespace kcs::pg {

namespace {

// ---- C register: plain data only ------------------------------------------------------------

constexpr char kSegmentName[] = "kafka_cdc_sink";

Shared segment;
LWLock* segment_lock = nullptr;
int reserved_partitions = 0;
int reserved_tables = 0;
shmem_startup_hook_type previous_startup_hook = nullptr;
#if PG_VERSION_NUM >= 150000
shmem_request_hook_type previous_request_hook = nullptr;
#endif

Size aligned(Size size) {
    return CACHELINEALIGN(size);
}

Size segment_size() {
    Size size = aligned(sizeof(SharedHeader));
    size = add_size(size, aligned(mul_size(kMaxWorkers, sizeof(WorkerSlot))));
    size = add_size(size, aligned(mul_size(reserved_partitions, sizeof(PartitionSlot))));
    size = add_size(size, aligned(mul_size(reserved_tables, sizeof(TableSlot))));
    return add_size(size, aligned(mul_size(kErrorSlots, sizeof(ErrorSlot))));
}

void request_segment() {
    RequestAddinShmemSpace(segment_size());
    RequestNamedLWLockTranche(kSegmentName, 1);
}

template <typename Slot> Slot* place(char*& at, int count, bool construct) {
    Slot* first = reinterpret_cast<Slot*>(at);
    for (int i = 0; construct && i < count; ++i)
        new (first + i) Slot();
    at += aligned(sizeof(Slot) * static_cast<Size>(count));
    return first;
}

void name_other(TableSlot& slot) {
    slot.used = true;
    std::strcpy(slot.table, "other");
}

/// Runs at server start and again after every crash restart, with fresh memory each time (R46).
void attach_segment() {
    if (previous_startup_hook != nullptr)
        previous_startup_hook();
    segment = Shared();
    segment_lock = nullptr;
    LWLockAcquire(AddinShmemInitLock, LW_EXCLUSIVE);
    bool found = false;
    char* at = static_cast<char*>(ShmemInitStruct(kSegmentName, segment_size(), &found));
    Shared attached;
    attached.header = place<SharedHeader>(at, 1, !found);
    attached.workers = place<WorkerSlot>(at, kMaxWorkers, !found);
    attached.partitions = place<PartitionSlot>(at, reserved_partitions, !found);
    attached.tables = place<TableSlot>(at, reserved_tables, !found);
    attached.errors = place<ErrorSlot>(at, kErrorSlots, !found);
    if (!found) {
        attached.header->started_us = wall_us();
        attached.header->partition_slots = reserved_partitions;
        attached.header->table_slots = reserved_tables;
        attached.header->since_us = wall_us();
        attached.header->stats_reset_us.store(static_cast<uint64_t>(wall_us()));
        name_other(attached.tables[0]);
    }
    segment_lock = &GetNamedLWLockTranche(kSegmentName)->lock;
    segment = attached;
    LWLockRelease(AddinShmemInitLock);
}

#if PG_VERSION_NUM >= 150000
void request_hook() {
    if (previous_request_hook != nullptr)
        previous_request_hook();
    request_segment();
}
#endif

bool same_text(const char* stored, std::string_view text) noexcept {
    return std::strlen(stored) == text.size() && std::memcmp(stored, text.data(), text.size()) == 0;
}

/// Under the lock. -1: not there.
int find_table(std::string_view schema, std::string_view table) noexcept {
    for (int i = 1; i < segment.header->table_slots; ++i) {
        const TableSlot& slot = segment.tables[i];
        if (!slot.used)
            return -1; // slots are never given back, so the used ones come first
        if (same_text(slot.table, table) && same_text(slot.schema, schema))
            return i;
    }
    return -1;
}

int add_table(std::string_view schema, std::string_view table) noexcept {
    for (int i = 1; i < segment.header->table_slots; ++i) {
        TableSlot& slot = segment.tables[i];
        if (slot.used)
            continue;
        put_text(slot.schema, sizeof slot.schema, schema);
        put_text(slot.table, sizeof slot.table, table);
        slot.used = true;
        return i;
    }
    return 0;
}

/// Reads one pid of the header under the lock and rings it.
void ring_header_pid(int32_t SharedHeader::*pid) {
    if (!shared_ready())
        return;
    lock_shared_state(false);
    int32_t to = segment.header->*pid;
    unlock_shared_state();
    ring(to);
}

} // namespace

void reserve_shared_memory(int partition_slots, int table_slots) {
    reserved_partitions = partition_slots;
    reserved_tables = std::max(table_slots, 1);
#if PG_VERSION_NUM >= 150000
    previous_request_hook = shmem_request_hook;
    shmem_request_hook = request_hook;
#else
    request_segment();
#endif
    previous_startup_hook = shmem_startup_hook;
    shmem_startup_hook = attach_segment;
}

const Shared& shared() {
    return segment;
}

void lock_shared_state(bool exclusive) {
    LWLockAcquire(segment_lock, exclusive ? LW_EXCLUSIVE : LW_SHARED);
}

void unlock_shared_state() {
    LWLockRelease(segment_lock);
}

int64_t wall_us() {
    constexpr int64_t kEpochDays = POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE;
    return GetCurrentTimestamp() + kEpochDays * USECS_PER_DAY;
}

void ring(int32_t pid) {
    if (pid == 0)
        return;
    // The entry outlives the process; at worst its next owner wakes up once for nothing.
    PGPROC* proc = BackendPidGetProc(pid);
    if (proc != nullptr)
        SetLatch(&proc->procLatch);
}

void ring_launcher() {
    if (!shared_ready())
        return;
    segment.header->launcher_rings.fetch_add(1);
    ring_launcher_process();
}

void ring_launcher_process() {
    ring_header_pid(&SharedHeader::launcher_pid);
}

void ring_coordinator() {
    ring_header_pid(&SharedHeader::coordinator_pid);
}

void ring_workers() {
    if (!shared_ready())
        return;
    int32_t pids[kMaxWorkers];
    lock_shared_state(false);
    for (int i = 0; i < kMaxWorkers; ++i)
        pids[i] = segment.workers[i].pid;
    unlock_shared_state();
    for (int32_t pid : pids)
        ring(pid);
}

void put_text(char* to, size_t size, std::string_view from) noexcept {
    size_t n = from.size() < size ? from.size() : size - 1;
    while (n > 0 && n < from.size() && (static_cast<unsigned char>(from[n]) & 0xC0) == 0x80)
        --n; // not inside a character
    std::memcpy(to, from.data(), n);
    to[n] = '\0';
}

void tables_are_of(uint32_t database) {
    locked(true, [database] {
        if (segment.header->tables_of == database)
            return;
        segment.header->tables_of = database;
        for (int i = 0; i < segment.header->table_slots; ++i)
            new (segment.tables + i) TableSlot();
        name_other(segment.tables[0]);
    });
}

uint32_t table_slot(std::string_view schema, std::string_view table) {
    if (!shared_ready())
        return 0;
    char name[sizeof(TableSlot::table)],
        space[sizeof(TableSlot::schema)]; // as far as there is room
    put_text(space, sizeof space, shown_name(schema));
    put_text(name, sizeof name, shown_name(table));
    int found = -1;
    locked(false, [&] { found = find_table(space, name); });
    if (found < 0)
        locked(true, [&] {
            found = find_table(space, name);
            if (found < 0)
                found = add_table(space, name);
        });
    return static_cast<uint32_t>(found);
}

} // namespace kcs::pg
