#include "entry/check_topics.hpp"

#include "debezium/spelling.hpp"
#include "pipeline/fault_text.hpp"
#include "postgres/explain.hpp"
#include "postgres/explain_words.hpp"
#include "postgres/names.hpp"
#include "postgres/route_table.hpp"

// One record of a topic, as explain_event() would explain it, but without its values.

namespace kcs::pg {

namespace {

/// What the role lacks on a table that is there.
OwnStatement missing_rights = {
    "SELECT coalesce(string_agg(p, ', ' ORDER BY o), ''), "
    "has_schema_privilege(r.oid, c.relnamespace, 'USAGE')::text, "
    "c.relnamespace::regnamespace::text "
    "FROM pg_roles r, pg_class c LEFT JOIN LATERAL "
    "(SELECT p, o FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE']) WITH ORDINALITY u (p, "
    "o) "
    "WHERE NOT has_table_privilege($1, c.oid, p) "
    "AND NOT (p <> 'DELETE' AND has_any_column_privilege($1, c.oid, p))) m ON true "
    "WHERE r.rolname = $1 AND c.oid = to_regclass($2) GROUP BY r.oid, c.oid",
    2,
    {TEXTOID, TEXTOID},
    nullptr};

/// Whether it may make one that is not.
OwnStatement creation_right = {
    "SELECT (CASE WHEN n.oid IS NULL THEN has_database_privilege($1, current_database(), 'CREATE') "
    "ELSE has_schema_privilege($1, n.oid, 'CREATE') END)::text, "
    "CASE WHEN n.oid IS NULL THEN 'DATABASE ' || quote_ident(current_database()) "
    "ELSE 'SCHEMA ' || quote_ident(n.nspname) END "
    "FROM (SELECT (parse_ident($2))[1] AS name) t LEFT JOIN pg_namespace n ON n.nspname = t.name",
    2,
    {TEXTOID, TEXTOID},
    nullptr};

/// Never destroyed: it ends with the process.
Explainer* explainer = nullptr;

constexpr size_t kMostNames = 10;

class Names {
public:
    void add(const std::string& name) {
        if (++count_ <= kMostNames)
            text_ += (count_ > 1 ? ", " : "") + name;
    }
    bool any() const { return count_ > 0; }
    std::string text() const {
        return count_ > kMostNames ? text_ + " and " + std::to_string(count_ - kMostNames) + " more"
                                   : text_;
    }

private:
    size_t count_ = 0;
    std::string text_;
};

/// The record's form, as far as it can be seen without a target.
std::string form_of(const Record& record) {
    if (!record.has_value)
        return "tombstone";
    if (record.value.empty())
        return "empty value";
    if (record.value[0] == '\0' || record.value[0] == '\1')
        return "binary form of a schema registry (Avro, Protobuf or JSON Schema)";
    size_t at = record.value.find_first_not_of(" \t\r\n");
    if (at == std::string_view::npos || record.value[at] != '{')
        return "no JSON object";
    Arena arena;
    Spelling spelling = spell_record(record, arena);
    std::string schema = spelling.schema ? " with schema" : "";
    if (spelling.envelope)
        return "change event" + schema;
    return spelling.row.empty() ? "JSON" + schema : "flattened record" + schema;
}

bool is(const ExplainRow& row, const char* part, const char* name = nullptr) {
    return std::string_view(row.part) == part && (name == nullptr || row.name == name);
}

/// Without values: the decoder's texts about a record as a whole have none, nor have ours.
std::string told(const Fault& fault) {
    bool of_form = fault.cls == ErrorClass::data && fault.column.empty() && !fault.by_user_code &&
                   (fault.sqlstate == "22023" || fault.sqlstate == "0A000") &&
                   fault.message.find('"') == std::string::npos;
    return of_form ? fault.message : safe_reason(fault);
}

std::string hint_of(const Fault& fault) {
    bool safe = fault.ours || (fault.cls == ErrorClass::data && fault.column.empty() &&
                               !fault.by_user_code && fault.hint.find('"') == std::string::npos);
    if (safe && !fault.hint.empty())
        return fault.hint;
    return "explain_event() tells it in full, with the record's values.";
}

Verdict verdict_of(Outcome outcome) {
    return outcome == Outcome::applied                               ? Verdict::ok
           : outcome == Outcome::waits || outcome == Outcome::untold ? Verdict::warning
                                                                     : Verdict::error;
}

class RecordCheck {
public:
    RecordCheck(Report& report, const SampledRecord& sample)
        : report_(report), sample_(sample), subject_("topic " + sample.topic) {
        for (const auto& [name, value] : sample.headers)
            headers_.push_back(
                {name, value ? std::string_view(*value) : std::string_view(nullptr, 0)});
        record_.topic = sample.topic;
        record_.partition = sample.partition;
        record_.offset = sample.offset;
        record_.timestamp_ms = sample.timestamp_ms;
        record_.has_key = sample.key.has_value();
        record_.has_value = sample.value.has_value();
        if (sample.key)
            record_.key = *sample.key;
        if (sample.value)
            record_.value = *sample.value;
        record_.known_headers = {headers_.data(), static_cast<uint32_t>(headers_.size())};
    }

    void run() {
        if (sample_.large)
            return add("record", Verdict::warning,
                       "of " + std::to_string(sample_.bytes) + " bytes: too large to be looked at");
        if (!report_.here)
            return add("record", Verdict::ok, form_of(record_));
        Settings settings = report_.settings;
        settings.routes = load_routes(nullptr);
        if (explainer == nullptr)
            explainer = new Explainer();
        rows_ = explainer->explain(record_, settings);
        tell_record();
        tell_target();
        tell_columns();
        tell_problems();
    }

private:
    void add(std::string item, Verdict verdict, std::string found, std::string hint = {}) {
        report_.add(subject_, std::move(item), verdict, std::move(found), std::move(hint));
    }

