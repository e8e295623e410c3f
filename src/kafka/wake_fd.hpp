#pragma once

#include "core/fault.hpp"

#include <cstdint>
#include <memory>

namespace kcs {

/// One descriptor that becomes readable when librdkafka's queues fill (it writes to an eventfd) or
/// a one-shot timer runs out: an epoll descriptor over both, to be watched like a socket.
class WakeFd {
public:
    /// Fault: class environment, out of descriptors.
    static Result<std::unique_ptr<WakeFd>> create();
    ~WakeFd();
    WakeFd(const WakeFd&) = delete;
    WakeFd& operator=(const WakeFd&) = delete;

    int fd() const { return epoll_; }        ///< to watch
    int event_fd() const { return event_; }  ///< to write 8 bytes to; never blocks (R25)
    void drain() noexcept;                   ///< not readable afterwards, until something rings
    void ring_in(int64_t delay_us) noexcept; ///< once; a later call moves it

private:
    WakeFd() = default;
    int epoll_ = -1;
    int event_ = -1;
    int timer_ = -1;
};

} // namespace kcs
