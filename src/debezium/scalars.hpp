#pragma once

#include "core/arena.hpp"
#include "core/settings.hpp"
#include "core/value.hpp"
#include "debezium/field_type.hpp"

#include <string>
#include <string_view>

namespace kcs {

/// One JSON scalar as the parser saw it.
struct JsonScalar {
    enum class Kind : uint8_t { null, boolean, number, string };
    Kind kind = Kind::null;
    bool boolean = false;
    /// number: the token; string: unescaped. Writable memory of the batch's private copy: base64 is
    /// decoded in place.
    char* data = nullptr;
    uint32_t size = 0;
    std::string_view text() const { return {data, size}; }
};

/// Why a value was refused: SQLSTATE and a message that names the value (shortened).
struct ValueError {
    std::string sqlstate = "22000";
    std::string message;
};

/// Forms that the placeholder for unchanged values takes (wire format section 4), derived from
/// the setting unavailable_value.
class Placeholder {
public:
    explicit Placeholder(const std::string& setting);

    /// Whether the scalar is the placeholder, where a field of `semantic` can carry it: the literal
    /// (strings of any kind, numeric in string mode, hstore in JSON), base64 of it (bytes).
    bool matches(Semantic semantic, const JsonScalar& scalar) const;
    /// Whether an array's elements are exactly the placeholder's array form.
    bool matches_array(Semantic element, const Value* items, uint32_t count) const;
    /// Untyped: the string in any of its forms (literal, base64, hstore JSON).
    bool matches_text(std::string_view text) const;
    /// Untyped: a JSON array or object, as spelled, in any of its forms.
    bool matches_json(std::string_view json) const;

private:
    bool matches_encoded(std::string_view text) const;
    bool matches_pair(std::string_view json) const;

    std::string bytes_;            ///< what the setting stands for; empty: there is no placeholder
    std::string literal_;          ///< as text; Java's U+FFFD for what is none
    bool spelled_plainly_ = false; ///< the literal is the same inside JSON
    std::string base64_;
    std::string base64_url_;
    std::string hex_;
    std::string uuid_; ///< name-based v3 UUID of the bytes
};

/// The forms of a setting's placeholder, kept from call to call: making them costs an MD5.
const Placeholder& placeholder_of(const DecoderSettings& settings);

/// Decodes one scalar of a typed field (wire format 3.1-3.5). False: refused, `error` says why. The
/// placeholder is the caller's business. Numbers of any spelling that denote an exact value of the
/// type are accepted (1.2345678E7 for an int64). Text with U+0000 is refused (22P05).
bool decode_scalar(const FieldType& type, const JsonScalar& json, Arena& arena, Value& out,
                   ValueError& error);

/// PostgreSQL type of an auto-created column for a typed field (design 5.1, wire format 3.7); empty
/// for `unsupported`. `interval` for TIME of MySQL sources.
std::string ddl_type(const FieldType& type);

/// Type of an extension that is better for the field where the database has it (bare name, with
/// typmod and `[]`); empty: none. `xml` counts as one: not every server is built with it.
std::string extension_type(const FieldType& type);

/// The field's type as its schema names it: logical name, else Connect's type; `array of ...`.
std::string wire_type(const FieldType& type);

/// Whether the schema would tell a length or precision that the source's column has, so that a
/// ddl_type without one says that there is none.
bool tells_limits(const FieldType& type);

/// PostgreSQL type of an auto-created column for a token of a record without schema, by the special
/// rules of design 5.1; empty when it cannot be told (null; a price without a known scale).
std::string ddl_type_of_token(const std::string& column, const Value& token,
                              const DecoderSettings& settings);

} // namespace kcs
