#include "postgres/attempt.hpp"

#include "core/clock.hpp"
#include "postgres/names.hpp"
#include "postgres/offsets.hpp"
#include "postgres/shared_memory.hpp"

extern "C" {
#include "access/relation.h"
#include "commands/trigger.h"
#include "nodes/makefuncs.h"
#include "utils/rel.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

/// Until the end of the transaction whatever is deferrable is checked by the statement that breaks
/// it: the server refuses deferred triggers while it acts for an owner.
void check_constraints_at_once() {
    ConstraintsSetStmt* statement = makeNode(ConstraintsSetStmt);
    AfterTriggerSetState(statement);
}

/// Whether a trigger of the table fires now and could be deferred. The table is locked.
bool may_defer(Oid relid) {
    Relation rel = relation_open(relid, NoLock);
    char kind = SessionReplicationRole == SESSION_REPLICATION_ROLE_REPLICA
                    ? TRIGGER_FIRES_ON_REPLICA
                    : TRIGGER_FIRES_ON_ORIGIN;
    bool found = false;
    for (int i = 0; rel->trigdesc != nullptr && i < rel->trigdesc->numtriggers; ++i) {
        const Trigger* t = &rel->trigdesc->triggers[i];
        found = found ||
                (t->tgdeferrable && (t->tgenabled == kind || t->tgenabled == TRIGGER_FIRES_ALWAYS));
    }
    relation_close(rel, NoLock);
    return found;
}

} // namespace

Fault too_much_memory() {
    return Fault::data("54000", "the record's values take too much memory");
}

void Attempt::run(Scope scope, bool careful, bool plain) {
    phase = Phase::own;
    converting = false;
    careful_ = careful;
    size_t largest = 0;
    for (const Record& record : *work_.records)
        largest = std::max(largest, record.key.size() + record.value.size());
    scratch_.set_limit(scratch_limit(largest));
    move_offsets();
    letters_.read();
    sort_into_buckets();
    phase = Phase::target;
    prepare();
    check_at_once_ = scope == Scope::transaction || must_check_at_once();
    rejected_.assign(work_.changes.size(), false);
    if (careful) {
        apply_carefully();
    } else {
        for (Bucket& bucket : buckets_)
            apply_bucket(bucket, bucket.changes, plain);
    }
    phase = Phase::own;
    reject_decoded_before(UINT32_MAX);
    letters_.close();
    if (scope == Scope::transaction)
        check_allowance();
    phase = Phase::commit;
    applied_us = SystemClock().steady_us();
    at = nullptr;
}

void Attempt::look() {
    phase = Phase::target;
    sort_into_buckets();
    prepare();
}

/// A transaction that is not our own keeps its constraint modes unless some trigger might defer.
bool Attempt::must_check_at_once() const {
    if (settings_.apply.fire_triggers)
        return true;
    for (const Bucket& bucket : buckets_) {
        Oid relid = bucket.state->table.shape.relid;
        if (bucket.state->exists && guard([relid] { return may_defer(relid); }))
            return true;
    }
    return false;
}

void Attempt::move_offsets() {
    ApplyOutcome outcome;
    outcome.kind = ApplyOutcome::Kind::moved;
    for (const OffsetMove& move : work_.offsets)
        if (!move_offset(settings_.client.group_id, move))
            outcome.moved_slots.push_back(move.slot);
    if (!outcome.moved_slots.empty())
        throw Stop(std::move(outcome));
}

void Attempt::sort_into_buckets() {
    std::unordered_map<uint32_t, uint32_t> known;
    bucket_of_.reserve(work_.changes.size());
    for (const Change& change : work_.changes) {
        auto [it, fresh] = known.emplace(change.target->id, static_cast<uint32_t>(buckets_.size()));
        if (fresh) {
            buckets_.emplace_back();
            buckets_.back().target = change.target;
        }
        buckets_[it->second].changes.push_back(&change);
        bucket_of_.push_back(it->second);
    }
}

// ---- changes ----------------------------------------------------------------------------------

