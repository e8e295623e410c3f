// What partitions do: topics that were recreated or have expired, ends, troubles, giving up.
#include "pipeline_fixture.hpp"

#include "core/pure.hpp"

namespace kcs::test {
namespace {

TEST_F(PipelineTest, RecreatedTopicIsNoticed) {
    for (int i = 0; i < 3; ++i)
        source.produce(0, "a", i);
    pipeline->take(0, "p.public.t", 0);
    settle();
    pipeline->give_up(0);
    source.logs[0].clear();
    for (int i = 0; i < 9; ++i)
        source.produce(0, "a", 100 + i);
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
    EXPECT_EQ(count("a"), 3U);
    EXPECT_EQ(sink.offsets[0].next, 3);
}

TEST_F(PipelineTest, SameTopicGoesOnAndCompactionIsAccepted) {
    for (int i = 0; i < 3; ++i)
        source.produce(0, "a", i);
    pipeline->take(0, "p.public.t", 0);
    settle();
    pipeline->give_up(0);
    source.produce(0, "a", 3);
    pipeline->take(0, "p.public.t", 0);
    clock.now += 5000;
    settle();
    EXPECT_EQ(count("a"), 4U);
    pipeline->give_up(0);
    source.logs[0].clear(); // the last applied record is compacted away
    source.produce(0, "a", 5, 5);
    pipeline->take(0, "p.public.t", 0);
    clock.now += 5000;
    settle();
    EXPECT_EQ(count("a"), 5U);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
}

TEST_F(PipelineTest, TombstonesAreReadInTheLightOfTheRecordBeforeARestart) {
    source.produce(0, "t", 1);
    source.produce(0, "other", 1); // of a table that shares the topic
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(sink.applied.size(), 2U);
    pipeline = std::make_unique<Pipeline>(source, sink, host, status, clock, slots, self, settings);
    source.tombstone(0, 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(sink.offsets[0].next, 3);
    EXPECT_EQ(sink.applied.size(), 2U);
}

TEST_F(PipelineTest, ShorterTopicIsNoticedByItsEnd) {
    for (int i = 0; i < 3; ++i)
        source.produce(0, "a", i);
    pipeline->take(0, "p.public.t", 0);
    settle();
    pipeline->give_up(0);
    source.logs[0].clear();
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 2, {}});
    EXPECT_EQ(pipeline->step().wait_us, 5000000);
    clock.now += 5000000;
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
    EXPECT_NE(status.partitions[0].second.find("ends at offset 2"), std::string::npos);
}

TEST_F(PipelineTest, EndThatANewLeaderTellsTooLowIsNotBelieved) {
    for (int i = 0; i < 3; ++i)
        source.produce(0, "a", i);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.cut_off = true;
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 2, {}});
    std::swap(source.logs[0], source.logs[9]);
    pipeline->step();
    std::swap(source.logs[0], source.logs[9]);
    pipeline->step();
    clock.now += 5000000;
    source.produce(0, "a", 3);
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
    EXPECT_EQ(sink.offsets[0].next, 4);
}

TEST_F(PipelineTest, ExpiredCheckRecordIsNoFaultButExpiredOffsetIs) {
    sink.offsets[0] = {10, 9, 1234};
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    EXPECT_EQ(source.assigns[0].back(), 9);
    slots[0].low_watermark = 11;
    source.events.push_back({SourceEvent::Kind::out_of_range, 0, 9, {}});
    pipeline->step();
    EXPECT_EQ(source.assigns[0].back(), 10);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
    source.events.push_back({SourceEvent::Kind::out_of_range, 0, 10, {}});
    pipeline->step();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
}

TEST_F(PipelineTest, OffsetThatIsSaidNotToBeThereIsAskedForAgain) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    SourceEvent outside{SourceEvent::Kind::out_of_range, 0, 1, {}};
    source.events.push_back(outside);
    EXPECT_EQ(pipeline->step().wait_us, 1000000);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
    EXPECT_NE(status.partitions[0].second.find("offset 1 is not"), std::string::npos);
    source.produce(0, "a", 2);
    clock.now += 1000000;
    settle();
    EXPECT_EQ(status.partitions[0].second, "");
    EXPECT_EQ(count("a"), 2U);

    // The topic's ends say otherwise, then the same.
    slots[0].asked_high = 1; // of before
    source.logs[0].clear();
    source.events.push_back(outside);
    pipeline->step();
    EXPECT_EQ(slots[0].asked_high, -1);
    for (int64_t high : {-1, 2, 2, 0}) {
        EXPECT_EQ(status.partitions[0].first, PartitionState::running);
        slots[0].asked_high = high;
        clock.now += 60000000;
        pipeline->step();
        EXPECT_EQ(source.assigns[0].back(), 1); // the last applied record
        source.events.push_back(outside);
        pipeline->step();
    }
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
}

