#pragma once

#include <array>
#include <string_view>

namespace kcs {

/// MD5 (RFC 1321), for name-based UUIDs only.
std::array<unsigned char, 16> md5(std::string_view bytes);

} // namespace kcs
