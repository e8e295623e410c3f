#include "core/sink_status.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace kcs {
namespace {

/// A sink that runs with two workers and two partitions; tests break one thing each.
class SinkStatusTest : public ::testing::Test {
protected:
    SinkStatusTest() {
        settings.client.bootstrap_servers = "kafka:9092";
        settings.topics = "shop";
        input.settings = &settings;
        input.preloaded = true;
        input.header.state = SinkState::running;
        input.header.launcher_pid = 7;
        input.header.coordinator_pid = 8;
        input.header.since_us = 5;
        input.header.topics = 1;
        input.workers.resize(2);
        input.partitions.resize(2);
        for (int i = 0; i < 2; ++i) {
            input.workers[i].slot = i;
            input.workers[i].state = WorkerState::running;
            std::strcpy(input.partitions[i].topic, "shop");
            input.partitions[i].partition = i;
            input.partitions[i].state = PartitionState::running;
        }
    }

    std::string state() { return state_name(derive_status(input).state); }
    std::string reason() { return derive_status(input).reason; }

    Settings settings;
    StatusInput input;
};

TEST_F(SinkStatusTest, Running) {
    SinkStatus status = derive_status(input);
    EXPECT_EQ(status.state, SinkState::running);
    EXPECT_EQ(status.reason, "");
    EXPECT_EQ(status.since_us, 5);
    EXPECT_EQ(status.workers, 2);
    EXPECT_EQ(status.partitions, 2);
    EXPECT_EQ(status.topics, 1);
}

TEST_F(SinkStatusTest, SettingsAndRoleComeFirst) {
    input.header.paused = true;
    settings.topics = "";
    EXPECT_EQ(state(), "idle");
    EXPECT_EQ(reason(), "kafka_cdc_sink.topics is empty");
    settings.client.bootstrap_servers = "";
    EXPECT_EQ(reason(), "kafka_cdc_sink.bootstrap_servers is empty");
    settings.enabled = false;
    EXPECT_EQ(reason(), "kafka_cdc_sink.enabled is off");
    input.in_recovery = true;
    EXPECT_EQ(state(), "standby");
    input.target_database = false;
    settings.database = "shop";
    EXPECT_EQ(state(), "idle");
    EXPECT_EQ(reason(), "kafka_cdc_sink.database is \"shop\", which is not this database");
    input.preloaded = false;
    EXPECT_EQ(state(), "error");
    EXPECT_EQ(derive_status(input).since_us, 0);
}

TEST_F(SinkStatusTest, APauseTellsItsReason) {
    input.header.paused = true;
    EXPECT_EQ(state(), "paused");
    EXPECT_EQ(reason(), "pause() was called");
    std::strcpy(input.header.pause_reason, "maintenance");
    EXPECT_EQ(reason(), "maintenance");
}

TEST_F(SinkStatusTest, WhatTheProcessesSayStands) {
    input.header.state = SinkState::error;
    std::strcpy(input.header.reason, "database \"shop\" does not exist");
    EXPECT_EQ(state(), "error");
    EXPECT_EQ(reason(), "database \"shop\" does not exist");
    input.header.launcher_pid = 0;
    EXPECT_EQ(state(), "starting");
}

TEST_F(SinkStatusTest, NotRunningWithoutACoordinator) {
    input.header.coordinator_pid = 0;
    EXPECT_EQ(state(), "degraded");
    EXPECT_EQ(reason(), "the coordinator is not running");
    input.header.state = SinkState::starting;
    EXPECT_EQ(state(), "starting");
    EXPECT_EQ(reason(), "");
}

TEST_F(SinkStatusTest, StartingWithoutAWorker) {
    input.workers.clear();
    EXPECT_EQ(state(), "starting");
}

TEST_F(SinkStatusTest, OnePartStandingDegrades) {
    input.partitions[1].state = PartitionState::parked;
    EXPECT_EQ(state(), "degraded");
    EXPECT_EQ(reason(), "partition 1 of topic \"shop\": parked");
    std::strcpy(input.partitions[1].reason, "relation \"x\" is a view");
    EXPECT_EQ(reason(), "partition 1 of topic \"shop\": relation \"x\" is a view");
    std::strcpy(input.workers[0].reason, "disk full");
    input.workers[0].state = WorkerState::paused;
    EXPECT_EQ(state(), "degraded");
    EXPECT_EQ(reason(), "disk full");
}

TEST_F(SinkStatusTest, AllWorkersPausedIsPaused) {
    for (WorkerRow& worker : input.workers) {
        worker.state = WorkerState::paused;
        std::strcpy(worker.reason, "disk full");
    }
    EXPECT_EQ(state(), "paused");
    EXPECT_EQ(reason(), "disk full");
}

TEST_F(SinkStatusTest, TheWorseOfWholeAndPartsStands) {
    input.header.state = SinkState::degraded;
    std::strcpy(input.header.reason, "topic \"x\" does not exist");
    input.partitions[0].state = PartitionState::parked;
    EXPECT_EQ(state(), "degraded");
    EXPECT_EQ(reason(), "topic \"x\" does not exist");
    for (WorkerRow& worker : input.workers) {
        worker.state = WorkerState::paused;
        std::strcpy(worker.reason, "disk full");
    }
    EXPECT_EQ(state(), "paused");
    EXPECT_EQ(reason(), "disk full");
    EXPECT_EQ(derive_status(input).since_us, 0) << "not since the topic is missing";
    input.header.state = SinkState::starting;
    EXPECT_EQ(state(), "paused");
    input.header.state = SinkState::error;
    std::strcpy(input.header.reason, "no broker can be reached");
    EXPECT_EQ(reason(), "no broker can be reached");
    input.header.state = SinkState::starting;
    for (WorkerRow& worker : input.workers)
        worker.reason[0] = '\0';
    EXPECT_EQ(state(), "degraded") << "the parked partition";
}

TEST_F(SinkStatusTest, LagOverKnownPartitions) {
    EXPECT_EQ(derive_status(input).total_lag, -1);
    PartitionRow& p = input.partitions[0];
    p.high_watermark = 10;
    EXPECT_EQ(p.lag(), -1);
    p.next_offset = 4;
    EXPECT_EQ(p.lag(), 6);
    p.position = 10; // transaction markers at the end are no work
    EXPECT_EQ(p.lag(), 0);
    p.position = -1;
    p.low_watermark = 7; // expired records are no work either
    EXPECT_EQ(p.lag(), 3);
    p.high_watermark = 5;
    EXPECT_EQ(p.lag(), 0);
    p.high_watermark = 10;
    input.partitions[1].high_watermark = 2;
    input.partitions[1].next_offset = 0;
    EXPECT_EQ(derive_status(input).total_lag, 5);
}

TEST_F(SinkStatusTest, DelayIsThatOfTheLastCommit) {
    EXPECT_EQ(derive_status(input).delay_us, -1);
    input.partitions[0].last_event_us = 1000;
    input.partitions[0].last_commit_us = 9000;
    EXPECT_EQ(derive_status(input).delay_us, 8000);
    input.partitions[1].last_event_us = 9500;
    input.partitions[1].last_commit_us = 10000;
    EXPECT_EQ(derive_status(input).delay_us, 500);
    input.partitions[1].last_event_us = 20000; // a clock that runs ahead
    EXPECT_EQ(derive_status(input).delay_us, 0);
}

} // namespace
} // namespace kcs