TEST_F(PipelineTest, EndThatANewLeaderTellsIsNotBelievedAtOnce) {
    source.produce(0, "a", 1);
    source.produce(0, "a", 2);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.logs[0].clear();
    for (int i = 0; i < 4; ++i) {
        source.events.push_back({SourceEvent::Kind::out_of_range, 0, 1, {}});
        pipeline->step();
        EXPECT_EQ(status.partitions[0].first,
                  i == 3 ? PartitionState::lost : PartitionState::running);
        slots[0].asked_high = 0;
        clock.now += int64_t{1000000} << i;
        pipeline->step();
    }
}

TEST_F(PipelineTest, PartitionInTroubleIsAssignedAnewUntilItIsOver) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    SourceEvent trouble{SourceEvent::Kind::partition_error, 0, 1, "not authorized"};
    source.events.push_back(trouble);
    EXPECT_EQ(pipeline->step().wait_us, 1000000);
    EXPECT_EQ(status.partitions[0].second, "not authorized");
    clock.now += 1000000;
    EXPECT_EQ(pipeline->step().wait_us, 2000000);
    EXPECT_EQ(source.assigns[0], (std::vector<int64_t>{0, 0})); // the last applied record again
    source.cursor.erase(0);
    source.events.push_back(trouble); // still there
    EXPECT_EQ(pipeline->step().wait_us, 2000000);
    EXPECT_EQ(status.partitions[0].second, "not authorized");
    clock.now += 2000000;
    pipeline->step();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 1, {}});
    EXPECT_EQ(settle().wait_us, -1);
    EXPECT_EQ(status.partitions[0].second, "");
    EXPECT_EQ(source.assigns[0], (std::vector<int64_t>{0, 0, 0}));
}

/// A topic of the same name, longer than what was applied of the old one.
class PipelineRecreatedTest : public PipelineTest {
protected:
    void SetUp() override {
        for (int i = 0; i < 3; ++i)
            source.produce(0, "a", i);
        pipeline->take(0, "p.public.t", 0);
        settle();
    }
    void recreate() {
        source.logs[0].clear();
        for (int i = 0; i < 9; ++i)
            source.produce(0, "a", 100 + i);
    }
    void expect_lost() {
        settle();
        EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
        EXPECT_EQ(count("a"), 3U);
        EXPECT_EQ(sink.offsets[0].next, 3);
    }
};

TEST_F(PipelineRecreatedTest, IsNoticedAfterAnErrorOfThePartition) {
    source.cursor.clear(); // as a source does that has told an error
    source.events.push_back({SourceEvent::Kind::partition_error, 0, 3, "topic does not exist"});
    pipeline->step();
    recreate();
    clock.now += 1000000;
    expect_lost();
}

TEST_F(PipelineRecreatedTest, IsNoticedAfterADisconnect) {
    recreate();
    source.cut_off = true;
    expect_lost();
}

TEST_F(PipelineRecreatedTest, IsNoticedWhenItsTableFlowsAgain) {
    sink.refuse["a"] = Fault::of(ErrorClass::target, "42501", "permission denied");
    source.produce(0, "a", 3);
    clock.now += 10000;
    pipeline->step();
    EXPECT_EQ(status.partitions[0].first, PartitionState::parked);
    recreate();
    sink.refuse.clear();
    clock.now += 1000000;
    expect_lost();
}

TEST_F(PipelineTest, EndsBeyondTheLastRecordCountAsPosition) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 4, {}}); // control records
    pipeline->step();
    EXPECT_EQ(slots[0].position.load(), 4);
    EXPECT_EQ(slots[0].next_offset.load(), 1);
}

TEST_F(PipelineTest, EndsBeyondTheLastRecordAreStoredWhenNothingElseComes) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 4, {}});
    Step step = pipeline->step();
    EXPECT_EQ(sink.offsets[0].next, 1);
    EXPECT_EQ(step.wait_us, 1000000);
    sink.script.push_back([](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::batch;
        o.fault = Fault::of(ErrorClass::environment, "53100", "disk full");
        return o;
    });
    clock.now += 1000000;
    pipeline->step();
    EXPECT_EQ(sink.offsets[0].next, 1);
    clock.now += 1000000;
    settle();
    EXPECT_EQ(sink.offsets[0].next, 4);
    EXPECT_EQ(slots[0].next_offset.load(), 4);
    int calls = sink.calls;
    clock.now += 10000000;
    settle();
    EXPECT_EQ(sink.calls, calls); // once
    source.produce(0, "a", 2, 4);
    clock.now += 10000;
    settle();
    EXPECT_EQ(sink.offsets[0].next, 5);
}

