#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>
#include <mutex>
#include <set>
#include <string>
#include <vector>

/// What becomes of answers on their way. librdkafka sends an answer by one sendmsg(), which the one
/// below replaces. Small answers always pass: those to the producer are.
class Wire {
public:
    enum class Fate {
        cut,  ///< its connection ends after `at` bytes of it
        halt, ///< the program stops (SIGSTOP) after `at` bytes of it, until it is continued
        spoil ///< its byte `at` is another one
    };

    static Wire& get() {
        static Wire wire;
        return wire;
    }
    /// "host:port,..."
    void listeners(const std::string& addresses) {
        for (size_t colon = 0; (colon = addresses.find(':', colon)) != std::string::npos; ++colon)
            ports_.insert(std::stoi(addresses.substr(colon + 1)));
    }
    /// The next `count` answers of more than `at` bytes meet this.
    void ordain(Fate fate, size_t at, int count) {
        std::lock_guard<std::mutex> lock(mutex_);
        fate_ = fate;
        at_ = at;
        count_ = count;
    }
    /// How many have not met it yet.
    int left() {
        std::lock_guard<std::mutex> lock(mutex_);
        return count_;
    }

    ssize_t send(int fd, const msghdr* message, int flags) {
        size_t size = 0;
        for (size_t i = 0; i < message->msg_iovlen; ++i)
            size += message->msg_iov[i].iov_len;
        std::unique_lock<std::mutex> lock(mutex_);
        if (count_ == 0 || size <= at_ || !is_answer(fd))
            return syscall(SYS_sendmsg, fd, message, flags);
        --count_;
        Fate fate = fate_;
        size_t at = at_;
        lock.unlock();
        std::vector<char> bytes;
        for (size_t i = 0; i < message->msg_iovlen; ++i) {
            const char* base = static_cast<const char*>(message->msg_iov[i].iov_base);
            bytes.insert(bytes.end(), base, base + message->msg_iov[i].iov_len);
        }
        if (fate == Fate::spoil) {
            bytes[at] = static_cast<char>(~bytes[at]);
            return ::send(fd, bytes.data(), size, flags);
        }
        ssize_t sent = ::send(fd, bytes.data(), at, flags);
        if (fate == Fate::cut)
            shutdown(fd, SHUT_RDWR);
        else
            raise(SIGSTOP);
        return sent;
    }

private:
    bool is_answer(int fd) const {
        sockaddr_in name{};
        socklen_t size = sizeof name;
        return getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) == 0 &&
               ports_.count(ntohs(name.sin_port)) != 0;
    }

    std::mutex mutex_;
    std::set<int> ports_;
    Fate fate_ = Fate::cut;
    size_t at_ = 0;
    int count_ = 0;
};

extern "C" ssize_t sendmsg(int fd, const msghdr* message, int flags) {
    return Wire::get().send(fd, message, flags);
}
