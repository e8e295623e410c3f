#pragma once

#include "core/shared_rows.hpp"
#include "core/sink_status.hpp"

#include <string>
#include <vector>

namespace kcs {

/// Everything there is to see, copied from shared memory at one time: what the exporter answers
/// from. Texts are in the target database's encoding, as shared memory has them.
struct Snapshot {
    int64_t now_us = 0;       ///< since 1970
    int64_t started_us = 0;   ///< the server, or its last restart after a crash
    std::string database;     ///< kafka_cdc_sink.database
    std::string version;      ///< of the extension
    std::string server;       ///< PostgreSQL's version
    std::string kafka_client; ///< librdkafka's version
    SinkStatus status;
    HeaderRow header;
    std::vector<WorkerRow> workers;      ///< living ones
    std::vector<WorkerRow> worker_slots; ///< all that ever were in use: their counters go on
    std::vector<PartitionRow> partitions;
    std::vector<TableRow> tables;
    std::vector<ErrorRow> errors; ///< latest first
};

} // namespace kcs
