#include "pipeline_fixture.hpp"

#include <new>

#include "core/pure.hpp"

namespace kcs::test {
namespace {

/// What a worker shows while a batch fails as a whole, and partitions while their table is tried.
class PipelineHoldTest : public PipelineTest {
protected:
    void fail(ErrorClass cls, const char* sqlstate, int times) {
        for (int i = 0; i < times; ++i)
            sink.script.push_back([this, cls, sqlstate](Work&, bool) {
                shown_while_tried.push_back(status.reason);
                ApplyOutcome o;
                o.kind = ApplyOutcome::Kind::batch;
                o.fault = Fault::of(cls, sqlstate, "no");
                return o;
            });
    }

    std::vector<std::string> shown_while_tried;
};

TEST_F(PipelineHoldTest, TheReasonStandsWhileItIsTried) {
    source.produce(0, "a", 1);
    fail(ErrorClass::environment, "53100", 3);
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(shown_while_tried,
              (std::vector<std::string>{"", "no (SQLSTATE 53100)", "no (SQLSTATE 53100)"}));
    EXPECT_EQ(status.reason, "");
    EXPECT_EQ(count("a"), 1U);
    EXPECT_EQ(host.lines.back(), "changes are applied again");
}

TEST_F(PipelineHoldTest, ARetryIsShownOnceItLasts) {
    source.produce(0, "a", 1);
    fail(ErrorClass::retry, "40001", 10);
    pipeline->take(0, "p.public.t", 0);
    settle();
    ASSERT_EQ(shown_while_tried.size(), 10U);
    EXPECT_EQ(shown_while_tried[5], "");
    EXPECT_EQ(shown_while_tried[9], "retrying a batch: no (SQLSTATE 40001)");
    EXPECT_EQ(status.reason, "");
    EXPECT_EQ(count("a"), 1U);
}

TEST_F(PipelineHoldTest, NothingIsShownOnceThereIsNothingToTry) {
    source.produce(0, "a", 1);
    fail(ErrorClass::environment, "53100", 1);
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    EXPECT_EQ(status.reason, "no (SQLSTATE 53100)");
    pipeline->give_up(0);
    settle();
    EXPECT_EQ(status.state, WorkerState::idle);
    EXPECT_EQ(status.reason, "");
}

TEST_F(PipelineHoldTest, OutOfMemoryIsTheEnvironment) {
    source.produce(0, "a", 1);
    sink.script.push_back([](Work&, bool) -> ApplyOutcome { throw std::bad_alloc(); });
    pipeline->take(0, "p.public.t", 0);
    Step s = pipeline->step();
    EXPECT_FALSE(s.again);
    EXPECT_EQ(s.wait_us, 1000000);
    EXPECT_EQ(status.state, WorkerState::paused);
    EXPECT_EQ(status.reason, "out of memory (SQLSTATE 53200)");
    EXPECT_EQ(source.outstanding, 0U);
    clock.now += 1000000;
    settle();
    EXPECT_EQ(count("a"), 1U);
    EXPECT_EQ(status.state, WorkerState::idle);
}

TEST_F(PipelineHoldTest, APartitionStandsWhileItsTableIsTried) {
    sink.refuse["bad"] = Fault::of(ErrorClass::locked, "55P03", "locked");
    source.produce(0, "bad", 1);
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    ASSERT_EQ(status.partitions[0].first, PartitionState::locked);
    clock.now += 1000000;
    sink.script.push_back([this](Work&, bool) {
        EXPECT_EQ(status.partitions[0].first, PartitionState::locked);
        EXPECT_NE(status.partitions[0].second, "");
        sink.refuse.clear();
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::data; // once more, in careful mode
        return o;
    });
    settle();
    EXPECT_EQ(count("bad"), 1U);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
    EXPECT_EQ(status.partitions[0].second, "");
}

TEST_F(PipelineHoldTest, APartitionWhoseRecordIsGoneStandsNoMore) {
    sink.refuse["bad"] = Fault::of(ErrorClass::target, "42P01", "no such table");
    source.produce(0, "bad", 1);
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    ASSERT_EQ(status.partitions[0].first, PartitionState::parked);
    source.logs[0].clear(); // compacted away
    clock.now += 1000000;
    pipeline->step();
    EXPECT_EQ(status.partitions[0].first, PartitionState::parked);
    SourceEvent end;
    end.kind = SourceEvent::Kind::end_of_partition;
    end.slot = 0;
    end.offset = 1;
    source.events.push_back(end);
    pipeline->step();
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
}

TEST_F(PipelineHoldTest, AnOffsetThatIsGoneIsNotGuessed) {
    source.produce(0, "a", 1);
    pipeline->take(0, "it's", 0);
    sink.gone = true;
    settle(5);
    EXPECT_EQ(status.partitions[0].first, PartitionState::starting) << "nothing was stored yet";
    sink.gone = false;
    settle();
    EXPECT_EQ(count("a"), 1U);
    sink.gone = true;
    pipeline->reread(0);
    settle(5);
    EXPECT_EQ(status.partitions[0].first, PartitionState::paused);
    EXPECT_EQ(status.partitions[0].second,
              "its row in kafka_cdc_sink.offsets, where the next offset was 1, is gone");
    EXPECT_EQ(status.hints[0], "To go on there, run SELECT kafka_cdc_sink.seek('it''s', 0, 1).");
    sink.gone = false; // it is there again
    source.produce(0, "a", 2);
    settle();
    EXPECT_EQ(count("a"), 2U);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
}

} // namespace
} // namespace kcs::test