TEST_F(PipelineTest, ATopicWithoutRecordsIsKnownByThat) {
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 4, {}});
    pipeline->step();
    clock.now += 1000000;
    settle();
    EXPECT_EQ(sink.offsets[0].next, 4);
    EXPECT_EQ(sink.offsets[0].last, 0);
    EXPECT_EQ(sink.offsets[0].hash, 0U);
    for (int i = 0; i < 9; ++i)
        source.produce(0, "a", i);
    source.cut_off = true;
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
    EXPECT_EQ(count("a"), 0U);
}

TEST_F(PipelineTest, AnEndIsNotStoredWhereSomebodySoughtAnotherOffset) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 4, {}});
    pipeline->step();
    sink.offsets[0] = {2, -1, 0}; // seek()
    clock.now += 1000000;
    settle();
    EXPECT_EQ(sink.offsets[0].next, 2);
    EXPECT_EQ(slots[0].position.load(), 2);
}

/// One record, and the marks of transactions behind it, stored.
class PipelineStoredEndTest : public PipelineTest {
protected:
    void SetUp() override {
        source.produce(0, "a", 1);
        pipeline->take(0, "p.public.t", 0);
        settle();
        end_at(4);
        pipeline->step();
        clock.now += 1000000;
        settle();
        ASSERT_EQ(sink.offsets[0].next, 4);
        ASSERT_EQ(sink.offsets[0].last, 0);
        source.cut_off = true;
    }
    void end_at(int64_t offset) {
        source.events.push_back({SourceEvent::Kind::end_of_partition, 0, offset, {}});
    }
};

TEST_F(PipelineStoredEndTest, WhatComesBehindItIsTaken) {
    source.produce(0, "a", 2, 4);
    settle();
    EXPECT_EQ(source.assigns[0].back(), 0);
    EXPECT_EQ(count("a"), 2U);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
}

TEST_F(PipelineStoredEndTest, RecordsWhereThereWereNoneAreOfAnotherTopic) {
    for (int i = 0; i < 5; ++i)
        source.produce(0, "a", 10 + i);
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
    EXPECT_NE(status.partitions[0].second.find("offset 1 had no record"), std::string::npos);
    EXPECT_EQ(count("a"), 1U);
}

TEST_F(PipelineStoredEndTest, AnEndBeforeItIsOfAnotherTopic) {
    pipeline->step();
    end_at(2);
    EXPECT_EQ(pipeline->step().wait_us, 5000000);
    for (int i = 0; i < 5; ++i) { // started over meanwhile
        EXPECT_EQ(status.partitions[0].first, PartitionState::running);
        pipeline->reread(0);
        pipeline->step();
        end_at(2);
        pipeline->step();
        clock.now += 1000000;
    }
    pipeline->step();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
}

/// An offset that somebody sought, with records before it.
class PipelineSoughtTest : public PipelineTest {
protected:
    void SetUp() override {
        for (int i = 0; i < 40; ++i)
            source.produce(0, "a", i, i < 34 ? i : i + 6);
        sink.offsets[0] = {38, -1, 0};
        pipeline->take(0, "p.public.t", 0);
    }
};

TEST_F(PipelineSoughtTest, ARecordBeforeItTellsTheTopicFromAnother) {
    pipeline->step();
    EXPECT_EQ(source.assigns[0].back(), 22);
    std::swap(source.logs[0], source.logs[9]);
    settle();
    EXPECT_EQ(count("a"), 6U);
    EXPECT_EQ(sink.offsets[0].next, 46);
    pipeline->give_up(0);
    source.logs[0].assign(source.logs[9].begin(), source.logs[9].begin() + 34);
    sink.offsets[0] = {38, -1, 0};
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 38, {}});
    pipeline->step();
    clock.now += 1000000;
    settle();
    EXPECT_EQ(sink.offsets[0].next, 38);
    EXPECT_EQ(sink.offsets[0].last, 33);

    source.logs[0].clear();
    for (int i = 0; i < 50; ++i)
        source.produce(0, "a", 100 + i);
    source.cut_off = true;
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
    EXPECT_EQ(count("a"), 6U);
}

