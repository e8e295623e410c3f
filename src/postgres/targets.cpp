#include "postgres/targets.hpp"

#include "debezium/interpret.hpp"
#include "postgres/identity.hpp"
#include "postgres/names.hpp"
#include "postgres/stop.hpp"

#include <new>

extern "C" {
#include "catalog/namespace.h"
#include "catalog/pg_class.h"
#include "mb/pg_wchar.h"
#include "storage/lmgr.h"
#include "utils/rls.h"
}

namespace kcs::pg {

namespace {

/// Layouts that a target's bindings are kept for; a topic has a few at a time.
constexpr size_t kMaxBindings = 64;

// ---- C register -------------------------------------------------------------------------------

/// By exact name, locked so that it stays what it is; InvalidOid when there is none.
Oid find_and_lock(const char* schema, const char* table) {
    for (;;) {
        Oid space = get_namespace_oid(schema, true);
        Oid relid = OidIsValid(space) ? get_relname_relid(table, space) : InvalidOid;
        if (!OidIsValid(relid))
            return InvalidOid;
        LockRelationOid(relid, RowExclusiveLock);
        space = get_namespace_oid(schema, true);
        if (OidIsValid(space) && get_relname_relid(table, space) == relid)
            return relid;
        UnlockRelationOid(relid, RowExclusiveLock);
    }
}

// ---- C++ --------------------------------------------------------------------------------------

Fault target_fault(std::string sqlstate, std::string message, std::string hint = {}) {
    Fault fault = Fault::of(ErrorClass::target, std::move(sqlstate), std::move(message));
    fault.hint = std::move(hint);
    return fault;
}

bool is_ascii(const std::string& text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

/// Other bytes as \xNN, so that every encoding can show them.
std::string in_ascii(const std::string& text) {
    static const char digits[] = "0123456789ABCDEF";
    std::string out;
    for (char c : text) {
        if ((c & 0x80) == 0) {
            out += c;
            continue;
        }
        unsigned byte = static_cast<unsigned char>(c);
        out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    }
    return out;
}

} // namespace

std::string plan_prefix(const Target& target) {
    return std::to_string(target.id) + "/";
}

void check_target_name(const Target& target) {
    for (const char* refused : {"pg_catalog", "information_schema", "pg_toast", "kafka_cdc_sink"})
        if (target.schema == refused)
            throw Stop::at_table(
                &target, target_fault("42501",
                                      "changes cannot be applied to tables of schema " +
                                          quote_name(target.schema),
                                      "Choose another target with kafka_cdc_sink.table_format."));
    check_name_encoding(target, "schema", target.schema);
    check_name_encoding(target, "table", target.table);
    for (const std::string* name : {&target.schema, &target.table}) {
        if (name->size() > kMaxNameBytes || name->empty())
            throw Stop::at_table(
                &target, target_fault("42622",
                                      name->empty() ? "the target's name is empty"
                                                    : "the target's name " + quote_name(*name) +
                                                          " is longer than 63 bytes",
                                      "Choose another target with kafka_cdc_sink.table_format."));
        const std::string* n = name;
        bool valid = guard([n] {
            return pg_verify_mbstr(GetDatabaseEncoding(), n->data(), static_cast<int>(n->size()),
                                   true);
        });
        if (!valid)
            throw Stop::at_table(&target,
                                 target_fault("42602", "the target's name cannot be written in the "
                                                       "database's encoding"));
    }
}

/// Names are compared with the catalog's byte by byte, and Kafka's are UTF-8: in a database of
/// another encoding the same name is other bytes, so a table or column that is there would be
/// missed and made a second time. Values are converted; names are not.
void check_name_encoding(const Target& target, const char* what, const std::string& name) {
    if (GetDatabaseEncoding() == PG_UTF8 || is_ascii(name))
        return;
    Fault fault = target_fault("42602",
                               std::string(what) + " name " + quote_name(in_ascii(name)) +
                                   " is not ASCII, and the encoding of the database is not UTF8",
                               "Use a database with encoding UTF8, or rename the table or column "
                               "at the source.");
    fault.table = in_ascii(target.schema) + "." + in_ascii(target.table);
    throw Stop::at_table(&target, std::move(fault));
}

// ---- TargetState ------------------------------------------------------------------------------

void TargetState::clear() {
    exists = false;
    rows_.clear();
    keys_.clear();
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

void TargetState::check_encoding(const RowLayout& layout) const {
    for (const LayoutColumn& column : layout.columns)
        check_name_encoding(*target, "column", column.name);
}

const RowBinding& TargetState::bind_row(const RowLayout& layout) {
    auto it = rows_.find(layout.id);
    if (it != rows_.end())
        return it->second;
    std::unordered_map<std::string_view, int> columns;
    for (size_t c = 0; c < table.shape.columns.size(); ++c)
        columns.emplace(table.shape.columns[c].name, static_cast<int>(c));
    RowBinding binding;
    check_encoding(layout);
    const UniqueIndex* bare = bare_key(layout);
    for (size_t i = 0; i < layout.columns.size(); ++i) {
        int place = static_cast<int>(i);
        auto found =
            columns.find(bare == nullptr ? layout.columns[i].name
                                         : table.shape.columns[bare->parts[0].column].name);
        if (found == columns.end()) {
            (layout.columns[i].ddl_type.empty() ? binding.undetermined : binding.missing)
                .push_back(place);
            continue;
        }
        const ColumnShape& column = table.shape.columns[found->second];
        if (column.generated)
            continue;
        if (column.identity_always)
            binding.fixed_identity = found->second;
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
    check_encoding(layout);
    for (const UniqueIndex& index : table.unique_indexes) {
        if (index.parts.size() != layout.columns.size())
            continue;
        std::vector<uint16_t> places;
        for (const KeyPart& part : index.parts)
            for (size_t i = 0; i < layout.columns.size(); ++i)
                if (layout.columns[i].name == table.shape.columns[part.column].name) {
                    places.push_back(static_cast<uint16_t>(i));
                    break;
                }
        if (places.size() == layout.columns.size()) {
            binding.index = &index;
            binding.places = std::move(places);
            break;
        }
    }
    return keys_.emplace(layout.id, std::move(binding)).first->second;
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

// ---- Targets ----------------------------------------------------------------------------------

TargetState& Targets::find(const Target& target, const ApplySettings& settings) {
    watch_relations();
    while (states_.size() <= target.id)
        states_.emplace_back();
    TargetState& state = states_[target.id];
    if (state.target == nullptr)
        check_target_name(target);
    state.target = &target;
    if (state.rows_.size() > kMaxBindings || state.keys_.size() > kMaxBindings) {
        state.rows_.clear();
        state.keys_.clear();
    }
    const char* schema = target.schema.c_str();
    const char* table = target.table.c_str();
    Oid relid = guard([=] { return find_and_lock(schema, table); });
    if (state.exists &&
        (relid != state.table.shape.relid || state.generation_ != relation_generation(relid))) {
        state.clear();
        plans_.forget(plan_prefix(target));
    }
    if (OidIsValid(relid)) {
        if (!state.exists)
            state.load(relid);
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
