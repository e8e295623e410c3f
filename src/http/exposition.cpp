#include "http/exposition.hpp"

#include "http/plain_text.hpp"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sstream>

#include "core/pure.hpp"

namespace kcs {

namespace {

prometheus::MetricType type_of(MetricType type) {
    switch (type) {
    case MetricType::counter:
        return prometheus::MetricType::Counter;
    case MetricType::gauge:
        return prometheus::MetricType::Gauge;
    case MetricType::histogram:
        return prometheus::MetricType::Histogram;
    }
    return prometheus::MetricType::Untyped;
}

prometheus::ClientMetric converted(const MetricSample& from, MetricType type) {
    prometheus::ClientMetric to;
    to.label.reserve(from.labels.size());
    for (const auto& [name, value] : from.labels)
        to.label.push_back({name, plain_text(value)});
    if (type == MetricType::counter) {
        to.counter.value = from.value;
    } else if (type == MetricType::gauge) {
        to.gauge.value = from.value;
    } else {
        to.histogram.sample_count = from.count;
        to.histogram.sample_sum = from.sum;
        for (const MetricBucket& bucket : from.buckets)
            to.histogram.bucket.push_back({bucket.count, bucket.upper_bound});
    }
    return to;
}

} // namespace

std::string exposition(const std::vector<MetricFamily>& families) {
    std::vector<prometheus::MetricFamily> all;
    all.reserve(families.size());
    for (const MetricFamily& from : families) {
        prometheus::MetricFamily to;
        to.name = from.definition->name;
        to.help = from.definition->help;
        to.type = type_of(from.definition->type);
        to.metric.reserve(from.samples.size());
        for (const MetricSample& sample : from.samples)
            to.metric.push_back(converted(sample, from.definition->type));
        all.push_back(std::move(to));
    }
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, all);
    return out.str();
}

} // namespace kcs
