#pragma once

#include "output.hpp"

/// The sizes of a work.
struct Size {
    int64_t count; ///< events, without the markers
    int64_t rows;  ///< ids 1 to rows are there beforehand; of upserts see there
    int spread;    ///< partitions of the topic, or tables
};

/// The tables that a work writes, and how many partitions each topic has.
std::vector<Table> tables_of(const std::string& work, const Size& size);
int partitions_of(const std::string& work, const Size& size);

/// Sends a work's events; the number of them. The first event of each partition p is a row with the
/// id -(2p+1), the last one with -(2p+2): who measures looks for these.
int64_t send_work(const std::string& work, const Size& size, const std::vector<Table>& tables,
                  Output& output);

/// Sends `count` inserts and updates (3 to 7) evenly, `rate` a second, each of a row of its own:
/// ids 1 to `rows` are there beforehand. The column updated_at tells when the event was handed to
/// the client.
int64_t send_steady(int rate, int64_t count, int64_t rows, const Table& table, Output& output);
