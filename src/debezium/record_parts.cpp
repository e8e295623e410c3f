#include "debezium/record_decoder.hpp"
#include "debezium/reshape.hpp"

#include <algorithm>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// Headers in which Apicurio puts a schema's id (wire format 6.5), behind `apicurio.<part>.`.
bool apicurio_id(std::string_view name) {
    return name == "globalId" || name == "contentId" || name == "contentHash" ||
           name == "artifactId" || name == "groupId";
}

/// What Debezium writes since 3.2, and what ExtractNewRecordState's add.headers does.
bool names_connector(std::string_view name) {
    return name == "__debezium.context.connectorName" || name == "__connector" ||
           name == "__source_connector";
}

/// The connector as SimpleHeaderConverter, StringConverter or JsonConverter wrote it.
SourceKind source_in_header(std::string_view text) {
    JsonScanner scanner(text);
    Members members;
    if (scanner.peek() == JsonScanner::Token::object && scan_members(scanner, members))
        text = members.payload;
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    return source_kind(text);
}

bool cut_prefix(std::string_view& text, std::string_view prefix) {
    if (text.substr(0, prefix.size()) != prefix)
        return false;
    text.remove_prefix(prefix.size());
    return true;
}

} // namespace

void RecordDecoder::note_headers() {
    for (const Header& header : record_.headers()) {
        std::string_view name = header.name;
        debezium_headers_ |= name.substr(0, 11) == "__debezium.";
        if (names_connector(name))
            source_ = source_in_header(header.value);
        if (name == "__debezium.newkey")
            new_key_ = &header;
        else if (name == "__debezium.oldkey")
            old_key_ = &header;
        else if (name == "__value_schema_id")
            registry_value_ = true;
        else if (name == "__key_schema_id")
            registry_key_ = true;
        else if (cut_prefix(name, "apicurio.value."))
            registry_value_ |= apicurio_id(name);
        else if (cut_prefix(name, "apicurio.key."))
            registry_key_ |= apicurio_id(name);
    }
}

bool RecordDecoder::registry_framed() const {
    return registry_value_ ||
           (!record_.value.empty() && (record_.value[0] == '\0' || record_.value[0] == '\1'));
}

RecordDecoder::Text RecordDecoder::copy(std::string_view text) {
    Text out;
    out.begin = writable_copy(text, arena_);
    out.end = out.begin + text.size();
    out.utf8 = valid_utf8(out.begin, out.end);
    out.original = text;
    return out;
}

bool RecordDecoder::read_key(Key& key, Decoded& result) {
    if (!record_.has_key)
        return true;
    Fault fault;
    bool framed = registry_key_ ||
                  (!record_.key.empty() && (record_.key[0] == '\0' || record_.key[0] == '\1'));
    if (framed)
        fault = registry_key_fault();
    else if (key_reader().read(record_.key, key, fault))
        return true;
    if (!rules_.route.key_columns.empty()) { // another key is wanted: it need not be readable
        key = Key();
        return true;
    }
    result = reject(std::move(fault));
    return false;
}

/// The other key of a key change; none where the header is missing or not understood, which turns
/// the change into a plain delete and a plain insert (wire format 1.5).
Row RecordDecoder::read_key_header(const Header* header, const Key& key) {
    Row row;
    if (header == nullptr || !key.row)
        return row;
    return key_reader().read_header(header->value, key, row) ? row : Row();
}

KeyReader RecordDecoder::key_reader() {
    const bool rows = rules_.route.format == RecordFormat::flattened;
    const std::vector<std::string>& routed = rules_.route.key_columns;
    const std::string_view bare = routed.size() == 1 ? routed[0] : std::string_view();
    return {rows_, topic_.keys, retired_, {topic_.source, rows, value_row_.get(), bare}, arena_};
}

/// Of a row without schema the values that its key tells with one.
void RecordDecoder::take_told(const Key& key, Row& row) {
    if (key.typed == nullptr || row.layout->typed)
        return;
    size_t count = row.layout->columns.size();
    Value* values = arena_.make_array<Value>(count);
    std::copy(row.values, row.values + count, values);
    const std::vector<LayoutColumn>& told = key.row.layout->columns;
    for (size_t i = 0; i < told.size(); ++i)
        for (size_t at = 0; at < count && !told[i].routing; ++at)
            if (row.layout->columns[at].name == told[i].name)
                values[at] = key.row.values[i];
    row.values = values;
}

Decoded RecordDecoder::skip(SkipReason reason) const {
    Decoded out;
    out.kind = Decoded::Kind::skip;
    out.skip = reason;
    out.target = target_;
    return out;
}

Decoded RecordDecoder::reject(Fault fault) const {
    Decoded out;
    out.kind = Decoded::Kind::reject;
    out.fault = std::move(fault);
    out.target = target_;
    if (target_ != nullptr && out.fault.table.empty())
        out.fault.table = target_->schema + "." + target_->table;
    return out;
}

Decoded RecordDecoder::not_ours() const {
    Fault fault = Fault::data("22023", "record is not a Debezium change event");
    fault.hint = "Leave its topic out of kafka_cdc_sink.topics, or have the source write JSON "
                 "change events.";
    return reject(std::move(fault));
}

Decoded RecordDecoder::change() {
    if (rules_.routed) {
        Reshaper reshaper(rules_, topic_.derived, retired_, arena_);
        Fault fault;
        switch (reshaper.reshape(change_, record_, source_text_, fault)) {
        case Reshaper::Verdict::change:
            break;
        case Reshaper::Verdict::unkeyed_tombstone:
            if (envelopes())
                return skip(SkipReason::unkeyed_tombstone);
            return reject(std::move(fault));
        case Reshaper::Verdict::reject:
            return reject(std::move(fault));
        }
    }
    if (!change_.tombstone)
        topic_.note_row(target_, std::move(value_row_));
    Decoded out;
    out.kind = Decoded::Kind::change;
    out.change = change_;
    out.change.target = target_;
    out.change.slot = record_.slot;
    out.change.offset = record_.offset;
    out.target = target_;
    return out;
}

} // namespace kcs
