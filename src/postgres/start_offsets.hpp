#pragma once

#include "core/fault.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

// What the coordinator reads and writes in the target database. Each call is one short transaction
// of its own and throws pg::Error after its abort.

namespace kcs::pg {

/// A row of kafka_cdc_sink.offsets, as far as giving out partitions needs it.
struct StoredOffset {
    int64_t next = -1;
    bool added_later = false; ///< its first records wait for the older partitions (last_offset -1)
    int64_t last_offset = -1; ///< the last applied record; -1: not known
    uint64_t last_hash = 0;
};
using StoredOffsets = std::map<std::pair<std::string, int32_t>, StoredOffset>;

struct NewOffset {
    std::string topic;
    int32_t partition = 0;
    int64_t next = 0;
    bool added_later = false;
};

/// What control says.
struct Control {
    bool paused = false;
    std::string reason;
    int64_t resumed_us = 0; ///< since 1970; 0: never
};

/// 0: the extension is not installed in this database.
uint32_t find_extension();

Control read_control();

/// All rows of the group.
StoredOffsets read_stored_offsets(const std::string& group_id);

/// One transaction for all: a topic's first partitions are stored together or not at all. Rows
/// that exist already stay as they are.
void store_start_offsets(const std::string& group_id, const std::vector<NewOffset>& rows);

/// The partition's wait for the older ones is over; it is one of them from now on.
void end_wait_of_added(const std::string& group_id, const std::string& topic, int32_t partition);

/// Says that another record was the last one applied, an earlier one, so that it is compared with
/// the topic before anything more of the partition is applied.
void put_last_record(const std::string& group_id, const std::string& topic, int32_t partition,
                     int64_t last_offset, uint64_t last_hash);

struct OpenLetterCounts {
    int64_t pending = 0, fenced = 0;
};
OpenLetterCounts count_open_letters(const std::string& group_id);

/// Deletes some of the group's dead letters that are older than `retention_s` seconds; how many.
int64_t purge_dead_letters(const std::string& group_id, int32_t retention_s);

} // namespace kcs::pg
