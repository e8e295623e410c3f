#include "works.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <stdexcept>

namespace {

class Sender {
public:
    explicit Sender(Output& output) : output_(output) {}

    void send(char op, const Table& table, int32_t partition, int64_t id) {
        Row row;
        if (op != 'd')
            row = make_row(table, id, values_);
        output_.event({op, table, partition, id, row});
        sent_++;
    }

    int64_t sent() const { return sent_; }

private:
    Output& output_;
    Random values_{first_seed};
    int64_t sent_ = 0;
};

/// 20 % inserts, 70 % updates, 10 % deletes of rows that are there.
void mixed(Sender& sender, const Size& size, const Table& table) {
    Random random(7);
    std::vector<int64_t> living(static_cast<size_t>(size.rows));
    for (size_t i = 0; i < living.size(); i++)
        living[i] = static_cast<int64_t>(i) + 1;
    int64_t next = size.rows + 1;
    for (int64_t i = 0; i < size.count; i++) {
        unsigned kind = random() % 10;
        if (kind < 2 || living.empty()) {
            living.push_back(next);
            sender.send('c', table, 0, next++);
            continue;
        }
        size_t at = random() % living.size();
        sender.send(kind < 9 ? 'u' : 'd', table, 0, living[at]);
        if (kind == 9) {
            living[at] = living.back();
            living.pop_back();
        }
    }
}

/// Updates: the k-th most wanted of the rows as often as 1 / k^1.1 tells. Wanted ones lie
/// scattered.
void hot(Sender& sender, const Size& size, const Table& table) {
    Random random(7);
    std::vector<double> sum;
    double total = 0;
    for (int64_t k = 1; k <= size.rows; k++)
        sum.push_back(total += std::pow(static_cast<double>(k), -1.1));
    std::vector<int64_t> ids;
    for (int64_t id = 1; id <= size.rows; id++)
        ids.push_back(id);
    for (size_t i = ids.size(); i > 1; i--)
        std::swap(ids[i - 1], ids[random() % i]);
    for (int64_t i = 0; i < size.count; i++) {
        double r = static_cast<double>(random() >> 11) / 9007199254740992.0 * total;
        auto at = std::upper_bound(sum.begin(), sum.end(), r) - sum.begin();
        sender.send('u', table, 0, ids[std::min(static_cast<size_t>(at), ids.size() - 1)]);
    }
}

/// Inserts, and after each second one an update of some row.
void documents(Sender& sender, const Size& size, const Table& table) {
    Random random(7);
    int64_t next = 1;
    for (int64_t i = 0; i < size.count; i++) {
        if (i % 3 < 2)
            sender.send('c', table, 0, next++);
        else
            sender.send('u', table, 0, static_cast<int64_t>(1 + random() % (next - 1)));
    }
}

/// Inserts into all tables, one after the other at random.
void many(Sender& sender, const Size& size, const std::vector<Table>& tables) {
    Random random(7);
    std::vector<int64_t> next(tables.size(), 1);
    for (int64_t i = 0; i < size.count; i++) {
        size_t at = random() % tables.size();
        sender.send('c', tables[at], 0, next[at]++);
    }
}

/// Each table has the even ids up to 2 * rows / tables beforehand. Half updates of these, half
/// inserts of odd ids, all at random, one table after the other at random.
void upserts(Sender& sender, const Size& size, const std::vector<Table>& tables) {
    Random random(7);
    const int64_t rows = size.rows / static_cast<int64_t>(tables.size());
    if (rows < 1)
        throw std::runtime_error("upserts needs a row for each table");
    // The golden section scatters; with no factor in common it comes to all odd ids, each once.
    int64_t stride = rows * 618033 / 1000000 + 1;
    while (std::gcd(stride, rows) != 1)
        stride++;
    std::vector<int64_t> inserted(tables.size(), 0);
    for (int64_t i = 0; i < size.count; i++) {
        size_t at = random() % tables.size();
        bool insert = random() % 2 && inserted[at] < rows;
        int64_t place = insert ? inserted[at]++ * stride % rows
                               : static_cast<int64_t>(random() % static_cast<uint64_t>(rows));
        sender.send(insert ? 'c' : 'u', tables[at], 0, insert ? 2 * place + 1 : 2 * place + 2);
    }
}

} // namespace

std::vector<Table> tables_of(const std::string& work, const Size& size) {
    std::vector<Table> tables;
    if (work == "many" || work == "upserts")
        for (int i = 1; i <= size.spread; i++)
            tables.push_back({"orders", "t" + std::to_string(i), i - 1});
    else if (work == "wide")
        tables.push_back({"wide", "wide", 0});
    else if (work == "toast")
        tables.push_back({"documents", "documents", 0});
    else
        tables.push_back({"orders", "orders", 0});
    return tables;
}

int partitions_of(const std::string& work, const Size& size) {
    return work == "parts" ? size.spread : 1;
}

int64_t send_work(const std::string& work, const Size& size, const std::vector<Table>& tables,
                  Output& output) {
    Sender sender(output);
    int partitions = partitions_of(work, size);
    bool snapshot = work == "snapshot" || work == "parts" || work == "wide";
    auto markers = [&](int64_t offset) {
        for (auto& table : tables)
            for (int p = 0; p < partitions; p++)
                sender.send(snapshot ? 'r' : 'c', table, p, -(2 * p + offset));
    };
    markers(1);
    if (snapshot)
        for (int64_t id = 1; id <= size.count; id++)
            sender.send('r', tables[0], static_cast<int32_t>(id % partitions), id);
    else if (work == "mixed")
        mixed(sender, size, tables[0]);
    else if (work == "hot")
        hot(sender, size, tables[0]);
    else if (work == "toast")
        documents(sender, size, tables[0]);
    else if (work == "many")
        many(sender, size, tables);
    else if (work == "upserts")
        upserts(sender, size, tables);
    else
        throw std::runtime_error("no work is called " + work);
    markers(2);
    output.finish();
    return sender.sent();
}