void Attempt::apply_bucket(Bucket& bucket, const std::vector<const Change*>& changes, bool plain) {
    at = bucket.target;
    phase = Phase::target;
    if (check_at_once_) // again for each table: what another one's code defers is for itself
        guard([] { check_constraints_at_once(); });
    GroupContext context{
        plans_,      scratch_,     settings_.client.group_id, memory_, plain,         &inserting,
        &converting, bucket.tally, work_.impatient,           met,     work_.records, &letters_};
    try {
        Group(*bucket.state, context).apply(changes);
    } catch (const ArenaFull&) {
        throw Error(too_much_memory());
    }
}

/// Applies changes [begin, end), of any tables.
void Attempt::apply_run(size_t begin, size_t end) {
    std::vector<std::pair<uint32_t, std::vector<const Change*>>> runs;
    for (size_t i = begin; i < end; ++i) {
        size_t r = 0;
        while (r < runs.size() && runs[r].first != bucket_of_[i])
            ++r;
        if (r == runs.size())
            runs.push_back({bucket_of_[i], {}});
        runs[r].second.push_back(&work_.changes[i]);
    }
    for (auto& [bucket, changes] : runs)
        apply_bucket(buckets_[bucket], changes, false);
}

void Attempt::settle() const {
    if (careful_)
        return;
    for (const Bucket& bucket : buckets_)
        if (bucket.state->upserts_left > 0)
            --bucket.state->upserts_left;
}

void name_target(Fault& fault, const Target* target) {
    if (!fault.names_of_others())
        return;
    fault.table.clear();
    if (target != nullptr)
        fault.table = shown_name(target->schema) + "." + shown_name(target->table);
}

int64_t Attempt::fold_us() const {
    int64_t sum = 0;
    for (const Bucket& bucket : buckets_)
        sum += bucket.tally.fold_us;
    return sum;
}

void Attempt::count() const {
    if (!shared_ready())
        return;
    struct Events {
        uint64_t inserts = 0, updates = 0, deletes = 0, truncates = 0;
    };
    std::vector<Events> events(buckets_.size());
    for (size_t i = 0; i < work_.changes.size(); ++i) {
        const Change& change = work_.changes[i];
        if (rejected_[i] || change.tombstone)
            continue;
        Events& e = events[bucket_of_[i]];
        switch (change.op) {
        case Op::create:
        case Op::read:
            ++e.inserts;
            break;
        case Op::update:
        case Op::upsert:
            ++e.updates;
            break;
        case Op::remove:
            ++e.deletes;
            break;
        case Op::truncate:
            ++e.truncates;
            break;
        }
    }
    for (const auto& [target, letters] : letters_of_)
        shared().tables[table_slot(target->schema, target->table)].dead_letters.fetch_add(
            letters, std::memory_order_relaxed);
    int64_t now = wall_us();
    for (size_t b = 0; b < buckets_.size(); ++b) {
        const Bucket& bucket = buckets_[b];
        TargetState& state = *bucket.state;
        if (state.slot < 0)
            state.slot = table_slot(bucket.target->schema, bucket.target->table);
        TableSlot& slot = shared().tables[state.slot];
        auto add = [](Counter& counter, uint64_t by) {
            if (by > 0)
                counter.fetch_add(by, std::memory_order_relaxed);
        };
        add(slot.inserts, events[b].inserts);
        add(slot.updates, events[b].updates);
        add(slot.deletes, events[b].deletes);
        add(slot.truncates, events[b].truncates);
        add(slot.toast_kept, bucket.tally.kept);
        add(slot.folded, bucket.tally.folded);
        slot.last_change_us.store(now, std::memory_order_relaxed);
        // Who parked the table may not hold its partition any more. Slot 0 is many tables'.
        const Events& e = events[b];
        if (state.slot > 0 && slot.parked.load(std::memory_order_relaxed) &&
            e.inserts + e.updates + e.deletes + e.truncates > 0) {
            locked(true, [&slot] {
                slot.parked.store(false, std::memory_order_relaxed);
                slot.parked_by = 0;
                slot.reason[0] = slot.hint[0] = '\0';
            });
            ring_coordinator();
        }
    }
}

} // namespace kcs::pg
