#include "pipeline/pipeline.hpp"

#include <algorithm>
#include <new>
#include <unordered_set>
#include <vector>

#include "core/routes.hpp"
#include "pipeline/batch.hpp"
#include "pipeline/blocked.hpp"
#include "pipeline/fault_text.hpp"
#include "pipeline/figures.hpp"
#include "pipeline/hold.hpp"
#include "pipeline/partitions.hpp"
#include "pipeline/waits.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Bytes of decoded records between two looks at interrupts.
constexpr size_t kInterruptEvery = 256 * 1024;

} // namespace

struct Pipeline::Impl {
    Impl(Source& source, Sink& sink, Host& host, Status& status, Clock& clock, PartitionSlot* slots,
         WorkerSlot& self, const Settings& settings)
        : source(source), sink(sink), host(host), status(status), clock(clock), self(self),
          settings(settings), parts(source, sink, status, clock, slots), batch(settings),
          hold(host, status, clock, self), figures(status, clock, slots, self) {
        hold.configure(settings);
        figures.configure(settings);
    }

    Backoff backoff() const {
        return {int64_t{1000} * settings.retry_backoff_ms,
                int64_t{1000} * settings.retry_backoff_max_ms};
    }

    // ---- one round ---------------------------------------------------------------------------

    Step step() {
        host.check_interrupts();
        if (status.sink_paused()) {
            suspend();
            return {false, -1};
        }
        if (suspended) {
            suspended = false;
            parts.reread_all();
        }
        int64_t now = clock.steady_us();
        if (hold.until() > now)
            return {false, hold.until() - now};
        hold.try_now();
        int64_t due = parts.settle(int64_t{1000} * settings.retry_backoff_ms);
        due = sooner(due, blocked.release_due(now, parts, status));
        due = sooner(due, waits.release_due(now, [this](uint32_t slot) { parts.release(slot); }));

        int64_t polling = clock.steady_us();
        if (source.take_disconnect())
            parts.recheck_all();
        bool more = batch.poll(source, batch_size(), batch_bytes());
        bool stale = settings.routes && settings.routes->stale();
        if (!stale)
            decode();
        std::unordered_set<uint32_t> left = leave_rest(); // with stale routes all of it
        for (const SourceEvent& event : source.take_events()) {
            if (event.kind == SourceEvent::Kind::client_error) {
                host.log(LogLevel::warning, "Kafka client: " + event.text);
                figures.client_error(event.text);
            }
            // An end behind records that were left is none yet.
            if (event.kind != SourceEvent::Kind::end_of_partition || left.count(event.slot) == 0)
                parts.event(event);
        }
        for (uint32_t slot : left)
            parts.rewind(slot, INT64_MAX);
        due = sooner(due, parts.reassign_troubled(int64_t{1000} * settings.retry_backoff_ms,
                                                  int64_t{1000} * settings.retry_backoff_max_ms));
        due = sooner(due, parts.lose_short());
        bump(self.decode_us, static_cast<uint64_t>(clock.steady_us() - polling));
        if (stale)
            return {true, -1};
        if (batch.empty()) {
            say_idle();
            return {more, more ? -1 : wait_until(sooner(due, parts.store_ends()))};
        }
        now = clock.steady_us();
        if (!more && !full()) {
            int64_t earliest = self.begun_us.load(std::memory_order_relaxed) + linger_us(now);
            if (now < earliest)
                return {false, std::min(earliest - now,
                                        due < 0 ? INT64_MAX : std::max<int64_t>(due - now, 0))};
        }
        if (!full() && now < waits.look_until() && parts.reads_again())
            return {more, more ? -1 : waits.look_until() - now};
        apply();
        return {hold.until() < 0, wait_until(hold.until())};
    }

    /// Nothing is known to be wrong with any record: everything is read again, later.
    Step out_of_memory() {
        batch.clear(source);
        parts.reread_all();
        Fault fault = Fault::of(ErrorClass::environment, "53200", "out of memory");
        fault.hint = "Let the machine have more memory, or lower kafka_cdc_sink.batch_size, "
                     "kafka_cdc_sink.batch_bytes or kafka_cdc_sink.queue_size.";
        figures.error(fault);
        hold.keep(fault);
        return {false, wait_until(hold.until())};
    }

    /// Between the starts of two transactions: all workers together begin one each batch_linger.
    int64_t linger_us(int64_t now) {
        int64_t linger = int64_t{1000} * settings.batch_linger_ms;
        return linger * std::max(1, status.begun_since(now - linger * kMaxWorkers));
    }

