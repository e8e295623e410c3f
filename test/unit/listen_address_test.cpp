#include "core/listen_address.hpp"

#include <gtest/gtest.h>

namespace kcs {
namespace {

/// "127.0.0.1:80?, [::1]:80": with a question mark where the other family would do.
std::string parsed(const char* list) {
    auto addresses = parse_listen_addresses(list);
    if (!addresses)
        return "refused: " + addresses.fault().message;
    std::string text;
    for (const ListenAddress& a : *addresses)
        text += (text.empty() ? "" : ", ") + a.with_port(80) + (a.either ? "?" : "") +
                (a.loopback() ? " (own)" : "");
    return text;
}

TEST(ListenAddress, WhatTheListMeans) {
    const std::pair<const char*, const char*> rows[] = {
        {"localhost", "127.0.0.1:80? (own), [::1]:80? (own)"},
        {"*", "0.0.0.0:80?, [::]:80?"},
        {" 10.0.0.1 ,fe80::0:1", "10.0.0.1:80, [fe80::1]:80"},
        {"127.0.0.1,localhost", "127.0.0.1:80 (own), [::1]:80? (own)"},
        {"127.0.0.2,127.0.0.2", "127.0.0.2:80 (own)"},
        {"10.0.0.1,*,::1", "0.0.0.0:80?, [::]:80?"},
        {"0.0.0.0,10.0.0.1,::1", "0.0.0.0:80, [::1]:80 (own)"},
        {"::,::1,127.0.0.1", "[::]:80, 127.0.0.1:80 (own)"},
        {"", "refused: it must not be empty"},
        {" ", "refused: it must not be empty"},
        {",", "refused: the list has an empty entry"},
        {"::1,", "refused: the list has an empty entry"},
        {"LOCALHOST", "refused: \"LOCALHOST\" is not an IP address"},
        {"db1", "refused: \"db1\" is not an IP address"},
        {"127.1", "refused: \"127.1\" is not an IP address"},
        {"0x7f000001", "refused: \"0x7f000001\" is not an IP address"},
        {"[::1]", "refused: \"[::1]\" is not an IP address"},
        {"fe80::1%eth0", "refused: \"fe80::1%eth0\" is not an IP address"},
        {"127.0.0.1:80", "refused: \"127.0.0.1:80\" is not an IP address"},
    };
    for (const auto& [list, meaning] : rows)
        EXPECT_EQ(parsed(list), meaning) << list;
}

} // namespace
} // namespace kcs
