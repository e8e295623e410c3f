// The changes as SQL for psql: prepared statements, and about 1,000 changes in one message, which
// the server takes as one transaction.

#include "output.hpp"

#include <cstdio>
#include <set>
#include <stdexcept>

namespace {

class SqlOutput : public Output {
public:
    void event(const Event& event) override {
        if (event.op != 'd' && prepared_.insert(event.table.index).second)
            prepare(event);
        if (event.op == 'd') {
            batch_ +=
                "DELETE FROM shop." + event.table.name + " WHERE id = " + std::to_string(event.id);
        } else {
            batch_ += event.op == 'u' ? "EXECUTE u" : "EXECUTE i";
            batch_ += std::to_string(event.table.index);
            char before = '(';
            for (auto& value : event.row) {
                batch_ += before;
                batch_ += value.sql;
                before = ',';
            }
            batch_ += ')';
        }
        batch_ += "\\;\n";
        if (++changes_ == 1000)
            flush();
    }

    void finish() override {
        flush();
        if (std::fflush(stdout) != 0)
            throw std::runtime_error("statements could not be written");
    }

private:
    void prepare(const Event& event) {
        std::string n = std::to_string(event.table.index), insert, update;
        for (size_t i = 0; i < event.row.size(); i++) {
            std::string parameter = "$" + std::to_string(i + 1);
            insert += (i ? ", " : "") + parameter;
            if (i > 0) // the id is the first column
                update += (i > 1 ? ", " : "") + std::string(event.row[i].name) + " = " + parameter;
        }
        std::printf("PREPARE i%s AS INSERT INTO shop.%s VALUES (%s);\n"
                    "PREPARE u%s AS UPDATE shop.%s SET %s WHERE id = $1;\n",
                    n.c_str(), event.table.name.c_str(), insert.c_str(), n.c_str(),
                    event.table.name.c_str(), update.c_str());
    }

    void flush() {
        if (changes_ > 0) {
            batch_.replace(batch_.size() - 3, 2, ";");
            if (std::fwrite(batch_.data(), 1, batch_.size(), stdout) != batch_.size())
                throw std::runtime_error("statements could not be written");
        }
        batch_.clear();
        changes_ = 0;
    }

    std::set<int> prepared_;
    std::string batch_;
    int changes_ = 0;
};

} // namespace

std::unique_ptr<Output> sql_output() {
    return std::make_unique<SqlOutput>();
}
