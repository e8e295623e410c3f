#include "pipeline/pipeline.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>

#include "core/pure.hpp"

namespace kcs {
namespace {

struct Stored {
    std::string key, value;
    int64_t offset;
};

/// A topic per slot, in memory; hands out what was assigned.
class FakeSource : public Source {
public:
    std::map<uint32_t, std::deque<Stored>> logs;
    std::map<uint32_t, int64_t> cursor; ///< assigned slots
    std::vector<SourceEvent> events;
    size_t outstanding = 0;
    std::map<uint32_t, std::vector<int64_t>> assigns;

    void produce(uint32_t slot, const std::string& table, int id, int64_t offset = -1) {
        auto& log = logs[slot];
        int64_t at = offset >= 0 ? offset : log.empty() ? 0 : log.back().offset + 1;
        std::string n = std::to_string(id);
        log.push_back(
            {"{\"id\":" + n + "}",
             R"({"before":null,"after":{"id":)" + n +
                 R"(},"source":{"connector":"postgresql","db":"d","schema":"public","table":")" +
                 table + R"(","ts_ms":5},"op":"c","ts_ms":6})",
             at});
    }
    void junk(uint32_t slot) {
        auto& log = logs[slot];
        log.push_back({"", "not json", log.empty() ? 0 : log.back().offset + 1});
    }

    void assign(uint32_t slot, const std::string&, int32_t, int64_t offset) override {
        cursor[slot] = offset;
        assigns[slot].push_back(offset);
    }
    void unassign(uint32_t slot) override { cursor.erase(slot); }
    bool poll(std::vector<Record>& records, size_t max_records, size_t) override {
        for (auto& [slot, at] : cursor)
            for (const Stored& s : logs[slot]) {
                if (s.offset < at)
                    continue;
                if (max_records == 0)
                    return true;
                Record r;
                r.slot = slot;
                r.topic = "p.public.t";
                r.partition = static_cast<int32_t>(slot);
                r.offset = s.offset;
                r.timestamp_ms = 1;
                r.has_key = !s.key.empty();
                r.has_value = true;
                r.key = s.key;
                r.value = s.value;
                records.push_back(r);
                at = s.offset + 1;
                --max_records;
                ++outstanding;
            }
        return false;
    }
    void release() override { outstanding = 0; }
    std::vector<SourceEvent> take_events() override { return std::move(events); }
    int64_t high_watermark(uint32_t slot) override {
        return logs[slot].empty() ? 0 : logs[slot].back().offset + 1;
    }
};

/// Keeps ids by table and offsets; fails as scripted.
class FakeSink : public Sink {
public:
    struct Row {
        int64_t next = 0, last = -1;
        uint64_t hash = 0;
    };
    std::map<uint32_t, Row> offsets;
    std::multimap<std::string, int64_t> applied; ///< table -> offset
    std::vector<int64_t> dead;
    std::deque<std::function<ApplyOutcome(Work&, bool)>> script;
    std::map<std::string, Fault> refuse; ///< table -> fault
    int calls = 0;
    bool unreadable = false;

    ApplyOutcome apply(Work& work, bool careful) override {
        ++calls;
        if (!script.empty()) {
            auto next = script.front();
            script.pop_front();
            return next(work, careful);
        }
        for (const Change& c : work.changes)
            if (refuse.count(c.target->table) != 0) {
                ApplyOutcome o;
                o.kind = ApplyOutcome::Kind::table;
                o.fault = refuse[c.target->table];
                o.target = c.target;
                return o;
            }
        for (const OffsetMove& m : work.offsets)
            if (offsets[m.slot].next != m.stored) {
                ApplyOutcome o;
                o.kind = ApplyOutcome::Kind::moved;
                o.moved_slots = {m.slot};
                return o;
            }
        for (const Change& c : work.changes)
            applied.emplace(c.target->table, c.offset);
        ApplyOutcome o;
        for (const Reject& r : work.rejects) {
            dead.push_back((*work.records)[r.record].offset);
            ++o.dead_letters;
        }
        for (const OffsetMove& m : work.offsets)
            offsets[m.slot] = {m.next, m.last_offset, m.last_hash};
        return o;
    }
    Result<OffsetMove> read_offset(uint32_t slot, const std::string&, int32_t) override {
        if (unreadable)
            return Fault::of(ErrorClass::environment, "57P01", "no");
        OffsetMove m;
        m.slot = slot;
        m.stored = m.next = offsets[slot].next;
        m.last_offset = offsets[slot].last;
        m.last_hash = offsets[slot].hash;
        return m;
    }
};

