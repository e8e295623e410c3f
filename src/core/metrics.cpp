#include "core/metrics.hpp"

#include "core/pure.hpp"

namespace kcs {

const char* metric_type_name(MetricType type) {
    switch (type) {
    case MetricType::counter:
        return "counter";
    case MetricType::gauge:
        return "gauge";
    case MetricType::histogram:
        return "histogram";
    }
    return "untyped";
}

namespace {
constexpr MetricDefinition kUptime = {
    "kafka_cdc_sink_uptime_seconds", MetricType::gauge,
    "Seconds since the server started or restarted after a crash"};
}

const std::vector<const MetricDefinition*>& metric_definitions() {
    static const std::vector<const MetricDefinition*> all = {&kUptime};
    return all;
}

std::vector<MetricFamily> collect_metrics(const Snapshot& snapshot) {
    MetricFamily uptime{&kUptime, {}};
    uptime.samples.push_back(
        {{}, static_cast<double>(snapshot.now_us - snapshot.started_us) / 1e6, {}, 0, 0});
    return {uptime};
}

} // namespace kcs
