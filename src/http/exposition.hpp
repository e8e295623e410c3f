#pragma once

#include "core/metrics.hpp"

#include <string>
#include <vector>

namespace kcs {

/// Media type of what exposition() returns.
inline constexpr char kExpositionType[] = "text/plain; version=0.0.4; charset=utf-8";

/// The families in Prometheus's text format 0.0.4.
std::string exposition(const std::vector<MetricFamily>& families);

} // namespace kcs
