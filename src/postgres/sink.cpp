#include "postgres/sink.hpp"

#include "core/clock.hpp"
#include "core/shared_rows.hpp"
#include "postgres/attempt.hpp"
#include "postgres/offsets.hpp"
#include "postgres/own_statement.hpp"
#include "postgres/shared_memory.hpp"

#include <cstring>

namespace kcs::pg {

namespace {

/// Kept plans: about 30 kB each.
constexpr size_t kMaxPlans = 1000;
/// Batches of a table that are not tried with a plain INSERT after one found a row there already.
constexpr int kUpsertBatches = 100;
/// Rounds of DDL that one batch may need: a table, then columns of later layouts.
constexpr int kMaxDdlRounds = 5;
/// Blocks of scratch memory, of 256 kB, that are kept from batch to batch.
constexpr size_t kKeptScratchBlocks = 16;

MemoryContext make_context(MemoryContext parent, const char* name) {
    return guard(
        [=] { return AllocSetContextCreateInternal(parent, name, ALLOCSET_DEFAULT_SIZES); });
}

ApplyOutcome outcome_of(ApplyOutcome::Kind kind, Fault fault, const Target* target = nullptr) {
    ApplyOutcome outcome;
    outcome.kind = kind;
    outcome.fault = std::move(fault);
    outcome.target = target;
    return outcome;
}

/// Errors that the server words with names and numbers alone, unless a trigger raised them. (Files
/// it may have named as it likes.)
bool worded_by_server(const Fault& fault) {
    for (const char* known :
         {"42501", "55P03", "53", "57", "58", "25006", "40001", "40P01", "XX001", "XX002"})
        if (fault.sqlstate.compare(0, std::strlen(known), known) == 0)
            return !fault.in_target_code() || std::strcmp(known, "58") != 0;
    return false;
}

/// What to look at, where the server does not say.
const char* hint_for(const Fault& fault, Phase phase) {
    ErrorClass cls = fault.cls;
    if (cls == ErrorClass::target && (fault.by_user_code || fault.in_target_code()))
        return "It was raised in code of the table: look at its triggers, defaults, checks, "
               "indexes and types.";
    if (cls == ErrorClass::locked)
        return phase == Phase::target
                   ? "Another session holds a lock on the table or on one of its rows: look at "
                     "pg_locks, or at pg_blocking_pids() of the worker while it tries."
                   : kOwnLockHint;
    if (phase == Phase::own && cls != ErrorClass::retry)
        return kOwnTablesHint;
    return "";
}

/// What an error means, by its class and by where it came from. `triggers`: those of the targets
/// fire, with texts of their own.
ApplyOutcome judge(Fault fault, Phase phase, const Target* target, bool triggers) {
    using Kind = ApplyOutcome::Kind;
    name_target(fault, target);
    if (!fault.by_user_code &&
        (phase == Phase::own || (!triggers && (phase == Phase::commit || worded_by_server(fault)))))
        fault.ours = true;
    // A trigger's may hold row values, and hints are shown to everybody; and the server's is not
    // about what code asks of it.
    if (!fault.ours || fault.in_target_code())
        fault.hint.clear();
    ErrorClass cls = fault.cls;
    if (fault.hint.empty())
        fault.hint = hint_for(fault, phase);
    if (cls == ErrorClass::retry || cls == ErrorClass::environment || cls == ErrorClass::internal)
        return outcome_of(Kind::batch, std::move(fault));
    if (phase != Phase::target) {
        fault.cls = ErrorClass::environment;
        return outcome_of(Kind::batch, std::move(fault));
    }
    if (cls == ErrorClass::data)
        return outcome_of(Kind::data, std::move(fault), target);
    if (fault.table.empty() && target != nullptr)
        fault.table = shown_name(target->schema) + "." + shown_name(target->table);
    return outcome_of(Kind::table, std::move(fault), target);
}

/// The same for DDL, which is never a record's fault.
ApplyOutcome judge_ddl(Fault fault, const Target* target) {
    const bool in_their_code = fault.by_user_code || fault.in_target_code();
    if (fault.cls == ErrorClass::data || fault.cls == ErrorClass::target || fault.raised ||
        (fault.cls == ErrorClass::environment && in_their_code))
        fault.cls = ErrorClass::ddl;
    fault.ours = !in_their_code; // of an index or a check, where rows are written anew
    return judge(std::move(fault), Phase::target, target, false);
}

void count_ddl(const DdlCause& cause) {
    for (const char* ran : cause.ran)
        for (int kind = 0; kind < kDdlKinds; ++kind)
            if (std::strcmp(ddl_kind_name(static_cast<DdlKind>(kind)), ran) == 0)
                shared().header->ddl[kind].fetch_add(1, std::memory_order_relaxed);
}

} // namespace

struct PgSink::Impl {
    Impl(Scope s, const Settings& given)
        : scope(s), settings(given), plans(kMaxPlans), targets(plans) {
        memory.batch = make_context(TopMemoryContext, "kafka_cdc_sink batch");
        memory.row = make_context(TopMemoryContext, "kafka_cdc_sink row");
    }

    template <typename Body> void in_scope(Body&& body) {
        ErrorContexts contexts;
        if (scope == Scope::transaction)
            transaction(body);
        else
            subtransaction(body);
    }

    void reset_memory() {
        BatchMemory m = memory;
        forget_registered_relation();
        scratch.trim(kKeptScratchBlocks);
        guard([m] {
            MemoryContextReset(m.batch);
            MemoryContextReset(m.row);
        });
    }

