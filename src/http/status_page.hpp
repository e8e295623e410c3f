#pragma once

#include <string_view>

namespace kcs {

/// The page for people at `/`, made from status_page.html when building: HTML in UTF-8, the same
/// for everybody. It fetches `status`, relative to its own address.
std::string_view status_page();

/// The Content-Security-Policy to send with it: its own script and style, fetches from where it
/// came from, nothing else.
std::string_view status_page_policy();

} // namespace kcs
