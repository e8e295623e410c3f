#include "postgres/targets.hpp"

#include "debezium/interpret.hpp"
#include "debezium/layouts.hpp"
#include "postgres/identity.hpp"
#include "postgres/names.hpp"
#include "postgres/stop.hpp"

#include <new>

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "mb/pg_wchar.h"
#include "utils/rls.h"
}

namespace kcs::pg {

namespace {

/// Layouts that a target's bindings are kept for; a topic has a few at a time.
constexpr size_t kMaxBindings = 64;

Fault target_fault(std::string sqlstate, std::string message, std::string hint = {}) {
    Fault fault = Fault::of(ErrorClass::target, std::move(sqlstate), std::move(message));
    fault.hint = std::move(hint);
    return fault;
}

} // namespace

std::string plan_prefix(const Target& target) {
    return std::to_string(target.id) + "/";
}

CatalogName catalog_name(const Target& target) {
    const char* const hint =
        "Choose another target in kafka_cdc_sink.routes, or with kafka_cdc_sink.table_format; "
        "kafka_cdc_sink.seek() passes a single record.";
    if (target.schema.compare(0, 3, "pg_") == 0 || target.schema == "information_schema" ||
        target.schema == "kafka_cdc_sink")
        throw Stop::at_table(&target,
                             target_fault("42501",
                                          "changes cannot be applied to tables of schema " +
                                              quote_name(target.schema),
                                          hint));
    CatalogName out{server_name(target, "schema", target.schema),
                    server_name(target, "table", target.table)};
    for (const std::string* name : {&out.schema, &out.table})
        if (name->size() > kMaxNameBytes || name->empty())
            throw Stop::at_table(
                &target, target_fault("42622",
                                      name->empty() ? "the target's name is empty"
                                                    : "the target's name " + quote_name(*name) +
                                                          " is longer than 63 bytes",
                                      hint));
    return out;
}

/// Names are compared with the catalog's byte by byte: one in another encoding would be missed and
/// its table or column made a second time.
std::string server_name(const Target& target, const char* what, const std::string& name) {
    if (std::optional<std::string> converted = in_server_encoding(name))
        return std::move(*converted);
    Fault fault = target_fault("42602",
                               std::string(what) + " name " + quote_name(in_ascii(name)) +
                                   " cannot be written in the database's encoding",
                               "Use a database with encoding UTF8, or rename the table or column "
                               "at the source; kafka_cdc_sink.seek() passes a single record.");
    fault.table = in_ascii(target.schema) + "." + in_ascii(target.table);
    throw Stop::at_table(&target, std::move(fault));
}

// ---- TargetState ------------------------------------------------------------------------------

void TargetState::clear() {
    exists = false;
    whole_ = RowLayout();
    rows_.clear();
    keys_.clear();
    shortfalls_.clear();
    operators_.clear();
    converters_.clear();
    table = TargetTable();
    MemoryContext context = context_;
    context_ = nullptr;
    if (context != nullptr)
        guard([context] { MemoryContextDelete(context); });
}

void TargetState::load(Oid relid) {
    generation_ = relation_generation(relid);
    table = load_table(relid);
    context_ = guard([] {
        return AllocSetContextCreate(TopMemoryContext, "kafka_cdc_sink target",
                                     ALLOCSET_SMALL_SIZES);
    });
    converters_.assign(table.shape.columns.size(), nullptr);
    exists = true;
}

std::string TargetState::column_name(const LayoutColumn& column) const {
    return server_name(*target, "column", column.name);
}

const RowLayout& TargetState::whole_layout() {
    if (whole_.id != 0)
        return whole_;
    whole_.id = next_layout_id();
    RowBinding binding; // by place: the names are the catalog's, not a record's
    for (size_t c = 0; c < table.shape.columns.size(); ++c) {
        whole_.columns.emplace_back();
        whole_.columns.back().name = table.shape.columns[c].name;
        if (!table.shape.columns[c].generated)
            binding.columns.push_back({static_cast<int>(c), static_cast<int>(c)});
    }
    rows_[whole_.id] = std::move(binding);
    return whole_;
}

const RowBinding& TargetState::bind_row(const RowLayout& layout) {
    auto it = rows_.find(layout.id);
    if (it != rows_.end())
        return it->second;
    std::unordered_map<std::string_view, int> columns;
    for (size_t c = 0; c < table.shape.columns.size(); ++c)
        columns.emplace(table.shape.columns[c].name, static_cast<int>(c));
    RowBinding binding;
    const UniqueIndex* bare = bare_key(layout);
    for (size_t i = 0; i < layout.columns.size(); ++i) {
        int place = static_cast<int>(i);
        const std::string name = column_name(layout.columns[i]);
        auto found =
            columns.find(bare == nullptr ? name : table.shape.columns[bare->parts[0].column].name);
        if (found == columns.end()) {
            if (!layout.columns[i].routing)
                (layout.columns[i].ddl_type.empty() ? binding.undetermined : binding.missing)
                    .push_back(place);
            continue;
        }
        const ColumnShape& column = table.shape.columns[found->second];
        if (column.generated) {
            binding.computed.push_back({place, found->second});
            continue;
        }
        binding.columns.push_back({place, found->second});
        if (target_has_say(layout.columns[i], column, BinaryMode::hex))
            binding.asking.push_back({place, found->second});
    }
    return rows_.emplace(layout.id, std::move(binding)).first->second;
}

/// A record key that is a bare value, not a struct, is the primary key's where that has one column
/// (wire format 1.3). Null: it is not bare, or there is no such key.
const UniqueIndex* TargetState::bare_key(const RowLayout& layout) const {
    if (layout.columns.size() != 1 || !layout.columns[0].name.empty())
        return nullptr;
    for (const UniqueIndex& index : table.unique_indexes)
        if (index.primary && index.parts.size() == 1)
            return &index;
    return nullptr;
}

const KeyBinding& TargetState::bind_key(const RowLayout& layout) {
    auto it = keys_.find(layout.id);
    if (it != keys_.end())
        return it->second;
    KeyBinding binding;
    if (const UniqueIndex* bare = bare_key(layout)) {
        binding.index = bare;
        binding.places = {0};
        return keys_.emplace(layout.id, std::move(binding)).first->second;
    }
    std::vector<std::string> names;
    std::vector<uint16_t> taken;
    for (size_t i = 0; i < layout.columns.size(); ++i) {
        names.push_back(column_name(layout.columns[i]));
        if (!leaves_out(layout.columns[i]))
            taken.push_back(static_cast<uint16_t>(i));
    }
    for (const UniqueIndex& index : table.unique_indexes) {
        if (index.parts.size() != taken.size())
            continue;
        std::vector<uint16_t> places;
        for (const KeyPart& part : index.parts)
            for (uint16_t i : taken)
                if (names[i] == table.shape.columns[part.column].name) {
                    places.push_back(i);
                    break;
                }
        if (places.size() == taken.size()) {
            binding.index = &index;
            binding.places = std::move(places);
            break;
        }
    }
    return keys_.emplace(layout.id, std::move(binding)).first->second;
}

const std::vector<Shortfall>& TargetState::shortfalls(const RowLayout& layout) {
    auto it = shortfalls_.find(layout.id);
    if (it == shortfalls_.end())
        it = shortfalls_.emplace(layout.id, pg::shortfalls(*target, table.shape, layout)).first;
    return it->second;
}

Converter* TargetState::converter(int column) {
    Converter*& made = converters_[column];
    if (made == nullptr) {
        const ColumnShape* shape = &table.shape.columns[column];
        MemoryContext context = context_;
        made = guard([shape, context] {
            MemoryContext before = MemoryContextSwitchTo(context);
            Converter* converter = new (palloc(sizeof(Converter))) Converter();
            prepare_converter(*converter, *shape);
            MemoryContextSwitchTo(before);
            return converter;
        });
    }
    return made;
}

KeyOperators* TargetState::operators(const UniqueIndex& index) {
    KeyOperators*& made = operators_[index.oid];
    if (made == nullptr) {
        const KeyPart* parts = index.parts.data();
        size_t count = index.parts.size();
        MemoryContext context = context_;
        made = guard([=] { return make_key_operators(parts, count, context); });
    }
    return made;
}

const char* relation_kind_name(char kind) {
    switch (kind) {
    case RELKIND_VIEW:
        return "view";
    case RELKIND_MATVIEW:
        return "materialized view";
    case RELKIND_FOREIGN_TABLE:
        return "foreign table";
    case RELKIND_SEQUENCE:
        return "sequence";
    case RELKIND_INDEX:
    case RELKIND_PARTITIONED_INDEX:
        return "index";
    case RELKIND_COMPOSITE_TYPE:
        return "composite type";
    default:
        return "table";
    }
}

// ---- Targets ----------------------------------------------------------------------------------

TargetState& Targets::find(const Target& target, const ApplySettings& settings) {
    watch_relations();
    while (states_.size() <= target.id)
        states_.emplace_back();
    TargetState& state = states_[target.id];
    if (state.target == nullptr)
        state.name = catalog_name(target);
    state.target = &target;
    if (state.rows_.size() > kMaxBindings || state.keys_.size() > kMaxBindings) {
        state.rows_.clear();
        state.keys_.clear();
        state.shortfalls_.clear();
        state.whole_ = RowLayout();
    }
    const char* schema = state.name.schema.c_str();
    const char* table = state.name.table.c_str();
    Oid relid = guard([=] { return find_and_lock(schema, table, RowExclusiveLock); });
    if (state.exists &&
        (relid != state.table.shape.relid || state.generation_ != relation_generation(relid))) {
        state.clear();
        plans_.forget(plan_prefix(target));
    }
    if (OidIsValid(relid)) {
        try {
            if (!state.exists)
                state.load(relid);
        } catch (Error& error) { // of an operator class, say: no record's fault
            if (error.fault.cls == ErrorClass::data)
                error.fault.cls = ErrorClass::target;
            throw;
        }
        check(state, settings);
    }
    return state;
}

void Targets::forget(const Target& target) {
    if (target.id >= states_.size())
        return;
    states_[target.id].clear();
    plans_.forget(plan_prefix(target));
}

void Targets::clear() {
    Target any; // those that the states name may be gone
    for (any.id = 0; any.id < states_.size(); ++any.id)
        forget(any);
    states_.clear();
}

void Targets::check(TargetState& state, const ApplySettings& settings) {
    const TargetTable& table = state.table;
    std::string name = quote_names(table.shape.schema, table.shape.name);
    if (table.kind != RELKIND_RELATION && table.kind != RELKIND_PARTITIONED_TABLE)
        throw Stop::at_table(state.target,
                             target_fault("42809",
                                          "changes cannot be applied to " + name + ", which is a " +
                                              relation_kind_name(table.kind),
                                          "Only tables and partitioned tables can be targets."));
    if (table.rewritten)
        throw Stop::at_table(
            state.target,
            target_fault("0A000", "changes cannot be applied to " + name + ", which has rules",
                         "Drop its rules on INSERT and UPDATE; a trigger can take their place."));
    if (!table.unlogged.empty())
        throw Stop::at_table(
            state.target,
            target_fault("55000",
                         "changes cannot be applied to " + name + ", since a crash would empty " +
                             table.unlogged,
                         "Make it a logged table: ALTER TABLE " + table.unlogged + " SET LOGGED."));
    if (table.of_extension)
        throw Stop::at_table(
            state.target,
            target_fault("42501",
                         "changes cannot be applied to " + name + ", which belongs to an extension",
                         "Choose another target with kafka_cdc_sink.table_format, "
                         "or leave the topic out of kafka_cdc_sink.topics."));
    state.acting = table.owner;
    if (!settings.role.empty()) {
        const char* role = settings.role.c_str();
        state.acting = guard([role] { return find_role(role); });
        if (!OidIsValid(state.acting)) {
            ApplyOutcome outcome;
            outcome.kind = ApplyOutcome::Kind::batch;
            outcome.fault = Fault::of(ErrorClass::environment, "42704",
                                      "role " + quote_name(settings.role) + " does not exist");
            outcome.fault.hint = "Create the role, or change kafka_cdc_sink.role.";
            throw Stop(std::move(outcome));
        }
    }
    Oid relid = table.shape.relid, acting = state.acting;
    if (guard([=] { return check_enable_rls(relid, acting, true); }) == RLS_ENABLED)
        throw Stop::at_table(
            state.target,
            target_fault("42501", "row-level security of " + name + " would apply",
                         "Let kafka_cdc_sink.role name a role that bypasses row-level security, "
                         "or leave it empty and do not force row-level security for the owner."));
}

} // namespace kcs::pg
