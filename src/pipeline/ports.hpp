#pragma once

#include "core/arena.hpp"
#include "core/error_note.hpp"
#include "core/fault.hpp"
#include "core/record.hpp"
#include "core/settings.hpp"
#include "debezium/change.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

// The corridor's three doors. The pipeline knows no Kafka and no PostgreSQL; it is given a Source,
// a Sink and a Host, and tests give it fakes.

namespace kcs {

/// Something that happened to a partition or to the connection, beside records.
struct SourceEvent {
    enum class Kind : uint8_t {
        end_of_partition, ///< everything before `offset` was delivered or does not exist
        out_of_range,     ///< the assigned offset is not in the topic (any more)
        partition_error,  ///< topic deleted, not authorised, ...: `text` says
        client_error      ///< brokers down, authentication failed, ...: `text` says
    };
    Kind kind;
    uint32_t slot = 0;
    int64_t offset = 0;
    std::string text;
    std::string hint = {};
};

/// Where records come from (kafka/consumer.hpp). Nothing here blocks.
class Source {
public:
    virtual ~Source() = default;

    /// Consume this partition from `offset` on. After it, poll() hands out no record of the slot
    /// from before the call.
    virtual void assign(uint32_t slot, const std::string& topic, int32_t partition,
                        int64_t offset) = 0;
    /// Stop consuming it. Records already handed out stay valid until release().
    virtual void unassign(uint32_t slot) = 0;

    /// Append what has arrived, up to the limits, to `records`. Their memory is the source's until
    /// release(). Returns true when it stopped at a limit (more may be there at once).
    virtual bool poll(std::vector<Record>& records, size_t max_records, size_t max_bytes) = 0;
    /// Gives back `count` records; `before`: how many that were handed out before them are still in
    /// use.
    virtual void release(size_t before, size_t count) = 0;
    /// Frees the memory of what was given back, which takes about as long as fetching it: at the
    /// latest the next release() does. The only function that another thread may run, while none of
    /// release() and poll() runs.
    virtual void reclaim() = 0;

    /// Takes the events since the last call. After a partition_error nothing comes of its
    /// partition until it is assigned anew: the source may have passed over records meanwhile.
    virtual std::vector<SourceEvent> take_events() = 0;

    /// Whether all connections were lost since the last call: what poll() hands out from now on may
    /// be of other topics of the same names.
    virtual bool take_disconnect() = 0;

    /// Cached end of the partition, -1 unknown. No network.
    virtual int64_t high_watermark(uint32_t slot) = 0;
};

/// SQLSTATE of a read_offset() that finds no row.
inline constexpr char kNoOffset[] = "02000";

/// How far one partition moves with a batch.
struct OffsetMove {
    uint32_t slot = 0;
    std::string_view topic;
    int32_t partition = 0;
    int64_t stored = 0; ///< next_offset that the table must hold now
    int64_t next = 0;
    int64_t last_offset = -1; ///< last record of the move; -1: none (control records only)
    int64_t last_timestamp_ms = -1;
    uint64_t last_hash = 0;
};

/// A record that is rejected, and why.
struct Reject {
    uint32_t record = 0; ///< index into Work::records
    const Target* target = nullptr;
    Fault fault;
};

/// What records of a partition wait for no longer: they did so in vain.
struct Impatience {
    uint32_t slot = 0;
    std::optional<std::string> need; ///< see need_of(); none: whatever it is
};

/// What a record waits for, where others of its partition may wait for the same: a constraint, or
/// (empty) its other half or its row.
std::string need_of(const Fault& fault);
bool is_patient(const std::vector<Impatience>& impatient, uint32_t slot, const std::string& need);

/// One batch: everything that shall become visible in one transaction.
struct Work {
    const std::vector<Record>* records = nullptr; ///< for dead letters; Change::record indexes it
    std::vector<Change> changes;                  ///< arrival order
    std::vector<Reject> rejects;                  ///< found by decoding, in order of `record`
    std::vector<OffsetMove> offsets;
    /// What was read already and is not to be applied yet; what is, another one may overtake.
    std::vector<Change> later;
    std::vector<Impatience> impatient;
    Arena* arena = nullptr; ///< for what applying must build; same life as the changes' values
};

/// What became of a batch. Everything but `applied` left no trace in the database.
struct ApplyOutcome {
    enum class Kind : uint8_t {
        applied, ///< committed
        moved,   ///< an offset is not where we thought (seek): read `moved_slots` anew
        data,    ///< some record is bad: call again with careful = true
        table,   ///< `target` cannot take changes now: fault.cls is target, locked or ddl
        wait,    ///< `record` needs one of another partition, which may still come: cut the batch
                 ///< before it and try again later
        batch,   ///< retry or environment: fault says; the same batch again later
        stop_at  ///< a reject that must not be passed (on_error = pause, max_dead_letters):
                 ///< cut the batch before `record` and pause
    };
    Kind kind = Kind::applied;
    Fault fault;
    const Target* target = nullptr;
    uint32_t record = 0;
    std::vector<uint32_t> moved_slots;
    uint32_t dead_letters = 0;      ///< written with it
    std::vector<ErrorNote> letters; ///< their errors, equal ones counted
    std::vector<uint32_t> met;      ///< slots of records that found what they need of others
    std::vector<Impatience> unmet;  ///< of records that went without
    int64_t commit_us = 0;          ///< part of the time that the commit took
    int64_t fold_us = 0;            ///< likewise folding
};

/// Where changes go (postgres/sink.hpp).
class Sink {
public:
    virtual ~Sink() = default;
    /// Apply `work` in one transaction. Plain: all changes folded, any data error gives
    /// Kind::data. Careful: original order, halved in subtransactions down to the records that
    /// cannot be applied, which become dead letters in the same transaction. Errors of PostgreSQL
    /// become outcomes; what C++ throws (bad_alloc) passes after the abort.
    virtual ApplyOutcome apply(Work& work, bool careful) = 0;
    /// The committed next_offset of a slot's partition as the table has it now, and what the
    /// last record was.
    virtual Result<OffsetMove> read_offset(uint32_t slot, const std::string& topic,
                                           int32_t partition) = 0;
};

/// The process around the pipeline (postgres/host.hpp).
class Host {
public:
    virtual ~Host() = default;
    virtual void check_interrupts() = 0; ///< may not return (FATAL), may throw a cancel
    virtual void log(LogLevel level, const std::string& message, const std::string& detail = {},
                     const std::string& hint = {}) = 0;
    virtual void activity(const char* text) = 0; ///< for pg_stat_activity; null: idle
};

} // namespace kcs
