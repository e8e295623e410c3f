#pragma once

#include <cstdint>
#include <cstdlib>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// The line format of records that mockbroker takes: see the head of main.cpp.

/// What is answered as "error ...".
struct Failure : std::runtime_error {
    using std::runtime_error::runtime_error;
};

using Field = std::optional<std::string>; // none: Kafka null

struct RecordLine {
    std::string topic;
    int32_t partition = 0;
    Field key, value;
    std::vector<std::pair<std::string, Field>> headers;
};

inline Field unescape(std::string_view text) {
    if (text == "\\N")
        return std::nullopt;
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            out.push_back(text[i]);
            continue;
        }
        switch (char c = text[++i]) {
        case 't':
            out.push_back('\t');
            break;
        case 'n':
            out.push_back('\n');
            break;
        case 'r':
            out.push_back('\r');
            break;
        case '0':
            out.push_back('\0');
            break;
        case '\\':
            out.push_back('\\');
            break;
        default:
            throw Failure(std::string("unknown escape \\") + c +
                          ", double the backslashes of JSON");
        }
    }
    return out;
}

inline int to_int(const std::string& text, const char* what) {
    char* end = nullptr;
    long value = std::strtol(text.c_str(), &end, 10);
    if (text.empty() || *end != '\0')
        throw Failure(std::string("bad ") + what + " \"" + text + "\"");
    return static_cast<int>(value);
}

inline RecordLine parse_record(std::string_view line) {
    size_t gap = line.find_first_of(" \t");
    size_t tab = gap == std::string_view::npos ? gap : line.find('\t', gap + 1);
    if (tab == std::string_view::npos)
        throw Failure("a record is: topic partition TAB key TAB value [TAB name=value ...]");
    RecordLine record;
    record.topic = line.substr(0, gap);
    record.partition = to_int(std::string(line.substr(gap + 1, tab - gap - 1)), "partition");
    std::vector<std::string_view> fields;
    for (size_t start = tab + 1;;) {
        size_t end = line.find('\t', start);
        fields.push_back(line.substr(start, end == std::string_view::npos ? end : end - start));
        if (end == std::string_view::npos)
            break;
        start = end + 1;
    }
    if (fields.size() < 2)
        throw Failure("a record needs a key and a value");
    record.key = unescape(fields[0]);
    record.value = unescape(fields[1]);
    for (size_t i = 2; i < fields.size(); ++i) {
        size_t equals = fields[i].find('=');
        if (equals == std::string_view::npos)
            throw Failure("a header is name=value");
        record.headers.emplace_back(fields[i].substr(0, equals),
                                    unescape(fields[i].substr(equals + 1)));
    }
    return record;
}
