#include "kafka/control.hpp"

#include <iterator>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr size_t kMaxLogLines = 200;
constexpr int64_t kProbeIntervalUs = 1000000;
constexpr int kProbeTimeoutMs = 100;

/// librdkafka logs with syslog's levels.
LogLevel level_of(int syslog_level) {
    if (syslog_level <= 2)
        return LogLevel::error;
    if (syslog_level <= 4)
        return LogLevel::warning;
    return syslog_level <= 6 ? LogLevel::info : LogLevel::debug;
}

} // namespace

void Control::serve() {
    while (EventHandle event{rd_kafka_queue_poll(queue_, 0)}) {
        switch (rd_kafka_event_type(event.get())) {
        case RD_KAFKA_EVENT_ERROR:
            on_error(event.get());
            break;
        case RD_KAFKA_EVENT_LOG:
            on_log(event.get());
            break;
        case RD_KAFKA_EVENT_STATS:
            read_statistics(rd_kafka_event_stats(event.get()), statistics_);
            break;
        default:
            break;
        }
    }
    if (down_since_us_ != 0)
        probe();
}

/// An idle connection that comes back brings no event of its own: asks, so that it is noticed. What
/// is asked for does not matter. All topics, because asking for known ones would let the broker
/// create those that were deleted meanwhile; it is sent only when a broker is there.
void Control::probe() {
    int64_t now = clock_.steady_us();
    if (now >= next_probe_us_) {
        const rd_kafka_metadata_t* raw = nullptr;
        rd_kafka_resp_err_t error = rd_kafka_metadata(client_, 1, nullptr, &raw, kProbeTimeoutMs);
        MetadataHandle metadata(raw);
        // TRANSPORT: none is connected. Timed out: one is, and takes longer than that to answer.
        if (error == RD_KAFKA_RESP_ERR_NO_ERROR || error == RD_KAFKA_RESP_ERR__TIMED_OUT) {
            reached();
            return;
        }
        now = clock_.steady_us();
        next_probe_us_ = now + kProbeIntervalUs;
    }
    wake_.ring_in(next_probe_us_ - now);
}

std::vector<Consumer::LogLine> Control::take_log() {
    serve();
    if (lines_dropped_ > 0)
        log_.push_back({LogLevel::warning, std::to_string(lines_dropped_) +
                                               " log lines of the Kafka client were left out"});
    lines_dropped_ = 0;
    std::vector<Consumer::LogLine> lines(std::make_move_iterator(log_.begin()),
                                         std::make_move_iterator(log_.end()));
    log_.clear();
    return lines;
}

void Control::on_error(rd_kafka_event_t* event) {
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    std::string text = scrubber_.clean(rd_kafka_event_error_string(event));
    ClientTrouble trouble = describe_trouble(error, text);
    if (error == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN) {
        disconnected_ = true;
        if (down_since_us_ == 0) {
            down_since_us_ = clock_.steady_us();
            next_probe_us_ = down_since_us_ + kProbeIntervalUs;
            last_told_.clear();
        }
        // Its own text is only a count: what happened to the last connection says more.
        if (!last_trouble_.empty())
            trouble.message = last_trouble_;
    } else {
        last_trouble_ = trouble.message;
        // One of several brokers going away is the client's business, unless nothing is left.
        if (error == RD_KAFKA_RESP_ERR__TRANSPORT || error == RD_KAFKA_RESP_ERR__TIMED_OUT)
            return;
    }
    // The text ends with times and counters that change: the same trouble is told once.
    std::string same = trouble.message.substr(0, trouble.message.find(" (after "));
    if (same == last_told_)
        return;
    last_told_ = same;
    events_.push_back({SourceEvent::Kind::client_error, 0, 0, trouble.message});
}

void Control::on_log(rd_kafka_event_t* event) {
    const char* facility = nullptr;
    const char* text = nullptr;
    int level = 7;
    if (rd_kafka_event_log(event, &facility, &text, &level) != 0)
        return;
    tell(level_of(level), std::string(facility != nullptr ? facility : "") + ": " +
                              scrubber_.clean(text != nullptr ? text : ""));
}

void Control::tell(LogLevel level, std::string text) {
    if (log_.size() >= kMaxLogLines) {
        log_.pop_front();
        ++lines_dropped_;
    }
    log_.push_back({level, std::move(text)});
}

} // namespace kcs
