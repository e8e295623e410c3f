#include "http/server.hpp"

#include "core/clock.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <cstring>
#include <microhttpd.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// After running out of descriptors or memory.
constexpr int64_t kRestUs = 200 * 1000;

void (*panic_function)(const char*) = nullptr;

extern "C" void kcs_http_panic(void*, const char*, unsigned, const char* reason) {
    panic_function(reason == nullptr ? "unknown reason" : reason);
}

extern "C" void kcs_http_release(void* body) {
    delete static_cast<std::shared_ptr<const std::string>*>(body);
}

bool same_word(std::string_view a, std::string_view b) {
    return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
               return (x >= 'A' && x <= 'Z' ? x + 32 : x) == y;
           });
}

/// Nothing, or a colon and digits.
bool is_port(std::string_view text) {
    return text.empty() || (text.front() == ':' &&
                            text.find_first_not_of("0123456789", 1) == std::string_view::npos);
}

/// Whether a Host header can only mean a machine by its address, or this one.
bool names_no_name(std::string_view host) {
    in6_addr ignored; // has room for both
    if (!host.empty() && host.front() == '[') {
        size_t end = host.find(']');
        return end != std::string_view::npos && is_port(host.substr(end + 1)) &&
               inet_pton(AF_INET6, std::string(host.substr(1, end - 1)).c_str(), &ignored) == 1;
    }
    std::string name(host.substr(0, host.find(':')));
    return is_port(host.substr(name.size())) &&
           (same_word(name, "localhost") || inet_pton(AF_INET, name.c_str(), &ignored) == 1);
}

extern "C" MHD_Result kcs_http_count_host(void* count, MHD_ValueKind, const char* name,
                                          const char*) {
    if (same_word(name, "host"))
        ++*static_cast<int*>(count);
    return MHD_YES;
}

bool has_body(MHD_Connection* connection) {
    const char* length = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Content-Length");
    return (length != nullptr && std::strcmp(length, "0") != 0) ||
           MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Transfer-Encoding") != nullptr;
}

bool queue(MHD_Connection* connection, const HttpResponse& from) {
    auto* body = new std::shared_ptr<const std::string>(from.body);
    MHD_Response* response = MHD_create_response_from_buffer_with_free_callback_cls(
        (*body)->size(), const_cast<char*>((*body)->data()), kcs_http_release, body);
    if (response == nullptr) {
        delete body;
        return false;
    }
    const char* csp = from.content_security_policy.c_str();
    bool complete =
        MHD_add_response_header(response, "Connection", "close") == MHD_YES &&
        MHD_add_response_header(response, "Cache-Control", "no-store") == MHD_YES &&
        MHD_add_response_header(response, "X-Content-Type-Options", "nosniff") == MHD_YES &&
        MHD_add_response_header(response, "Content-Type", from.content_type) == MHD_YES &&
        (from.status != 405 ||
         MHD_add_response_header(response, "Allow", "GET, HEAD") == MHD_YES) &&
        (*csp == '\0' ||
         MHD_add_response_header(response, "Content-Security-Policy", csp) == MHD_YES);
    bool queued = complete && MHD_queue_response(connection, static_cast<unsigned>(from.status),
                                                 response) == MHD_YES;
    MHD_destroy_response(response); // it is counted
    return queued;
}

} // namespace

HttpResponse HttpResponse::text(int status, std::string body) {
    HttpResponse response;
    response.status = status;
    response.body = std::make_shared<const std::string>(std::move(body));
    return response;
}

/// What libmicrohttpd calls: nothing is thrown through its frames.
struct HttpServerCallbacks {
    static HttpResponse response(HttpServer& server, MHD_Connection* connection, const char* url,
                                 std::string_view method, bool body) {
        const MHD_ConnectionInfo* context =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
        auto* from = context == nullptr
                         ? nullptr
                         : static_cast<HttpServer::Connection*>(context->socket_context);
        if (from != nullptr) // the request is there: now it is about the answer
            from->yields_us = SystemClock().steady_us() + server.limits_.crowded_answer_us;
        if (method != "GET" && method != "HEAD")
            return HttpResponse::text(405, "Only GET and HEAD are answered.\n");
        if (body)
            return HttpResponse::text(413, "Requests with a body are refused.\n");
        const char* host = MHD_lookup_connection_value(connection, MHD_HEADER_KIND, "Host");
        int hosts = 0; // with two, what checks one and what uses the other would be fooled
        MHD_get_connection_values(connection, MHD_HEADER_KIND, kcs_http_count_host, &hosts);
        if (hosts > 1)
            return HttpResponse::text(400, "A request has one Host header.\n");
        if ((from == nullptr || from->loopback) && host != nullptr && !names_no_name(host))
            return HttpResponse::text(
                421, "This address answers to localhost and to IP addresses only; to use a name, "
                     "set kafka_cdc_sink.metrics_listen_address to an address that it "
                     "stands for.\n");
        return server.handler_.respond(url);
    }

