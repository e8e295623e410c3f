#include "core/topic_list.hpp"

#include "core/trimmed.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

bool topic_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
}

/// End of a bracket expression that opens at `at`: the position after its `]`. A `]` that comes
/// first is a member, and [: :], [. .] and [= =] nest. The text's end when it never closes.
size_t bracket_end(std::string_view text, size_t at) {
    size_t i = at + 1;
    if (i < text.size() && text[i] == '^')
        ++i;
    if (i < text.size() && text[i] == ']')
        ++i;
    while (i < text.size() && text[i] != ']') {
        if (text[i] == '\\') {
            i += 2;
        } else if (text[i] == '[' && i + 1 < text.size() &&
                   (text[i + 1] == ':' || text[i + 1] == '.' || text[i + 1] == '=')) {
            const char closing[] = {text[i + 1], ']'};
            size_t end = text.find(std::string_view(closing, 2), i + 2);
            i = end == std::string_view::npos ? text.size() : end + 2;
        } else {
            ++i;
        }
    }
    return std::min(i + 1, text.size());
}

/// End of the pattern that begins at `at`: the comma outside of everything, or the list's end.
size_t pattern_end(std::string_view list, size_t at) {
    size_t i = at;
    int depth = 0;
    while (i < list.size()) {
        char c = list[i];
        if (c == '\\') {
            i += 2;
        } else if (c == '[') {
            i = bracket_end(list, i);
        } else {
            if (c == '(' || c == '{')
                ++depth;
            else if ((c == ')' || c == '}') && depth > 0)
                --depth;
            else if (c == ',' && depth == 0)
                return i;
            ++i;
        }
    }
    return list.size();
}

Fault complaint(std::string message, std::string detail) {
    Fault fault = Fault::data("22023", std::move(message));
    fault.detail = std::move(detail);
    return fault;
}

} // namespace

bool legal_topic_name(std::string_view name) {
    return !name.empty() && name.size() <= kTopicNameLength && name != "." && name != ".." &&
           std::all_of(name.begin(), name.end(), topic_character);
}

bool internal_topic(std::string_view name) {
    return name == "__consumer_offsets" || name == "__transaction_state" ||
           name == "__share_group_state" || name == "__cluster_metadata";
}

Result<std::vector<TopicEntry>> parse_topic_list(std::string_view list) {
    std::vector<TopicEntry> entries;
    if (trimmed(list).empty())
        return entries;
    size_t at = 0;
    while (true) {
        while (at < list.size() && blank(list[at]))
            ++at;
        bool pattern = at < list.size() && list[at] == '^';
        size_t end = pattern ? pattern_end(list, at) : std::min(list.find(',', at), list.size());
        std::string_view text = trimmed(list.substr(at, end - at));
        if (text.empty())
            return complaint("the list of topics has an empty entry", "");
        if (!pattern && !legal_topic_name(text))
            return complaint("\"" + std::string(text) + "\" is not a valid topic name",
                             "A topic name has 1 to 249 letters, digits, periods, underscores and "
                             "hyphens.");
        entries.push_back({pattern, std::string(text)});
        if (end >= list.size())
            return entries;
        at = end + 1;
    }
}

} // namespace kcs
