#pragma once

#include "pipeline/pipeline.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

// A pipeline between a topic in memory and a sink that only remembers.

namespace kcs::test {

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
    size_t outstanding = 0; ///< records that were handed out and not yet reclaimed
    size_t released = 0;
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
    void tombstone(uint32_t slot, int id) {
        auto& log = logs[slot];
        log.push_back(
            {"{\"id\":" + std::to_string(id) + "}", "", log.empty() ? 0 : log.back().offset + 1});
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
                r.has_value = !s.value.empty();
                r.key = s.key;
                r.value = s.value;
                records.push_back(r);
                at = s.offset + 1;
                --max_records;
                ++outstanding;
            }
        return false;
    }
    void release(size_t, size_t count) override {
        reclaim();
        released = count;
    }
    void reclaim() override {
        if (released > 0) // (it may run beside a test that looks)
            outstanding -= std::exchange(released, 0);
    }
    std::vector<SourceEvent> take_events() override { return std::move(events); }
    bool cut_off = false;
    bool take_disconnect() override { return std::exchange(cut_off, false); }
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
    bool unreadable = false, gone = false;

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
            if (m.last_offset >= 0)
                offsets[m.slot] = {m.next, m.last_offset, m.last_hash};
            else
                offsets[m.slot].next = m.next;
        return o;
    }
    Result<OffsetMove> read_offset(uint32_t slot, const std::string&, int32_t) override {
        if (unreadable)
            return Fault::of(ErrorClass::environment, "57P01", "no");
        if (gone)
            return Fault::of(ErrorClass::environment, kNoOffset, "none is stored yet");
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
    std::string last_activity; ///< while busy
    void activity(const char* text) override {
        if (text != nullptr)
            last_activity = text;
    }
};

class FakeStatus : public Status {
public:
    explicit FakeStatus(PartitionSlot* slots) : slots(slots) {}
    PartitionSlot* slots;
    std::map<uint32_t, std::pair<PartitionState, std::string>> partitions;
    std::map<uint32_t, std::string> hints;
    std::map<std::string, std::string> tables;
    WorkerState state = WorkerState::free;
    std::string reason, paused_reason;
    bool paused = false;
    int busy_workers = 1;
    void partition(uint32_t slot, PartitionState s, const std::string& r,
                   const std::string& h) override {
        partitions[slot] = {s, r};
        hints[slot] = h;
    }
    void progress(uint32_t slot, int64_t next, int64_t position, int64_t high) override {
        slots[slot].next_offset = next;
        slots[slot].position = position;
        slots[slot].high_watermark = high;
    }
    void worker(WorkerState s, const std::string& r, const std::string&) override {
        state = s;
        reason = r;
    }
    void table(const Target& t, const std::string& r, const std::string&) override {
        tables[t.table] = r;
    }
    std::vector<ErrorNote> errors;
    PauseCause cause = PauseCause::none;
    void error(const ErrorNote& note) override { errors.push_back(note); }
    void pause_sink(PauseCause c, const std::string& r, const std::string&) override {
        paused = true;
        cause = c;
        paused_reason = r;
    }
    bool sink_paused() override { return paused; }
    int begun_since(int64_t) override { return busy_workers; }
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
    void end_at(int64_t offset) {
        source.events.push_back({SourceEvent::Kind::end_of_partition, 0, offset, {}});
    }
    /// And nothing comes behind that end.
    void rest_at(int64_t offset) {
        pipeline->step();
        end_at(offset);
        pipeline->step();
        clock.now += 1000000;
        settle();
    }
    size_t count(const char* table) { return sink.applied.count(table); }

    FakeSource source;
    FakeSink sink;
    FakeHost host;
    PartitionSlot slots[4]{};
    FakeStatus status{slots};
    FakeClock clock;
    WorkerSlot self{};
    Settings settings;
    std::unique_ptr<Pipeline> pipeline;
};

} // namespace kcs::test
