#include "postgres/sink.hpp"

#include "postgres/attempt.hpp"
#include "postgres/offsets.hpp"

namespace kcs::pg {

namespace {

/// Kept plans: about 30 kB each.
constexpr size_t kMaxPlans = 1000;
/// Batches of a table that are not tried with a plain INSERT after one found a row there already.
constexpr int kUpsertBatches = 100;
/// Rounds of DDL that one batch may need: a table, then columns of later layouts.
constexpr int kMaxDdlRounds = 5;

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

/// What an error means, by its class and by where it came from.
ApplyOutcome judge(Fault fault, Phase phase, const Target* target) {
    using Kind = ApplyOutcome::Kind;
    ErrorClass cls = fault.cls;
    if (cls == ErrorClass::retry || cls == ErrorClass::environment || cls == ErrorClass::internal)
        return outcome_of(Kind::batch, std::move(fault));
    if (phase != Phase::target) {
        fault.cls = cls == ErrorClass::locked ? ErrorClass::retry : ErrorClass::environment;
        return outcome_of(Kind::batch, std::move(fault));
    }
    if (cls == ErrorClass::data)
        return outcome_of(Kind::data, std::move(fault), target);
    if (fault.table.empty() && target != nullptr)
        fault.table = target->schema + "." + target->table;
    return outcome_of(Kind::table, std::move(fault), target);
}

/// The same for DDL, which is never a record's fault.
ApplyOutcome judge_ddl(Fault fault, const Target* target) {
    if (fault.cls == ErrorClass::data || fault.cls == ErrorClass::target)
        fault.cls = ErrorClass::ddl;
    return judge(std::move(fault), Phase::target, target);
}

} // namespace

struct PgSink::Impl {
    Impl(Scope s, const Settings& given)
        : scope(s), settings(given), plans(kMaxPlans), targets(plans) {
        memory.batch = make_context(TopMemoryContext, "kafka_cdc_sink batch");
        memory.row = make_context(TopMemoryContext, "kafka_cdc_sink row");
    }

    template <typename Body> void in_scope(Body&& body) {
        if (scope == Scope::transaction)
            transaction(body);
        else
            subtransaction(body);
    }

    void reset_memory() {
        BatchMemory m = memory;
        forget_registered_relation();
        guard([m] {
            MemoryContextReset(m.batch);
            MemoryContextReset(m.row);
        });
    }

    /// One target's DDL, in a transaction of its own. False: `outcome` says why not.
    bool do_ddl(const DdlTask& task, ApplyOutcome& outcome) {
        Fault fault;
        try {
            in_scope([&] {
                if (task.model != nullptr)
                    create_table(*task.target, *task.model, settings.apply);
                else
                    add_columns(*task.target, task.columns, settings.apply);
            });
            return true;
        } catch (Stop& stop) {
            outcome = std::move(stop.outcome);
            return false;
        } catch (Error& error) {
            fault = std::move(error.fault);
        }
        outcome = judge_ddl(std::move(fault), task.target);
        return false;
    }

    /// One try. Returns true when `outcome` is final; false: do it once more.
    bool try_once(Work& work, bool careful, std::vector<DdlTask>& tasks, ApplyOutcome& outcome) {
        Attempt attempt(work, settings, targets, plans, memory);
        Fault fault;
        try {
            in_scope([&] { attempt.run(careful); });
            outcome.dead_letters = attempt.dead_letters;
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
            attempt.inserting->upserts_left = kUpsertBatches;
            return false;
        }
        outcome = judge(std::move(fault), attempt.phase, attempt.at);
        return true;
    }

    ApplyOutcome apply(Work& work, bool careful) {
        int ddl_rounds = 0;
        for (;;) {
            ApplyOutcome outcome;
            std::vector<DdlTask> tasks;
            reset_memory();
            bool finished = try_once(work, careful, tasks, outcome);
            reset_memory();
            if (finished)
                return outcome;
            if (!tasks.empty() && ++ddl_rounds > kMaxDdlRounds)
                return outcome_of(ApplyOutcome::Kind::table,
                                  Fault::of(ErrorClass::ddl, "XX000",
                                            "the table still lacks a column after it was added"),
                                  tasks.front().target);
            for (const DdlTask& task : tasks)
                if (!do_ddl(task, outcome))
                    return outcome;
        }
    }

    Scope scope;
    Settings settings;
    PlanCache plans;
    Targets targets;
    BatchMemory memory{};
};

PgSink::PgSink(Scope scope, const Settings& settings)
    : impl_(std::make_unique<Impl>(scope, settings)) {}

PgSink::~PgSink() = default;

void PgSink::configure(const Settings& settings) {
    impl_->settings = settings;
}

ApplyOutcome PgSink::apply(Work& work, bool careful) {
    return impl_->apply(work, careful);
}

Result<OffsetMove> PgSink::read_offset(uint32_t slot, const std::string& topic, int32_t partition) {
    OffsetMove move;
    move.slot = slot;
    move.topic = topic;
    move.partition = partition;
    Fault fault;
    try {
        bool found = false;
        impl_->in_scope([&] { found = load_offset(impl_->settings.client.group_id, move); });
        if (found)
            return move;
        fault = Fault::of(ErrorClass::environment, "02000", "no start offset is stored yet");
    } catch (Error& error) {
        fault = std::move(error.fault);
        if (fault.cls != ErrorClass::retry)
            fault.cls = ErrorClass::environment;
    }
    return fault;
}

} // namespace kcs::pg
