#include "core/clock.hpp"

#include <ctime>

#include "core/pure.hpp"

namespace kcs {

namespace {
int64_t read_clock(clockid_t id) {
    timespec t{};
    clock_gettime(id, &t);
    return static_cast<int64_t>(t.tv_sec) * 1000000 + t.tv_nsec / 1000;
}
} // namespace

int64_t SystemClock::steady_us() {
    return read_clock(CLOCK_MONOTONIC);
}
int64_t SystemClock::wall_us() {
    return read_clock(CLOCK_REALTIME);
}

} // namespace kcs
