#include "core/listen_address.hpp"

#include "core/trimmed.hpp"

#include <algorithm>
#include <arpa/inet.h>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr char kAnyIpv4[] = "0.0.0.0";
constexpr char kAnyIpv6[] = "::";

Fault refused(std::string message, std::string hint) {
    Fault fault = Fault::of(ErrorClass::environment, "22023", std::move(message));
    fault.hint = std::move(hint);
    return fault;
}

/// False: neither an IPv4 nor an IPv6 address.
bool numeric(const std::string& entry, ListenAddress& out) {
    unsigned char raw[sizeof(in6_addr)];
    char text[INET6_ADDRSTRLEN];
    for (int family : {AF_INET, AF_INET6}) {
        if (inet_pton(family, entry.c_str(), raw) != 1 ||
            inet_ntop(family, raw, text, sizeof text) == nullptr)
            continue;
        out = {text, family == AF_INET6, false};
        return true;
    }
    return false;
}

void add(std::vector<ListenAddress>& to, ListenAddress address) {
    if (std::find(to.begin(), to.end(), address) == to.end())
        to.push_back(std::move(address));
}

} // namespace

bool ListenAddress::loopback() const {
    return ipv6 ? text == "::1" : text.compare(0, 4, "127.") == 0;
}

std::string ListenAddress::with_port(int port) const {
    return (ipv6 ? "[" + text + "]" : text) + ":" + std::to_string(port);
}

Result<std::vector<ListenAddress>> parse_listen_addresses(std::string_view list) {
    std::vector<ListenAddress> all;
    while (true) {
        size_t comma = std::min(list.find(','), list.size());
        std::string entry(trimmed(list.substr(0, comma)));
        ListenAddress address;
        if (entry == "localhost") {
            add(all, {"127.0.0.1", false, true});
            add(all, {"::1", true, true});
        } else if (entry == "*") {
            add(all, {kAnyIpv4, false, true});
            add(all, {kAnyIpv6, true, true});
        } else if (entry.empty()) {
            if (!all.empty() || comma < list.size())
                return refused("the list has an empty entry", "");
            return refused(
                "it must not be empty",
                "To switch the exporter off, set kafka_cdc_sink.metrics_enabled to off.");
        } else if (numeric(entry, address)) {
            add(all, std::move(address));
        } else {
            return refused("\"" + entry + "\" is not an IP address",
                           "Use IPv4 or IPv6 addresses, localhost, or * for all addresses; names "
                           "of hosts are not looked up.");
        }
        if (comma == list.size())
            break;
        list.remove_prefix(comma + 1);
    }
    for (const ListenAddress& any :
         {ListenAddress{kAnyIpv4, false, false}, {kAnyIpv6, true, false}})
        if (std::find(all.begin(), all.end(), any) != all.end())
            all.erase(std::remove_if(all.begin(), all.end(),
                                     [&](const ListenAddress& a) {
                                         return a.ipv6 == any.ipv6 && !(a == any);
                                     }),
                      all.end());
    return all;
}

} // namespace kcs
