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
    const char* labels; ///< names, comma between them
    const char* help;   ///< without a final period
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
std::vector<const MetricDefinition*> metric_definitions();

/// All families that have samples, in that order. What is not known has no sample.
std::vector<MetricFamily> collect_metrics(const Snapshot& snapshot);

/// One line of a family, as /metrics prints it: a histogram is several.
struct MetricLine {
    std::string name;
    Labels labels;
    double value = 0;
};
std::vector<MetricLine> metric_lines(const MetricFamily& family);

} // namespace kcs