    void decode() {
        size_t seen = 0;
        while (batch.undecoded() < batch.size() && !batch.heavy()) {
            size_t index = batch.undecoded();
            const Record& record = batch.record(index);
            seen += record.key.size() + record.value.size();
            if (seen >= kInterruptEvery) {
                host.check_interrupts();
                seen = 0;
            }
            Admission admitted = parts.admit(record);
            if (admitted != Admission::taken) {
                if (admitted == Admission::last_applied)
                    batch.recall_next();
                batch.drop_next();
                continue;
            }
            uint32_t slot = record.slot;
            int64_t offset = record.offset;
            figures.received(record);
            const Target* target = batch.decode_next(parts.ordered(slot));
            if (const Fault* refused = batch.refused_target(index)) {
                std::string reason = safe_reason(*refused), hint = refused->hint;
                host.log(LogLevel::error, "paused a partition: " + reason, {}, hint);
                batch.cut(slot, index);
                parts.stop(slot, offset, reason, hint);
                continue;
            }
            if (const BlockedTargets::Entry* b = blocked.standing(target)) {
                batch.cut(slot, index);
                parts.block(slot, offset, target, b->state, b->reason, b->hint);
            }
        }
    }

    /// Passes over what was polled and not decoded. Slots of which records are to be fetched again.
    std::unordered_set<uint32_t> leave_rest() {
        std::unordered_set<uint32_t> slots;
        for (; batch.undecoded() < batch.size(); batch.drop_next())
            slots.insert(batch.record(batch.undecoded()).slot);
        return slots;
    }

    // ---- applying ----------------------------------------------------------------------------

    /// Applies the batch, or as much of it as can be applied. Ends with an empty batch, or with
    /// the batch kept for another try.
    void apply() {
        self.begun_us.store(clock.steady_us(), std::memory_order_relaxed);
        bool careful = false;
        for (;;) {
            Work& work = batch.work(parts.stored());
            work.impatient = waits.impatient(clock.steady_us(), longest_wait_us());
            if (work.offsets.empty())
                break;
            host.activity(figures.activity(work.changes.size()).c_str());
            hold.trying();
            int64_t begun = clock.steady_us();
            self.applying_us.store(begun, std::memory_order_relaxed);
            ApplyOutcome outcome = sink.apply(work, careful);
            self.applying_us.store(0, std::memory_order_relaxed);
            bump(self.apply_us,
                 static_cast<uint64_t>(std::max<int64_t>(
                     clock.steady_us() - begun - outcome.commit_us - outcome.fold_us, 0)));
            bump(self.fold_us, static_cast<uint64_t>(outcome.fold_us));
            bump(self.commit_us, static_cast<uint64_t>(outcome.commit_us));
            for (const Impatience& went : outcome.unmet)
                waits.unmet(went, clock.steady_us());
            switch (outcome.kind) {
            case ApplyOutcome::Kind::applied:
                applied(work, outcome, clock.steady_us() - begun);
                batch.clear(source);
                return;
            case ApplyOutcome::Kind::data:
                if (careful) // the sink rejects single records itself: this is a bug, not data
                    return hold.keep(outcome.fault);
                careful = true;
                break;
            case ApplyOutcome::Kind::moved:
                for (uint32_t slot : outcome.moved_slots) {
                    batch.cut(slot, 0);
                    parts.reread(slot);
                }
                break;
            case ApplyOutcome::Kind::table:
                block(outcome);
                careful = false;
                break;
            case ApplyOutcome::Kind::wait:
                wait(outcome);
                careful = false;
                break;
            case ApplyOutcome::Kind::stop_at:
                stop_at(outcome);
                careful = false;
                break;
            case ApplyOutcome::Kind::batch:
                figures.error(outcome.fault);
                return hold.keep(outcome.fault);
            }
        }
        batch.clear(source);
    }

    void applied(const Work& work, const ApplyOutcome& outcome, int64_t took_us) {
        int64_t wall = clock.wall_us();
        for (const OffsetMove& move : work.offsets) {
            parts.committed(move, batch.last_source_us(move.slot), wall);
            waits.committed(move.slot, move.next);
        }
        for (uint32_t slot : outcome.met)
            waits.met(slot);
        figures.applied(work, outcome, batch, took_us);
        if (outcome.dead_letters > 0)
            host.log(LogLevel::warning,
                     std::to_string(outcome.dead_letters) +
                         " records could not be applied and are dead letters now",
                     {}, "Look at kafka_cdc_sink.dead_letters.");
        for (const Change& change : work.changes)
            if (!blocked.empty())
                flows_again(change.target);
        hold.applied();
    }

    // ---- targets that stand --------------------------------------------------------------------

    void block(const ApplyOutcome& outcome) {
        const Fault& fault = outcome.fault;
        const BlockedTargets::Entry& b =
            blocked.block(outcome.target, fault, clock.steady_us(), backoff());
        if (b.news)
            host.log(LogLevel::error,
                     "table \"" + outcome.target->schema + "\".\"" + outcome.target->table +
                         "\" cannot take changes: " + b.reason,
                     fault.ours ? fault.detail : std::string(), fault.hint);
        const auto first = batch.first_of(outcome.target);
        figures.error(fault, first.empty() ? nullptr : &batch.record(first.front().second));
        status.table(*outcome.target, b.reason, b.hint);
        for (auto [slot, index] : first) {
            int64_t offset = batch.record(index).offset;
            batch.cut(slot, index);
            parts.block(slot, offset, outcome.target, b.state, b.reason, b.hint);
        }
    }

