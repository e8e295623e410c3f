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
                                          "change_stream_name",
                                          "collection",
                                          "commit_lsn",
                                          "commit_scn",
                                          "commit_ts_ms",
                                          "connector",
                                          "data_collection_order",
                                          "database_id",
                                          "db",
                                          "event_serial_no",
                                          "file",
                                          "gtid",
                                          "id",
                                          "instance_id",
                                          "is_last_record_in_transaction_in_partition",
                                          "keyspace",
                                          "lcr_position",
                                          "low_watermark",
                                          "lsid",
                                          "lsn",
                                          "mod_number",
                                          "name",
                                          "number_of_partitions_in_transaction",
                                          "number_records_in_transaction",
                                          "op",
                                          "ord",
                                          "origin",
                                          "origin_lsn",
                                          "partition_token",
                                          "pos",
                                          "project_id",
                                          "query",
                                          "read_at_timestamp",
                                          "redo_sql",
                                          "redo_thread",
                                          "row",
                                          "row_id",
                                          "rs_id",
                                          "schema",
                                          "scn",
                                          "sequence",
                                          "server_id",
                                          "server_transaction_id",
                                          "shard",
                                          "snapshot",
                                          "ssn",
                                          "start_scn",
                                          "start_ts_ms",
                                          "system_transaction",
                                          "table",
                                          "thread",
                                          "total_order",
                                          "transaction_epoch",
                                          "transaction_rank",
                                          "transaction_tag",
                                          "ts_ms",
                                          "ts_ns",
                                          "ts_us",
                                          "txId",
                                          "txSeq",
                                          "txnNumber",
                                          "user_name",
                                          "value_capture_type",
                                          "version",
                                          "vgtid",
                                          "wallTime",
                                          "xmin"};

bool is_metadata(std::string_view name) {
    return std::binary_search(std::begin(kMetadata), std::end(kMetadata), name);
}

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
    if (name == "source_connector" || (!prefix.empty() && name == "connector"))
        return FieldRole::connector;
    if (name == "source_db" || (!prefix.empty() && name == "db"))
        return FieldRole::db;
    if (name == "source_schema" || (!prefix.empty() && name == "schema"))
        return FieldRole::schema;
    if (name == "source_table" || (!prefix.empty() && name == "table"))
        return FieldRole::table;
    bool known = !prefix.empty() && is_metadata(name);
    for (std::string_view part : {"source_", "transaction_"})
        known |= starts_with(name, part) && is_metadata(name.substr(part.size()));
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
