#include "core/table_format.hpp"

#include <gtest/gtest.h>

namespace kcs {
namespace {

using Kind = FormatPiece::Kind;

/// Pieces as one letter each, literals in quotes; "!" and the message for a refusal.
std::string parsed(std::string_view format) {
    auto pieces = parse_table_format(format);
    if (!pieces)
        return "!" + pieces.fault().message;
    std::string out;
    for (const FormatPiece& piece : *pieces) {
        switch (piece.kind) {
        case Kind::literal:
            out += "'" + piece.text + "'";
            break;
        case Kind::dot:
            out += ".";
            break;
        case Kind::schema:
            out += "S";
            break;
        case Kind::table:
            out += "T";
            break;
        case Kind::db:
            out += "D";
            break;
        case Kind::topic:
            out += "W";
            break;
        case Kind::part:
            out += std::to_string(piece.part);
            break;
        }
    }
    return out;
}

TEST(TableFormat, Pieces) {
    EXPECT_EQ(parsed("${schema}.${table}"), "S.T");
    EXPECT_EQ(parsed("${table}"), "T");
    EXPECT_EQ(parsed("mirror.${db}_${schema}-${table}"), "'mirror'.D'_'S'-'T");
    EXPECT_EQ(parsed("${topic}"), "W");
    EXPECT_EQ(parsed("${2}.${9}"), "2.9");
    EXPECT_EQ(parsed("all events"), "'all events'");
    EXPECT_EQ(parsed("a$b.$"), "'a$b'.'$'");
    EXPECT_EQ(parsed("a$${table}"), "'a$'T");
}

TEST(TableFormat, Refusals) {
    EXPECT_EQ(parsed(""), "!the format is empty");
    EXPECT_EQ(parsed("${tabel}"), "!unknown variable \"${tabel}\"");
    EXPECT_EQ(parsed("${}"), "!unknown variable \"${}\"");
    EXPECT_EQ(parsed("${0}"), "!unknown variable \"${0}\"");
    EXPECT_EQ(parsed("${10}"), "!unknown variable \"${10}\"");
    EXPECT_EQ(parsed("${Schema}"), "!unknown variable \"${Schema}\"");
    EXPECT_EQ(parsed("x${table"), "!a variable is not closed by \"}\"");
    EXPECT_EQ(parsed("a.b.${table}"), "!the format has more than one period");
    EXPECT_EQ(parsed("${schema}."), "!the format names no schema or no table beside the period");
    EXPECT_EQ(parsed(".${table}"), "!the format names no schema or no table beside the period");
    EXPECT_EQ(parsed("."), "!the format names no schema or no table beside the period");
}

} // namespace
} // namespace kcs