    const ExplainRow* find(const char* part, const char* name) const {
        for (const ExplainRow& row : rows_)
            if (is(row, part, name))
                return &row;
        return nullptr;
    }

    void tell_record() {
        std::string outcome = rows_.front().result.value_or("");
        const ExplainRow* operation = find("record", "operation");
        std::string found = operation == nullptr ? form_of(record_) : operation->incoming_type;
        if (operation != nullptr && operation->result)
            found += ", " + *operation->result;
        Verdict verdict = Verdict::ok;
        for (Outcome bad : {Outcome::dead_letter, Outcome::stops, Outcome::waits, Outcome::parks,
                            Outcome::pauses, Outcome::untold})
            if (outcome == outcome_words(bad))
                verdict = verdict_of(bad);
        std::string hint;
        if (verdict != Verdict::ok)
            hint = "See the other rows of this topic.";
        add("record", verdict, found + ": " + outcome, hint);
    }

    void tell_target() {
        const ExplainRow* target = find("record", "target");
        if (target == nullptr || !target->result || target->conversion == "cannot be a target")
            return;
        const ExplainRow* role = find("record", "role");
        const ExplainRow* key = find("record", "key index");
        bool made = target->conversion == "to be created";
        std::string found = *target->result + ": " + target->conversion;
        if (key != nullptr && key->result && *key->result != "none")
            found += made ? " with " + *key->result : ", " + key->conversion + " " + *key->result;
        else if (key != nullptr && !key->conversion.empty())
            found += ", no key index: " + key->conversion;
        if (role != nullptr)
            found += ", written as " + *role->result;
        bool missing = target->conversion == "does not exist";
        bool not_made = missing && !report_.settings.apply.auto_create_tables;
        add("target", not_made ? Verdict::error : Verdict::ok, found,
            not_made ? "Create the table, or set kafka_cdc_sink.auto_create_tables to on." : "");
        if (role == nullptr)
            return;
        if (!role->error.empty())
            add("values", Verdict::warning,
                "not looked at: that takes the right to act as " + *role->result,
                "Call check() as a superuser, or as a member of that role.");
        tell_rights(*role->result, *target->result, target->conversion);
    }

    void tell_rights(const std::string& role, const std::string& target,
                     const std::string& conversion) {
        if (conversion == "exists") {
            std::vector<TextRow> rows = query(missing_rights, {role, target});
            if (rows.empty())
                return;
            const TextRow& row = rows[0];
            if (row[1] != "true")
                add("rights", Verdict::error, role + " lacks USAGE on schema " + row[2],
                    "GRANT USAGE ON SCHEMA " + row[2] + " TO " + quote_name(role) + ";");
            if (!row[0].empty())
                add("rights", Verdict::error, role + " lacks " + row[0] + " on " + target,
                    "GRANT " + row[0] + " ON " + target + " TO " + quote_name(role) + ";");
        } else if (conversion == "to be created") {
            TextRow row = query(creation_right, {role, target})[0];
            if (row[0] != "true")
                add("rights", Verdict::error, role + " lacks CREATE on " + row[1],
                    "GRANT CREATE ON " + row[1] + " TO " + quote_name(role) +
                        "; or create the table yourself.");
        }
    }

    void tell_columns() {
        Names added, altered, passed;
        for (const ExplainRow& row : rows_) {
            if (!is(row, "column"))
                continue;
            if (row.target_type.compare(0, 15, "to be added as ") == 0)
                added.add(row.name + " " + row.target_type.substr(15));
            else if (row.target_type.compare(0, 17, "to be altered to ") == 0)
                altered.add(row.name + " to " + row.target_type.substr(17));
            else if (row.conversion == "not a column of the table")
                passed.add(row.name);
        }
        if (added.any())
            add("columns", Verdict::ok, "to be added: " + added.text());
        if (altered.any())
            add("columns", Verdict::ok, "to be altered: " + altered.text());
        if (passed.any())
            add("columns", Verdict::warning,
                "not stored, as the table lacks them: " + passed.text(),
                "Set kafka_cdc_sink.schema_evolution to add_columns, add them, or exclude them in "
                "kafka_cdc_sink.routes.");
    }

    void tell_problems() {
        for (const ExplainRow& row : rows_) {
            if (!row.fault)
                continue;
            const Fault& fault = *row.fault;
            Outcome outcome = outcome_of(fault, report_.settings.apply);
            if (fault.sqlstate == "25006")
                outcome = Outcome::untold;
            std::string found;
            if (!row.incoming_type.empty() && !row.target_type.empty())
                found = row.incoming_type + " does not fit " + row.target_type + ": ";
            found += told(fault) + ": " + outcome_words(outcome);
            const std::string& column = row.name.empty() ? fault.column : row.name;
            add(column.empty() ? "problem" : "column " + column, verdict_of(outcome), found,
                hint_of(fault));
        }
    }

    Report& report_;
    const SampledRecord& sample_;
    const std::string subject_;
    std::vector<Header> headers_;
    Record record_;
    std::vector<ExplainRow> rows_;
};

} // namespace

void check_record(Report& report, const SampledRecord& sample) {
    RecordCheck(report, sample).run();
}

} // namespace kcs::pg
