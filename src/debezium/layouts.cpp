#include "debezium/layouts.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Fields that ExtractNewRecordState can add, behind its prefix: members of the envelope and of
/// `transaction`, and those of the connectors' source blocks (wire format 1.7, section 2). Sorted.
constexpr std::string_view kMetadata[] = {"change_lsn",
                                          "collection",
                                          "commit_lsn",
                                          "commit_scn",
                                          "commit_ts_ms",
                                          "connector",
                                          "data_collection_order",
                                          "db",
                                          "event_serial_no",
                                          "file",
                                          "gtid",
                                          "id",
                                          "keyspace",
                                          "lcr_position",
                                          "lsid",
                                          "lsn",
                                          "name",
                                          "op",
                                          "ord",
                                          "origin",
                                          "origin_lsn",
                                          "pos",
                                          "query",
                                          "redo_sql",
                                          "redo_thread",
                                          "row",
                                          "row_id",
                                          "rs_id",
                                          "schema",
                                          "scn",
                                          "sequence",
                                          "server_id",
                                          "shard",
                                          "snapshot",
                                          "ssn",
                                          "start_scn",
                                          "start_ts_ms",
                                          "table",
                                          "thread",
                                          "total_order",
                                          "ts_ms",
                                          "ts_ns",
                                          "ts_us",
                                          "txId",
                                          "txSeq",
                                          "txnNumber",
                                          "user_name",
                                          "version",
                                          "vgtid",
                                          "wallTime",
                                          "xmin"};

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

} // namespace

uint64_t next_layout_id() {
    static std::atomic<uint64_t> last{0};
    return ++last;
}

FieldRole field_role(std::string_view name, RowUse use, std::string_view prefix) {
    if (use != RowUse::flattened)
        return FieldRole::column;
    if (name == kDeletedColumn) // whatever the prefix
        return FieldRole::deleted;
    if (!starts_with(name, prefix))
        return FieldRole::column;
    name.remove_prefix(prefix.size());
    if (name == "op")
        return FieldRole::operation;
    if (name == "source_ts_ms")
        return FieldRole::source_ms;
    if (name == "source_ts_us")
        return FieldRole::source_us;
    bool qualified = false;
    for (std::string_view part : {"source_", "transaction_"})
        if (starts_with(name, part)) {
            name.remove_prefix(part.size());
            qualified = true;
            break;
        }
    if (prefix.empty() && !qualified)
        return FieldRole::column;
    if (name == "connector")
        return FieldRole::connector;
    bool known = std::binary_search(std::begin(kMetadata), std::end(kMetadata), name);
    return known ? FieldRole::dropped : FieldRole::column;
}

void drop_columns(TypedLayout& layout, const std::vector<std::string>& names) {
    std::vector<LayoutColumn> kept;
    for (Field& field : layout.fields) {
        if (field.role != FieldRole::column)
            continue;
        if (std::find(names.begin(), names.end(), field.name) != names.end()) {
            field.role = FieldRole::dropped;
            continue;
        }
        kept.push_back(std::move(layout.row.columns[field.column]));
        field.column = static_cast<uint32_t>(kept.size() - 1);
    }
    layout.row.columns = std::move(kept);
}

} // namespace kcs
