#include "pipeline/passed_over.hpp"
#include "pipeline/waits.hpp"
#include "pipeline_fixture.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs::test {
namespace {

/// A sink whose record `offset` of slot 0 needs one of another partition until `there` is set.
class WaitsTest : public PipelineTest {
protected:
    WaitsTest() {
        settings.apply.constraint_retry_ms = 10000;
        pipeline->configure(settings);
    }
    void need(int64_t offset) { needing.push_back(offset); }
    void run(int steps) {
        for (int i = 0; i < steps; ++i) {
            sink.script.clear();
            for (int n = 0; n < 4; ++n)
                sink.script.push_back(
                    [this](Work& work, bool careful) { return act(work, careful); });
            Step s = pipeline->step();
            if (!s.again && s.wait_us > 0)
                clock.now += s.wait_us;
        }
    }
    ApplyOutcome act(Work& work, bool careful) {
        ++tries;
        ApplyOutcome out;
        for (const Change& c : work.changes) {
            bool needs = c.slot == 0 && std::count(needing.begin(), needing.end(), c.offset) != 0;
            bool patient = is_patient(work.impatient, c.slot, {});
            bool meets = c.slot == 0 && std::count(meeting.begin(), meeting.end(), c.offset) != 0;
            if (meets || (needs && there)) {
                out.met.push_back(c.slot);
            } else if (needs && patient) {
                out.kind = ApplyOutcome::Kind::wait;
                out.record = c.record;
                out.fault = Fault::of(ErrorClass::waiting, "P0002", "not there");
                return out;
            } else if (needs) {
                ++letters;
            }
        }
        sink.script.clear();
        ApplyOutcome done = sink.apply(work, careful);
        out.dead_letters = done.dead_letters;
        return out;
    }