    static MHD_Result answer(void* self, MHD_Connection* connection, const char* url,
                             const char* method, const char*, const char*, size_t* upload_size,
                             void** read) noexcept {
        HttpServer& server = *static_cast<HttpServer*>(self);
        bool body = has_body(connection);
        auto bytes = reinterpret_cast<uintptr_t>(*read); // one more than were read of the body
        if (body && (bytes == 0 || *upload_size > 0)) {
            // Some of it is read: who still writes when the socket is closed may miss the answer.
            bytes += *upload_size + (bytes == 0);
            *upload_size = 0;
            *read = reinterpret_cast<void*>(bytes);
            return bytes > server.limits_.body_bytes ? MHD_NO : MHD_YES;
        }
        try {
            try {
                return queue(connection, response(server, connection, url, method, body)) ? MHD_YES
                                                                                          : MHD_NO;
            } catch (...) {
                return queue(connection,
                             HttpResponse::text(500, "The answer could not be made; see the "
                                                     "server log.\n"))
                           ? MHD_YES
                           : MHD_NO;
            }
        } catch (...) { // no memory
            return MHD_NO;
        }
    }

    /// No path of ours has escapes; one unescaped could hold a NUL.
    static size_t keep_escapes(void*, MHD_Connection*, char* text) noexcept {
        return std::strlen(text);
    }

    static void notify(void* self, MHD_Connection*, void** context,
                       MHD_ConnectionNotificationCode what) noexcept {
        HttpServer& server = *static_cast<HttpServer*>(self);
        if (what == MHD_CONNECTION_NOTIFY_STARTED) {
            *context = &server.open_.back(); // accept_waiting() has just put it there
            return;
        }
        auto it = std::find_if(server.open_.begin(), server.open_.end(),
                               [&](const HttpServer::Connection& c) { return &c == *context; });
        if (it != server.open_.end())
            server.open_.erase(it); // its socket is closed next
    }
};

// ---- HttpServer -------------------------------------------------------------------------------

void HttpServer::on_panic(void (*panic)(const char*)) {
    panic_function = panic;
    MHD_set_panic_func(kcs_http_panic, nullptr);
}

Result<std::unique_ptr<HttpServer>> HttpServer::create(const HttpLimits& limits,
                                                       HttpHandler& handler) {
    int fd = epoll_create1(EPOLL_CLOEXEC);
    if (fd < 0)
        return Fault::of(ErrorClass::environment, "53000",
                         std::string("could not create an epoll descriptor: ") +
                             std::strerror(errno));
    std::unique_ptr<HttpServer> server(new HttpServer(limits, handler, fd));
    if (!server->start())
        return Fault::of(ErrorClass::environment, "53000", "could not start the HTTP server");
    return server;
}

HttpServer::HttpServer(const HttpLimits& limits, HttpHandler& handler, int epoll_fd)
    : limits_(limits), handler_(handler), epoll_fd_(epoll_fd),
      listeners_(epoll_fd, limits.backlog) {}

HttpServer::~HttpServer() {
    if (daemon_ != nullptr)
        MHD_stop_daemon(daemon_);
    listeners_.close_all();
    close(epoll_fd_);
}

