#include "debezium/schema.hpp"

#include "debezium/envelope.hpp"

#include "debezium/field_types.hpp"
#include "debezium/value_reader.hpp"

#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Twice what PostgreSQL's widest table needs. A schema's tree takes many times its text.
constexpr size_t kMostSchemaBytes = 4 * 1024 * 1024;

bool ends_with(std::string_view text, std::string_view suffix) {
    return text.size() >= suffix.size() && text.substr(text.size() - suffix.size()) == suffix;
}

const JsonNode* field_named(const JsonNode& node, std::string_view name) {
    const JsonNode* fields = node.find("fields");
    if (fields != nullptr)
        for (const JsonNode& field : fields->items)
            if (field.string("field") == name)
                return &field;
    return nullptr;
}

bool is_struct(const JsonNode* node) {
    return node != nullptr && node->string("type") == "struct";
}

/// A struct that is an envelope by its members, under whatever name a transform gave it. No
/// flattened row has the structs `after` and `source`.
bool looks_like_envelope(const JsonNode& node) {
    return field_named(node, "op") != nullptr && is_struct(field_named(node, "after")) &&
           is_struct(field_named(node, "source"));
}

SchemaClass class_of(const JsonNode& node, std::string_view name) {
    if (ends_with(name, "CloudEvents.Envelope"))
        return SchemaClass::cloud_event;
    if (ends_with(name, ".Envelope"))
        return SchemaClass::envelope;
    if (ends_with(name, "io.debezium.connector.postgresql.MessageValue"))
        return SchemaClass::logical_message;
    if (ends_with(name, ".SchemaChangeValue"))
        return SchemaClass::schema_change;
    if (ends_with(name, "io.debezium.connector.common.Heartbeat"))
        return SchemaClass::heartbeat;
    if (ends_with(name, "io.debezium.connector.common.TransactionMetadataValue"))
        return SchemaClass::transaction;
    if (ends_with(name, "io.debezium.connector.common.Notification"))
        return SchemaClass::notification;
    return looks_like_envelope(node) ? SchemaClass::envelope : SchemaClass::flattened;
}

void add_field(TypedLayout& layout, const JsonNode& node, RowUse use, std::string_view prefix,
               SourceKind source) {
    Field field;
    field.name = node.string("field");
    field.type = field_type(node, source);
    field.role = field_role(field.name, use, prefix);
    field.optional = node.truth("optional", false);
    if (field.role == FieldRole::column) {
        LayoutColumn column = layout_column(field, use);
        const JsonNode* value = node.find("default");
        column.has_default = value != nullptr && value->kind != JsonNode::Kind::null;
        if (column.has_default &&
            !read_default(field.type, *value, layout.storage, column.default_value))
            column.default_value = Value();
        field.column = static_cast<uint32_t>(layout.row.columns.size());
        layout.row.columns.push_back(std::move(column));
    }
    layout.fields.push_back(std::move(field));
}

/// Null: two fields of one name, or one without, or too many.
std::shared_ptr<TypedLayout> struct_layout(const JsonNode& node, RowUse use,
                                           std::string_view prefix, SourceKind source) {
    auto layout = std::make_shared<TypedLayout>();
    layout->row.id = next_layout_id();
    layout->name = node.string("name");
    const JsonNode* fields = node.find("fields");
    if (fields != nullptr)
        for (const JsonNode& field : fields->items)
            add_field(*layout, field, use, prefix, source);
    if (layout->fields.size() > kMostMembers)
        return nullptr;
    for (uint32_t i = 0; i < layout->fields.size(); ++i) {
        const std::string& name = layout->fields[i].name;
        if (name.empty() || !layout->index.emplace(name, i).second)
            return nullptr;
    }
    return layout;
}

std::shared_ptr<TypedLayout> scalar_layout(const JsonNode& node, SourceKind source) {
    auto layout = std::make_shared<TypedLayout>();
    layout->row.id = next_layout_id();
    layout->scalar = true;
    add_field(*layout, node, RowUse::envelope, "", source);
    return layout;
}

/// `io.debezium.connector.<connector>.Source`
SourceKind source_named(std::string_view name) {
    constexpr std::string_view kBegin = "connector.", kEnd = ".Source";
    size_t begin = name.rfind(kBegin);
    if (begin == std::string_view::npos || !ends_with(name, kEnd))
        return SourceKind::unknown;
    name.remove_prefix(begin + kBegin.size());
    return source_kind(name.substr(0, name.size() - kEnd.size()));
}

void read_envelope(const JsonNode& node, Schema& out) {
    out.debezium_named = true;
    const JsonNode* source = field_named(node, "source");
    std::string_view name = source != nullptr ? source->string("name") : std::string_view();
    out.source = source_named(name);
    const JsonNode* row = field_named(node, "after");
    if (!is_struct(row))
        row = field_named(node, "before");
    if (!is_struct(row)) {
        out.cls = SchemaClass::invalid;
        out.problem = "the envelope's rows are no structs";
        return;
    }
    out.row = struct_layout(*row, RowUse::envelope, "", out.source);
}

} // namespace

LayoutColumn layout_column(const Field& field, RowUse use) {
    LayoutColumn column;
    column.name = field.name;
    column.routing = use == RowUse::key && field.name == kRoutingField;
    column.ddl_type = ddl_type(field.type);
    column.extension_type = extension_type(field.type);
    column.wire_type = wire_type(field.type);
    column.comma_set = field.type.semantic == Semantic::enum_set;
    column.limits_told = tells_limits(field.type);
    column.optional = field.optional;
    return column;
}

Schema read_schema(std::string_view text, bool key, std::string_view prefix, SourceKind source) {
    Schema out;
    JsonNode node;
    if (text.size() > kMostSchemaBytes) {
        out.problem = "the schema is larger than 4 MB";
        return out;
    }
    if (!parse_json(text, node)) {
        out.problem = "the schema is not valid JSON, or holds U+0000";
        return out;
    }
    if (node.kind == JsonNode::Kind::null) {
        out.cls = SchemaClass::none;
        return out;
    }
    std::string_view type = node.string("type");
    if (type.empty()) {
        out.problem = "the schema has no type";
        return out;
    }
    if (type != "struct") {
        out.cls = SchemaClass::scalar;
        if (key)
            out.row = scalar_layout(node, source);
        return out;
    }
    std::string_view name = node.string("name");
    out.cls = key ? SchemaClass::flattened : class_of(node, name);
    if (out.cls == SchemaClass::envelope) {
        read_envelope(node, out);
    } else if (out.cls == SchemaClass::flattened) {
        out.debezium_named = ends_with(name, ".Value");
        out.row = struct_layout(node, key ? RowUse::key : RowUse::flattened, prefix, source);
    }
    if ((out.cls == SchemaClass::envelope || out.cls == SchemaClass::flattened) && !out.row) {
        out.cls = SchemaClass::invalid;
        out.problem = "the schema has a field without name, two of one name, or more than 1600";
    }
    return out;
}

} // namespace kcs
