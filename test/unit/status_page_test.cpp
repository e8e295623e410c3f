#include "http/status_page.hpp"

#include <gtest/gtest.h>

#include <fstream>
#include <sstream>

namespace kcs {
namespace {

std::string file(const char* name) {
    std::ostringstream out;
    out << std::ifstream(name).rdbuf();
    return out.str();
}

TEST(StatusPageTest, IsTheFile) {
    std::string html = file("src/http/status_page.html");
    ASSERT_GT(html.size(), 1000U);
    EXPECT_EQ(status_page(), html);
    EXPECT_EQ(status_page().substr(0, 15), "<!doctype html>");
}

/// Nothing from elsewhere, and no way for data to become markup or code. (The browser proves it in
/// test/page; this names the line that would be to blame.)
TEST(StatusPageTest, LoadsNothingAndMakesNoMarkupOfData) {
    for (const char* word :
         {"src=", "@import", "url(", "innerHTML", "outerHTML", "insertAdjacent", "document.write",
          "eval(", "Function(", "setTimeout(\"", " onclick=", " style=\"", "javascript:"})
        EXPECT_EQ(status_page().find(word), std::string_view::npos) << word;
}

TEST(StatusPageTest, ItsPolicyAllowsNothingElse) {
    EXPECT_EQ(status_page_policy().find("unsafe"), std::string_view::npos);
    EXPECT_EQ(status_page_policy().substr(0, 20), "default-src 'none'; ");
    EXPECT_NE(status_page_policy().find("script-src 'sha256-"), std::string_view::npos);
    EXPECT_NE(status_page_policy().find("connect-src 'self'"), std::string_view::npos);
}

} // namespace
} // namespace kcs
