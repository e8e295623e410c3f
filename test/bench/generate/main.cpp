// Makes the changes of a work of the benchmark: as records of a real Kafka, byte for byte as the
// connector writes them (frames come from captured records, see record.sh; values are made here),
// or the same changes as SQL.
//
//   generate kafka BROKER PREFIX CAPTURED WORK COUNT ROWS SPREAD
//   generate steady BROKER PREFIX CAPTURED RATE COUNT ROWS
//   generate sql WORK COUNT ROWS SPREAD              prints statements for psql
//
// The number of events is printed last (of sql: on stderr).
//
// WORK: snapshot, mixed, hot, wide, many, toast, parts; upserts (scale.sh). COUNT: events, without
// the first and last ones of each partition. ROWS: ids 1 to ROWS are there beforehand (upserts: so
// many rows in all tables, with even ids). SPREAD: how many partitions (parts) or tables (many,
// upserts). steady: RATE events a second, see works.hpp.

#include "works.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <exception>

namespace {

int64_t make_steady(char** argv) {
    Table table{"orders", "orders", 0};
    auto output = kafka_output(argv[2], argv[3], argv[4], {table}, 1, 0);
    return send_steady(std::atoi(argv[5]), std::atoll(argv[6]), std::atoll(argv[7]), table,
                       *output);
}

int64_t make_work(const std::string& mode, char** argv, char** work) {
    Size size{std::atoll(work[1]), std::atoll(work[2]), std::atoi(work[3])};
    std::vector<Table> tables = tables_of(work[0], size);
    auto output = mode == "sql" ? sql_output()
                                : kafka_output(argv[2], argv[3], argv[4], tables,
                                               partitions_of(work[0], size));
    return send_work(work[0], size, tables, *output);
}

} // namespace

int main(int argc, char** argv) {
    std::string mode = argc > 1 ? argv[1] : "";
    int at = mode == "kafka" ? 5 : 2;
    bool steady = mode == "steady" && argc == 8;
    if (!steady && ((mode != "kafka" && mode != "sql") || argc != at + 4)) {
        std::fprintf(stderr, "usage: see generate/main.cpp\n");
        return 2;
    }
    try {
        int64_t sent = steady ? make_steady(argv) : make_work(mode, argv, argv + at);
        std::fprintf(mode == "sql" ? stderr : stdout, "%" PRId64 "\n", sent);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "generate: %s\n", e.what());
        return 1;
    }
    return 0;
}
