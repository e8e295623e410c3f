#pragma once

#include "core/fault.hpp"
#include "http/listeners.hpp"

#include <list>
#include <memory>
#include <string>
#include <string_view>

struct MHD_Daemon;
struct MHD_Connection;

namespace kcs {

/// What a request is answered with. The body may be shared between answers.
struct HttpResponse {
    int status = 200;
    const char* content_type = "text/plain; charset=utf-8";
    std::shared_ptr<const std::string> body;
    std::string content_security_policy; ///< empty: no such header

    static HttpResponse text(int status, std::string body);
};

/// Answers GET and HEAD. `path` is as it came, without the query. What it throws becomes status
/// 500.
class HttpHandler {
public:
    virtual ~HttpHandler() = default;
    virtual HttpResponse respond(std::string_view path) = 0;
};

struct HttpLimits {
    int connections = 64;                ///< served at a time; more wait
    int backlog = 511;                   ///< that may wait
    size_t request_bytes = 16 * 1024;    ///< memory of a connection: request line and headers
    size_t body_bytes = 64 * 1024;       ///< of a body that is read so that it can be refused
    unsigned idle_s = 5;                 ///< without a byte in either direction
    int64_t total_us = 10 * 1000 * 1000; ///< from accepting a connection until it is cut
    /// While all places are taken and others wait, the oldest connection whose time is up makes
    /// room: this long from accepting it until its request is there (most clients send it with
    /// their first packet), and this long from its answer until that is taken.
    int64_t crowded_request_us = 250 * 1000;
    int64_t crowded_answer_us = 500 * 1000;
};

/// An HTTP/1.1 server on libmicrohttpd that belongs to somebody's wait: no threads, no calls that
/// wait. One request a connection. GET and HEAD only; bodies are refused. On a loopback address a
/// request must be addressed to one (Host: localhost or an IP address): a page in somebody's
/// browser whose name was made to mean this machine (DNS rebinding) gets nothing.
class HttpServer {
public:
    /// `handler` must outlive it. Listens nowhere yet.
    static Result<std::unique_ptr<HttpServer>> create(const HttpLimits& limits,
                                                      HttpHandler& handler);
    /// Called, once per process, when libmicrohttpd finds itself broken; must not return. Without
    /// it that aborts the process.
    static void on_panic(void (*panic)(const char* reason));
    ~HttpServer();
    HttpServer(const HttpServer&) = delete;
    HttpServer& operator=(const HttpServer&) = delete;

    /// Stays the same for the server's life. Readable: call serve().
    int fd() const { return epoll_fd_; }
    /// Does what is due; returns the microseconds until it must be called even if fd() is not
    /// readable, -1: no such time.
    int64_t serve();
    Listeners& listeners() { return listeners_; }
    /// Connections that are open.
    size_t connections() const { return open_.size(); }

private:
    struct Connection {
        int fd;
        bool loopback;       ///< came to an address that only this machine has
        int64_t deadline_us; ///< steady
        int64_t yields_us;   ///< steady; from then on its place is for others that wait
        bool cut = false;
    };
    friend struct HttpServerCallbacks;

    HttpServer(const HttpLimits& limits, HttpHandler& handler, int epoll_fd);
    bool start();
    void accept_waiting(int64_t now_us);
    void cut_overdue(int64_t now_us);
    bool crowded() const;
    bool make_room(int64_t now_us);
    static void cut(Connection& connection);

    HttpLimits limits_;
    HttpHandler& handler_;
    int epoll_fd_; ///< holds the listeners and libmicrohttpd's own epoll descriptor
    Listeners listeners_;
    MHD_Daemon* daemon_ = nullptr;
    std::list<Connection> open_; ///< oldest first
    int64_t rest_until_us_ = 0;  ///< accepts nothing before: out of descriptors or memory
};

} // namespace kcs
