#include "core/clock.hpp"
#include "http/server.hpp"

#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <cerrno>
#include <netinet/in.h>
#include <poll.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace kcs {
namespace {

/// Answers with the path; "/throw" throws.
class Echo final : public HttpHandler {
public:
    HttpResponse respond(std::string_view path) override {
        if (path == "/throw")
            throw std::runtime_error("on purpose");
        if (path == "/throw-int")
            throw 1;
        HttpResponse response = HttpResponse::text(200, std::string(path));
        if (path == "/large")
            response.body = std::make_shared<const std::string>(8 * 1024 * 1024, 'x');
        return response;
    }
};

int free_port() {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t length = sizeof address;
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), length), 0);
    EXPECT_EQ(getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length), 0);
    close(fd);
    return ntohs(address.sin_port);
}

class HttpServerTest : public ::testing::Test {
protected:
    void start(HttpLimits limits = {}) {
        auto made = HttpServer::create(limits, echo);
        ASSERT_TRUE(made);
        server = std::move(*made);
        port = free_port();
        server->listeners().listen(*parse_listen_addresses("127.0.0.1"), port);
        ASSERT_EQ(server->listeners().complaint(), "");
    }

    int dial() {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<uint16_t>(port));
        connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address);
        pollfd wait{fd, POLLOUT, 0};
        EXPECT_EQ(poll(&wait, 1, 5000), 1);
        return fd;
    }

    void say(int fd, const std::string& text) {
        EXPECT_EQ(send(fd, text.data(), text.size(), MSG_NOSIGNAL),
                  static_cast<ssize_t>(text.size()));
    }

    /// Serves, as a process would that waits for its descriptor, until the other side is closed.
    std::string answer(int fd) {
        std::string text;
        char buffer[4096];
        int64_t deadline = SystemClock().steady_us() + 10 * 1000 * 1000;
        while (SystemClock().steady_us() < deadline) {
            turn(fd);
            ssize_t n = recv(fd, buffer, sizeof buffer, 0);
            if (n == 0 || (n < 0 && errno != EAGAIN)) {
                close(fd);
                return text;
            }
            if (n > 0)
                text.append(buffer, static_cast<size_t>(n));
        }
        ADD_FAILURE() << "not closed";
        close(fd);
        return text;
    }

    /// Waits for either side, as long as the server asks for at most.
    void turn(int client) {
        int64_t due = server->serve();
        pollfd wait[2] = {{server->fd(), POLLIN, 0}, {client, POLLIN, 0}};
        poll(wait, 2, due < 0 ? 1000 : static_cast<int>((due + 999) / 1000));
    }

    std::string ask(const std::string& request) {
        int fd = dial();
        say(fd, request);
        return answer(fd);
    }
    int status(const std::string& request) {
        std::string text = ask(request);
        return text.compare(0, 9, "HTTP/1.1 ") == 0 ? std::stoi(text.substr(9, 3)) : 0;
    }

    Echo echo;
    std::unique_ptr<HttpServer> server;
    int port = 0;
};

TEST_F(HttpServerTest, AnswersAndCloses) {
    start();
    std::string text = ask("GET /a%20b?c=d HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_NE(text.find("HTTP/1.1 200 OK\r\n"), std::string::npos);
    EXPECT_NE(text.find("\r\nConnection: close\r\n"), std::string::npos);
    EXPECT_NE(text.find("\r\n\r\n/a%20b"), std::string::npos);
    EXPECT_EQ(status("GET / HTTP/1.0\r\n\r\n"), 200);
    text = ask("HEAD /path HTTP/1.1\r\nHost: localhost\r\n\r\n");
    EXPECT_NE(text.find("\r\nContent-Length: 5\r\n"), std::string::npos);
    EXPECT_EQ(text.substr(text.size() - 4), "\r\n\r\n");
    server->serve();
    EXPECT_EQ(server->connections(), 0u);
}

TEST_F(HttpServerTest, WhatTheHandlerThrowsIsAnAnswer) {
    start();
    EXPECT_EQ(status("GET /throw HTTP/1.1\r\nHost: localhost\r\n\r\n"), 500);
    EXPECT_EQ(status("GET /throw-int HTTP/1.1\r\nHost: localhost\r\n\r\n"), 500);
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), 200);
}