    void flows_again(const Target* target) {
        if (!blocked.flows_again(target))
            return;
        status.table(*target, {}, {});
        host.log(LogLevel::info,
                 "table \"" + target->schema + "\".\"" + target->table + "\" takes changes again");
    }

    /// A record that needs one of another partition: its partition stands, for a while.
    void wait(const ApplyOutcome& outcome) {
        const Record& record = batch.record(outcome.record);
        if (!waits.wait(record.slot, record.offset, need_of(outcome.fault), clock.steady_us(),
                        longest_wait_us()))
            return;
        batch.cut(record.slot, outcome.record);
        parts.block(record.slot, record.offset, nullptr, PartitionState::retrying,
                    safe_reason(outcome.fault), outcome.fault.hint);
    }

    /// A record that must not be passed: everything before it, then the sink pauses.
    void stop_at(const ApplyOutcome& outcome) {
        const Record& record = batch.record(outcome.record);
        uint32_t slot = record.slot;
        std::string reason = safe_reason(outcome.fault) + place_text(record);
        batch.cut(slot, outcome.record);
        parts.rewind(slot, record.offset);
        figures.refused(outcome.fault, record);
        status.pause_sink(settings.apply.on_error == OnError::pause ? PauseCause::on_error
                                                                    : PauseCause::max_dead_letters,
                          reason, outcome.fault.hint);
        host.log(LogLevel::error, "paused: " + reason, {}, outcome.fault.hint);
    }

    // ---- pauses --------------------------------------------------------------------------------

    void suspend() {
        if (suspended)
            return;
        suspended = true;
        batch.clear(source);
        parts.suspend();
        hold.drop();
        host.activity(nullptr);
        status.worker(WorkerState::paused, {}, {});
    }

    void say_idle() {
        hold.drop();
        host.activity(nullptr);
        status.worker(WorkerState::idle, {}, {});
    }

    void forget_batch_of(uint32_t slot) {
        figures.forget(slot);
        batch.cut(slot, 0);
        waits.forget(slot);
    }

    size_t batch_size() const { return static_cast<size_t>(std::max(1, settings.batch_size)); }
    size_t batch_bytes() const {
        return static_cast<size_t>(std::max<int64_t>(1, settings.batch_bytes));
    }
    int64_t longest_wait_us() const { return int64_t{1000} * settings.apply.constraint_retry_ms; }
    bool full() const { return batch.full(batch_size(), batch_bytes()) || batch.heavy(); }
    static int64_t sooner(int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); }
    int64_t wait_until(int64_t due) {
        return due < 0 ? -1 : std::max<int64_t>(due - clock.steady_us(), 0);
    }

    Source& source;
    Sink& sink;
    Host& host;
    Status& status;
    Clock& clock;
    WorkerSlot& self;
    Settings settings;
    Partitions parts;
    Waits waits;
    Batch batch;
    BlockedTargets blocked;
    Hold hold;
    Figures figures;
    bool suspended = false;
};

Pipeline::Pipeline(Source& source, Sink& sink, Host& host, Status& status, Clock& clock,
                   PartitionSlot* slots, WorkerSlot& self, const Settings& settings)
    : impl_(std::make_unique<Impl>(source, sink, host, status, clock, slots, self, settings)) {}
Pipeline::~Pipeline() = default;

void Pipeline::configure(const Settings& settings) {
    Impl& p = *impl_;
    p.batch.configure(settings);
    if (!(settings.decoder == p.settings.decoder) || settings.routes != p.settings.routes)
        p.blocked.forget_all(p.parts, p.status);
    p.settings = settings;
    p.hold.configure(settings);
    p.figures.configure(settings);
    resume(); // what stood because of a setting is tried at once
}

void Pipeline::take(uint32_t slot, const std::string& topic, int32_t partition) {
    impl_->parts.take(slot, topic, partition);
}

void Pipeline::give_up(uint32_t slot) {
    impl_->forget_batch_of(slot);
    impl_->parts.give_up(slot);
}

void Pipeline::reread(uint32_t slot) {
    impl_->forget_batch_of(slot);
    impl_->parts.reread(slot);
}

void Pipeline::resume() {
    Impl& p = *impl_;
    p.blocked.retry_now();
    p.waits.restart();
    p.hold.try_now();
    for (uint32_t slot : p.parts.stopped())
        reread(slot);
}

Step Pipeline::step() {
    try {
        return impl_->step();
    } catch (const std::bad_alloc&) {
        return impl_->out_of_memory();
    }
}

} // namespace kcs
