#pragma once

#include "core/record.hpp"
#include "debezium/key_layouts.hpp"
#include "debezium/row_reader.hpp"
#include "debezium/schema_cache.hpp"

#include <string_view>

namespace kcs {

/// Caches for the keys of one topic.
struct KeyCaches {
    SchemaCache schemas;
    TokenLayouts rows;
    KeyLayouts told; ///< of keys without schema, by the schemas of their values
};

/// A record key as read.
struct Key {
    Row row;                            ///< none: the record has no key
    const TypedLayout* typed = nullptr; ///< key with schema
};

/// What is known beside the key's own text.
struct KeyContext {
    SourceKind source = SourceKind::unknown;
    bool rows = false;                      ///< the topic's format is known to be flattened rows
    const TypedLayout* value_row = nullptr; ///< the row as the value's schema tells it; may be null
    std::string_view bare; ///< the row's field that a bare value is; empty: nothing tells
};

/// A key that only a schema registry could tell.
Fault registry_key_fault();

/// Reads record keys (wire format 1.3): a struct with or without schema, or a bare scalar, which
/// becomes a row of one column without name.
class KeyReader {
public:
    KeyReader(RowReader& rows, KeyCaches& caches, Retired& retired, const KeyContext& known,
              Arena& arena)
        : rows_(rows), caches_(caches), retired_(retired), known_(known), arena_(arena) {}

    /// Reads Connect JSON. False: `fault` says why.
    bool read(std::string_view bytes, Key& out, Fault& fault);

    /// Reads a header that holds another key of the same shape as `key` (wire format 1.5), written
    /// by SimpleHeaderConverter, JsonConverter or StringConverter. False: not understood, or not
    /// all columns of the key are in it.
    bool read_header(std::string_view bytes, const Key& key, Row& out);

private:
    bool json(char* begin, char* end, const Schema* schema, Key& out, Fault& fault);
    bool told(std::string_view text, Key& out);

    RowReader& rows_;
    KeyCaches& caches_;
    Retired& retired_;
    KeyContext known_;
    Arena& arena_;
};

/// The text of a struct as SimpleHeaderConverter writes it, as a row of the shape of `key`: JSON,
/// but Decimal is a bare number, Connect's temporal types are bare ISO text, and strings may hold
/// raw control characters. Plain JSON reads the same. `text` is changed in place. False: not
/// understood, or not all columns of the key are in it.
bool read_header_struct(char* text, size_t size, const Key& key, RowReader& rows,
                        TokenLayouts& layouts, Arena& arena, Row& out);

/// The same of the text that StringConverter writes, Java's `Struct{a=1,b=x}`, where it can be read
/// in one way only.
bool read_header_text(char* text, size_t size, const Key& key, RowReader& rows,
                      TokenLayouts& layouts, Arena& arena, Row& out);

/// A writable copy of text in the arena.
inline char* writable_copy(std::string_view text, Arena& arena) {
    // Arena memory is writable; the view's const is that of the interface only.
    return const_cast<char*>(arena.copy(text).data());
}

} // namespace kcs
