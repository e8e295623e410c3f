#include "entry/snapshot.hpp"

#include "kafka/consumer.hpp"
#include "postgres/gucs.hpp"
#include "postgres/shared_copy.hpp"
#include "postgres/shared_memory.hpp"

extern "C" {
#include "access/xlog.h"
}

namespace kcs::pg {

Snapshot take_snapshot() {
    Snapshot s;
    const Settings settings = current_settings();
    StatusInput input;
    input.settings = &settings;
    input.preloaded = shared_ready();
    input.in_recovery = guard([] { return RecoveryInProgress(); });
    s.now_us = wall_us();
    s.database = settings.database;
    s.version = KCS_VERSION;
    s.server = PG_VERSION;
    s.kafka_client = kafka_client_version();
    if (input.preloaded) {
        s.header = input.header = copy_header();
        s.started_us = s.header.started_us;
        s.worker_slots = copy_worker_slots();
        for (const WorkerRow& worker : s.worker_slots)
            if (worker.pid != 0)
                s.workers.push_back(worker);
        s.tables = copy_tables();
        s.errors = copy_errors();
        s.partitions = copy_partitions();
        input.workers = s.workers;
        input.partitions = s.partitions;
    }
    s.status = derive_status(input);
    return s;
}

} // namespace kcs::pg
