#include "postgres/attempt.hpp"

#include "pipeline/fault_text.hpp"
#include "postgres/dead_letters.hpp"

// The careful try: original order, halved down to the records that cannot be applied, and what
// becomes of these.

namespace kcs::pg {

namespace {

/// Whether a later record of the row makes the change's values of no account: it is a delete, or
/// has all of them.
bool is_whole(const Change& change) {
    if (change.new_key || change.old_key || change.half != 0 || change.moves)
        return false;
    for (size_t i = 0; change.row && i < change.row.layout->columns.size(); ++i)
        if (change.row.values[i].kind == ValueKind::unavailable)
            return false;
    return change.row || change.op == Op::remove;
}

} // namespace

void Attempt::apply_carefully() {
    Fault bad;
    bool done = bisect(
        work_.changes.size(), [&](size_t begin, size_t end) { return try_run(begin, end, bad); },
        [&](size_t index) { return refuse(index, bad); });
    if (!done)
        std::rethrow_exception(other_);
    require_evidence();
}

Try Attempt::try_run(size_t begin, size_t end, Fault& bad) {
    MemoryContext memory = memory_.batch;
    guard([memory] { MemoryContextReset(memory); });
    scratch_.reset();
    converting = false;
    std::vector<GroupTally> tallies;
    for (const Bucket& bucket : buckets_)
        tallies.push_back(bucket.tally);
    OpenLetters::Mark letters = letters_.mark();
    try {
        subtransaction([&] { apply_run(begin, end); });
        for (size_t i = begin; i < end; ++i)
            buckets_[bucket_of_[i]].takes = true;
        return Try::done;
    } catch (const Error& error) {
        if (class_of(error.fault) == ErrorClass::data)
            name_target(bad = error.fault, at);
        else
            other_ = std::current_exception();
    } catch (...) {
        other_ = std::current_exception();
    }
    forget_registered_relation();
    for (size_t b = 0; b < buckets_.size(); ++b)
        buckets_[b].tally = tallies[b];
    letters_.back_to(letters);
    if (other_)
        return Try::abort;
    converting = false;
    return Try::bad;
}

ErrorClass Attempt::class_of(const Fault& fault) const {
    switch (fault.cls) {
    case ErrorClass::environment:
        // Of an owner's making: who may write a table's functions may not stop all others.
        if (phase == Phase::target && fault.by_user_code)
            return ErrorClass::data;
        // What befalls the server in such code is told of the table. And our own tables were
        // written before: it is the target's code that forbade it.
        if (phase == Phase::target && (fault.in_target_code() || fault.sqlstate == "25006"))
            return ErrorClass::target;
        break;
    case ErrorClass::target:
    case ErrorClass::ddl:
    case ErrorClass::internal:
        if (converting)
            return ErrorClass::data;
        break;
    default:
        break;
    }
    return fault.raised && phase == Phase::target ? ErrorClass::data : fault.cls;
}

/// Whether a later record of its row was read already that leaves nothing of the change. Then what
/// refuses it may have the row in its later state: another partition is ahead.
bool Attempt::overtaken(const Change& change) const {
    if (!change.keyed() || change.target->history || !is_whole(change))
        return false;
    const Record& record = (*work_.records)[change.record];
    const Change* next = nullptr;
    for (const std::vector<Change>* changes : {&work_.changes, &work_.later})
        for (const Change& c : *changes)
            if (c.slot == change.slot && c.target == change.target && c.record > change.record &&
                (next == nullptr || c.record < next->record) &&
                (*work_.records)[c.record].key == record.key)
                next = &c;
    return next != nullptr && is_whole(*next);
}

/// Whether a record of another partition may take away what refuses the change: unique values and
/// the rows of foreign keys, which go through partitions in an order of their own; and a trigger's
/// word, which counts as what it says for a while.
bool Attempt::misses_another(const Change& change, const Fault& fault) const {
    if (fault.by_user_code && fault.cls != ErrorClass::data)
        return true;
    if (fault.sqlstate == "23505" || fault.sqlstate == "23P01")
        return !change.ordered;
    return fault.sqlstate == "23503";
}

/// What becomes of a record that cannot be applied alone. False: the try is over.
bool Attempt::refuse(size_t index, Fault& bad) {
    const Change& change = work_.changes[index];
    Bucket& bucket = buckets_[bucket_of_[index]];
    bool contended = bad.sqlstate == "23505" || bad.sqlstate == "23P01" || bad.sqlstate == "23503";
    if (contended && overtaken(change)) {
        rejected_[index] = true;
        return true;
    }
    if (misses_another(change, bad)) {
        std::string need = need_of(bad);
        if (is_patient(work_.impatient, change.slot, need)) {
            if (!bad.ours)
                bad.hint.clear(); // see judge()
            other_ = std::make_exception_ptr(Stop::waiting(change.record, std::move(bad)));
            return false;
        }
        unmet.push_back({change.slot, std::move(need)});
    }
    if (bad.cls != ErrorClass::data && bad.by_user_code && !bucket.alarm) {
        bucket.alarm = bad;
        bucket.alarmed = index;
    }
    if (contended)
        name_holder(change, bad);
    bad.cls = ErrorClass::data;
    Phase before = phase;
    phase = Phase::own;
    reject_decoded_before(change.record);
    reject(change.record, change.target, bad);
    letters_.add(change.record, change.target);
    rejected_[index] = true;
    phase = before;
    return true;
}

/// A trigger that raises the SQLSTATE of a broken environment for each record may be right about
/// it: then none of them is at fault. Nor are they where it was put right in the meantime.
void Attempt::require_evidence() {
    for (Bucket& bucket : buckets_) {
        if (!bucket.alarm)
            continue;
        Fault fault = std::move(*bucket.alarm);
        fault.hint.clear();
        if (bucket.takes) {
            Fault again;
            Try now = try_run(bucket.alarmed, bucket.alarmed + 1, again);
            if (now == Try::bad)
                continue;
            if (now == Try::abort)
                std::rethrow_exception(other_);
            fault.cls = ErrorClass::retry;
            fault.raised = false; // or class_of() makes a data error of it
            throw Error(std::move(fault));
        }
        fault.cls = ErrorClass::target;
        Stop stop = Stop::at_table(bucket.target, std::move(fault));
        stop.outcome.unmet = unmet;
        throw stop;
    }
}

/// Tells the row that has the unique value: of two records that give rows each other's values, each
/// names the other's row.
void Attempt::name_holder(const Change& change, Fault& bad) {
    if (bad.sqlstate != "23505" || bad.constraint.empty() || bad.by_user_code)
        return;
    MemoryContext memory = memory_.batch;
    guard([memory] { MemoryContextReset(memory); });
    scratch_.reset();
    GroupTally tally;
    GroupContext context{
        plans_,      scratch_, settings_.client.group_id, memory_, false,         &inserting,
        &converting, tally,    work_.impatient,           met,     work_.records, nullptr};
    Bucket& bucket = buckets_[bucket_of_[static_cast<size_t>(&change - work_.changes.data())]];
    std::string key;
    try {
        subtransaction([&] { key = Group(*bucket.state, context).holder(change, bad.constraint); });
    } catch (...) { // the record's own error is the one to be told
        forget_registered_relation();
        converting = false;
        return;
    }
    if (!key.empty())
        bad.detail +=
            (bad.detail.empty() ? "" : "\n") + ("The row with the key " + key + " has it.");
}

// ---- rejects ----------------------------------------------------------------------------------

void Attempt::reject_decoded_before(uint32_t record) {
    for (; next_reject_ < work_.rejects.size() && work_.rejects[next_reject_].record < record;
         ++next_reject_) {
        const Reject& r = work_.rejects[next_reject_];
        reject(r.record, r.target, r.fault);
    }
}

void Attempt::reject(uint32_t record, const Target* target, const Fault& fault) {
    const ApplySettings& apply = settings_.apply;
    // The text goes where row values must not go, so the record's own message stays out.
    Rejected rejected{record, target, {}};
    rejected.fault.cls = fault.cls;
    rejected.fault.by_user_code = fault.by_user_code;
    rejected.fault.raised = fault.raised;
    rejected.fault.sqlstate = fault.sqlstate;
    rejected.fault.table = fault.table;
    rejected.fault.column = fault.column;
    rejected.fault.constraint = fault.constraint;
    const ErrorNote note = note_letter(rejected);
    if (apply.on_error == OnError::pause)
        stop_at(rejected, "a record cannot be applied and kafka_cdc_sink.on_error is pause",
                "Put right what it needs and call kafka_cdc_sink.resume(), pass it with "
                "kafka_cdc_sink.seek(), or set kafka_cdc_sink.on_error to dead_letter.");
    if (apply.max_dead_letters >= 0) {
        if (recent_letters_ < 0)
            recent_letters_ = recent_dead_letters(settings_.client.group_id);
        if (recent_letters_ >= apply.max_dead_letters)
            stop_at_allowance(rejected);
        ++recent_letters_;
        letters_written_.push_back(std::move(rejected));
    }
    write_dead_letter(settings_.client.group_id, (*work_.records)[record], target, fault);
    ++dead_letters;
    if (target != nullptr)
        ++letters_of_[target];
    auto same = std::find_if(letters.begin(), letters.end(),
                             [&note](const ErrorNote& other) { return other.same(note); });
    if (same == letters.end())
        return letters.push_back(note);
    ++same->count;
    same->partition = note.partition;
    same->offset = note.offset;
}

ErrorNote Attempt::note_letter(const Rejected& rejected) const {
    ErrorNote note = note_of(rejected.fault, &(*work_.records)[rejected.record]);
    note.message = "dead letter: " + note.message;
    note.hint = "Look at kafka_cdc_sink.dead_letters.";
    return note;
}

void Attempt::stop_at(const Rejected& rejected, std::string message, std::string hint) {
    ApplyOutcome outcome;
    outcome.kind = ApplyOutcome::Kind::stop_at;
    outcome.record = rejected.record;
    outcome.target = rejected.target;
    outcome.fault = rejected.fault;
    outcome.fault.cls = ErrorClass::environment;
    outcome.fault.ours = true;
    outcome.fault.message = std::move(message);
    outcome.fault.hint = std::move(hint);
    throw Stop(std::move(outcome));
}

void Attempt::stop_at_allowance(const Rejected& rejected) {
    stop_at(rejected,
            "a record cannot be applied and kafka_cdc_sink.max_dead_letters (" +
                std::to_string(settings_.apply.max_dead_letters) + ") is reached within an hour",
            "Look at kafka_cdc_sink.dead_letters; kafka_cdc_sink.resume() gives a fresh "
            "allowance.");
}

/// Other workers write letters, too, which show only now that theirs are committed: one after the
/// other, so that all together keep to the allowance.
void Attempt::check_allowance() {
    if (letters_written_.empty())
        return;
    lock_allowance(settings_.client.group_id);
    int64_t beyond =
        recent_dead_letters(settings_.client.group_id) - settings_.apply.max_dead_letters;
    if (beyond > 0)
        stop_at_allowance(
            letters_written_[letters_written_.size() -
                             std::min(letters_written_.size(), static_cast<size_t>(beyond))]);
}

} // namespace kcs::pg