class FakeHost : public Host {
public:
    std::vector<std::string> lines;
    void check_interrupts() override {}
    void log(LogLevel, const std::string& m, const std::string&, const std::string&) override {
        lines.push_back(m);
    }
    void activity(const char*) override {}
};

class FakeStatus : public Status {
public:
    explicit FakeStatus(PartitionSlot* slots) : slots(slots) {}
    PartitionSlot* slots;
    std::map<uint32_t, std::pair<PartitionState, std::string>> partitions;
    std::map<std::string, std::string> tables;
    WorkerState state = WorkerState::free;
    std::string reason, paused_reason;
    bool paused = false;
    void partition(uint32_t slot, PartitionState s, const std::string& r,
                   const std::string&) override {
        partitions[slot] = {s, r};
    }
    void progress(uint32_t slot, int64_t next, int64_t position, int64_t) override {
        slots[slot].next_offset = next;
        slots[slot].position = position;
    }
    void worker(WorkerState s, const std::string& r, const std::string&) override {
        state = s;
        reason = r;
    }
    void table(const Target& t, const std::string& r, const std::string&) override {
        tables[t.table] = r;
    }
    void error(const std::string&) override {}
    void pause_sink(const std::string& r, const std::string&) override {
        paused = true;
        paused_reason = r;
    }
    bool sink_paused() override { return paused; }
};

class FakeClock : public Clock {
public:
    int64_t now = 1000000;
    int64_t steady_us() override { return now; }
    int64_t wall_us() override { return now; }
};

class PipelineTest : public ::testing::Test {
protected:
    PipelineTest() {
        settings.batch_linger_ms = 5;
        pipeline =
            std::make_unique<Pipeline>(source, sink, host, status, clock, slots, self, settings);
    }
    /// Steps until the pipeline wants to sleep; returns that wish.
    Step settle(int limit = 100) {
        for (int i = 0; i < limit; ++i) {
            Step s = pipeline->step();
            if (!s.again && s.wait_us < 0)
                return s;
            if (!s.again)
                clock.now += s.wait_us;
        }
        return {};
    }
    size_t count(const char* table) { return sink.applied.count(table); }

    FakeSource source;
    FakeSink sink;
    FakeHost host;
    PartitionSlot slots[4];
    FakeStatus status{slots};
    FakeClock clock;
    WorkerSlot self{};
    Settings settings;
    std::unique_ptr<Pipeline> pipeline;
};

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
    EXPECT_EQ(source.assigns[0], (std::vector<int64_t>{0, 3}));
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
    EXPECT_EQ(status.partitions[0].first, PartitionState::paused);
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
    settle();
    EXPECT_EQ(status.partitions[0].first, PartitionState::paused);
}

TEST_F(PipelineTest, ExpiredCheckRecordIsNoFaultButExpiredOffsetIs) {
    sink.offsets[0] = {10, 9, 1234};
    pipeline->take(0, "p.public.t", 0);
    pipeline->step();
    EXPECT_EQ(source.assigns[0].back(), 9);
    source.events.push_back({SourceEvent::Kind::out_of_range, 0, 9, {}});
    pipeline->step();
    EXPECT_EQ(source.assigns[0].back(), 10);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
    source.events.push_back({SourceEvent::Kind::out_of_range, 0, 10, {}});
    pipeline->step();
    EXPECT_EQ(status.partitions[0].first, PartitionState::paused);
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
    EXPECT_EQ(source.assigns[0], (std::vector<int64_t>{0, 1}));
    source.events.push_back(trouble); // still there
    EXPECT_EQ(pipeline->step().wait_us, 2000000);
    EXPECT_EQ(status.partitions[0].second, "not authorized");
    clock.now += 2000000;
    pipeline->step();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 1, {}});
    EXPECT_EQ(settle().wait_us, -1);
    EXPECT_EQ(status.partitions[0].second, "");
    EXPECT_EQ(source.assigns[0], (std::vector<int64_t>{0, 1, 1}));
}

TEST_F(PipelineTest, EndsBeyondTheLastRecordCountAsPosition) {
    source.produce(0, "a", 1);
    pipeline->take(0, "p.public.t", 0);
    settle();
    source.events.push_back({SourceEvent::Kind::end_of_partition, 0, 4, {}}); // control records
    settle();
    EXPECT_EQ(slots[0].position.load(), 4);
    EXPECT_EQ(slots[0].next_offset.load(), 1);
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
} // namespace kcs
