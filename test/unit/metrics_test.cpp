#include "core/metrics.hpp"

#include <gtest/gtest.h>

#include <cctype>
#include <cstring>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "core/pure.hpp"

namespace kcs::test {
namespace {

bool ends_with(const std::string& text, const std::string& end) {
    return text.size() >= end.size() &&
           text.compare(text.size() - end.size(), end.size(), end) == 0;
}

/// One of everything, with figures that differ.
Snapshot busy() {
    Snapshot s;
    s.now_us = 100 * 1000000;
    s.started_us = 40 * 1000000;
    s.version = "1.0";
    s.server = "15.1";
    s.kafka_client = "2.0";
    s.status.state = SinkState::degraded;
    s.status.total_lag = 12;
    s.header.paused = true;
    s.header.pending_letters = 3;
    s.header.fenced_letters = 1;
    s.header.pauses[static_cast<int>(PauseCause::table)] = 2;
    s.header.ddl[static_cast<int>(DdlKind::widen)] = 5;
    s.worker_slots.resize(2);
    s.worker_slots[1].slot = 1;
    s.worker_slots[1].pid = 77;
    s.worker_slots[1].state = WorkerState::running;
    s.worker_slots[1].messages = 1000;
    s.worker_slots[1].fold_us = 2500000;
    s.worker_slots[1].letters_by[static_cast<int>(ErrorClass::data)] = 4;
    s.worker_slots[1].batch_time.counts[0] = 2;
    s.worker_slots[1].batch_time.counts[2] = 3;
    s.worker_slots[1].batch_time.counts.back() = 1;
    s.worker_slots[1].batch_time.sum = 70000000;
    s.worker_slots[1].client.at_us = 1;
    s.worker_slots[1].client.brokers_up = 3;
    s.workers = {s.worker_slots[1]};
    s.partitions.resize(1);
    std::strcpy(s.partitions[0].topic, "shop");
    s.partitions[0].partition = 7;
    s.partitions[0].state = PartitionState::parked;
    s.partitions[0].next_offset = 10;
    s.partitions[0].high_watermark = 22;
    s.tables.resize(1);
    std::strcpy(s.tables[0].schema, "public");
    std::strcpy(s.tables[0].table, "t");
    s.tables[0].folded = 9;
    return s;
}

std::map<std::string, double> lines_of(const Snapshot& s) {
    std::map<std::string, double> lines;
    for (const MetricFamily& family : collect_metrics(s))
        for (const MetricLine& line : metric_lines(family)) {
            std::string name = line.name.substr(std::strlen("kafka_cdc_sink_"));
            for (const auto& [label, value] : line.labels)
                name += std::string(" ") + label + "=" + value;
            EXPECT_TRUE(lines.emplace(name, line.value).second) << "twice: " << name;
        }
    return lines;
}

TEST(Metrics, ShowWhatTheSnapshotHolds) {
    auto lines = lines_of(busy());
    EXPECT_EQ(lines.at("uptime_seconds"), 60);
    EXPECT_EQ(lines.at("build_info version=1.0 postgres=15.1 librdkafka=2.0"), 1);
    EXPECT_EQ(lines.at("state state=degraded"), 1);
    EXPECT_EQ(lines.at("state state=running"), 0);
    EXPECT_EQ(lines.at("paused"), 1);
    EXPECT_EQ(lines.at("lag_records"), 12);
    EXPECT_EQ(lines.at("dead_letters status=fenced"), 1);
    EXPECT_EQ(lines.at("error_handler_pauses_total reason=table"), 2);
    EXPECT_EQ(lines.at("writer_ddl_total kind=widen"), 5);
    EXPECT_EQ(lines.at("consumer_messages_received_total worker=1"), 1000);
    EXPECT_EQ(lines.at("processor_time_seconds_total worker=1 phase=fold"), 2.5);
    EXPECT_EQ(lines.at("error_handler_dead_letters_total worker=1 class=data"), 4);
    EXPECT_EQ(lines.at("client_brokers worker=1 state=up"), 3);
    EXPECT_EQ(lines.at("partition_lag_records topic=shop partition=7"), 12);
    EXPECT_EQ(lines.at("partition_state topic=shop partition=7 state=parked"), 1);
    EXPECT_EQ(lines.at("writer_folded_total schema=public table=t"), 9);
}

TEST(Metrics, BucketsAreCumulative) {
    auto lines = lines_of(busy());
    const std::string name = "processor_batch_processing_seconds";
    EXPECT_EQ(lines.at(name + "_bucket worker=1 le=0.001"), 2);
    EXPECT_EQ(lines.at(name + "_bucket worker=1 le=0.0025"), 2);
    EXPECT_EQ(lines.at(name + "_bucket worker=1 le=0.005"), 5);
    EXPECT_EQ(lines.at(name + "_bucket worker=1 le=60"), 5);
    EXPECT_EQ(lines.at(name + "_bucket worker=1 le=+Inf"), 6);
    EXPECT_EQ(lines.at(name + "_count worker=1"), 6);
    EXPECT_EQ(lines.at(name + "_sum worker=1"), 70);
}

TEST(Metrics, ObservationsFallIntoTheBucketOfTheirBound) {
    Histogram<kDurationBounds> h{};
    h.observe(-5); // clocks differ
    h.observe(1000);
    h.observe(1001);
    h.observe(60000001);
    EXPECT_EQ(h.counts[0].load(), 2U);
    EXPECT_EQ(h.counts[1].load(), 1U);
    EXPECT_EQ(h.counts[kDurationBounds.kSize].load(), 1U);
    EXPECT_EQ(h.sum.load(), 60002002U);
}

TEST(Metrics, CountersGoOnAndGaugesEndWithTheProcess) {
    Snapshot s = busy();
    s.workers.clear();
    auto lines = lines_of(s);
    EXPECT_EQ(lines.at("consumer_messages_received_total worker=1"), 1000);
    EXPECT_EQ(lines.count("worker_state worker=1 state=running"), 0U);
    EXPECT_EQ(lines.count("processor_queue_messages worker=1"), 0U);
}

TEST(Metrics, WhatIsNotKnownIsNotShown) {
    auto lines = lines_of(Snapshot());
    EXPECT_EQ(lines.count("lag_records"), 0U);
    EXPECT_EQ(lines.count("delay_seconds"), 0U);
    EXPECT_EQ(lines.count("dead_letters status=pending"), 0U);
    Snapshot s = busy();
    s.partitions[0].high_watermark = -1;
    EXPECT_EQ(lines_of(s).count("partition_lag_records topic=shop partition=7"), 0U);
}

/// Prometheus' rules for names, and that all families are defined once.
TEST(Metrics, NamesFollowTheRules) {
    std::set<std::string> names;
    for (const MetricDefinition* d : metric_definitions()) {
        const std::string name = d->name;
        EXPECT_TRUE(names.insert(name).second) << name;
        EXPECT_EQ(name.rfind("kafka_cdc_sink_", 0), 0U) << name;
        EXPECT_EQ(ends_with(name, "_total"), d->type == MetricType::counter) << name;
        const std::string help = d->help;
        ASSERT_FALSE(help.empty()) << name;
        EXPECT_NE(help.back(), '.') << name;
    }
    Snapshot s = busy();
    s.status.delay_us = s.status.last_error_us = 1;
    for (const MetricFamily& family : collect_metrics(s))
        for (const MetricSample& sample : family.samples) {
            std::string labels;
            for (const auto& [label, value] : sample.labels)
                labels += (labels.empty() ? "" : ",") + std::string(label);
            EXPECT_EQ(labels, family.definition->labels) << family.definition->name;
        }
}

/// The README's table: a row for each definition, in this order and in these words.
TEST(Metrics, TheReadmeTellsEachOne) {
    std::ostringstream table;
    for (const MetricDefinition* d : metric_definitions()) {
        std::string labels = d->labels;
        for (size_t at = 0; (at = labels.find(',', at)) != std::string::npos; at += 2)
            labels.replace(at, 1, ", ");
        table << "| `" << d->name + std::strlen("kafka_cdc_sink_") << "` | "
              << metric_type_name(d->type) << " | " << labels << " | " << d->help << " |\n";
    }
    std::ifstream file("README.md");
    std::stringstream text;
    text << file.rdbuf();
    EXPECT_NE(text.str().find(table.str()), std::string::npos) << "README.md shall hold:\n"
                                                               << table.str();
}

} // namespace
} // namespace kcs::test
