#include "http/status_page.hpp"

#include "http/status_page.inc"

#include "core/pure.hpp"

namespace kcs {

std::string_view status_page() {
    return {kPage, sizeof kPage - 1};
}

std::string_view status_page_policy() {
    return {kPolicy, sizeof kPolicy - 1};
}

} // namespace kcs
