#include "pipeline/pipeline_impl.hpp"

#include "pipeline/fault_text.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// So many batches are applied without looking ahead after one that could not be applied at once:
/// what was read ahead was read in vain.
constexpr int kTroubledBatches = 16;

} // namespace

// ---- applying ----------------------------------------------------------------------------

/// Applies the batch, or as much of it as can be applied. Ends with an empty batch, or with
/// the batch kept for another try.
void Pipeline::Impl::apply() {
    self.begun_us.store(clock.steady_us(), std::memory_order_relaxed);
    bool careful = false;
    if (full())
        look_ahead();
    for (;;) {
        Work& work = batch().work([this](uint32_t slot) { return parts.stored(slot); });
        work.impatient = waits.impatient(clock.steady_us(), longest_wait_us());
        if (work.offsets.empty())
            break;
        host.activity(figures.activity(work.changes.size()).c_str());
        hold.trying();
        int64_t begun = clock.steady_us();
        ApplyOutcome outcome = apply_once(work, careful);
        // What comes of the rest may have partitions read again from other offsets.
        if (outcome.kind != ApplyOutcome::Kind::applied)
            drop_ahead();
        for (const Impatience& went : outcome.unmet)
            waits.unmet(went, clock.steady_us());
        switch (outcome.kind) {
        case ApplyOutcome::Kind::applied:
            applied(work, outcome, clock.steady_us() - begun);
            advance();
            return;
        case ApplyOutcome::Kind::data:
            if (careful) // the sink rejects single records itself: this is a bug, not data
                return hold.keep(outcome.fault);
            careful = true;
            break;
        case ApplyOutcome::Kind::moved:
            for (uint32_t slot : outcome.moved_slots) {
                batch().cut(slot, 0);
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
    advance();
}

/// One try, after which the thread that decodes ahead rests, whatever came of it.
ApplyOutcome Pipeline::Impl::apply_once(Work& work, bool careful) {
    struct Rest {
        Impl& p;
        ~Rest() {
            p.self.applying_us.store(0, std::memory_order_relaxed);
            p.batches.rest();
        }
    };
    int64_t begun = clock.steady_us(), ended = begun;
    ApplyOutcome outcome;
    {
        Rest rest{*this};
        self.applying_us.store(begun, std::memory_order_relaxed);
        outcome = sink.apply(work, careful);
        ended = clock.steady_us();
    }
    bump(self.apply_us, static_cast<uint64_t>(std::max<int64_t>(
                            ended - begun - outcome.commit_us - outcome.fold_us, 0)));
    bump(self.fold_us, static_cast<uint64_t>(outcome.fold_us));
    bump(self.commit_us, static_cast<uint64_t>(outcome.commit_us));
    bump(self.decode_us, static_cast<uint64_t>(clock.steady_us() - ended)); // waited for
    bump(self.ahead_us, static_cast<uint64_t>(batches.take_ahead_us()));
    return outcome;
}

// ---- what is behind the batch ----------------------------------------------------------------

/// Has the records behind the batch decoded while it is applied. Nothing is known of them before it
/// is: they are looked at in advance().
void Pipeline::Impl::look_ahead() {
    if (steady_after > 0) {
        --steady_after;
        return;
    }
    int64_t begun = clock.steady_us();
    if (source.take_disconnect())
        parts.recheck_all();
    batches.look_ahead(source, batch_size(), batch_bytes());
    bump(self.decode_us, static_cast<uint64_t>(clock.steady_us() - begun));
}

/// Has what was read ahead read again, behind what the partitions are at then.
void Pipeline::Impl::drop_ahead() {
    if (!batches.ahead())
        return;
    steady_after = kTroubledBatches;
    const std::unordered_set<uint32_t> slots = batches.drop_ahead(source);
    collect_events(slots);
    fetch_again(slots);
}

/// The batch is done with; what was read ahead comes to hand.
void Pipeline::Impl::advance() {
    if (routes_stale())
        drop_ahead();
    batches.advance(source);
    int64_t begun = clock.steady_us();
    decode();
    const std::unordered_set<uint32_t> left = leave_rest();
    if (!left.empty()) {
        collect_events(left);
        fetch_again(left);
    }
    bump(self.decode_us, static_cast<uint64_t>(clock.steady_us() - begun));
}

// ---- what became of it -------------------------------------------------------------------------

void Pipeline::Impl::applied(const Work& work, const ApplyOutcome& outcome, int64_t took_us) {
    int64_t wall = clock.wall_us();
    for (const OffsetMove& move : work.offsets) {
        parts.committed(move, batch().last_source_us(move.slot), wall);
        waits.committed(move.slot, move.next);
    }
    for (uint32_t slot : outcome.met)
        waits.met(slot);
    figures.applied(work, outcome, batch(), took_us);
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

void Pipeline::Impl::block(const ApplyOutcome& outcome) {
    const Fault& fault = outcome.fault;
    const BlockedTargets::Entry& b =
        blocked.block(outcome.target, fault, clock.steady_us(), backoff());
    if (b.news)
        host.log(LogLevel::error,
                 "table \"" + outcome.target->schema + "\".\"" + outcome.target->table +
                     "\" cannot take changes: " + b.reason,
                 fault.ours ? fault.detail : std::string(), fault.hint);
    const auto first = batch().first_of(outcome.target);
    figures.error(fault, first.empty() ? nullptr : &batch().record(first.front().second));
    status.table(*outcome.target, b.reason, b.hint);
    for (auto [slot, index] : first) {
        int64_t offset = batch().record(index).offset;
        batch().cut(slot, index);
        parts.block(slot, offset, outcome.target, b.state, b.reason, b.hint);
    }
}

void Pipeline::Impl::flows_again(const Target* target) {
    if (!blocked.flows_again(target))
        return;
    status.table(*target, {}, {});
    host.log(LogLevel::info,
             "table \"" + target->schema + "\".\"" + target->table + "\" takes changes again");
}

/// A record that needs one of another partition: its partition stands, for a while.
void Pipeline::Impl::wait(const ApplyOutcome& outcome) {
    const Record& record = batch().record(outcome.record);
    if (!waits.wait(record.slot, record.offset, need_of(outcome.fault), clock.steady_us(),
                    longest_wait_us()))
        return;
    batch().cut(record.slot, outcome.record);
    parts.block(record.slot, record.offset, nullptr, PartitionState::retrying,
                safe_reason(outcome.fault), outcome.fault.hint);
}

/// A record that must not be passed: everything before it, then the sink pauses.
void Pipeline::Impl::stop_at(const ApplyOutcome& outcome) {
    const Record& record = batch().record(outcome.record);
    uint32_t slot = record.slot;
    std::string reason = safe_reason(outcome.fault) + place_text(record);
    batch().cut(slot, outcome.record);
    parts.rewind(slot, record.offset);
    figures.refused(outcome.fault, record);
    status.pause_sink(settings.apply.on_error == OnError::pause ? PauseCause::on_error
                                                                : PauseCause::max_dead_letters,
                      reason, outcome.fault.hint);
    host.log(LogLevel::error, "paused: " + reason, {}, outcome.fault.hint);
}

} // namespace kcs
