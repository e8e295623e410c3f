#pragma once

#include "core/metrics.hpp"

#include <limits>

// How the definitions get their values; for metrics.cpp and metrics_*.cpp only.

namespace kcs::metric {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

inline double count(int64_t value) {
    return static_cast<double>(value);
}
/// -1: unknown.
inline double known(int64_t value) {
    return value < 0 ? kUnknown : static_cast<double>(value);
}
inline double seconds(int64_t us) {
    return static_cast<double>(us) / 1e6;
}
/// -1: unknown.
inline double known_seconds(int64_t us) {
    return us < 0 ? kUnknown : seconds(us);
}
/// A point in time; 0: never.
inline double moment(int64_t us) {
    return us == 0 ? kUnknown : seconds(us);
}

/// One value a row.
template <typename Row> struct Single {
    MetricDefinition definition;
    double (*value)(const Row&); ///< kUnknown: no sample
};

/// Whatever takes more than that.
struct Several {
    MetricDefinition definition;
    void (*collect)(const Snapshot&, MetricFamily&);
};

/// Families of rows of one kind, all with the same labels.
template <typename Row, size_t N>
void collect_rows(std::vector<MetricFamily>& out, const Single<Row> (&metrics)[N],
                  const std::vector<Row>& rows, Labels (*labels_of)(const Row&)) {
    std::vector<Labels> labels;
    for (const Row& row : rows)
        labels.push_back(labels_of(row));
    for (const Single<Row>& metric : metrics) {
        MetricFamily family{&metric.definition, {}};
        for (size_t i = 0; i < rows.size(); ++i)
            if (double value = metric.value(rows[i]); value == value)
                family.samples.push_back({labels[i], value, {}, 0, 0});
        if (!family.samples.empty())
            out.push_back(std::move(family));
    }
}

template <size_t N>
void collect_several(std::vector<MetricFamily>& out, const Several (&metrics)[N],
                     const Snapshot& snapshot) {
    for (const Several& metric : metrics) {
        MetricFamily family{&metric.definition, {}};
        metric.collect(snapshot, family);
        if (!family.samples.empty())
            out.push_back(std::move(family));
    }
}

template <typename Metric, size_t N>
void define(std::vector<const MetricDefinition*>& out, const Metric (&metrics)[N]) {
    for (const Metric& metric : metrics)
        out.push_back(&metric.definition);
}

inline void add(MetricFamily& family, Labels labels, double value) {
    family.samples.push_back({std::move(labels), value, {}, 0, 0});
}

// The parts of the list, in their order.
void define_sink(std::vector<const MetricDefinition*>& out);
void collect_sink(const Snapshot& snapshot, std::vector<MetricFamily>& out);
void define_workers(std::vector<const MetricDefinition*>& out);
void collect_workers(const Snapshot& snapshot, std::vector<MetricFamily>& out);
void define_partitions(std::vector<const MetricDefinition*>& out);
void collect_partitions(const Snapshot& snapshot, std::vector<MetricFamily>& out);
void define_tables(std::vector<const MetricDefinition*>& out);
void collect_tables(const Snapshot& snapshot, std::vector<MetricFamily>& out);

} // namespace kcs::metric
