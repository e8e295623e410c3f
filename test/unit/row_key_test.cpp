#include "debezium/row_key.hpp"

#include <gtest/gtest.h>

namespace kcs::test {
namespace {

std::optional<RowKey> key(std::string_view text) {
    Record record;
    record.has_key = true;
    record.key = text;
    return row_key(record);
}

TEST(RowKey, IsThePayload) {
    auto plain = key(R"({"id":1})");
    ASSERT_TRUE(plain);
    EXPECT_EQ(plain, key(R"({"schema":{"type":"struct","fields":[]},"payload":{"id":1}})"));
    EXPECT_EQ(plain, key(R"({ "payload" : {"id":1} , "schema" : null })"));
    EXPECT_NE(plain, key(R"({"id":2})"));
    EXPECT_EQ(key("7"), key(R"({"schema":{"type":"int32"},"payload":7})"));
}

TEST(RowKey, AnythingElseIsItself) {
    EXPECT_NE(key(R"({"payload":{"id":1}})"), key(R"({"id":1})"));
    EXPECT_NE(key(R"({"schema":1,"payload":{"id":1},"more":1})"), key(R"({"id":1})"));
    EXPECT_TRUE(key("\x01\x02"));
    EXPECT_TRUE(key(R"({"schema":{},"payload":)"));
    EXPECT_NE(key(R"({"schema":{},"payload":)"), key(R"({"schema":{},"payload":{})"));
}

TEST(RowKey, MayBeMissing) {
    Record none;
    EXPECT_FALSE(row_key(none));
    EXPECT_FALSE(key(""));
    EXPECT_FALSE(key("null"));
    EXPECT_FALSE(key(R"({"schema":null,"payload":null})"));
}

} // namespace
} // namespace kcs::test
