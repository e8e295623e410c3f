#pragma once

#include "tables.hpp"

#include <utility>

/// What a captured record (record.sh) gives to those that are made here.
struct Frame {
    std::string key_head, key_tail;     ///< around the id
    std::string value_head, value_tail; ///< around the payload
    std::string source_name;            ///< the connector's topic prefix
    std::vector<std::pair<std::string, std::string>> headers;
};

/// The frame of a table's records, from the captured record of a table of its shape. That was made
/// of the work's first row with the id 1. Throws where there is none, or where the connector wrote
/// another row than json_of() does.
Frame read_frame(const char* path, const Table& table);
