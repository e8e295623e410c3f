#include "http/listeners.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <netinet/in.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/pure.hpp"

namespace kcs {

namespace {

socklen_t fill(sockaddr_storage& to, const ListenAddress& from, int port) {
    std::memset(&to, 0, sizeof to);
    if (from.ipv6) {
        auto* address = reinterpret_cast<sockaddr_in6*>(&to);
        address->sin6_family = AF_INET6;
        address->sin6_port = htons(static_cast<uint16_t>(port));
        inet_pton(AF_INET6, from.text.c_str(), &address->sin6_addr);
        return sizeof *address;
    }
    auto* address = reinterpret_cast<sockaddr_in*>(&to);
    address->sin_family = AF_INET;
    address->sin_port = htons(static_cast<uint16_t>(port));
    inet_pton(AF_INET, from.text.c_str(), &address->sin_addr);
    return sizeof *address;
}

/// The machine does not have this family of addresses.
bool lacks_family(int error) {
    return error == EAFNOSUPPORT || error == EPROTONOSUPPORT || error == EADDRNOTAVAIL;
}

const char* hint_for(int error) {
    switch (error) {
    case EADDRINUSE:
        return "Another program uses the port, or another server: end it, or set "
               "kafka_cdc_sink.metrics_port to a free one. It is tried again by itself.";
    case EADDRNOTAVAIL:
        return "Set kafka_cdc_sink.metrics_listen_address to addresses of this machine. It is "
               "tried again by itself.";
    case EACCES:
        return "Ports below 1024 need a privilege: set kafka_cdc_sink.metrics_port to a higher "
               "one.";
    default:
        return "It is tried again by itself.";
    }
}

} // namespace

void Listeners::listen(const std::vector<ListenAddress>& addresses, int port) {
    close_all();
    port_ = port;
    for (const ListenAddress& address : addresses)
        all_.push_back({address, -1, 0});
    retry();
}

void Listeners::retry() {
    for (Listener& listener : all_)
        if (listener.fd < 0)
            open(listener);
    judge();
}

void Listeners::close_all() {
    for (Listener& listener : all_)
        if (listener.fd >= 0)
            close(listener.fd); // which takes it out of the epoll set
    all_.clear();
    complaint_.clear();
    hint_.clear();
}

void Listeners::open(Listener& listener) {
    sockaddr_storage address;
    socklen_t length = fill(address, listener.address, port_);
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        listener.error = errno;
        return;
    }
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (listener.address.ipv6) // IPv4 has a socket of its own
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    epoll_event event{};
    event.events = watched_ ? uint32_t{EPOLLIN} : 0;
    event.data.fd = fd;
    if (bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
        ::listen(fd, backlog_) != 0 || epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
        listener.error = errno;
        close(fd);
        return;
    }
    listener.error = 0;
    listener.fd = fd;
}

void Listeners::judge() {
    complaint_.clear();
    hint_.clear();
    for (const Listener& listener : all_) {
        if (listener.error == 0)
            continue;
        bool other_family = std::any_of(all_.begin(), all_.end(), [](const Listener& l) {
            return l.address.either && l.fd >= 0;
        });
        if (listener.address.either && lacks_family(listener.error) && other_family)
            continue;
        complaint_ = "could not listen on " + listener.address.with_port(port_) + ": " +
                     std::strerror(listener.error);
        hint_ = hint_for(listener.error);
        return;
    }
}

void Listeners::watch(bool wanted) {
    if (wanted == watched_)
        return;
    watched_ = wanted;
    for (const Listener& listener : all_) {
        epoll_event event{};
        event.events = wanted ? uint32_t{EPOLLIN} : 0;
        event.data.fd = listener.fd;
        if (listener.fd >= 0)
            epoll_ctl(epoll_fd_, EPOLL_CTL_MOD, listener.fd, &event);
    }
}

std::string Listeners::where() const {
    std::string text;
    for (const Listener& listener : all_)
        if (listener.fd >= 0)
            text += (text.empty() ? "" : ", ") + listener.address.with_port(port_);
    return text;
}

bool Listeners::anyone_waits() const {
    return std::any_of(all_.begin(), all_.end(), [](const Listener& listener) {
        pollfd now{listener.fd, POLLIN, 0}; // a negative one is not looked at
        return poll(&now, 1, 0) == 1;
    });
}

int Listeners::accept_one(bool& loopback) {
    errno = EAGAIN;
    for (const Listener& listener : all_) {
        if (listener.fd < 0)
            continue;
        int fd = accept4(listener.fd, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd >= 0) {
            loopback = listener.address.loopback();
            return fd;
        }
        if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
            return -1;
        errno = EAGAIN; // gone again before it was accepted, or there is none
    }
    return -1;
}

} // namespace kcs
