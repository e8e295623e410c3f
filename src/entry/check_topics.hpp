#pragma once

#include "entry/check_link.hpp"
#include "entry/check_report.hpp"
#include "kafka/discovery.hpp"

#include <map>

// The parts of check() about what is in Kafka, and about the targets of it.

namespace kcs::pg {

/// The answers of the process, until `until_us`; afterwards what they mean for each topic. Ends
/// the process.
void check_kafka(Report& report, CheckProcess& process, int64_t until_us);

/// Next offset of each partition, by topic.
using StoredOffsets = std::map<std::string, std::map<int32_t, int64_t>>;
/// What this database has of the Kafka group.
StoredOffsets stored_offsets(const std::string& group);

/// One record of a topic: its form, and what would become of it in this database.
void check_record(Report& report, const SampledRecord& sample);

} // namespace kcs::pg
