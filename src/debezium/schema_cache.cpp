#include "debezium/schema_cache.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

namespace {

bool is_space(char c) {
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

void trim_end(std::string_view& text) {
    while (!text.empty() && is_space(text.back()))
        text.remove_suffix(1);
}

} // namespace

void SchemaCache::to_front(size_t at) {
    if (at > 0)
        std::rotate(entries_.begin(), entries_.begin() + static_cast<ptrdiff_t>(at),
                    entries_.begin() + static_cast<ptrdiff_t>(at) + 1);
}

const Schema* SchemaCache::match(std::string_view text, SourceKind source,
                                 std::string_view& payload) {
    for (size_t at = 0; at < entries_.size(); ++at) {
        const Entry& entry = *entries_[at];
        if (!entry.framed || !entry.holds_for(source) || text.size() <= entry.text.size() ||
            std::memcmp(text.data(), entry.text.data(), entry.text.size()) != 0)
            continue;
        std::string_view rest = text.substr(entry.text.size());
        trim_end(rest);
        if (rest.empty() || rest.back() != '}')
            return nullptr;
        rest.remove_suffix(1);
        trim_end(rest);
        payload = rest;
        to_front(at);
        return &entries_.front()->schema;
    }
    return nullptr;
}

const Schema& SchemaCache::find(std::string_view schema, std::string_view frame, bool key,
                                std::string_view prefix, SourceKind source, Retired& retired) {
    for (size_t at = 0; at < entries_.size(); ++at) {
        // Another frame around the same schema is an entry of its own.
        if (entries_[at]->framed == !frame.empty() && entries_[at]->schema_text() == schema &&
            (frame.empty() || entries_[at]->text == frame) && entries_[at]->holds_for(source)) {
            to_front(at);
            return entries_.front()->schema;
        }
    }
    auto entry = std::make_unique<Entry>();
    entry->framed = !frame.empty();
    entry->text = entry->framed ? frame : schema;
    entry->schema_at = entry->framed ? static_cast<size_t>(schema.data() - frame.data()) : 0;
    entry->schema_size = schema.size();
    entry->source = source;
    entry->schema = read_schema(schema, key, prefix, source);
    if (entry->schema.row) {
        entry->schema.row->row.settings = rules_.settings;
        if (rules_.excluded != nullptr)
            drop_columns(*entry->schema.row, *rules_.excluded);
    }
    if (entries_.size() == kMost) {
        retired.push_back(entries_.back()->schema.row);
        entries_.pop_back();
    }
    entries_.insert(entries_.begin(), std::move(entry));
    return entries_.front()->schema;
}

void SchemaCache::clear(Retired& retired) {
    for (const std::unique_ptr<Entry>& entry : entries_)
        retired.push_back(entry->schema.row);
    entries_.clear();
}

} // namespace kcs
