// What partitions do: ends, troubles, giving up.
#include "pipeline_fixture.hpp"

#include "core/pure.hpp"

namespace kcs::test {
namespace {

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
