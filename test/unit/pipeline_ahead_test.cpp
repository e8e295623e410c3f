#include "pipeline_fixture.hpp"

#include "pipeline/helper_thread.hpp"

#include <new>
#include <set>

// Records that are read and decoded while those before them are applied.

namespace kcs::test {
namespace {

class PipelineAheadTest : public PipelineTest {
protected:
    static constexpr int kBatch = 300, kRecords = 2000;

    /// A log of records, those of table "b" every third; the partition is taken.
    void begin() {
        settings.batch_size = kBatch;
        settings.retry_backoff_ms = 1;
        pipeline->configure(settings);
        for (int i = 0; i < kRecords; ++i)
            source.produce(0, i % 3 == 2 ? "b" : "a", i);
        pipeline->take(0, "p.public.t", 0);
    }
    /// Each record once, and nothing is held.
    void expect_all() {
        std::set<int64_t> offsets;
        for (const auto& [table, offset] : sink.applied)
            offsets.insert(offset);
        EXPECT_EQ(sink.applied.size(), static_cast<size_t>(kRecords));
        EXPECT_EQ(offsets.size(), static_cast<size_t>(kRecords));
        EXPECT_EQ(sink.offsets[0].next, kRecords);
        EXPECT_EQ(source.outstanding, 0U);
    }
    void outcome(std::function<ApplyOutcome(Work&)> what) {
        sink.script.push_back([what](Work& work, bool) { return what(work); });
    }
};

TEST_F(PipelineAheadTest, AllOfALongLogIsApplied) {
    begin();
    settle(1000);
    expect_all();
    EXPECT_EQ(sink.calls, (kRecords + kBatch - 1) / kBatch);
    EXPECT_GT(self.ahead_us.load(), 0U);
}

TEST_F(PipelineAheadTest, NothingIsReadAheadWhereItIsNotWanted) {
    settings.decode_ahead = false;
    begin();
    outcome([this](Work& work) {
        EXPECT_EQ(source.outstanding, static_cast<size_t>(kBatch));
        return sink.apply(work, false);
    });
    settle(1000);
    expect_all();
    EXPECT_EQ(self.ahead_us.load(), 0U);
}

TEST_F(PipelineAheadTest, RecordsAheadAreHeldWhileABatchIsApplied) {
    begin();
    outcome([this](Work& work) {
        EXPECT_EQ(source.outstanding, static_cast<size_t>(2 * kBatch));
        return sink.apply(work, false);
    });
    settle(1000);
    expect_all();
}

TEST_F(PipelineAheadTest, ATableThatStandsIsReadAgainFromWhereItStood) {
    begin();
    pipeline->step();
    sink.refuse["b"] = Fault::of(ErrorClass::target, "42501", "no");
    for (int i = 0; i < 20; ++i, clock.now += 1000)
        pipeline->step();
    EXPECT_EQ(status.tables["b"].rfind("no", 0), 0U);
    sink.refuse.clear();
    pipeline->resume();
    settle(1000);
    expect_all();
}

TEST_F(PipelineAheadTest, AMovedOffsetHasAllReadAgain) {
    begin();
    outcome([](Work&) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::moved;
        o.moved_slots = {0};
        return o;
    });
    settle(1000);
    expect_all();
}

TEST_F(PipelineAheadTest, AnEndBehindRecordsThatAreReadAgainIsNoneYet) {
    begin();
    outcome([this](Work&) {
        end_at(2 * kBatch); // told by the poll that read ahead
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::batch;
        o.fault = Fault::of(ErrorClass::environment, "53100", "disk full");
        return o;
    });
    for (int i = 0; i < 5; ++i, clock.now += 2000000) {
        pipeline->step();
        EXPECT_LE(sink.offsets[0].next, static_cast<int64_t>(sink.applied.size()));
    }
    settle(1000);
    expect_all();
}

TEST_F(PipelineAheadTest, OutOfMemoryHasAllReadAgain) {
    begin();
    outcome([](Work&) -> ApplyOutcome { throw std::bad_alloc(); });
    for (int i = 0; i < 200; ++i, clock.now += 1000000)
        pipeline->step();
    expect_all();
}

TEST_F(PipelineAheadTest, WhatACancelLeavesIsReadAgain) {
    begin();
    outcome([](Work&) -> ApplyOutcome { throw std::runtime_error("canceled"); });
    EXPECT_THROW(pipeline->step(), std::runtime_error);
    settle(1000);
    expect_all();
}

TEST_F(PipelineAheadTest, APartitionThatIsGivenUpLeavesNothing) {
    begin();
    pipeline->step();
    pipeline->give_up(0);
    pipeline->step();
    EXPECT_EQ(source.outstanding, 0U);
    EXPECT_EQ(sink.applied.size(), static_cast<size_t>(kBatch));
    pipeline->take(0, "p.public.t", 0);
    settle(1000);
    expect_all();
}

TEST_F(PipelineAheadTest, SettingsThatChangeHoldFromTheNextBatch) {
    begin();
    pipeline->step();
    settings.batch_size = 7;
    pipeline->configure(settings);
    settle(2000);
    expect_all();
}

TEST(HelperThreadTest, DoesOneTaskAfterAnother) {
    HelperThread thread;
    thread.finish(); // none yet
    int done = 0;
    for (int i = 0; i < 1000; ++i) {
        ASSERT_TRUE(thread.begin([&done] { ++done; }));
        thread.finish();
        ASSERT_EQ(done, i + 1);
    }
    ASSERT_TRUE(thread.begin([&done] { ++done; })); // the destructor waits
}

} // namespace
} // namespace kcs::test
