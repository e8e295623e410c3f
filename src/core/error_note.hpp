#pragma once

#include "core/fault.hpp"

#include <cstdint>
#include <string>

namespace kcs {

/// An error as the view recent_errors tells it. No row values in it.
struct ErrorNote {
    ErrorClass cls = ErrorClass::environment;
    std::string sqlstate = {}; ///< empty: none
    std::string message = {};
    std::string hint = {};
    std::string topic = {}; ///< of the record, or partition, that it concerned; empty: none
    int32_t partition = -1;
    int64_t offset = -1;
    uint64_t count = 1; ///< how often it happened, of which the place is the last

    /// Whether it is the same error, wherever it happened.
    bool same(const ErrorNote& o) const {
        return cls == o.cls && sqlstate == o.sqlstate && message == o.message && topic == o.topic;
    }
};

} // namespace kcs
