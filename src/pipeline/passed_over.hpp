#pragma once

#include "core/settings.hpp"
#include "debezium/change.hpp"

namespace kcs {

/// Whether settings have the sink pass over a change, which then counts as skipped. The delete half
/// of a key change is none: its row lives on under the new key.
inline bool passed_over(const Change& change, const ApplySettings& settings) {
    if (change.target->history)
        return false;
    bool ignored = change.target->delete_mode == DeleteMode::ignore;
    if (change.op == Op::truncate)
        return ignored || !settings.truncate;
    return ignored && change.op == Op::remove && !change.new_key && change.half == 0;
}

} // namespace kcs
