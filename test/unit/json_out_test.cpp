#include "http/health_json.hpp"
#include "http/json_out.hpp"
#include "http/status_json.hpp"

#include "debezium/json_node.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

namespace kcs {
namespace {

TEST(JsonOut, WhatIsNotKnownIsNull) {
    JsonOut out;
    out.text("a", "").known("b", -1).real("c", -1).real("d", std::nan("")).real("e", INFINITY);
    out.seconds("f", -1).moment("g", 0).null("h");
    EXPECT_EQ(out.take(), "{\"a\":null,\"b\":null,\"c\":null,\"d\":null,\"e\":null,\"f\":null,"
                          "\"g\":null,\"h\":null}\n");
}

TEST(JsonOut, Values) {
    JsonOut out;
    out.number("a", INT64_MIN).known("b", 0).real("c", 0.25).seconds("d", 1500000);
    out.array("e").element().text("f", "g").end().element().end().end_array();
    out.object("h").end();
    EXPECT_EQ(out.take(), "{\"a\":-9223372036854775808,\"b\":0,\"c\":0.25,\"d\":1.5,"
                          "\"e\":[{\"f\":\"g\"},{}],\"h\":{}}\n");
}

TEST(JsonOut, TextIsEscaped) {
    JsonOut out;
    out.text("a", "\"\\</script>\xf6\x01");
    EXPECT_EQ(out.take(), "{\"a\":\"\\\"\\\\</script>\\\\xf6\\\\x01\"}\n");
}

TEST(JsonOut, Moments) {
    const std::pair<int64_t, const char*> rows[] = {
        {1, "\"1970-01-01T00:00:00.000Z\""},
        {-1, "\"1969-12-31T23:59:59.999Z\""},
        {-1000000, "\"1969-12-31T23:59:59.000Z\""},
        {1700000000123999, "\"2023-11-14T22:13:20.123Z\""},
        {253402300799999999, "\"9999-12-31T23:59:59.999Z\""},
        {253402300800000000, "null"},
        {-30610224000000000, "\"1000-01-01T00:00:00.000Z\""},
        {-30610224000000001, "null"},
        {INT64_MAX, "null"},
        {INT64_MIN, "null"},
    };
    for (const auto& [us, text] : rows) {
        JsonOut out;
        out.moment("a", us);
        EXPECT_EQ(out.take(), std::string("{\"a\":") + text + "}\n") << us;
    }
}

/// One of everything, in a database that is not in UTF-8.
Snapshot full() {
    Snapshot s;
    s.now_us = 1700000000000000;
    s.database = "gr\xf6\xdf"
                 "e";
    s.workers.resize(1);
    s.partitions.resize(2);
    s.tables.resize(1);
    s.errors.resize(2);
    std::strcpy(s.partitions[0].topic, "<b>shop</b>");
    s.partitions[0].next_offset = 5;
    s.partitions[0].high_watermark = 7;
    s.partitions[0].worker = 0;
    std::strcpy(s.errors[0].topic, "shop");
    s.errors[0].partition = 0;
    s.errors[0].offset = 9;
    s.header.coordinator_pid = 77;
    return s;
}

JsonNode read(const std::string& text) {
    JsonNode node;
    EXPECT_TRUE(parse_json(text, node)) << text;
    return node;
}

std::string names(const JsonNode& object) {
    std::string all;
    for (const auto& [name, value] : object.members)
        all += (all.empty() ? "" : " ") + name;
    return all;
}

std::string at(const JsonNode& object, const char* name) {
    const JsonNode* found = object.find(name);
    return found == nullptr ? "missing" : json_text(*found);
}

TEST(StatusJson, Names) {
    History history;
    history.add(full(), 1);
    JsonNode all = read(status_json(full(), history));
    EXPECT_EQ(names(all), "status workers partitions tables errors history");
    EXPECT_EQ(names(*all.find("status")),
              "state reason hint since workers topics partitions total_lag delay_seconds "
              "last_error last_error_at stats_reset pause_cause database version server_version "
              "librdkafka_version started now pending_dead_letters fenced_dead_letters "
              "coordinator_pid");
    EXPECT_EQ(names(all.find("workers")->items.at(0)),
              "slot pid state activity partitions started_at messages message_bytes skipped "
              "transactions dead_letters retries errors decode_seconds fold_seconds "
              "apply_seconds commit_seconds wait_seconds last_batch_records "
              "last_batch_seconds last_commit_at queue_messages queue_bytes memory_bytes reason "
              "hint");
    EXPECT_EQ(names(all.find("partitions")->items.at(0)),
              "topic partition worker state phase next_offset position low_watermark "
              "high_watermark lag done rate time_left_seconds last_event_at last_commit_at "
              "delay_seconds reason hint");
    EXPECT_EQ(names(all.find("tables")->items.at(0)),
              "schema table state inserts updates deletes truncates toast_kept folded "
              "dead_letters last_change_at reason hint");
    EXPECT_EQ(names(all.find("errors")->items.at(0)),
              "first_at last_at count class sqlstate source message hint topic partition offset");
    EXPECT_EQ(names(*all.find("history")), "interval_seconds points");
    EXPECT_EQ(names(all.find("history")->find("points")->items.at(0)),
              "at records_per_second lag delay_seconds");
}

TEST(StatusJson, Values) {
    JsonNode all = read(status_json(full(), History()));
    const JsonNode& status = *all.find("status");
    EXPECT_EQ(at(status, "database"), "\"gr\\\\xf6\\\\xdfe\"");
    EXPECT_EQ(at(status, "now"), "\"2023-11-14T22:13:20.000Z\"");
    EXPECT_EQ(at(status, "coordinator_pid"), "77");
    EXPECT_EQ(at(status, "pause_cause"), "null");
    EXPECT_EQ(at(status, "pending_dead_letters"), "null");
    const std::vector<JsonNode>& partitions = all.find("partitions")->items;
    EXPECT_EQ(at(partitions.at(0), "topic"), "\"<b>shop</b>\"");
    EXPECT_EQ(at(partitions.at(0), "lag"), "2");
    EXPECT_EQ(at(partitions.at(0), "worker"), "0");
    EXPECT_EQ(at(partitions.at(1), "lag"), "null");
    EXPECT_EQ(at(partitions.at(1), "worker"), "null");
    const std::vector<JsonNode>& errors = all.find("errors")->items;
    EXPECT_EQ(at(errors.at(0), "partition") + at(errors.at(0), "offset"), "09");
    EXPECT_EQ(at(errors.at(1), "partition") + at(errors.at(1), "offset"), "nullnull");
}

TEST(HealthJson, AsTheDesignSays) {
    Snapshot s = full();
    s.status.topics = 1;
    s.status.partitions = 2;
    s.status.workers = 3;
    Health health{HealthState::unhealthy, HealthState::healthy, HealthState::unhealthy};
    EXPECT_EQ(health_json(s, health),
              "{\"status\":\"unhealthy\",\"timestamp\":\"2023-11-14T22:13:20.000Z\","
              "\"components\":{\"consumer\":{\"status\":\"healthy\",\"topics\":1,"
              "\"partitions\":2,\"lag\":null},\"writer\":{\"status\":\"unhealthy\","
              "\"database\":\"gr\\\\xf6\\\\xdfe\",\"connection\":\"in process\","
              "\"pool_size\":3}}}\n");
}

} // namespace
} // namespace kcs
