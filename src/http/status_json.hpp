#pragma once

#include "core/snapshot.hpp"
#include "http/history.hpp"

#include <string>

namespace kcs {

/// The body of /status: what the views show, and the points of `history`. Points in time are ISO
/// 8601 in UTC, spans are seconds, what is not known is null.
std::string status_json(const Snapshot& snapshot, const History& history);

} // namespace kcs
