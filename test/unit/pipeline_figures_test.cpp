#include "pipeline_fixture.hpp"

#include "core/pure.hpp"

namespace kcs::test {
namespace {

/// What a worker measures of its work.
class PipelineFiguresTest : public PipelineTest {
protected:
    template <typename H> static uint64_t observed(const H& histogram) {
        uint64_t sum = 0;
        for (const Counter& count : histogram.counts)
            sum += count.load();
        return sum;
    }
    /// Applies in batches of ten while the clock goes on by `us` each.
    void begin(int records, int64_t us) {
        settings.batch_size = 10;
        pipeline->configure(settings);
        for (int i = 0; i < records; ++i)
            source.produce(0, "a", i);
        for (int i = 0; i < records / 10 + 1; ++i)
            sink.script.push_back([this, us](Work& work, bool) {
                clock.now += us;
                ApplyOutcome o;
                for (const OffsetMove& m : work.offsets)
                    sink.offsets[m.slot].next = m.next;
                return o;
            });
        pipeline->take(0, "p.public.t", 0);
    }
};

TEST_F(PipelineFiguresTest, DelaysAndBatchesAreObserved) {
    clock.now = 20 * 1000000; // the records are of 5 ms (source) and 1 ms (Kafka) after 1970
    source.produce(0, "a", 1);
    source.produce(0, "a", 2);
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(observed(self.batch_records), 1U);
    EXPECT_EQ(self.batch_records.sum.load(), 2U);
    EXPECT_EQ(observed(self.batch_time), 1U);
    EXPECT_EQ(observed(self.source_delay), 2U);
    EXPECT_EQ(self.source_delay.sum.load(), 2U * (20 * 1000000 - 5000));
    EXPECT_EQ(self.kafka_delay.sum.load(), 2U * (20 * 1000000 - 1000));
    EXPECT_EQ(slots[0].messages.load(), 2U);
    EXPECT_GT(slots[0].message_bytes.load(), 0U);
    EXPECT_EQ(slots[0].last_kafka_us.load(), 1000);
}

TEST_F(PipelineFiguresTest, LettersAndErrorsAreCountedByClass) {
    source.produce(0, "a", 1);
    sink.script.push_back([](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::batch;
        o.fault = Fault::of(ErrorClass::retry, "40P01", "deadlock");
        return o;
    });
    sink.script.push_back([this](Work& work, bool) {
        sink.offsets[0].next = work.offsets[0].next;
        ApplyOutcome o;
        o.dead_letters = 1;
        o.letters.push_back({ErrorClass::data, "22003", "dead letter: SQLSTATE 22003"});
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(self.errors_by[static_cast<int>(ErrorClass::retry)].load(), 1U);
    EXPECT_EQ(self.retries_by[static_cast<int>(ErrorClass::retry)].load(), 1U);
    EXPECT_EQ(self.letters_by[static_cast<int>(ErrorClass::data)].load(), 1U);
    ASSERT_EQ(status.errors.size(), 2U);
    EXPECT_EQ(status.errors[0].message, "deadlock (SQLSTATE 40P01)");
    EXPECT_EQ(status.errors[1].sqlstate, "22003");
}

TEST_F(PipelineFiguresTest, ARefusedRecordThatPausesTellsWhereItIs) {
    settings.apply.on_error = OnError::pause;
    pipeline->configure(settings);
    source.produce(0, "a", 1);
    sink.script.push_back([](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::stop_at;
        o.fault = Fault::of(ErrorClass::environment, "22003", "no");
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    EXPECT_EQ(status.cause, PauseCause::on_error);
    ASSERT_EQ(status.errors.size(), 1U);
    EXPECT_EQ(status.errors[0].topic, "p.public.t");
    EXPECT_EQ(status.errors[0].offset, 0);
}

TEST_F(PipelineFiguresTest, ACatchUpHasARateAndEndsNearTheEnd) {
    begin(100, 500000); // 20 a second
    pipeline->step();
    pipeline->step();
    EXPECT_EQ(slots[0].catchup_from.load(), 0);
    pipeline->step();
    pipeline->step();
    pipeline->step();
    EXPECT_NEAR(static_cast<double>(slots[0].rate_milli.load()), 20000, 1000);
    EXPECT_EQ(slots[0].next_offset.load(), 50);
    settle();
    EXPECT_EQ(slots[0].next_offset.load(), 100);
    EXPECT_EQ(slots[0].catchup_from.load(), -1);
    EXPECT_EQ(slots[0].rate_milli.load(), 0);
}

TEST_F(PipelineFiguresTest, ALittleBehindIsNoCatchUp) {
    begin(20, 500000);
    pipeline->step();
    EXPECT_EQ(slots[0].next_offset.load(), 10);
    EXPECT_EQ(slots[0].catchup_from.load(), -1);
    settle();
}

TEST_F(PipelineFiguresTest, AnotherWorkersCatchUpGoesOn) {
    begin(100, 500000);
    sink.offsets[0].next = 40;
    slots[0].catchup_from = 10;
    pipeline->step();
    pipeline->step();
    EXPECT_EQ(slots[0].catchup_from.load(), 10);
    slots[0].catchup_from = 90; // from before a seek() backwards
    pipeline->reread(0);
    sink.offsets[0].next = 20;
    pipeline->step();
    pipeline->step();
    EXPECT_EQ(slots[0].catchup_from.load(), 20);
}

TEST_F(PipelineFiguresTest, TheActivityTellsHowFarItIs) {
    begin(100, 1000000);
    for (int i = 0; i < 6; ++i)
        pipeline->step();
    EXPECT_EQ(host.last_activity.rfind("applying 10 changes; caught up ", 0), 0U)
        << host.last_activity;
    EXPECT_NE(host.last_activity.find(" of 100 records at 10 per second, about "),
              std::string::npos)
        << host.last_activity;
    settle();
    source.produce(0, "a", 1);
    pipeline->step();
    EXPECT_EQ(host.last_activity, "applying 1 changes");
}

} // namespace
} // namespace kcs::test
