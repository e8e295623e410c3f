#include "http/plain_text.hpp"

#include <gtest/gtest.h>

#include <set>

namespace kcs {
namespace {

TEST(PlainText, ValidUtf8Passes) {
    for (const char* text :
         {"", "orders", "größe", "\u20ac\uffff\ud7ff\ue000", "\U00010000\U0010ffff", "<script>&\"'",
          "a\\b", "\\", "\\x", "\\xg0", "\\n"})
        EXPECT_EQ(plain_text(text), text);
}

TEST(PlainText, AnyOtherByteBecomesItsNumber) {
    const std::pair<const char*, const char*> rows[] = {
        {"gr\xf6\xdf"
         "e",
         "gr\\xf6\\xdfe"},
        {"\x80", "\\x80"},
        {"\xc3", "\\xc3"},                   // cut
        {"\xe2\x82", "\\xe2\\x82"},          // likewise
        {"\xf0\x9f\x98", "\\xf0\\x9f\\x98"}, // likewise
        {"\xc0\xaf", "\\xc0\\xaf"},          // overlong
        {"\xe0\x9f\xbf", "\\xe0\\x9f\\xbf"}, // likewise
        {"\xf0\x8f\xbf\xbf", "\\xf0\\x8f\\xbf\\xbf"},
        {"\xed\xa0\x80", "\\xed\\xa0\\x80"},          // a surrogate
        {"\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80"}, // beyond Unicode
        {"\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80"},
        {"\xff\xfe", "\\xff\\xfe"},
        {"\xc3\xa4\xc3(", "\xc3\xa4\\xc3("},
    };
    for (const auto& [in, out] : rows)
        EXPECT_EQ(plain_text(in), out);
}

TEST(PlainText, ControlCharactersAreShown) {
    EXPECT_EQ(plain_text(std::string_view("a\0b\nc\x1b[2J\x7f", 10)), "a\\x00b\\x0ac\\x1b[2J\\x7f");
    EXPECT_EQ(plain_text("\u009b31m\u00a0"), "\\xc2\\x9b31m\u00a0"); // C1, but no-break space stays
}

TEST(PlainText, DifferentTextsStayDifferent) {
    const char* texts[] = {"\x80",    "\\x80", "\\x5cx80", "\\\x80",
                           "\\\\x80", "\n",    "\\x0a",    "\\x0A"};
    std::set<std::string> seen;
    for (const char* text : texts)
        EXPECT_TRUE(seen.insert(plain_text(text)).second) << text;
}

} // namespace
} // namespace kcs
