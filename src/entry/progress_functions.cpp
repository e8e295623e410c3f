#include "postgres/pg.hpp"

#include "entry/sql_call.hpp"
#include "postgres/compat.hpp"
#include "postgres/gucs.hpp"
#include "postgres/shared_memory.hpp"

#include <algorithm>
#include <cstring>

extern "C" {
#include "utils/timestamp.h"
}

// wait_for() and reset_stats(): what works on the shared progress and counters.

namespace kcs::pg {

namespace {

// ---- C register -----------------------------------------------------------------------------

constexpr long kPollMs = 10;

/// Remembers where it found the partition; slots rarely change hands.
bool reached(const char* topic, int32 partition, int64 offset, int* slot_index) {
    const Shared& s = shared();
    auto is_it = [&](int i) {
        return i >= 0 && s.partitions[i].used && s.partitions[i].partition == partition &&
               std::strcmp(s.partitions[i].topic, topic) == 0;
    };
    lock_shared_state(false);
    if (!is_it(*slot_index)) {
        *slot_index = s.header->partition_slots - 1;
        while (*slot_index >= 0 && !is_it(*slot_index))
            --*slot_index;
    }
    // A partition that nobody holds has no position yet.
    bool done =
        *slot_index >= 0 && std::max(s.partitions[*slot_index].position.load(),
                                     s.partitions[*slot_index].next_offset.load()) >= offset;
    unlock_shared_state();
    return done;
}

/// True when all before `offset` is applied, false when the time is over before. Looks every few
/// milliseconds: a user waits here, and the workers need not know of it. The calling statement
/// keeps its snapshot meanwhile, so what was waited for is visible to the next statement.
bool wait_for(FunctionCallInfo fcinfo, const char* database) {
    const char* topic = topic_argument(fcinfo, 0, "topic");
    int32 partition = int32_argument(fcinfo, 1, "partition");
    int64 offset = int64_argument(fcinfo, 2, "offset");
    refuse_null(fcinfo, 3, "timeout");
    if (!shared_ready())
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("the library kafka_cdc_sink is not in shared_preload_libraries"),
                errhint("Add kafka_cdc_sink to shared_preload_libraries and restart the server."));
    if (!in_target_database(database))
        ereport(ERROR, errcode(ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE),
                errmsg("the workers run in database \"%s\", not in this one", database),
                errhint("Wait there."));
    TimestampTz deadline = DatumGetTimestampTz(
        DirectFunctionCall2(timestamptz_pl_interval, TimestampTzGetDatum(GetCurrentTimestamp()),
                            PointerGetDatum(PG_GETARG_INTERVAL_P(3))));
    const uint32 event = wait_event("KafkaCdcSinkWaitFor");
    int slot_index = -1;
    while (!reached(topic, partition, offset, &slot_index)) {
        if (GetCurrentTimestamp() >= deadline)
            return false;
        WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, kPollMs, event);
        ResetLatch(MyLatch);
        CHECK_FOR_INTERRUPTS();
    }
    return true;
}

void zero(Counter& counter) {
    counter.store(0, std::memory_order_relaxed);
}

/// A worker may add to a counter at this very moment, so a value of before can show once more; the
/// next call removes it.
void reset_stats() {
    if (!shared_ready())
        return;
    const Shared& s = shared();
    lock_shared_state(true);
    for (int i = 0; i < kMaxWorkers; ++i) {
        WorkerSlot& w = s.workers[i];
        for (Counter* counter : {&w.messages, &w.message_bytes, &w.skipped, &w.transactions,
                                 &w.dead_letters, &w.retries, &w.errors, &w.decode_us, &w.fold_us,
                                 &w.apply_us, &w.commit_us, &w.wait_us, &w.ahead_us})
            zero(*counter);
        for (Counter(*by)[kErrorClasses] : {&w.errors_by, &w.retries_by, &w.letters_by})
            for (Counter& counter : *by)
                zero(counter);
        w.batch_time.reset();
        w.batch_records.reset();
        w.source_delay.reset();
        w.kafka_delay.reset();
    }
    for (int i = 0; i < s.header->partition_slots; ++i)
        for (Counter* counter : {&s.partitions[i].messages, &s.partitions[i].message_bytes})
            zero(*counter);
    for (Counter& counter : s.header->pauses)
        zero(counter);
    for (Counter& counter : s.header->ddl)
        zero(counter);
    for (int i = 0; i < kErrorSlots; ++i)
        s.errors[i].count = 0;
    for (int i = 0; i < s.header->table_slots; ++i) {
        TableSlot& t = s.tables[i];
        for (Counter* counter : {&t.inserts, &t.updates, &t.deletes, &t.truncates, &t.toast_kept,
                                 &t.dead_letters, &t.folded})
            zero(*counter);
    }
    s.header->stats_reset_us.store(static_cast<uint64_t>(wall_us()));
    unlock_shared_state();
}

} // namespace

} // namespace kcs::pg

extern "C" {

KCS_FUNCTION(kafka_cdc_sink_wait_for) {
    using namespace kcs::pg;
    return entry_point([&]() -> Datum {
        const char* database = current_settings().database.c_str();
        return BoolGetDatum(guard([&] { return wait_for(fcinfo, database); }));
    });
}

KCS_FUNCTION(kafka_cdc_sink_reset_stats) {
    (void)fcinfo;
    using namespace kcs::pg;
    return entry_point([]() -> Datum {
        guard([] { reset_stats(); });
        PG_RETURN_VOID();
    });
}
}
