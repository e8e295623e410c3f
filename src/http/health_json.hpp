#pragma once

#include "core/health.hpp"

#include <string>

namespace kcs {

/// The body of /health.
std::string health_json(const Snapshot& snapshot, const Health& health);

} // namespace kcs