TEST_F(HttpServerTest, ALoopbackAddressAnswersToNoName) {
    start();
    const std::pair<const char*, int> rows[] = {
        {"localhost", 200},
        {"LocalHost:8080", 200},
        {"127.0.0.1", 200},
        {"127.0.0.1:8080", 200},
        {"[::1]:8080", 200},
        {"10.1.2.3", 200},
        {"evil.example", 421},
        {"localhost.evil", 421},
        {"127.0.0.1.nip.io:8080", 421},
        {"evil:127.0.0.1", 421},
        {"127.1", 421},
        {"[2001:db8::1]", 200},
        {"[::ffff:127.0.0.1]:1", 200},
        {"[evil.example", 421},
        {"[evil.example]", 421},
        {"[]", 421},
        {"[", 421},
        {"[::1", 421},
        {"[::1].evil.example", 421},
        {"[::1]evil.example", 421},
        {"[::1]:8080.evil", 421},
        {"[127.0.0.1]", 421},
        {"[::1%lo]", 421},
        {"localhost:evil", 421},
        {"::1", 421},
        {"127.0.0.1:8080.evil", 421},
        {"localhost:", 200},
        {"", 421},
    };
    for (const auto& [host, expected] : rows)
        EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: " + std::string(host) + "\r\n\r\n"), expected)
            << host;
}

TEST_F(HttpServerTest, ARequestHasOneHost) {
    start();
    for (const char* second : {"evil.example", "localhost"}) {
        std::string both = std::string("Host: localhost\r\nhOST: ") + second + "\r\n\r\n";
        EXPECT_EQ(status("GET / HTTP/1.1\r\n" + both), 400) << second;
        EXPECT_EQ(status("GET / HTTP/1.0\r\nX: y\r\n" + both), 400) << second;
    }
    EXPECT_EQ(status("GET / HTTP/1.1\r\nHostess: x\r\nHost: localhost\r\n\r\n"), 200);
}

TEST_F(HttpServerTest, MethodsAndBodies) {
    start();
    const std::string host = " / HTTP/1.1\r\nHost: localhost\r\n";
    for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "get", "X"})
        EXPECT_EQ(status(method + host + "\r\n"), 405) << method;
    for (const char* method : {"POST", "PUT", "DELETE"})
        EXPECT_EQ(status(method + host + "Content-Length: 3\r\n\r\nabc"), 405) << method;
    EXPECT_EQ(status("GET" + host + "Content-Length: 0\r\n\r\n"), 200);
    EXPECT_EQ(status("GET" + host + "Content-Length: 3\r\n\r\nabc"), 413);
    EXPECT_EQ(status("GET" + host + "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"),
              413);
}

TEST_F(HttpServerTest, ALargeBodyIsNotReadToItsEnd) {
    HttpLimits limits;
    limits.body_bytes = 1000;
    limits.idle_s = 60;
    start(limits);
    EXPECT_EQ(ask("POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n" +
                  std::string(5000, 'x')),
              "");
}

TEST_F(HttpServerTest, AConnectionHasATotalTime) {
    HttpLimits limits;
    limits.total_us = 50 * 1000;
    limits.idle_s = 60;
    start(limits);
    int idle = dial();
    int slow = dial();
    say(slow, "GET / HTTP/1.1\r\nHo");
    int reader = dial(); // whose receive buffer is full before the answer is sent
    say(reader, "GET /large HTTP/1.1\r\nHost: localhost\r\n\r\n");
    server->serve();
    EXPECT_EQ(server->connections(), 3u);
    int64_t deadline = SystemClock().steady_us() + 10 * 1000 * 1000;
    while (server->connections() > 0 && SystemClock().steady_us() < deadline) {
        int64_t due = server->serve();
        pollfd wait{server->fd(), POLLIN, 0};
        poll(&wait, 1, due < 0 ? 1000 : static_cast<int>((due + 999) / 1000));
    }
    EXPECT_EQ(server->connections(), 0u);
    EXPECT_EQ(answer(idle), "");
    answer(slow);
    EXPECT_LT(answer(reader).size(), 8u * 1024 * 1024);
}

