#pragma once

#include "core/snapshot.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

// The one list of metrics: /metrics prints it, the view `metrics` shows it, the README's table
// describes it.

namespace kcs {

enum class MetricType : uint8_t { counter, gauge, histogram };
const char* metric_type_name(MetricType type);

struct MetricDefinition {
    const char* name; ///< whole, with prefix and unit
    MetricType type;
    const char* help; ///< one sentence without a final period
};

using Labels = std::vector<std::pair<const char*, std::string>>;

struct MetricBucket {
    double upper_bound; ///< infinity in the last one
    uint64_t count;     ///< cumulative
};

struct MetricSample {
    Labels labels;
    double value = 0;                  ///< of counters and gauges
    std::vector<MetricBucket> buckets; ///< of histograms
    double sum = 0;
    uint64_t count = 0;
};

struct MetricFamily {
    const MetricDefinition* definition;
    std::vector<MetricSample> samples; ///< no two have the same labels
};

/// Every definition, in the order in which they are shown.
const std::vector<const MetricDefinition*>& metric_definitions();

/// All families that have samples, in that order. What is not known yet has no sample.
std::vector<MetricFamily> collect_metrics(const Snapshot& snapshot);

} // namespace kcs
