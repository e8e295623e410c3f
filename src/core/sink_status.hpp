#pragma once

#include "core/settings.hpp"
#include "core/shared_rows.hpp"

#include <string>
#include <vector>

namespace kcs {

/// What the one row of the status view is made from.
struct StatusInput {
    bool preloaded = false;      ///< there is shared memory
    bool in_recovery = false;    ///< the server is a standby
    bool target_database = true; ///< asked in the database that is written
    const Settings* settings = nullptr;
    HeaderRow header;
    std::vector<WorkerRow> workers;
    std::vector<PartitionRow> partitions;
};

struct SinkStatus {
    SinkState state = SinkState::idle;
    std::string reason; ///< empty when there is nothing to say
    std::string hint;
    int64_t since_us = 0; ///< 0: not known
    int32_t workers = 0;
    int32_t topics = 0;
    int32_t partitions = 0;
    int64_t total_lag = -1; ///< over the partitions whose lag is known; -1: of none
    int64_t delay_us = -1;  ///< of the event committed last, -1: none yet
    std::string last_error;
    int64_t last_error_us = 0;
    int64_t stats_reset_us = 0;
    std::string exporter; ///< where it listens, or why it does not; empty: it is off
    std::string exporter_hint;
};

/// The sink as a whole: settings and the server's role first, then what the launcher and the
/// coordinator say, then what stands at single partitions and workers.
SinkStatus derive_status(const StatusInput& input);

} // namespace kcs
