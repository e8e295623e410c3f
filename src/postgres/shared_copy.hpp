#pragma once

#include "core/shared_rows.hpp"
#include "core/sink_status.hpp"

#include <vector>

// Readers' side of shared memory: everything is copied under the shared lock and looked at after,
// so that no reader keeps a worker waiting (R48). All need shared_ready(), save read_status().

namespace kcs::pg {

HeaderRow copy_header();
/// Live workers, by slot; or all slots that ever were one's.
std::vector<WorkerRow> copy_workers();
std::vector<WorkerRow> copy_worker_slots();
/// Known partitions, by slot.
std::vector<PartitionRow> copy_partitions();
/// Tables that were touched; `other` only when it was used.
std::vector<TableRow> copy_tables();
/// The latest first.
std::vector<ErrorRow> copy_errors();

/// The status of the sink as seen from database `database` (its name; empty: do not compare). Works
/// without shared memory too.
SinkStatus read_status(const char* database);

} // namespace kcs::pg
