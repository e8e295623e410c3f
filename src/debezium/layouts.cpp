#include "debezium/layouts.hpp"

#include <algorithm>
#include <atomic>
#include <iterator>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Names that ExtractNewRecordState gives to added fields under its default prefix: envelope
/// members, members of `source`, and those of `transaction`. Sorted.
constexpr std::string_view kMetadata[] = {"__change_lsn",  "__commit_lsn",
                                          "__commit_scn",  "__commit_ts_ms",
                                          "__connector",   "__data_collection_order",
                                          "__db",          "__event_serial_no",
                                          "__file",        "__gtid",
                                          "__id",          "__lsn",
                                          "__name",        "__op",
                                          "__origin",      "__origin_lsn",
                                          "__pos",         "__query",
                                          "__row",         "__schema",
                                          "__scn",         "__sequence",
                                          "__server_id",   "__snapshot",
                                          "__table",       "__thread",
                                          "__total_order", "__ts_ms",
                                          "__ts_ns",       "__ts_us",
                                          "__txId",        "__version",
                                          "__xmin"};

bool starts_with(std::string_view text, std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
}

} // namespace

uint64_t next_layout_id() {
    static std::atomic<uint64_t> last{0};
    return ++last;
}

FieldRole field_role(std::string_view name, RowUse use) {
    if (use == RowUse::key)
        return name == "__dbz__physicalTableIdentifier" ? FieldRole::dropped : FieldRole::column;
    if (use == RowUse::envelope || !starts_with(name, "__"))
        return FieldRole::column;
    if (name == "__deleted")
        return FieldRole::deleted;
    if (name == "__op")
        return FieldRole::operation;
    if (name == "__source_ts_ms")
        return FieldRole::source_ms;
    if (name == "__source_ts_us")
        return FieldRole::source_us;
    if (starts_with(name, "__source_") || starts_with(name, "__transaction_") ||
        std::binary_search(std::begin(kMetadata), std::end(kMetadata), name))
        return FieldRole::dropped;
    return FieldRole::column;
}

} // namespace kcs
