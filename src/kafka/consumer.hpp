#pragma once

#include "core/settings.hpp"
#include "kafka/client_statistics.hpp"
#include "pipeline/ports.hpp"

#include <memory>

namespace kcs {

/// Of the librdkafka that runs.
const char* kafka_client_version();

/// A librdkafka consumer without group membership: partitions come by assign() at our offsets
/// (design section 3). Event API only, so nothing of ours runs in librdkafka's threads. Destroying
/// it closes nothing politely and takes a few milliseconds, also against a frozen broker; but it
/// waits for a thread that asks a name server. A process that ends leaves it alone.
class Consumer : public Source {
public:
    /// Start a client. Must be called in the worker after fork (R19). Fault: class environment,
    /// naming the property that librdkafka refused (never its value).
    static Result<std::unique_ptr<Consumer>> create(const ClientSettings& settings);

    /// Readable when there is something to poll (an eventfd that librdkafka writes). Drain it with
    /// drain_wake_fd() before polling (R26).
    virtual int wake_fd() const = 0;
    virtual void drain_wake_fd() = 0;

    /// Log lines that arrived since the last call (librdkafka's LOG events), secrets never in them.
    struct LogLine {
        LogLevel level;
        std::string text;
    };
    virtual std::vector<LogLine> take_log() = 0;

    /// 0: some broker is connected (or nothing is known yet); else since when none is (steady µs).
    virtual int64_t broker_down_since_us() const = 0;
    virtual int64_t queued_messages() const = 0;
    /// What librdkafka told of itself last: every ten seconds.
    virtual const ClientStatistics& statistics() const = 0;
};

} // namespace kcs
