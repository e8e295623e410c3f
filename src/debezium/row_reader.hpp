#pragma once

#include "debezium/layouts.hpp"
#include "debezium/token_layouts.hpp"
#include "debezium/value_reader.hpp"

#include <vector>

namespace kcs {

/// Reads a JSON object as a row: values beside a layout's columns, without allocation but the
/// arena's. On failure `fault` is a data fault that names the column where one is known.
class RowReader {
public:
    /// `prefix`: of metadata in flattened records; lives as long as the reader.
    RowReader(const Placeholder& placeholder, std::string_view prefix, Retired& retired)
        : values_(placeholder), prefix_(prefix), retired_(&retired) {}

    ValueReader& values() { return values_; }
    std::string_view flattened_prefix() const { return prefix_; }

    /// A row whose schema is known. Members in the schema's order are found at once, others by
    /// name. `meta` may be null.
    bool typed(JsonCursor& cursor, const TypedLayout& layout, bool may_miss, Arena& arena, Row& out,
               RowMeta* meta, Fault& fault);

    /// A row without schema: values are tokens.
    bool tokens(JsonCursor& cursor, RowUse use, TokenLayouts& layouts, Arena& arena, Row& out,
                RowMeta* meta, Fault& fault);

    /// One scalar without schema as a row of one column without name.
    bool token_scalar(JsonCursor& cursor, TokenLayouts& layouts, Arena& arena, Row& out,
                      Fault& fault);

    /// Members gathered elsewhere (headers) as a row.
    bool token_row(const std::vector<TokenMember>& members, TokenLayouts& layouts, Arena& arena,
                   Row& out, Fault& fault);

private:
    bool read_token(JsonCursor& cursor, Value& out);
    bool read_meta(JsonCursor& cursor, FieldRole role, RowMeta* meta);

    ValueReader values_;
    std::string_view prefix_;
    Retired* retired_;
    std::vector<TokenMember> members_;
};

/// A data fault for a value of a column; `column` may be empty.
Fault value_fault(const ValueError& error, std::string_view column);
/// A data fault for broken JSON.
Fault json_fault(const JsonScanner& scanner, std::string_view column);
/// The value of a JSON integer, as number or as text. False: it is none, or does not fit.
bool parse_integer(std::string_view text, int64_t& out);

} // namespace kcs
