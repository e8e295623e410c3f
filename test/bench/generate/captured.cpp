#include "captured.hpp"

#include <fstream>
#include <stdexcept>

namespace {

/// The fields of a line, unescaped (test/mockbroker says how).
std::vector<std::string> fields(const std::string& line) {
    std::vector<std::string> out(1);
    for (size_t at = 0; at < line.size(); at++) {
        if (line[at] == '\t') {
            out.emplace_back();
            continue;
        }
        if (line[at] == '\\' && line[at + 1] == '\\')
            at++;
        out.back() += line[at];
    }
    return out;
}

void rename(std::string& text, const std::string& from, const std::string& to) {
    for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
        text.replace(at, from.size(), to);
}

void check_row(const std::string& value, const Table& table) {
    Random values(first_seed);
    Row row = make_row(table, -1, values);
    row[0] = integer("id", 1);
    if (value.find("\"after\":" + json_of(row) + ",\"source\":") == std::string::npos)
        throw std::runtime_error("the connector writes a row of shop." + table.shape +
                                 " in another way (is the captured record an old one?)");
}

} // namespace

Frame read_frame(const char* path, const Table& table) {
    std::ifstream file(path);
    std::string line, place = ".shop." + table.shape + " ";
    while (std::getline(file, line)) {
        std::vector<std::string> parts = fields(line);
        size_t at = parts[0].find(place);
        if (parts.size() < 3 || at == std::string::npos)
            continue;
        std::string &key = parts[1], &value = parts[2];
        check_row(value, table);
        Frame frame;
        frame.source_name = parts[0].substr(0, at);
        size_t id = key.rfind("\"id\":") + 5;
        frame.key_head = key.substr(0, id);
        frame.key_tail = key.substr(key.find('}', id));
        if (value.rfind("{\"schema\":", 0) == 0) {
            frame.value_head = value.substr(0, value.find("\"payload\":{\"before\"") + 10);
            frame.value_tail = "}";
        }
        for (auto* text : {&frame.key_head, &frame.value_head})
            rename(*text, ".shop." + table.shape + ".", ".shop." + table.name + ".");
        for (size_t i = 3; i < parts.size(); i++) {
            size_t equals = parts[i].find('=');
            frame.headers.emplace_back(parts[i].substr(0, equals), parts[i].substr(equals + 1));
        }
        return frame;
    }
    throw std::runtime_error(std::string(path) + " has no record of shop." + table.shape);
}
