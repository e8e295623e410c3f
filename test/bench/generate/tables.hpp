#pragma once

#include "values.hpp"

#include <random>

using Random = std::mt19937_64;

/// Where the random values of a work's rows begin.
constexpr Random::result_type first_seed = 42;

/// A table of the benchmark: what it looks like, and what it is called.
struct Table {
    std::string shape; ///< orders, wide, documents: whose record was captured, below tables/
    std::string name;  ///< in the schema shop
    int index;         ///< among the tables of the work
};

/// A row with random values; ids are the callers'. All columns, in the table's order.
Row make_row(const Table& table, int64_t id, Random& random);

/// What a delete event tells of the row: the key, and what the connector writes for other columns.
std::string former_row(const Table& table, int64_t id);
