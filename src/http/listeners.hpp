#pragma once

#include "core/listen_address.hpp"

#include <string>
#include <vector>

namespace kcs {

/// The sockets that a server listens on, non-blocking and registered (level-triggered) with an
/// epoll descriptor of the caller's.
class Listeners {
public:
    /// `backlog`: connections that may wait to be accepted.
    Listeners(int epoll_fd, int backlog) : epoll_fd_(epoll_fd), backlog_(backlog) {}
    ~Listeners() { close_all(); }
    Listeners(const Listeners&) = delete;
    Listeners& operator=(const Listeners&) = delete;

    /// Closes what is open and opens these. What cannot be opened is told by complaint().
    void listen(const std::vector<ListenAddress>& addresses, int port);
    /// Tries once more what could not be opened.
    void retry();
    void close_all();

    /// Whether connections shall be told of. While not, they wait.
    void watch(bool wanted);

    /// Where it listens, "127.0.0.1:8080, [::1]:8080"; empty: nowhere.
    std::string where() const;
    /// The first thing that is wrong, and what to do; empty: nothing.
    const std::string& complaint() const { return complaint_; }
    const std::string& hint() const { return hint_; }

    /// A connection that waits; -1: none, errno tells why (EAGAIN: there is none). `loopback` says
    /// whether it came to an address that only this machine can reach.
    int accept_one(bool& loopback);

    /// Whether a connection waits to be accepted.
    bool anyone_waits() const;

private:
    struct Listener {
        ListenAddress address;
        int fd = -1;
        int error = 0; ///< errno of the last try; 0: it is open
    };

    void open(Listener& listener);
    void judge();

    int epoll_fd_;
    int backlog_;
    int port_ = 0;
    bool watched_ = true;
    std::vector<Listener> all_;
    std::string complaint_;
    std::string hint_;
};

} // namespace kcs
