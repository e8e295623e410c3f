#include "kafka/wake_fd.hpp"

#include <cerrno>
#include <cstring>
#include <ctime>

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "core/pure.hpp"

namespace kcs {

Result<std::unique_ptr<WakeFd>> WakeFd::create() {
    std::unique_ptr<WakeFd> wake(new WakeFd);
    wake->epoll_ = epoll_create1(EPOLL_CLOEXEC);
    wake->event_ = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    wake->timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    bool ok = wake->epoll_ >= 0 && wake->event_ >= 0 && wake->timer_ >= 0;
    for (int fd : {wake->event_, wake->timer_}) {
        epoll_event interest{};
        interest.events = EPOLLIN;
        interest.data.fd = fd;
        ok = ok && epoll_ctl(wake->epoll_, EPOLL_CTL_ADD, fd, &interest) == 0;
    }
    if (!ok)
        return Fault::of(ErrorClass::environment, "53000",
                         std::string("could not create the wake-up descriptor: ") +
                             std::strerror(errno));
    return wake;
}

WakeFd::~WakeFd() {
    for (int fd : {epoll_, event_, timer_}) {
        if (fd >= 0)
            close(fd);
    }
}

void WakeFd::drain() noexcept {
    for (int fd : {event_, timer_}) {
        uint64_t count;
        while (read(fd, &count, sizeof count) > 0)
            continue;
    }
}

void WakeFd::ring_in(int64_t delay_us) noexcept {
    if (delay_us < 1)
        delay_us = 1; // zero would disarm
    itimerspec when{};
    when.it_value.tv_sec = static_cast<time_t>(delay_us / 1000000);
    when.it_value.tv_nsec = static_cast<long>(delay_us % 1000000) * 1000;
    timerfd_settime(timer_, 0, &when, nullptr);
}

} // namespace kcs
