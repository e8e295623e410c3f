#include "debezium/refusal.hpp"

#include "core/pure.hpp"

namespace kcs {

std::string shorten_value(std::string_view value) {
    constexpr size_t kMost = 64;
    bool cut = value.size() > kMost;
    size_t end = cut ? kMost : value.size();
    // Step back over the continuation bytes of a character that would be cut in two.
    while (cut && end > 0 && (static_cast<unsigned char>(value[end]) & 0xC0) == 0x80)
        --end;
    std::string out;
    out.reserve(end + 3);
    for (char c : value.substr(0, end)) {
        auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte != 0x7F) {
            out += c;
        } else {
            static const char kDigits[] = "0123456789abcdef";
            out += "\\x";
            out += kDigits[byte >> 4];
            out += kDigits[byte & 15];
        }
    }
    if (cut)
        out += "...";
    return out;
}

std::string refusal_message(std::string_view value, std::string_view problem,
                            std::string_view column) {
    std::string out = "value \"" + shorten_value(value) + "\" ";
    if (!column.empty())
        out.append("of column \"").append(column).append("\" ");
    out.append(problem);
    return out;
}

} // namespace kcs
