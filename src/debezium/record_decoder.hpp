#pragma once

#include "debezium/decoder.hpp"
#include "debezium/envelope.hpp"
#include "debezium/key_reader.hpp"
#include "debezium/route.hpp"
#include "debezium/topic_state.hpp"

#include <string_view>

namespace kcs {

/// What decoding one record works with.
struct DecodeContext {
    TopicState& topic;
    TopicRules& rules;
    Retired& retired;
    Arena& arena;
};

/// Decodes one record; made for it and thrown away (wire format 1.1 to 1.8).
class RecordDecoder {
public:
    RecordDecoder(const Record& record, const DecodeContext& context)
        : record_(record), topic_(context.topic), rules_(context.rules),
          router_(context.rules.router), rows_(context.rules.rows), retired_(context.retired),
          arena_(context.arena) {}

    Decoded run();

private:
    /// Writable text of the private copy.
    struct Text {
        char* begin = nullptr;
        char* end = nullptr;
        bool utf8 = false;
        std::string_view original; ///< what it is a copy of
    };

    // Frames (record_decoder.cpp).
    Decoded value();
    Decoded with_schema(const Schema& schema, Text payload);
    Decoded without_schema(Text payload, const Members& members);
    PayloadClass class_of(const Members& members) const;
    Decoded tombstone(bool event = false);
    bool of_heartbeat(const Key& key) const;
    Decoded flattened(const Schema* schema, Text payload);
    Decoded flattened_row(const Schema* schema, Text payload);

    // Envelopes (envelope_decoder.cpp).
    Decoded envelope(const Schema* schema, Text payload, const Members& members);
    bool image(std::string_view span, const Schema* schema, const Text& payload, const char* what,
               bool may_miss, const Key& key, Row& out, Decoded& result);
    Decoded row_change(char op, const Schema* schema, const Text& payload, const Members& members,
                       bool postgresql);

    // Parts that both use (record_parts.cpp).
    Text copy(std::string_view text);
    void note_headers();
    bool registry_framed() const;
    bool read_key(Key& key, Decoded& result);
    Row read_key_header(const Header* header, const Key& key);
    KeyReader key_reader();
    void take_told(const Key& key, Row& row);
    Decoded skip(SkipReason reason) const;
    Decoded reject(Fault fault) const;
    Decoded not_ours() const;
    Decoded change();

    // Which target it is for (record_routing.cpp).
    bool route_by_source(const Source& source);
    bool route_by_topic();
    bool route_by_names(const RowMeta& meta);
    void learn_table(const Key& key);
    bool route_tombstone(const Key& key);
    bool envelopes() const;
    bool take(Result<const Target*> target, const Target*& kept);

    const Record& record_;
    TopicState& topic_;
    const TopicRules& rules_;
    Router& router_;
    RowReader& rows_;
    Retired& retired_;
    Arena& arena_;
    const Header* new_key_ = nullptr;         ///< header __debezium.newkey
    const Header* old_key_ = nullptr;         ///< header __debezium.oldkey
    SourceKind source_ = SourceKind::unknown; ///< as a header names it
    bool registry_value_ = false; ///< a header says that a registry has the value's schema
    bool registry_key_ = false;
    bool debezium_headers_ = false;
    bool corrected_ = false; ///< read again, because it is another connector's than it seemed
    std::shared_ptr<TypedLayout> value_row_; ///< of the value's schema, where it has one
    const Target* target_ = nullptr;
    Fault routing_;                ///< why there is no target
    std::string_view source_text_; ///< the source block as spelled, where it is wanted
    Change change_;
};

} // namespace kcs
