#pragma once

#include "core/finding.hpp"
#include "core/settings.hpp"

#include <vector>

namespace kcs {

/// What can be said of the client's properties, those of the file included, without a connection.
/// Reads the file; makes no client.
std::vector<Finding> examine_client(const ClientSettings& settings);

} // namespace kcs