TEST_F(PipelineSoughtTest, ThatThereIsNoneDoesAsWell) {
    std::deque<Stored> records = std::move(source.logs[0]);
    source.logs[0].assign(records.begin() + 34, records.end());
    settle();
    EXPECT_EQ(count("a"), 6U);
    pipeline->give_up(0);
    source.logs[0].clear();
    sink.offsets[0] = {38, -1, 0};
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 38, {}});
    pipeline->step();
    clock.now += 1000000;
    settle();
    EXPECT_EQ(sink.offsets[0].last, 22);
    EXPECT_EQ(sink.offsets[0].hash, 0U);
    source.logs[0] = records;
    source.cut_off = true;
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
}

TEST_F(PipelineSoughtTest, WhatCannotBeReadBeforeItIsNoFault) {
    source.logs[0].clear();
    for (SourceEvent::Kind kind :
         {SourceEvent::Kind::out_of_range, SourceEvent::Kind::end_of_partition}) {
        pipeline->reread(0);
        pipeline->step();
        EXPECT_EQ(source.assigns[0].back(), 22);
        source.events.push_back({kind, 0, 22, {}});
        pipeline->step();
        EXPECT_EQ(source.assigns[0].back(), 38);
        EXPECT_EQ(status.partitions[0].second, "");
    }
}

TEST_F(PipelineTest, EndsBeyondRecordsThatWereCutDoNotCount) {
    sink.refuse["bad"] = Fault::of(ErrorClass::target, "42P01", "no such table");
    source.produce(0, "a", 1);
    source.produce(0, "bad", 2);
    source.produce(0, "a", 3);
    pipeline->take(0, "p.public.t", 0);
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 3, {}});
    for (int i = 0; i < 5; ++i)
        pipeline->step();
    EXPECT_EQ(slots[0].next_offset.load(), 1);
    EXPECT_EQ(slots[0].position.load(), 1);
}

TEST_F(PipelineTest, NameTooLongStopsThePartitionBeforeIt) {
    source.produce(0, "a", 1);
    source.produce(0, std::string(64, 'x'), 2);
    source.produce(1, "a", 3);
    pipeline->take(0, "p.public.t", 0);
    pipeline->take(1, "p.public.t", 1);
    settle();
    EXPECT_EQ(sink.offsets[0].next, 1);
    EXPECT_EQ(sink.offsets[1].next, 1);
    EXPECT_TRUE(sink.dead.empty());
    EXPECT_EQ(status.partitions[0].first, PartitionState::paused);
    EXPECT_NE(status.partitions[0].second.find("63 bytes"), std::string::npos);
}

TEST_F(PipelineTest, StoppedPartitionThatStartsOverLeavesTheHeldBatch) {
    source.produce(0, "a", 1);
    source.produce(0, std::string(64, 'x'), 2); // stops it
    sink.script.push_back([](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::batch;
        o.fault = Fault::of(ErrorClass::environment, "53100", "disk full");
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    EXPECT_GT(pipeline->step().wait_us, 0);
    pipeline->configure(settings); // a reload
    settle();
    EXPECT_EQ(count("a"), 1U);
    EXPECT_EQ(sink.offsets[0].next, 1);
    EXPECT_EQ(status.partitions[0].first, PartitionState::paused);
}

TEST_F(PipelineTest, TextsOfOthersStayOutOfReasons) {
    Fault theirs = Fault::of(ErrorClass::environment, "58000", "secret value");
    theirs.ours = false;
    source.produce(0, "a", 1);
    sink.script.push_back([theirs](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::batch;
        o.fault = theirs;
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    EXPECT_EQ(status.reason, "SQLSTATE 58000");
    for (const std::string& line : host.lines)
        EXPECT_EQ(line.find("secret"), std::string::npos);
}

TEST_F(PipelineTest, UnreadableOffsetIsTriedAgain) {
    sink.unreadable = true;
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    Step s = pipeline->step();
    EXPECT_EQ(s.wait_us, 1000000);
    sink.unreadable = false;
    clock.now += s.wait_us;
    settle();
    EXPECT_EQ(count("a"), 1U);
}

TEST_F(PipelineTest, GivenUpPartitionLeavesTheBatch) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.produce(0, "a", 2);
    source.produce(1, "b", 3);
    pipeline->take(1, "p.public.t", 1);
    pipeline->step(); // lingering with both
    pipeline->give_up(0);
    clock.now += 5000;
    settle();
    EXPECT_EQ(count("a"), 1U);
    EXPECT_EQ(count("b"), 1U);
}

} // namespace
} // namespace kcs::test