    std::vector<int64_t> needing;
    std::vector<int64_t> meeting; ///< offsets of slot 0 whose need is met at once
    bool there = false;
    int letters = 0, tries = 0;
};

TEST_F(WaitsTest, OnlyItsPartitionWaits) {
    for (int i = 0; i < 3; ++i) {
        source.produce(0, "a", i);
        source.produce(1, "b", i);
    }
    need(1);
    pipeline->take(0, "p.public.t", 0);
    pipeline->take(1, "p.public.t", 1);
    run(3);
    EXPECT_EQ(sink.offsets[1].next, 3);
    EXPECT_EQ(sink.offsets[0].next, 1); // what is before it is applied
    EXPECT_EQ(status.partitions[0].first, PartitionState::retrying);
    EXPECT_NE(status.partitions[0].second, "");
    EXPECT_EQ(status.partitions[1].first, PartitionState::running);
    there = true;
    run(3);
    EXPECT_EQ(sink.offsets[0].next, 3);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
    EXPECT_EQ(letters, 0);
}

TEST_F(WaitsTest, GoesWithoutWhenTheTimeIsOver) {
    source.produce(0, "a", 0);
    source.produce(0, "a", 1);
    need(0);
    need(1);
    pipeline->take(0, "p.public.t", 0);
    int64_t begun = clock.now;
    run(60);
    EXPECT_GE(clock.now - begun, 10 * 1000 * 1000);
    EXPECT_LT(clock.now - begun, 11 * 1000 * 1000); // the second did not wait again
    EXPECT_EQ(letters, 2);
    EXPECT_LT(tries, 30); // at back-off
    EXPECT_EQ(sink.offsets[0].next, 2);
    // One that finds what it needs gives the others their time again.
    there = true;
    need(2);
    source.produce(0, "a", 2);
    pipeline->reread(0);
    run(3);
    EXPECT_EQ(sink.offsets[0].next, 3);
    there = false;
    need(3);
    source.produce(0, "a", 3);
    pipeline->resume();
    run(1);
    EXPECT_EQ(letters, 2);
}

TEST_F(WaitsTest, AnEarlierRecordThatFindsItsOwnEndsNoWait) {
    source.produce(0, "a", 0);
    source.produce(0, "a", 1);
    meeting = {0};
    need(1);
    pipeline->take(0, "p.public.t", 0);
    run(2);
    EXPECT_EQ(sink.offsets[0].next, 1);
    EXPECT_EQ(status.partitions[0].first, PartitionState::retrying);
    there = true;
    run(3);
    EXPECT_EQ(sink.offsets[0].next, 2);
    EXPECT_EQ(status.partitions[0].first, PartitionState::running);
}

TEST_F(WaitsTest, NoTimeIsNoWait) {
    settings.apply.constraint_retry_ms = 0;
    pipeline->configure(settings);
    source.produce(0, "a", 0);
    need(0);
    pipeline->take(0, "p.public.t", 0);
    run(1);
    EXPECT_EQ(letters, 1);
    EXPECT_EQ(sink.offsets[0].next, 1);
}

TEST_F(WaitsTest, WhatIsBehindTheRecordIsSeen) {
    for (int i = 0; i < 3; ++i)
        source.produce(0, "a", i);
    need(1);
    pipeline->take(0, "p.public.t", 0);
    std::vector<int64_t> later;
    sink.script.push_back([this](Work& work, bool careful) { return act(work, careful); });
    sink.script.push_back([&](Work& work, bool) {
        for (const Change& c : work.later)
            later.push_back(c.offset);
        return ApplyOutcome();
    });
    pipeline->step();
    EXPECT_EQ(later, (std::vector<int64_t>{1, 2}));
}

constexpr int64_t kSecond = 1000 * 1000;

TEST(Waits, AConstraintsRecordsGoWithoutUntilItIsQuiet) {
    Waits waits;
    const int64_t longest = 10 * kSecond;
    EXPECT_TRUE(waits.wait(0, 5, "c", 0, longest));
    EXPECT_TRUE(waits.impatient(0, longest).empty());
    EXPECT_FALSE(waits.wait(0, 5, "c", longest, longest));
    auto patient = [&](int64_t at, uint32_t slot, const char* need) {
        return is_patient(waits.impatient(at * kSecond, longest), slot, need);
    };
    EXPECT_FALSE(patient(10, 0, "c"));
    EXPECT_TRUE(patient(10, 0, "d")); // another constraint, another partition
    EXPECT_TRUE(patient(10, 1, "c"));
    EXPECT_FALSE(patient(1000, 0, "c")); // that record has not gone yet
    waits.unmet({0, "c"}, 12 * kSecond);
    waits.committed(0, 6);
    EXPECT_FALSE(patient(15, 0, "c"));
    waits.unmet({0, "c"}, 15 * kSecond);
    EXPECT_FALSE(patient(24, 0, "c"));
    EXPECT_TRUE(patient(25, 0, "c"));
}

TEST(Waits, ARecordThatIsAppliedHasFoundWhatItNeeds) {
    Waits waits;
    EXPECT_TRUE(waits.wait(0, 5, "c", 0, kSecond));
    waits.committed(0, 5);
    EXPECT_FALSE(waits.wait(0, 5, "c", kSecond, kSecond));
    waits.restart();
    EXPECT_TRUE(waits.wait(0, 5, "c", 2 * kSecond, kSecond));
    waits.committed(0, 6);
    EXPECT_TRUE(waits.wait(0, 6, "c", 4 * kSecond, kSecond));
    EXPECT_TRUE(waits.impatient(4 * kSecond, kSecond).empty());
}

TEST(Waits, NeedsAreToldApart) {
    Fault unique = Fault::data("23505", "");
    unique.constraint = "once";
    Fault raised = Fault::data("40001", "");
    raised.by_user_code = true;
    Fault row = Fault::data("P0002", "");
    row.table = "app.t";
    EXPECT_EQ(need_of(row), "");
    EXPECT_NE(need_of(unique), need_of(row));
    EXPECT_NE(need_of(unique), need_of(raised));
    EXPECT_TRUE(is_patient({{1, {}}}, 0, "x"));
    EXPECT_FALSE(is_patient({{0, {}}}, 0, "x")); // whatever it is
}

TEST_F(WaitsTest, TopicsOfOnePartitionAreOrdered) {
    slots[1].topic_partitions = 1;
    slots[2].topic_partitions = 2;
    std::map<uint32_t, bool> ordered;
    for (uint32_t slot : {0u, 1u, 2u}) {
        source.produce(slot, "a", 1);
        pipeline->take(slot, "p.public.t", static_cast<int32_t>(slot));
    }
    sink.script.push_back([&](Work& work, bool) {
        for (const Change& c : work.changes)
            ordered[c.slot] = c.ordered;
        ApplyOutcome o;
        return o;
    });
    settle();
    EXPECT_TRUE(ordered[0]); // not known yet
    EXPECT_TRUE(ordered[1]);
    EXPECT_FALSE(ordered[2]);
}

TEST(PassedOver, TruncatesAndDeletesAsSettingsSay) {
    Target target;
    Change change;
    change.target = &target;
    ApplySettings settings;
    change.op = Op::truncate;
    EXPECT_FALSE(passed_over(change, settings));
    settings.truncate = false;
    EXPECT_TRUE(passed_over(change, settings));
    settings.truncate = true;
    target.delete_mode = DeleteMode::ignore;
    EXPECT_TRUE(passed_over(change, settings));
    change.op = Op::remove;
    EXPECT_TRUE(passed_over(change, settings));
    RowLayout layout;
    change.new_key = {&layout, nullptr};
    EXPECT_FALSE(passed_over(change, settings)); // its row moves
    change.new_key = Row();
    change.half = 1;
    EXPECT_FALSE(passed_over(change, settings)); // its row moves
    change.new_key = Row();
    target.history = true;
    EXPECT_FALSE(passed_over(change, settings));
    target = Target();
    target.delete_mode = DeleteMode::soft;
    EXPECT_FALSE(passed_over(change, settings));
    change.op = Op::update;
    EXPECT_FALSE(passed_over(change, settings));
}

} // namespace
} // namespace kcs::test
