#pragma once

#include <cstdint>

namespace kcs {

/// Injected time, so that the pipeline is tested without sleeping.
class Clock {
public:
    virtual ~Clock() = default;
    virtual int64_t steady_us() = 0; ///< monotonic, microseconds
    virtual int64_t wall_us() = 0;   ///< microseconds since 1970
};

/// The machine's clocks.
class SystemClock final : public Clock {
public:
    int64_t steady_us() override;
    int64_t wall_us() override;
};

} // namespace kcs
