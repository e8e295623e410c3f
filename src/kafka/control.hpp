#pragma once

#include "core/clock.hpp"
#include "kafka/client_config.hpp"
#include "kafka/consumer.hpp"
#include "kafka/wake_fd.hpp"

#include <deque>
#include <string>
#include <vector>

namespace kcs {

/// What a consumer's client says beside records: log lines and connection errors.
/// It has a queue of its own, so it is heard while records wait behind back-pressure.
class Control {
public:
    /// All of them must outlive this object.
    Control(rd_kafka_t* client, rd_kafka_queue_t* queue, WakeFd& wake, const Scrubber& scrubber)
        : client_(client), queue_(queue), wake_(wake), scrubber_(scrubber) {}

    /// Takes everything that has arrived. Blocks only while no broker is connected, for at most a
    /// tenth of a second once a second.
    void serve();
    /// A broker answered.
    void reached() { down_since_us_ = 0; }

    /// Whether no broker was left at some time since the last call.
    bool take_disconnect() { return std::exchange(disconnected_, false); }
    std::vector<SourceEvent> take_events() { return std::exchange(events_, {}); }
    std::vector<Consumer::LogLine> take_log();
    int64_t down_since_us() const { return down_since_us_; }
    const ClientStatistics& statistics() const { return statistics_; }

private:
    void on_error(rd_kafka_event_t* event);
    void on_log(rd_kafka_event_t* event);
    void probe();
    void tell(LogLevel level, std::string text);

    rd_kafka_t* client_;
    rd_kafka_queue_t* queue_;
    WakeFd& wake_;
    const Scrubber& scrubber_;
    SystemClock clock_;
    std::vector<SourceEvent> events_;
    std::deque<Consumer::LogLine> log_;
    uint64_t lines_dropped_ = 0;
    bool disconnected_ = false;
    int64_t down_since_us_ = 0;
    ClientStatistics statistics_;
    int64_t next_probe_us_ = 0;
    std::string last_trouble_; ///< why the last connection failed
    std::string last_told_;    ///< of the events: the same is told once
};

} // namespace kcs
