#pragma once

#include "debezium/schema.hpp"
#include "debezium/token_layouts.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace kcs {

/// The last few schemas of one topic's values or keys, so that an embedded schema that was seen
/// before costs a memcmp.
class SchemaCache {
public:
    /// Whether `text` begins with the bytes of a known frame, everything up to its payload. Then
    /// `payload` is what lies between the frame and the text's last brace; should the frame's
    /// object have further members, that is no single JSON value. `source`: as of find().
    const Schema* match(std::string_view text, SourceKind source, std::string_view& payload);

    /// The schema of this text, parsed if it is new. `frame` is what lies before the payload,
    /// and holds `schema`; it is empty when the payload came first. `source`: the topic's, on which
    /// types hang but those of an envelope, which names its own.
    const Schema& find(std::string_view schema, std::string_view frame, bool key,
                       std::string_view prefix, SourceKind source, Retired& retired);

    /// Before the first find(), and again only after clear().
    void set_rules(const RowRules& rules) { rules_ = rules; }

    /// Hands all layouts to `retired`.
    void clear(Retired& retired);

private:
    struct Entry {
        std::string text; ///< the frame, or the schema alone
        size_t schema_at = 0;
        size_t schema_size = 0;
        bool framed = false;
        SourceKind source = SourceKind::unknown;
        Schema schema;
        bool holds_for(SourceKind s) const {
            return source == s || schema.cls == SchemaClass::envelope;
        }
        std::string_view schema_text() const { return {text.data() + schema_at, schema_size}; }
    };
    static constexpr size_t kMost = 32; ///< a topic may carry many tables

    void to_front(size_t at);

    RowRules rules_;
    std::vector<std::unique_ptr<Entry>> entries_; ///< latest used first
};

} // namespace kcs
