#include "debezium/record_decoder.hpp"

#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

/// What the key names its table, like a topic: in the field that topic routing adds, or in the name
/// of its schema. Empty: neither is there.
std::string_view table_named_in_key(const Key& key) {
    if (key.row)
        for (size_t i = 0; i < key.row.layout->columns.size(); ++i)
            if (key.row.layout->columns[i].routing &&
                (key.row.values[i].kind == ValueKind::text ||
                 key.row.values[i].kind == ValueKind::token_text))
                return key.row.values[i].text();
    constexpr std::string_view kSuffix = ".Key";
    std::string_view name;
    if (key.typed != nullptr)
        name = key.typed->name;
    bool named =
        name.size() > kSuffix.size() && name.substr(name.size() - kSuffix.size()) == kSuffix;
    return named ? name.substr(0, name.size() - kSuffix.size()) : std::string_view();
}

} // namespace

bool RecordDecoder::take(Result<const Target*> target, const Target*& kept) {
    if (!target) {
        routing_ = target.fault();
        return false;
    }
    kept = target_ = *target;
    return true;
}

bool RecordDecoder::route_by_source(const Source& source) {
    RouteParts told;
    told.schema = source.schema;
    change_.merges = source.table.empty() || !router_.tells_tables(told);
    if (topic_.source_target != nullptr && topic_.last.table == source.table &&
        topic_.last.schema == source.schema && topic_.last.db == source.db) {
        target_ = topic_.source_target;
        return true;
    }
    topic_.last.db = source.db;
    topic_.last.schema = source.schema;
    topic_.last.table = source.table;
    RouteParts parts = parts_of_topic(record_.topic);
    // A source block that a transform emptied tells less than the topic.
    if (!source.table.empty())
        parts.table = source.table;
    if (!source.db.empty() || !source.schema.empty()) {
        parts.db = source.db;
        parts.schema = source.schema;
    }
    topic_.source_target = nullptr;
    return take(router_.target(parts), topic_.source_target);
}

bool RecordDecoder::route_by_topic() {
    change_.merges = true;
    if (topic_.topic_target != nullptr) {
        target_ = topic_.topic_target;
        return true;
    }
    RouteParts parts =
        parts_of_topic(record_.topic, topic_.named.db, topic_.named.schema, topic_.named.table);
    return take(router_.target(parts), topic_.topic_target);
}

/// Flattened records may name their table, which tells the topic's own dots from those of names.
/// They go by the topic nevertheless, as their tombstones must, which name nothing.
bool RecordDecoder::route_by_names(const RowMeta& meta) {
    SourceTable& named = topic_.named;
    if (meta.table.empty() ||
        (named.table == meta.table && named.schema == meta.schema && named.db == meta.db))
        return true;
    named.db = meta.db;
    named.schema = meta.schema;
    named.table = meta.table;
    topic_.topic_target = nullptr;
    return route_by_topic();
}

void RecordDecoder::learn_table(const Key& key) {
    if (record_.has_key)
        topic_.tables.learn(table_named_in_key(key), topic_.last);
}

/// A tombstone behind an envelope repeats it, and deletes only where it is certain which table it
/// is of: passing it over costs something only where compaction removed the envelope.
bool RecordDecoder::route_tombstone(const Key& key) {
    if (!envelopes()) // flattened rows go by the topic, and so do their deletes
        return route_by_topic();
    const SourceTable* known = topic_.tables.find(table_named_in_key(key), record_.topic);
    if (known == nullptr) {
        routing_ = Fault::data("42P01", "the tombstone's table is not known");
        return false;
    }
    Source source;
    source.db = known->db;
    source.schema = known->schema;
    source.table = known->table;
    return route_by_source(source);
}

/// Whether the topic carries envelopes, as far as is known.
bool RecordDecoder::envelopes() const {
    return topic_.envelopes || rules_.route.format == RecordFormat::envelope;
}

} // namespace kcs
