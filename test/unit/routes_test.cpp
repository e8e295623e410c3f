// The table `routes`: what one row may say, which of several a topic takes.
#include "core/routes.hpp"

#include <gtest/gtest.h>

namespace kcs::test {
namespace {

Route route(int32_t id, int32_t priority, const std::string& topic) {
    Route r;
    r.id = id;
    r.priority = priority;
    r.topic = topic;
    return r;
}

TEST(Routes, HighestPriorityThenNameThenOldest) {
    std::vector<Route> routes = {route(1, 0, "^a"),    route(2, 0, "a.b.c"),  route(3, 5, "^a[.]b"),
                                 route(4, 0, "a.b.c"), route(5, -1, "a.b.c"), route(6, 0, "^b")};
    sort_routes(routes);
    std::vector<int32_t> ids;
    for (const Route& r : routes)
        ids.push_back(r.id);
    EXPECT_EQ(ids, (std::vector<int32_t>{3, 2, 4, 1, 6, 5}));
}

TEST(Routes, WhatIsWrong) {
    Route r = route(1, 0, "a.b.c");
    EXPECT_EQ(route_flaw(r).message, "");
    r.topic = "^a[.](b|c)";
    EXPECT_EQ(route_flaw(r).message, "");
    for (const char* topic : {"", "a b", "a/b", ".."}) {
        r.topic = topic;
        EXPECT_NE(route_flaw(r).message.find("not a valid topic name"), std::string::npos);
    }
    r.topic = "a";
    for (const char* target : {"", "a.b.c", "${nothing}", ".x"}) {
        r.target = target;
        EXPECT_NE(route_flaw(r).message.find("target"), std::string::npos) << target;
    }
    r.target = "mirror.${table}";
    EXPECT_EQ(route_flaw(r).message, "");
    r.key_columns = {"a", "b", "a"};
    EXPECT_EQ(route_flaw(r).message, "key_columns names column \"a\" twice");
    r.key_columns = {"a", ""};
    EXPECT_EQ(route_flaw(r).message, "key_columns has a column without a name");
    r.key_columns = {"a"};
    r.excluded_columns = {"b", "b"};
    EXPECT_EQ(route_flaw(r).message, "excluded_columns names column \"b\" twice");
    r.excluded_columns = {"b", "a"};
    EXPECT_EQ(route_flaw(r).message, "column \"a\" is in both key_columns and excluded_columns");
    r.excluded_columns = {};
    r.unavailable_value = "";
    EXPECT_EQ(route_flaw(r).message, "unavailable_value is empty");
    EXPECT_EQ(route_flaw(r).sqlstate, "22023");
}

TEST(Routes, OverTheSettings) {
    DecoderSettings settings;
    settings.decimal_handling_mode = DecimalMode::string;
    Route r = route(1, 0, "a");
    EXPECT_TRUE(r.over(settings) == settings);
    r.target = "x.y";
    r.delete_mode = DeleteMode::soft;
    r.time_precision_mode = TimePrecisionMode::connect;
    r.binary_handling_mode = BinaryMode::hex;
    r.interval_handling_mode = IntervalMode::string;
    r.schemaless_decimal_columns = "fee:3";
    r.schemaless_timestamp_columns = "";
    r.unavailable_value = "-";
    DecoderSettings over = r.over(settings);
    EXPECT_EQ(over.table_format, "x.y");
    EXPECT_EQ(over.delete_mode, DeleteMode::soft);
    EXPECT_EQ(over.time_precision_mode, TimePrecisionMode::connect);
    EXPECT_EQ(over.decimal_handling_mode, DecimalMode::string);
    EXPECT_EQ(over.binary_handling_mode, BinaryMode::hex);
    EXPECT_EQ(over.interval_handling_mode, IntervalMode::string);
    EXPECT_EQ(over.schemaless_decimal_columns, "fee:3");
    EXPECT_EQ(over.schemaless_timestamp_columns, "");
    EXPECT_EQ(over.unavailable_value, "-");
}

} // namespace
} // namespace kcs::test
