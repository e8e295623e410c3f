// Makes the changes of a work of the benchmark: as records of a real Kafka, byte for byte as the
// connector writes them (frames come from captured records, see record.sh; values are made here),
// or the same changes as SQL.
//
//   generate kafka BROKER PREFIX CAPTURED WORK COUNT ROWS SPREAD
//   generate sql WORK COUNT ROWS SPREAD              prints statements for psql
//
// The number of events is printed last (of sql: on stderr).
//
// WORK: snapshot, mixed, hot, wide, many, toast, parts; upserts (scale.sh). COUNT: events, without
// the first and last ones of each partition. ROWS: ids 1 to ROWS are there beforehand (upserts: so
// many rows in all tables, with even ids). SPREAD: how many partitions (parts) or tables (many,
// upserts).

#include "works.hpp"

#include <cinttypes>
#include <cstdio>
#include <cstdlib>
#include <exception>

int main(int argc, char** argv) {
    std::string mode = argc > 1 ? argv[1] : "";
    int at = mode == "kafka" ? 5 : 2;
    if ((mode != "kafka" && mode != "sql") || argc != at + 4) {
        std::fprintf(stderr, "usage: see generate/main.cpp\n");
        return 2;
    }
    try {
        std::string work = argv[at];
        Size size{std::atoll(argv[at + 1]), std::atoll(argv[at + 2]), std::atoi(argv[at + 3])};
        std::vector<Table> tables = tables_of(work, size);
        auto output = mode == "sql" ? sql_output()
                                    : kafka_output(argv[2], argv[3], argv[4], tables,
                                                   partitions_of(work, size));
        int64_t sent = send_work(work, size, tables, *output);
        std::fprintf(mode == "kafka" ? stdout : stderr, "%" PRId64 "\n", sent);
    } catch (const std::exception& e) {
        std::fprintf(stderr, "generate: %s\n", e.what());
        return 1;
    }
    return 0;
}
