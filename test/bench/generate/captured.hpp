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

/// The frame of a table's records, from the captured record of a table of its shape. Throws where
/// there is none, or where its columns are not those of `example`.
Frame read_frame(const char* path, const Table& table, const Row& example);