TEST_F(HttpServerTest, MoreThanTheLimitWait) {
    HttpLimits limits;
    limits.connections = 2;
    limits.crowded_request_us = 60 * 1000 * 1000;
    start(limits);
    int first = dial(), second = dial(), third = dial();
    say(third, "GET /third HTTP/1.0\r\n\r\n");
    for (int i = 0; i < 3; ++i)
        server->serve();
    EXPECT_EQ(server->connections(), 2u);
    pollfd wait{server->fd(), POLLIN, 0};
    EXPECT_EQ(poll(&wait, 1, 0), 0) << "nothing that could be done: no reason to wake up";
    say(first, "GET /first HTTP/1.0\r\n\r\n");
    EXPECT_NE(answer(first).find("/first"), std::string::npos);
    EXPECT_NE(answer(third).find("/third"), std::string::npos);
    close(second);
}

TEST_F(HttpServerTest, OneMakesRoomForEachThatWaits) {
    HttpLimits limits;
    limits.connections = 3;
    limits.crowded_request_us = 20 * 1000;
    limits.crowded_answer_us = 40 * 1000;
    limits.total_us = 60 * 1000 * 1000;
    limits.idle_s = 60;
    start(limits);
    int reader = dial(); // does not take its answer
    say(reader, "GET /large HTTP/1.0\r\n\r\n");
    int oldest = dial(), younger = dial();
    say(oldest, "GET /oldest");
    say(younger, "GET /younger");
    int64_t later = SystemClock().steady_us() + 2 * limits.crowded_answer_us;
    while (SystemClock().steady_us() < later) {
        server->serve();
        pollfd none{-1, 0, 0};
        poll(&none, 1, 10);
    }
    ASSERT_EQ(server->connections(), 3u) << "nobody waits: nobody is cut";

    EXPECT_NE(ask("GET /fourth HTTP/1.0\r\n\r\n").find("/fourth"), std::string::npos);
    EXPECT_EQ(server->connections(), 2u) << "one is cut for one that waits";
    EXPECT_LT(answer(reader).size(), 8u * 1024 * 1024) << "the oldest one";
    int fifth = dial(), sixth = dial();
    say(fifth, "GET /fif");
    say(sixth, "GET /sixth HTTP/1.0\r\n\r\n");
    EXPECT_NE(answer(sixth).find("/sixth"), std::string::npos);
    EXPECT_EQ(answer(oldest), "") << "the oldest one again";
    say(younger, " HTTP/1.0\r\n\r\n");
    say(fifth, "th HTTP/1.0\r\n\r\n");
    EXPECT_NE(answer(younger).find("/younger"), std::string::npos);
    EXPECT_NE(answer(fifth).find("/fifth"), std::string::npos);
}

TEST_F(HttpServerTest, WhatHasComeIsReadBeforeAnybodyMakesRoom) {
    HttpLimits limits;
    limits.connections = 2;
    limits.crowded_request_us = 0;
    start(limits);
    int all[6];
    for (int i = 0; i < 6; ++i) {
        all[i] = dial();
        say(all[i], "GET /" + std::to_string(i) + " HTTP/1.0\r\n\r\n");
    }
    for (int i = 0; i < 6; ++i)
        EXPECT_NE(answer(all[i]).find("/" + std::to_string(i)), std::string::npos) << i;
}

TEST_F(HttpServerTest, APortInUseIsToldAndTriedAgain) {
    start();
    Echo other_echo;
    auto other = HttpServer::create(HttpLimits(), other_echo);
    ASSERT_TRUE(other);
    Listeners& listeners = (*other)->listeners();
    std::string address = "127.0.0.1:" + std::to_string(port);
    listeners.listen(*parse_listen_addresses("localhost"), port);
    EXPECT_EQ(listeners.complaint(), "could not listen on " + address + ": Address already in use");
    EXPECT_NE(listeners.hint(), "");
    server->listeners().close_all();
    listeners.retry();
    EXPECT_EQ(listeners.complaint(), "");
    EXPECT_EQ(listeners.where().compare(0, address.size(), address), 0) << listeners.where();
}

TEST_F(HttpServerTest, AnAddressOfAnotherMachine) {
    start();
    server->listeners().listen(*parse_listen_addresses("192.0.2.1,127.0.0.1"), port);
    EXPECT_EQ(server->listeners().complaint(),
              "could not listen on 192.0.2.1:" + std::to_string(port) +
                  ": Cannot assign requested address");
    EXPECT_EQ(server->listeners().where(), "127.0.0.1:" + std::to_string(port));
    EXPECT_EQ(status("GET / HTTP/1.0\r\n\r\n"), 200);
}

} // namespace
} // namespace kcs
