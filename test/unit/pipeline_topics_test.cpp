// Whether a topic is still the one that was read from: recreated, expired, cut ones.
#include "pipeline_fixture.hpp"

#include "core/pure.hpp"

namespace kcs::test {
namespace {

/// Three records were applied; another topic of that name is longer.
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

TEST_F(PipelineRecreatedTest, IsNoticedByWhoTakesIt) {
    pipeline->give_up(0);
    recreate();
    pipeline->take(0, "p.public.t", 0);
    expect_lost();
}

TEST_F(PipelineRecreatedTest, SameTopicGoesOnAndCompactionIsAccepted) {
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

TEST_F(PipelineRecreatedTest, ShorterTopicIsNoticedByItsEnd) {
    pipeline->give_up(0);
    source.logs[0].clear();
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    end_at(2);
    EXPECT_EQ(pipeline->step().wait_us, 5000000);
    clock.now += 5000000;
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::lost);
    EXPECT_NE(status.partitions[0].second.find("ends at offset 2"), std::string::npos);
}

TEST_F(PipelineRecreatedTest, EndThatANewLeaderTellsTooLowIsNotBelieved) {
    source.cut_off = true;
    end_at(2);
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

TEST_F(PipelineTest, ATopicWithoutRecordsIsKnownByThat) {
    pipeline->take(0, "p.public.t", 0);
    settle();
    rest_at(4);
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

/// One record, and the marks of transactions behind it, stored.
class PipelineStoredEndTest : public PipelineTest {
protected:
    void SetUp() override {
        source.produce(0, "a", 1);
        pipeline->take(0, "p.public.t", 0);
        settle();
        rest_at(4);
        ASSERT_EQ(sink.offsets[0].next, 4);
        ASSERT_EQ(sink.offsets[0].last, 0);
        source.cut_off = true;
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
        seek();
    }
    void seek() {
        sink.offsets[0] = {38, -1, 0};
        pipeline->take(0, "p.public.t", 0);
    }
    /// The topic ends there now.
    void start_over() {
        pipeline->give_up(0);
        seek();
        rest_at(38);
    }
};

TEST_F(PipelineSoughtTest, ARecordBeforeItTellsTheTopicFromAnother) {
    pipeline->step();
    EXPECT_EQ(source.assigns[0].back(), 22);
    std::swap(source.logs[0], source.logs[9]);
    settle();
    EXPECT_EQ(count("a"), 6U);
    EXPECT_EQ(sink.offsets[0].next, 46);
    source.logs[0].assign(source.logs[9].begin(), source.logs[9].begin() + 34);
    start_over();
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
    source.logs[0].clear();
    start_over();
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

} // namespace
} // namespace kcs::test