bool HttpServer::start() {
    // It listens nowhere itself: several addresses shall share one limit.
    daemon_ = MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_USE_PEDANTIC_CHECKS, 0, nullptr, nullptr,
        HttpServerCallbacks::answer, this, MHD_OPTION_NOTIFY_CONNECTION,
        HttpServerCallbacks::notify, this, MHD_OPTION_CONNECTION_LIMIT,
        static_cast<unsigned>(limits_.connections), MHD_OPTION_CONNECTION_MEMORY_LIMIT,
        limits_.request_bytes, MHD_OPTION_CONNECTION_TIMEOUT, limits_.idle_s,
        MHD_OPTION_UNESCAPE_CALLBACK, HttpServerCallbacks::keep_escapes, nullptr,
        MHD_OPTION_STRICT_FOR_CLIENT, 1, MHD_OPTION_SIGPIPE_HANDLED_BY_APP, 1, MHD_OPTION_END);
    if (daemon_ == nullptr)
        return false;
    const MHD_DaemonInfo* info = MHD_get_daemon_info(daemon_, MHD_DAEMON_INFO_EPOLL_FD);
    if (info == nullptr)
        return false;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = info->epoll_fd;
    return epoll_ctl(epoll_fd_, EPOLL_CTL_ADD, info->epoll_fd, &event) == 0;
}

int64_t HttpServer::serve() {
    int64_t now = SystemClock().steady_us();
    cut_overdue(now);
    accept_waiting(now);
    MHD_run(daemon_);
    while (make_room(now)) { // after what has come was read
        MHD_run(daemon_);
        accept_waiting(now);
        MHD_run(daemon_);
    }
    bool others_wait = crowded();
    listeners_.watch(!others_wait && now >= rest_until_us_);

    int64_t due = -1;
    auto sooner = [&due](int64_t us) { due = due < 0 ? us : std::min(due, us); };
    MHD_UNSIGNED_LONG_LONG timeout_ms;
    if (MHD_get_timeout(daemon_, &timeout_ms) == MHD_YES)
        sooner(static_cast<int64_t>(timeout_ms) * 1000);
    if (now < rest_until_us_)
        sooner(rest_until_us_ - now);
    for (const Connection& connection : open_)
        if (!connection.cut) {
            sooner(std::max<int64_t>(connection.deadline_us - now, 0));
            break;
        }
    if (others_wait && now >= rest_until_us_)
        for (const Connection& connection : open_)
            if (!connection.cut)
                sooner(std::max<int64_t>(connection.yields_us - now, 0));
    return due;
}

void HttpServer::accept_waiting(int64_t now_us) {
    while (now_us >= rest_until_us_ && open_.size() < static_cast<size_t>(limits_.connections)) {
        bool loopback = false;
        int fd = listeners_.accept_one(loopback);
        if (fd < 0) {
            if (errno != EAGAIN)
                rest_until_us_ = now_us + kRestUs;
            return;
        }
        size_t before = open_.size();
        open_.push_back(
            {fd, loopback, now_us + limits_.total_us, now_us + limits_.crowded_request_us});
        // It closes the socket when it refuses the connection.
        if (MHD_add_connection(daemon_, fd, nullptr, 0) != MHD_YES) {
            if (open_.size() > before)
                open_.pop_back();
            rest_until_us_ = now_us + kRestUs;
        }
    }
}

/// Whoever sends or takes a byte now and then is not idle, and must not keep a place either.
void HttpServer::cut_overdue(int64_t now_us) {
    for (Connection& connection : open_) {
        if (now_us < connection.deadline_us)
            return;
        if (!connection.cut)
            cut(connection);
    }
}

bool HttpServer::crowded() const {
    return open_.size() >= static_cast<size_t>(limits_.connections) && listeners_.anyone_waits();
}

/// A slow client is served as long as nobody needs its place: one is cut for each that waits. Who
/// could fill all places for their total time would keep probes out.
bool HttpServer::make_room(int64_t now_us) {
    if (now_us < rest_until_us_ || !crowded())
        return false;
    auto oldest = std::find_if(open_.begin(), open_.end(), [now_us](const Connection& c) {
        return !c.cut && c.yields_us <= now_us;
    });
    if (oldest == open_.end())
        return false;
    cut(*oldest);
    return true;
}

void HttpServer::cut(Connection& connection) {
    connection.cut = true;
    linger at_once{1, 0}; // what was not taken is not kept for it
    setsockopt(connection.fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    shutdown(connection.fd, SHUT_RDWR); // libmicrohttpd notices, and closes it
}

} // namespace kcs
