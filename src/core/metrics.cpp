#include "core/metrics.hpp"

#include "core/metric_sources.hpp"

#include <cmath>
#include <cstdio>
#include <cstdlib>

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

std::vector<const MetricDefinition*> metric_definitions() {
    std::vector<const MetricDefinition*> all;
    metric::define_sink(all);
    metric::define_workers(all);
    metric::define_partitions(all);
    metric::define_tables(all);
    return all;
}

std::vector<MetricFamily> collect_metrics(const Snapshot& snapshot) {
    std::vector<MetricFamily> all;
    metric::collect_sink(snapshot, all);
    metric::collect_workers(snapshot, all);
    metric::collect_partitions(snapshot, all);
    metric::collect_tables(snapshot, all);
    return all;
}

namespace {

/// As Prometheus writes a bound: the shortest text that is read as the same number.
std::string bound_text(double bound) {
    if (std::isinf(bound))
        return "+Inf";
    char text[32];
    for (int digits = 15; digits <= 17; ++digits) {
        std::snprintf(text, sizeof text, "%.*g", digits, bound);
        if (std::strtod(text, nullptr) == bound)
            break;
    }
    return text;
}

} // namespace

std::vector<MetricLine> metric_lines(const MetricFamily& family) {
    std::vector<MetricLine> lines;
    const std::string name = family.definition->name;
    for (const MetricSample& sample : family.samples) {
        if (family.definition->type != MetricType::histogram) {
            lines.push_back({name, sample.labels, sample.value});
            continue;
        }
        lines.push_back({name + "_count", sample.labels, static_cast<double>(sample.count)});
        lines.push_back({name + "_sum", sample.labels, sample.sum});
        for (const MetricBucket& bucket : sample.buckets) {
            Labels labels = sample.labels;
            labels.emplace_back("le", bound_text(bucket.upper_bound));
            lines.push_back(
                {name + "_bucket", std::move(labels), static_cast<double>(bucket.count)});
        }
    }
    return lines;
}

} // namespace kcs
