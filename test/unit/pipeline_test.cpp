#include "pipeline_fixture.hpp"

#include "core/pure.hpp"

namespace kcs::test {
namespace {

TEST_F(PipelineTest, AppliesAndAcknowledges) {
    for (int i = 0; i < 10; ++i)
        source.produce(0, "a", i);
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(count("a"), 10U);
    EXPECT_EQ(sink.offsets[0].next, 10);
    EXPECT_EQ(source.outstanding, 0U);
    EXPECT_EQ(slots[0].next_offset.load(), 10);
    EXPECT_EQ(slots[0].position.load(), 10);
    EXPECT_EQ(self.messages.load(), 10U);
    EXPECT_EQ(self.transactions.load(), 1U);
    EXPECT_EQ(status.state, WorkerState::idle);
}

TEST_F(PipelineTest, LingerDelaysOnlyTheFollowingTransaction) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    EXPECT_TRUE(pipeline->step().again); // a lone record goes at once
    EXPECT_EQ(count("a"), 1U);
    source.produce(0, "a", 2);
    Step s = pipeline->step();
    EXPECT_FALSE(s.again);
    EXPECT_EQ(s.wait_us, 5000);
    EXPECT_EQ(count("a"), 1U);
    source.produce(0, "a", 3);
    clock.now += 5000;
    pipeline->step();
    EXPECT_EQ(count("a"), 3U);
    EXPECT_EQ(self.transactions.load(), 2U);
}

TEST_F(PipelineTest, WorkersShareTheLinger) {
    status.busy_workers = 4;
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    EXPECT_TRUE(pipeline->step().again);
    source.produce(0, "a", 2);
    EXPECT_EQ(pipeline->step().wait_us, 20000);
}

TEST_F(PipelineTest, IdleNeedsNoTimer) {
    pipeline->take(0, "p.public.t", 0);
    EXPECT_EQ(settle().wait_us, -1);
}

TEST_F(PipelineTest, DataErrorGoesCareful) {
    source.produce(0, "a", 1);
    std::vector<bool> modes;
    sink.script.push_back([&](Work&, bool careful) {
        modes.push_back(careful);
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::data;
        return o;
    });
    sink.script.push_back([&](Work&, bool careful) {
        modes.push_back(careful);
        ApplyOutcome o;
        o.dead_letters = 1;
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(modes, (std::vector<bool>{false, true}));
    EXPECT_EQ(self.dead_letters.load(), 1U);
}

TEST_F(PipelineTest, JunkBecomesARejectAndOthersFlow) {
    source.produce(0, "a", 1);
    source.junk(0);
    source.produce(0, "a", 2);
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_EQ(count("a"), 2U);
    EXPECT_EQ(sink.dead, std::vector<int64_t>{1});
    EXPECT_EQ(sink.offsets[0].next, 3);
}

TEST_F(PipelineTest, EnvironmentErrorPausesAndResumesByItself) {
    source.produce(0, "a", 1);
    sink.script.push_back([](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::batch;
        o.fault = Fault::of(ErrorClass::environment, "53100", "disk full");
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    Step s = pipeline->step();
    EXPECT_FALSE(s.again);
    EXPECT_EQ(s.wait_us, 1000000);
    EXPECT_EQ(status.state, WorkerState::paused);
    EXPECT_NE(status.reason.find("disk full"), std::string::npos);
    EXPECT_EQ(count("a"), 0U);
    clock.now += 1000000;
    settle();
    EXPECT_EQ(count("a"), 1U);
    EXPECT_EQ(status.state, WorkerState::idle);
    EXPECT_EQ(source.assigns[0].size(), 1U) << "the batch is kept, not read again";
}

TEST_F(PipelineTest, RefusedTableStopsOnlyItsPartitions) {
    sink.refuse["bad"] = Fault::of(ErrorClass::target, "42P01", "no such table");
    source.produce(0, "a", 1);
    source.produce(0, "bad", 2);
    source.produce(0, "a", 3);
    source.produce(1, "a", 4);
    source.produce(1, "a", 5);
    pipeline->take(0, "p.public.t", 0);
    pipeline->take(1, "p.public.t", 1);
    for (int i = 0; i < 5; ++i)
        pipeline->step();
    EXPECT_EQ(sink.offsets[0].next, 1);
    EXPECT_EQ(sink.offsets[1].next, 2);
    EXPECT_EQ(status.partitions[0].first, PartitionState::parked);
    EXPECT_NE(status.tables["bad"], "");
    source.produce(1, "a", 6);
    for (int i = 0; i < 5; ++i) {
        clock.now += 5000;
        pipeline->step();
    }
    EXPECT_EQ(sink.offsets[1].next, 3);
    // tried again at back-off, still refused; then cured
    clock.now += 1000000;
    for (int i = 0; i < 5; ++i)
        pipeline->step();
    EXPECT_EQ(sink.offsets[0].next, 1);
    sink.refuse.clear();
    pipeline->resume();
    settle();
    EXPECT_EQ(sink.offsets[0].next, 3);
    EXPECT_EQ(count("bad"), 1U);
    EXPECT_EQ(status.tables["bad"], "");
    EXPECT_EQ(count("a"), 5U) << "each exactly once";
}

TEST_F(PipelineTest, MovedOffsetIsReadAnew) {
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    for (int i = 0; i < 5; ++i)
        source.produce(0, "a", i);
    sink.offsets[0] = {3, -1, 0}; // seek() behind our back
    settle();
    EXPECT_EQ(count("a"), 2U);
    EXPECT_EQ(sink.offsets[0].next, 5);
    // From before it, to know the topic by what is there.
    EXPECT_EQ(source.assigns[0], (std::vector<int64_t>{0, 0}));
}

TEST_F(PipelineTest, StopAtAppliesWhatIsBeforeAndPauses) {
    for (int i = 0; i < 4; ++i)
        source.produce(0, "a", i);
    sink.script.push_back([](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::stop_at;
        o.record = 2;
        o.fault = Fault::data("23514", "secret value");
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    settle();
    EXPECT_TRUE(status.paused);
    EXPECT_EQ(status.paused_reason.find("secret"), std::string::npos);
    EXPECT_NE(status.paused_reason.find("offset 2"), std::string::npos);
    EXPECT_EQ(sink.offsets[0].next, 2);
    status.paused = false;
    settle();
    EXPECT_EQ(sink.offsets[0].next, 4);
    EXPECT_EQ(count("a"), 4U);
}

TEST_F(PipelineTest, StopAtBeforeTheRecordOfABlockedTargetLosesNothing) {
    sink.refuse["bad"] = Fault::of(ErrorClass::target, "42P01", "no such table");
    source.produce(1, "bad", 1);
    pipeline->take(1, "p.public.t", 1);
    pipeline->step();
    for (int i = 0; i < 6; ++i)
        source.produce(0, "a", i);
    source.produce(0, "bad", 6);
    sink.script.push_back([](Work&, bool) {
        ApplyOutcome o;
        o.kind = ApplyOutcome::Kind::stop_at;
        o.record = 3;
        o.fault = Fault::data("23514", "no");
        return o;
    });
    pipeline->take(0, "p.public.t", 0);
    clock.now += 5000;
    pipeline->step();
    EXPECT_EQ(sink.offsets[0].next, 3);
    EXPECT_TRUE(status.paused);
    status.paused = false; // resume() comes before the worker has seen the pause
    sink.refuse.clear();
    pipeline->resume();
    settle();
    EXPECT_EQ(sink.offsets[0].next, 7);
    EXPECT_EQ(count("a"), 6U);
    EXPECT_EQ(count("bad"), 2U);
}

TEST_F(PipelineTest, PauseDropsTheBatchAndResumesFromTheTable) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.produce(0, "a", 2);
    EXPECT_FALSE(pipeline->step().again); // lingering
    status.paused = true;
    EXPECT_EQ(pipeline->step().wait_us, -1);
    EXPECT_EQ(source.outstanding, 0U);
    EXPECT_TRUE(source.cursor.empty());
    status.paused = false;
    clock.now += 5000;
    settle();
    EXPECT_EQ(count("a"), 2U);
}

/// Each record of this table takes 30 MB of memory: thirty times a bit string of a million zeros.
std::string heavy_record(int id) {
    std::string bits = "\"\"";
    for (int i = 1; i < 30; ++i)
        bits += ",\"\"";
    return R"({"schema":{"type":"struct","fields":[{"type":"struct","field":"after","fields":[)"
           R"({"type":"int32","field":"id"},{"type":"array","field":"c","items":{"type":"bytes",)"
           R"("name":"io.debezium.data.Bits","parameters":{"length":"1048576"}}}]},)"
           R"({"type":"struct","field":"source","fields":[{"type":"string","field":"connector"},)"
           R"({"type":"string","field":"schema"},{"type":"string","field":"table"}]},)"
           R"({"type":"string","field":"op"}]},"payload":{"after":{"id":)" +
           std::to_string(id) + ",\"c\":[" + bits +
           R"(]},"source":{"connector":"postgresql","schema":"public","table":"a"},"op":"c"}})";
}

TEST_F(PipelineTest, AHeavyBatchIsCutAndTheRestReadAgain) {
    for (int i = 0; i < 20; ++i)
        for (uint32_t slot : {0U, 1U})
            source.logs[slot].push_back({"{\"id\":1}", heavy_record(i), i});
    std::vector<size_t> sizes;
    for (int i = 0; i < 3; ++i)
        sink.script.push_back([&](Work& work, bool) {
            sizes.push_back(work.changes.size());
            for (const OffsetMove& m : work.offsets)
                sink.offsets[m.slot] = {m.next, m.last_offset, m.last_hash};
            for (const Change& c : work.changes)
                sink.applied.emplace(c.target->table, c.offset);
            return ApplyOutcome();
        });
    pipeline->take(0, "p.public.t", 0);
    pipeline->take(1, "p.public.t", 1);
    settle();
    EXPECT_EQ(count("a"), 40U);
    EXPECT_TRUE(sink.dead.empty());
    EXPECT_EQ(sink.offsets[0].next, 20);
    EXPECT_EQ(sink.offsets[1].next, 20);
    ASSERT_EQ(sizes.size(), 3U);
    for (size_t size : sizes)
        EXPECT_LE(size, 9U); // 256 MB and one more
    EXPECT_EQ(self.messages.load(), 40U);
}

TEST_F(PipelineTest, AnEndBehindRecordsThatWereLeftIsNone) {
    for (int i = 0; i < 20; ++i)
        source.logs[0].push_back({"{\"id\":1}", heavy_record(i), i});
    pipeline->take(0, "p.public.t", 0);
    SourceEvent end;
    end.kind = SourceEvent::Kind::end_of_partition;
    end.slot = 0;
    end.offset = 20;
    source.events.push_back(end);
    pipeline->step(); // the first poll hands out all of them
    EXPECT_LT(slots[0].position.load(), 20);
    EXPECT_LT(count("a"), 20U);
    settle();
    EXPECT_EQ(slots[0].position.load(), 20);
    EXPECT_EQ(count("a"), 20U);
}

TEST_F(PipelineTest, AnEndBehindRecordsThatWereLeftDoesNotStandForTheComparedOne) {
    for (int i = 0; i < 20; ++i)
        source.logs[0].push_back({"{\"id\":1}", heavy_record(i), i});
    source.produce(1, "b", 1);
    source.produce(1, "b", 2);
    sink.offsets[1] = {1, 0, 12345}; // another record was applied
    pipeline->take(0, "p.public.t", 0);
    pipeline->take(1, "p.public.t", 1);
    SourceEvent end;
    end.kind = SourceEvent::Kind::end_of_partition;
    end.slot = 1;
    end.offset = 2;
    source.events.push_back(end);
    settle();
    EXPECT_EQ(count("a"), 20U);
    EXPECT_EQ(count("b"), 0U);
    EXPECT_NE(status.partitions[1].second.find("recreated"), std::string::npos);
}

} // namespace
} // namespace kcs::test
