#pragma once

#include "core/fault.hpp"
#include "core/settings.hpp"
#include "kafka/known_records.hpp"
#include "kafka/samples.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kcs {

struct TopicInfo {
    std::string name;
    int32_t partitions = 0;
    int32_t replicas = 0; ///< of the partition that has fewest, out of sync or not
    int32_t behind = 0;   ///< partitions of which some replica is not in sync
    std::string error;    ///< not authorised, leader missing, ...; empty: fine
};

struct PartitionEnds {
    std::string topic;
    int32_t partition = 0;
    int64_t low = -1;  ///< first offset there; -1 could not be asked
    int64_t high = -1; ///< next offset to be produced
    std::string error; ///< why they are not known, without a final period
    bool late = false; ///< because a leader does not answer
};

/// How far we are in a partition: the offset of the next record to apply.
struct GroupOffset {
    std::string topic;
    int32_t partition = 0;
    int64_t next = 0;
};

/// The coordinator's eyes: metadata and watermarks. Each call blocks for at most `timeout_ms`
/// (500 at most, design section 3).
class Discovery {
public:
    static Result<std::unique_ptr<Discovery>> create(const ClientSettings& settings);
    virtual ~Discovery() = default;

    /// All topics of the cluster that we may see. Fault: class environment: brokers unreachable,
    /// authentication failed (from the client's last error events), with a hint.
    virtual Result<std::vector<TopicInfo>> topics(int timeout_ms) = 0;
    /// Fills low and high of each entry; entries that failed keep -1 and say why. Leaders that are
    /// known to answer are asked together, the others one by one afterwards while there is time,
    /// those that kept us waiting longest ago first: so one that does not answer holds up the rest
    /// for a few calls at most. Leaders are those of the last topics().
    virtual void ends(std::vector<PartitionEnds>& partitions, int timeout_ms) = 0;

    /// Reads these records, of different partitions, anew and fills in the answers.
    virtual void compare(std::vector<KnownRecord>& records, int timeout_ms) = 0;

    /// How many brokers the cluster has, as of the last topics().
    virtual int brokers() const = 0;
    /// Looks at the form of records; see sample_records().
    virtual void sample(std::vector<SampledRecord>& records, int64_t deadline_us,
                        const std::function<void()>& between) = 0;
    /// Whether the Kafka group may be used, asked with these partitions. Empty: yes; else why not,
    /// or (`late`) that nobody answered in time.
    virtual std::string group_complaint(const std::vector<GroupOffset>& partitions, int timeout_ms,
                                        bool& late) = 0;

    /// Stores offsets with the Kafka group as a courtesy for lag tools: asynchronous, without
    /// joining the group. Nothing is sent while another commit is under way.
    virtual void commit(const std::vector<GroupOffset>& offsets) = 0;

    struct CommitNews {
        bool pending = false;  ///< one is under way
        bool finished = false; ///< one has ended since the last call
        std::string error;     ///< of the finished one; empty: all of it was stored
    };
    virtual CommitNews hear_commit() = 0;

    /// Destroys the client, in at most a tenth of a second. librdkafka's destructor waits for a
    /// commit that is under way, a minute against a frozen broker: then nothing is destroyed, also
    /// not by our destructor, and it returns false. Threads of the client run on: a process that
    /// ends like this must end without destructors of libraries running under them.
    virtual bool shutdown() noexcept = 0;
};

} // namespace kcs
