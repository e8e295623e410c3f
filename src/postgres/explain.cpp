#include "postgres/explain_internal.hpp"

#include "pipeline/passed_over.hpp"
#include "postgres/names.hpp"

extern "C" {
#include "catalog/namespace.h"
}

// The frame of an explanation: record, target, operation, problems.

namespace kcs::pg {

namespace {

/// Whom the DDL of a table that is not there would run as.
Oid creator(const char* role, const char* schema) {
    if (*role != '\0')
        return find_role(role);
    Oid space = get_namespace_oid(schema, true);
    return OidIsValid(space) ? schema_owner(space) : database_owner();
}

/// Ends the subtransaction of an explanation, which leaves nothing.
class Told {};

} // namespace

ExplainRow& Explanation::add(const char* part, std::string name) {
    rows.push_back({part, std::move(name), {}, {}, {}, {}, {}, {}, {}});
    return rows.back();
}

/// The detail may tell more in one place than in the other.
bool Explanation::is_told(const Fault& fault) const {
    std::string head = fault.sqlstate + ": " + fault.message;
    auto says = [&head](const ExplainRow& row) {
        return row.error.compare(0, head.size(), head) == 0;
    };
    return std::any_of(rows.begin(), rows.end(), says) ||
           std::any_of(problems_.begin(), problems_.end(), says);
}

/// As the sink judges what goes wrong, by where it does.
Fault Explanation::judged(Fault fault) const {
    bool of_target = fault.cls == ErrorClass::target || fault.cls == ErrorClass::ddl ||
                     fault.cls == ErrorClass::internal;
    if (converting_ && of_target)
        fault.cls = ErrorClass::data;
    if (ddl_ && fault.cls == ErrorClass::data)
        fault.cls = ErrorClass::ddl;
    return fault;
}

void Explanation::problem(Fault raised) {
    Fault fault = judged(std::move(raised));
    // What a function would write it may not here: whether it would elsewhere is not known.
    bool read_only = fault.sqlstate == "25006";
    Outcome outcome = read_only ? Outcome::untold : outcome_of(fault, settings_.apply);
    outcome_ = std::max(outcome_, outcome);
    if (is_told(fault))
        return;
    ExplainRow line{"problem", fault.column, {}, {}, {}, outcome_words(outcome), {}, {}, {}};
    line.error = error_text(fault);
    line.fault = std::move(fault);
    problems_.push_back(std::move(line));
}

/// A value is at fault, so the record is.
void Explanation::blame(ExplainRow& line, const Fault& fault) {
    converting_ = true;
    line.error = error_text(fault);
    line.fault = judged(fault);
    problem(fault);
    converting_ = false;
}

void Explanation::tell(Decoder& decoder) {
    add("record", "outcome");
    Decoded decoded = reader_.decode(decoder);
    arena_.set_limit(arena_.used() + scratch_limit(record_.key.size() + record_.value.size()));
    if (decoded.kind == Decoded::Kind::skip) {
        rows.front().result = std::string("skipped: ") + skip_text(decoded.skip);
        return;
    }
    if (decoded.kind == Decoded::Kind::reject)
        tell_rejected(decoded);
    else
        tell_change(decoded.change);
    bool passed = decoded.kind == Decoded::Kind::change && outcome_ == Outcome::applied &&
                  passed_over(decoded.change, settings_.apply);
    rows.front().result = passed ? std::string("skipped: ") + operation_name(decoded.change)
                                 : outcome_words(outcome_);
    rows.insert(rows.end(), problems_.begin(), problems_.end());
}

// ---- a record that is refused as it is read -----------------------------------------------------

void Explanation::tell_rejected(const Decoded& decoded) {
    if (decoded.target != nullptr)
        tell_target(*decoded.target);
    tell_spelled("key", spelling_.key, decoded.fault);
    tell_spelled("column", spelling_.row, decoded.fault);
    tell_spelled("before", spelling_.before, decoded.fault);
    problem(decoded.fault);
}

void Explanation::tell_spelled(const char* part, const SpelledRow& spelled, const Fault& fault) {
    for (const SpelledMember& member : spelled) {
        ExplainRow& line = add(part, shown_bytes(member.name));
        line.incoming_type = json_type_name(member.value);
        line.incoming = shown_bytes(member.value);
        if (fault.column == member.name && !is_told(fault)) {
            line.error = error_text(fault);
            line.fault = fault;
        }
    }
}

// ---- a change -----------------------------------------------------------------------------------

void Explanation::tell_change(const Change& change) {
    look(change);
    tell_target(*change.target);
    for (const DdlTask& task : tasks_) {
        ddl_ = true;
        attempt([&] { tell_ddl(task); });
        ddl_ = false;
    }
    tell_role();
    size_t operation = tell_operation(change);
    tell_key_index(change);
    tell_row("key", change.key, false, spelling_.key);
    tell_row("new key", change.new_key, false, spelled_header("__debezium.newkey"));
    tell_row("old key", change.old_key, false, spelled_header("__debezium.oldkey"));
    tell_row("column", change.row, change.may_miss, spelling_.row);
    if (partial_ && change.keyed() && !change.old_key && change.half == 0)
        rows[operation].conversion =
            "updates the row with this key; without such a row it is a dead letter";
    tell_unsent(change.row);
    tell_row("before", change.before, true, spelling_.envelope ? spelling_.before : spelling_.row);
    check(change);
}

/// What the sink would see of the target, and the DDL that it would run first.
void Explanation::look(const Change& change) {
    Work work;
    work.changes.push_back(change);
    Attempt first(work, settings_, targets_, plans_, arena_, BatchMemory{}, nullptr);
    looked_ = attempt([&] {
        try {
            first.look();
        } catch (const DdlNeeded& needed) {
            tasks_ = needed.tasks;
        }
    });
    for (DdlTask& task : tasks_)
        if (task.model != nullptr)
            task.model = model_ = &change; // the copy in `work` ends here
}

void Explanation::tell_target(const Target& target) {
    ExplainRow& line = add("record", "target");
    line.result = quote_names(shown_bytes(target.schema), shown_bytes(target.table));
    TargetState* found = nullptr;
    if (!attempt([&] { found = &targets_.find(target, settings_.apply); })) {
        line.conversion = "cannot be a target";
        return;
    }
    state_ = found;
    if (found->exists) {
        line.target_type = relation_kind_name(found->table.kind);
        line.conversion = "exists";
        acting_ = found->acting;
        return;
    }
    line.conversion = model_ != nullptr ? "to be created" : "does not exist";
    if (model_ != nullptr) {
        const char* role = settings_.apply.role.c_str();
        attempt([&] {
            CatalogName name = catalog_name(target);
            const char* schema = name.schema.c_str();
            acting_ = guard([=] { return creator(role, schema); });
        });
    }
}

void Explanation::tell_ddl(const DdlTask& task) {
    std::string sql;
    if (task.model != nullptr) {
        CatalogName name = catalog_name(*task.target);
        const char* schema = name.schema.c_str();
        if (!guard([schema] { return OidIsValid(get_namespace_oid(schema, true)); }))
            sql = "CREATE SCHEMA " + quote_name(name.schema) + "; ";
        sql += create_statement(*task.target, *task.model);
    } else if (state_ != nullptr) {
        sql = join(alter_statements(*task.target, state_->table, task), "; ",
                   [](const DdlStatement& statement) { return statement.sql; });
    }
    ExplainRow& line = add("record", "ddl");
    line.conversion = "before the change";
    line.result = std::move(sql);
}

/// Whom the change would be made as, if the caller may see that.
void Explanation::tell_role() {
    if (!OidIsValid(acting_))
        return;
    Oid acting = acting_;
    add("record", "role").result = guard([acting] { return GetUserNameFromId(acting, false); });
    try {
        subtransaction([&] {
            Identity before = guard([acting] { return act_for_target(acting); });
            guard([&before] { act_as_before(before); });
        });
        may_act_ = true;
    } catch (const Error& error) { // the sink may
        outcome_ = Outcome::untold;
        rows.back().error = error_text(error.fault);
    }
}

size_t Explanation::tell_operation(const Change& change) {
    size_t place = rows.size();
    ExplainRow& line = add("record", "operation");
    line.incoming_type = form_words(change, spelling_);
    line.incoming = shown_bytes(spelling_.op);
    line.result = operation_name(change);
    line.conversion = operation_words(change, state_ != nullptr && state_->exists);
    if (change.source_us != 0)
        add("record", "source time").result = moment_text(change.source_us);
    return place;
}

void Explanation::tell_key_index(const Change& change) {
    if (state_ == nullptr || !(state_->exists || model_ != nullptr))
        return;
    ExplainRow& line = add("record", "key index");
    line.result = "none";
    if (!change.key) {
        line.conversion = "the record has no key";
    } else if (!change.keyed()) {
        line.conversion = "a part of the record's key is NULL";
    } else if (model_ != nullptr) {
        line.conversion = "to be created";
        line.result = has_nullable_key(change) ? "unique index" : "primary key";
    } else {
        attempt([&] { key_ = state_->bind_key(*change.key.layout).index; });
        if (key_ == nullptr)
            return; // a problem, which says why
        Oid oid = key_->oid;
        const char* name = guard([oid] { return get_rel_name(oid); });
        line.conversion = key_->primary ? "primary key" : "unique index";
        line.result = quote_name(name);
    }
}

/// What else the sink would have against the change before its first statement.
void Explanation::check(const Change& change) {
    if (!looked_ || state_ == nullptr || model_ != nullptr || (state_->exists && !may_act_))
        return;
    TargetState* inserting = nullptr;
    GroupTally tally;
    MemoryContext memory = CurrentMemoryContext;
    std::vector<Impatience> none;
    std::vector<uint32_t> met;
    GroupContext context{plans_,
                         arena_,
                         settings_.client.group_id,
                         {memory, memory},
                         false,
                         &inserting,
                         &converting_,
                         tally,
                         none,
                         met,
                         nullptr,
                         nullptr};
    attempt([&] { Group(*state_, context).check(change); });
    converting_ = false;
}

std::vector<ExplainRow> Explainer::explain(const Record& record, const Settings& settings) {
    if (busy_) // in a function of a domain's, say
        throw Error(Fault::of(ErrorClass::target, "55006",
                              "explain_event cannot be called from within itself"));
    struct Turn {
        bool& busy;
        explicit Turn(bool& b) : busy(b) { busy = true; }
        ~Turn() { busy = false; }
    } turn(busy_);
    targets_.clear();
    Decoder decoder(settings.decoder, settings.routes);
    Explanation explanation(record, settings, targets_, plans_);
    try {
        subtransaction([&] {
            guard([] { XactReadOnly = true; }); // whatever a type's functions or a domain do
            explanation.tell(decoder);
            throw Told();
        });
    } catch (const Told&) { // and undone
    }
    targets_.clear();
    return std::move(explanation.rows);
}

} // namespace kcs::pg
