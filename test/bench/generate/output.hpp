#pragma once

#include "tables.hpp"

#include <memory>

/// One change. Of a delete, `row` is empty.
struct Event {
    char op; ///< r, c, u, d as in the envelope
    const Table& table;
    int32_t partition;
    int64_t id;
    const Row& row;
};

/// Where the changes go, in their order.
class Output {
public:
    virtual ~Output() = default;
    virtual void event(const Event& event) = 0;
    /// All has arrived, or it throws.
    virtual void finish() = 0;
};

/// Topics PREFIX.shop.TABLE, made with so many partitions unless they are there; the records' frame
/// is that of the captured ones in the file. The client waits so many milliseconds for more before
/// it sends.
std::unique_ptr<Output> kafka_output(const char* broker, const std::string& prefix,
                                     const char* captured, const std::vector<Table>& tables,
                                     int partitions, int linger_ms = 20);

/// Statements for psql on stdout, about 1,000 changes a transaction.
std::unique_ptr<Output> sql_output();
