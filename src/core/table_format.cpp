#include "core/table_format.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

using Kind = FormatPiece::Kind;

Fault complaint(std::string message, std::string detail = {}) {
    Fault fault = Fault::data("22023", std::move(message));
    fault.detail = std::move(detail);
    return fault;
}

/// 1 to 9; 0: no such number.
int part_number(std::string_view name) {
    return name.size() == 1 && name[0] >= '1' && name[0] <= '9' ? name[0] - '0' : 0;
}

bool named_variable(std::string_view name, FormatPiece& piece) {
    if (name == "schema")
        piece.kind = Kind::schema;
    else if (name == "table")
        piece.kind = Kind::table;
    else if (name == "db")
        piece.kind = Kind::db;
    else if (name == "topic")
        piece.kind = Kind::topic;
    else if ((piece.part = part_number(name)) > 0)
        piece.kind = Kind::part;
    else
        return false;
    return true;
}

} // namespace

Result<std::vector<FormatPiece>> parse_table_format(std::string_view format) {
    std::vector<FormatPiece> pieces;
    if (format.empty())
        return complaint("the format is empty");
    int dots = 0;
    size_t i = 0;
    while (i < format.size()) {
        FormatPiece piece;
        if (format.substr(i, 2) == "${") {
            size_t end = format.find('}', i);
            if (end == std::string_view::npos)
                return complaint("a variable is not closed by \"}\"");
            std::string_view name = format.substr(i + 2, end - i - 2);
            if (!named_variable(name, piece))
                return complaint("unknown variable \"${" + std::string(name) + "}\"",
                                 "Variables are ${schema}, ${table}, ${db}, ${topic}, and ${1} to "
                                 "${9} for the parts of the topic's name.");
            i = end + 1;
        } else if (format[i] == '.') {
            piece.kind = Kind::dot;
            ++dots;
            ++i;
        } else {
            size_t end = i;
            while (end < format.size() && format[end] != '.' && format.substr(end, 2) != "${")
                ++end;
            piece.text = std::string(format.substr(i, end - i));
            i = end;
        }
        pieces.push_back(std::move(piece));
    }
    if (dots > 1)
        return complaint("the format has more than one period",
                         "A target is named by a table, or by a schema and a table.");
    if (pieces.front().kind == Kind::dot || pieces.back().kind == Kind::dot)
        return complaint("the format names no schema or no table beside the period");
    return pieces;
}

} // namespace kcs
