#include "pipeline/pipeline.hpp"

#include <algorithm>
#include <new>
#include <unordered_set>
#include <utility>

#include "core/routes.hpp"
#include "pipeline/fault_text.hpp"
#include "pipeline/pipeline_impl.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Bytes of decoded records between two looks at interrupts.
constexpr size_t kInterruptEvery = 256 * 1024;

} // namespace

Pipeline::Impl::Impl(Source& source, Sink& sink, Host& host, Status& status, Clock& clock,
                     PartitionSlot* slots, WorkerSlot& self, const Settings& settings)
    : source(source), sink(sink), host(host), status(status), clock(clock), self(self),
      settings(settings), parts(source, sink, status, clock, slots), batches(settings),
      hold(host, status, clock, self), figures(status, clock, slots, self) {
    hold.configure(settings);
    figures.configure(settings);
}

// ---- one round ---------------------------------------------------------------------------

Step Pipeline::Impl::step() {
    host.check_interrupts();
    if (status.sink_paused()) {
        suspend();
        return {false, -1};
    }
    if (suspended) {
        suspended = false;
        parts.reread_all();
    }
    drop_ahead(); // a cancel may have left it
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
    bool more = batch().poll(source, batch_size(), batch_bytes());
    bool stale = routes_stale();
    if (!stale)
        decode();
    std::unordered_set<uint32_t> left = leave_rest(); // with stale routes all of it
    collect_events(left);
    for (const SourceEvent& event : std::exchange(events, {})) {
        if (event.kind == SourceEvent::Kind::client_error) {
            host.log(LogLevel::warning, "Kafka client: " + event.text);
            figures.client_error(event.text);
        }
        parts.event(event);
    }
    fetch_again(left);
    due = sooner(due, parts.reassign_troubled(int64_t{1000} * settings.retry_backoff_ms,
                                              int64_t{1000} * settings.retry_backoff_max_ms));
    due = sooner(due, parts.lose_short());
    bump(self.decode_us, static_cast<uint64_t>(clock.steady_us() - polling));
    if (stale)
        return {true, -1};
    if (batch().empty()) {
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
Step Pipeline::Impl::out_of_memory() {
    batches.clear(source);
    parts.reread_all();
    Fault fault = Fault::of(ErrorClass::environment, "53200", "out of memory");
    fault.hint = "Let the machine have more memory, or lower kafka_cdc_sink.batch_size, "
                 "kafka_cdc_sink.batch_bytes or kafka_cdc_sink.queue_size.";
    figures.error(fault);
    hold.keep(fault);
    return {false, wait_until(hold.until())};
}

/// Between the starts of two transactions: all workers together begin one each batch_linger.
int64_t Pipeline::Impl::linger_us(int64_t now) {
    int64_t linger = int64_t{1000} * settings.batch_linger_ms;
    return linger * std::max(1, status.begun_since(now - linger * kMaxWorkers));
}

void Pipeline::Impl::decode() {
    size_t seen = 0;
    while (batch().undecoded() < batch().size() && (batch().foreseen() || !batch().heavy())) {
        size_t index = batch().undecoded();
        const Record& record = batch().record(index);
        seen += record.key.size() + record.value.size();
        if (seen >= kInterruptEvery) {
            host.check_interrupts();
            seen = 0;
        }
        Admission admitted = parts.admit(record);
        if (admitted != Admission::taken) {
            if (admitted == Admission::last_applied)
                batch().recall_next();
            batch().drop_next();
            continue;
        }
        uint32_t slot = record.slot;
        int64_t offset = record.offset;
        figures.received(record);
        const Target* target = batch().decode_next(parts.ordered(slot));
        if (const Fault* refused = batch().refused_target(index)) {
            std::string reason = safe_reason(*refused), hint = refused->hint;
            host.log(LogLevel::error, "paused a partition: " + reason, {}, hint);
            batch().cut(slot, index);
            parts.stop(slot, offset, reason, hint);
            continue;
        }
        if (const BlockedTargets::Entry* b = blocked.standing(target)) {
            batch().cut(slot, index);
            parts.block(slot, offset, target, b->state, b->reason, b->hint);
        }
    }
}

/// Passes over what was polled and not decoded. Slots of which records are to be fetched again.
std::unordered_set<uint32_t> Pipeline::Impl::leave_rest() {
    std::unordered_set<uint32_t> slots;
    for (; batch().undecoded() < batch().size(); batch().drop_next())
        slots.insert(batch().record(batch().undecoded()).slot);
    return slots;
}

/// Keeps what the source tells, for the next round. An end behind records that were left is none
/// yet.
void Pipeline::Impl::collect_events(const std::unordered_set<uint32_t>& left) {
    for (SourceEvent& event : source.take_events())
        if (event.kind != SourceEvent::Kind::end_of_partition || left.count(event.slot) == 0)
            events.push_back(std::move(event));
}

void Pipeline::Impl::fetch_again(const std::unordered_set<uint32_t>& left) {
    for (uint32_t slot : left)
        parts.rewind(slot, INT64_MAX);
}

// ---- pauses --------------------------------------------------------------------------------

void Pipeline::Impl::suspend() {
    if (suspended)
        return;
    suspended = true;
    batches.clear(source);
    parts.suspend();
    hold.drop();
    host.activity(nullptr);
    status.worker(WorkerState::paused, {}, {});
}

void Pipeline::Impl::say_idle() {
    hold.drop();
    host.activity(nullptr);
    status.worker(WorkerState::idle, {}, {});
}

void Pipeline::Impl::forget_batch_of(uint32_t slot) {
    figures.forget(slot);
    batch().cut(slot, 0);
    if (batch().kept() == 0) // nothing holds up what comes next
        batches.clear(source);
    waits.forget(slot);
}

Pipeline::Pipeline(Source& source, Sink& sink, Host& host, Status& status, Clock& clock,
                   PartitionSlot* slots, WorkerSlot& self, const Settings& settings)
    : impl_(std::make_unique<Impl>(source, sink, host, status, clock, slots, self, settings)) {}
Pipeline::~Pipeline() = default;

void Pipeline::configure(const Settings& settings) {
    Impl& p = *impl_;
    p.drop_ahead();
    p.batches.configure(settings);
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
    impl_->drop_ahead();
    impl_->forget_batch_of(slot);
    impl_->parts.give_up(slot);
}

void Pipeline::reread(uint32_t slot) {
    impl_->drop_ahead();
    impl_->forget_batch_of(slot);
    impl_->parts.reread(slot);
}

void Pipeline::resume() {
    Impl& p = *impl_;
    p.drop_ahead();
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
