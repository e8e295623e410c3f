// A steady stream, for measuring how soon a change is there.

#include "works.hpp"

#include <cerrno>
#include <ctime>
#include <stdexcept>

namespace {

constexpr int64_t second_ns = 1000000000;

int64_t nanoseconds(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return now.tv_sec * second_ns + now.tv_nsec;
}

void sleep_until(int64_t ns) {
    timespec when{};
    when.tv_sec = ns / second_ns;
    when.tv_nsec = ns % second_ns;
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &when, nullptr) == EINTR)
        continue;
}

} // namespace

int64_t send_steady(int rate, int64_t count, int64_t rows, const Table& table, Output& output) {
    Random values(42);
    int64_t present = 1, fresh = rows + 1, began = nanoseconds(CLOCK_MONOTONIC);
    for (int64_t i = 0; i < count; i++) {
        bool insert = i % 10 < 3;
        if (!insert && present > rows)
            throw std::runtime_error(
                "there are too few rows for each update to have one of its own");
        int64_t id = insert ? fresh++ : present++;
        Row row = make_row(table, id, values);
        sleep_until(began + i * second_ns / rate);
        for (auto& column : row)
            if (column.name == std::string("updated_at"))
                column = timestamptz("updated_at", nanoseconds(CLOCK_REALTIME) / 1000);
        output.event({insert ? 'c' : 'u', table, 0, id, row});
    }
    output.finish();
    return count;
}
