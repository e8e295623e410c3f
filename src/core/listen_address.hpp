#pragma once

#include "core/fault.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace kcs {

/// An address to listen on, from one entry of kafka_cdc_sink.metrics_listen_address.
struct ListenAddress {
    std::string text; ///< numeric, as inet_ntop() writes it
    bool ipv6 = false;
    /// Of `localhost` or `*`, which stand for both families: the machine may lack one of them.
    bool either = false;

    bool loopback() const;
    /// With the port, as in a URL: "127.0.0.1:8080", "[::1]:8080".
    std::string with_port(int port) const;
    bool operator==(const ListenAddress& o) const { return text == o.text && ipv6 == o.ipv6; }
};

/// A comma-separated list of IPv4 and IPv6 addresses, `localhost` and `*`. Names of hosts are
/// refused: a name server could hold up whoever asks it for half a minute. What another entry
/// covers is left out.
Result<std::vector<ListenAddress>> parse_listen_addresses(std::string_view list);

} // namespace kcs
