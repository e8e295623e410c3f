#include "debezium/row_key.hpp"

#include "debezium/json_scanner.hpp"
#include "debezium/md5.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

/// The member `payload` of an object that has nothing beside it but a `schema`; else all of `key`.
std::string_view payload_of(std::string_view key) {
    JsonScanner json(key);
    std::string_view name, span, payload;
    int members = 0;
    bool schema = false;
    if (!json.open_object())
        return key;
    for (; json.next_member(name); ++members) {
        if (!json.pass_value(span))
            return key;
        if (name == "payload")
            payload = span;
        schema = schema || name == "schema";
    }
    return !json.failed() && members == 2 && schema && !payload.empty() ? payload : key;
}

} // namespace

std::optional<RowKey> row_key(const Record& record) {
    if (!record.has_key)
        return std::nullopt;
    std::string_view payload = payload_of(record.key);
    if (payload.empty() || payload == "null")
        return std::nullopt;
    return md5(payload);
}

} // namespace kcs
