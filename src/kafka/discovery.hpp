#pragma once

#include "core/fault.hpp"
#include "core/settings.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace kcs {

struct TopicInfo {
    std::string name;
    int32_t partitions = 0;
    std::string error; ///< not authorised, leader missing, ...; empty: fine
};

struct PartitionEnds {
    std::string topic;
    int32_t partition = 0;
    int64_t low = -1;  ///< first offset there; -1 could not be asked
    int64_t high = -1; ///< next offset to be produced
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
    /// Fills low and high of each entry; entries that failed keep -1. Fault when nothing was
    /// reached.
    virtual Result<bool> ends(std::vector<PartitionEnds>& partitions, int timeout_ms) = 0;

    virtual void shutdown() noexcept = 0;
};

} // namespace kcs