    /// One target's DDL, in a transaction of its own. False: `outcome` says why not.
    bool do_ddl(const DdlTask& task, const Work& work, ApplyOutcome& outcome) {
        Fault fault;
        DdlCause cause{settings.client.group_id, &(*work.records)[task.record], {}};
        try {
            in_scope([&] {
                if (task.model != nullptr)
                    create_table(*task.target, *task.model, settings.apply, cause);
                else
                    alter_table(task, settings.apply, cause);
            });
            if (scope == Scope::transaction)
                count_ddl(cause);
            return true;
        } catch (Stop& stop) {
            outcome = std::move(stop.outcome);
            return false;
        } catch (Error& error) {
            fault = std::move(error.fault);
        }
        if (fault.hint.empty() && !(task.wider.empty() && task.nullable.empty()))
            fault.hint = "Alter the table yourself, or set kafka_cdc_sink.schema_evolution to "
                         "add_columns.";
        outcome = judge_ddl(std::move(fault), task.target);
        return false;
    }

    /// One try. Returns true when `outcome` is final; false: do it once more, after `tasks` or
    /// without `plain`.
    bool try_once(Work& work, bool careful, bool& plain, std::vector<DdlTask>& tasks,
                  ApplyOutcome& outcome) {
        Attempt attempt(work, settings, targets, plans, scratch, memory,
                        scope == Scope::transaction ? &remembered : nullptr);
        Fault fault;
        try {
            in_scope([&] { attempt.run(scope, careful, plain); });
            outcome.dead_letters = attempt.dead_letters;
            outcome.letters = std::move(attempt.letters);
            outcome.fold_us = attempt.fold_us();
            outcome.met = std::move(attempt.met);
            outcome.unmet = std::move(attempt.unmet);
            outcome.commit_us = SystemClock().steady_us() - attempt.applied_us;
            attempt.settle();
            if (scope == Scope::transaction)
                attempt.count();
            return true;
        } catch (Stop& stop) {
            outcome = std::move(stop.outcome);
            return true;
        } catch (DdlNeeded& needed) {
            tasks = std::move(needed.tasks);
            return false;
        } catch (Error& error) {
            fault = std::move(error.fault);
        }
        if (fault.sqlstate == "23505" && attempt.inserting != nullptr) {
            // Once is enough: each further table with such a row would undo the batch again.
            attempt.inserting->upserts_left = kUpsertBatches;
            plain = false;
            return false;
        }
        fault.cls = attempt.class_of(fault);
        outcome = judge(std::move(fault), attempt.phase, attempt.at, settings.apply.fire_triggers);
        return true;
    }

    /// Forgets what it remembers of dead letters where sessions wrote some.
    void follow_letters() {
        if (!shared_ready())
            return;
        uint64_t now = shared().header->letters_generation.load();
        if (now != letters_seen)
            remembered.forget_all();
        letters_seen = now;
    }

    ApplyOutcome apply(Work& work, bool careful) {
        follow_letters();
        int ddl_rounds = 0;
        bool plain = true;
        for (;;) {
            ApplyOutcome outcome;
            std::vector<DdlTask> tasks;
            reset_memory();
            bool finished = try_once(work, careful, plain, tasks, outcome);
            reset_memory();
            if (finished) {
                // What its statements name may have gone another way: a schema was renamed.
                if (outcome.kind == ApplyOutcome::Kind::table && outcome.target != nullptr)
                    targets.forget(*outcome.target);
                return outcome;
            }
            if (!tasks.empty() && ++ddl_rounds > kMaxDdlRounds)
                return outcome_of(ApplyOutcome::Kind::table,
                                  Fault::of(ErrorClass::ddl, "XX000",
                                            "the table still lacks what was added to it"),
                                  tasks.front().target);
            for (const DdlTask& task : tasks)
                if (!do_ddl(task, work, outcome))
                    return outcome;
        }
    }

    Scope scope;
    Settings settings;
    PlanCache plans;
    Targets targets;
    Arena scratch;
    BatchMemory memory{};
    RememberedLetters remembered;
    uint64_t letters_seen = 0; ///< letters_generation
};

PgSink::PgSink(Scope scope, const Settings& settings)
    : impl_(std::make_unique<Impl>(scope, settings)) {}

PgSink::~PgSink() = default;

void PgSink::configure(const Settings& settings) {
    impl_->settings = settings;
}

ApplyOutcome PgSink::apply(Work& work, bool careful) {
    // Statements and their memory are the process's: a trigger that calls apply_event in a worker
    // would take them from under the batch.
    static bool busy = false;
    if (busy)
        throw Error(Fault::of(ErrorClass::target, "55006",
                              "a change cannot be applied while another one is being applied"));
    struct Turn {
        Turn() { busy = true; }
        ~Turn() { busy = false; }
    } turn;
    return impl_->apply(work, careful);
}

Result<OffsetMove> PgSink::read_offset(uint32_t slot, const std::string& topic, int32_t partition) {
    OffsetMove move;
    move.slot = slot;
    move.topic = topic;
    move.partition = partition;
    impl_->remembered.forget(topic, partition);
    Fault fault;
    try {
        bool found = false;
        impl_->in_scope([&] { found = load_offset(impl_->settings.client.group_id, move); });
        if (found)
            return move;
        fault = Fault::of(ErrorClass::environment, kNoOffset, "no start offset is stored yet");
    } catch (Error& error) {
        fault = std::move(error.fault);
        fault.ours = true;
        if (fault.hint.empty())
            fault.hint = hint_for(fault, Phase::own);
        if (fault.cls != ErrorClass::retry)
            fault.cls = ErrorClass::environment;
    }
    return fault;
}

} // namespace kcs::pg
