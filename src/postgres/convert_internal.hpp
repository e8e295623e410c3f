#pragma once

#include "postgres/convert.hpp"

#include "core/decimal_text.hpp"

// Shared by the files that turn values into Datums; nobody else includes it. C register.

namespace kcs::pg {

/// Text with a terminating NUL for PostgreSQL's input functions: short ones without an allocation.
class CString {
public:
    explicit CString(std::string_view text) {
        char* to =
            text.size() < sizeof local_ ? local_ : static_cast<char*>(palloc(text.size() + 1));
        memcpy(to, text.data(), text.size());
        to[text.size()] = '\0';
        data_ = to;
    }
    CString(const CString&) = delete;
    CString& operator=(const CString&) = delete;
    char* data() { return data_; }
    Datum datum() { return CStringGetDatum(data_); }

private:
    char local_[64];
    char* data_;
};
static_assert(std::is_trivially_destructible_v<CString>); // a longjmp may skip it

/// Fills `error` with `value "..." of column "..." <what> type ...` and returns false. `what` ends
/// in a preposition
/// ("is out of range for").
bool refuse(const Value& value, const Converter& converter, ConvertError& error,
            const char* sqlstate, const char* what);
/// The value's kind has no form in the target's type.
bool refuse_kind(const Value& value, const Converter& converter, ConvertError& error);
/// The same where neither target nor column matter, or none is known.
bool refuse_value(const Value& value, ConvertError& error, const char* sqlstate, const char* what);

/// Whether the value is characters: text, json, bytes that are valid UTF-8. `error` says why not.
bool has_text(const Value& value, const Converter& converter, ConvertError& error);
/// Characters of such a value in the server's encoding. May raise: one that it lacks.
std::string_view server_text(const Value& value);
/// render_value(), with the target in the error.
char* render_for(const Value& value, const Converter& converter, ConvertError& error);

/// Text of `value` through the type's input function, then conform().
bool convert_through_input(const Value& value, Converter& converter, Datum* datum,
                           ConvertError& error);
/// A part of the literal of an array, row or range (UTF-8): as a text value, with the type's own
/// spellings of binary.
bool convert_part(std::string_view text, Converter& converter, Datum* datum, ConvertError& error);
/// The domain's checks on what convert_value() made, NULL included. Raises.
void check_domain(Datum datum, bool null, Converter& converter);
bool convert_text_through_input(std::string_view text, const Value& value, Converter& converter,
                                Datum* datum, ConvertError& error);
/// Applies the typmod to a Datum made without it; refuses when that changes the value.
bool conform(const Value& value, Converter& converter, Datum* datum, ConvertError& error);

// One function for each family of targets. `value` is no NULL.
bool to_boolean(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_integer(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_float(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_numeric(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_money(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_date(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_time(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_timestamp(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_interval(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_text(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_bytea(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_uuid(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_json(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_bit(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_array(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_composite(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_range(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_multirange(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_hstore(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_geometry(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_native_shape(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_vector(const Value& value, Converter& converter, Datum* datum, ConvertError& error);
bool to_sparse_vector(const Value& value, Converter& converter, Datum* datum, ConvertError& error);

/// A text in the server's encoding that the type's own output function wrote.
bool convert_spelled(std::string_view text, const Value& value, Converter& converter, Datum* datum,
                     ConvertError& error);

/// Prepares for a type met inside another.
void prepare_part(Converter& converter, Oid type, int32 typmod, Oid collation, const char* column);

/// Whether `number` is how the float4 may be shown: in its shortest form or in Java's.
bool float4_shows(float4 f, const DecimalText& number);

} // namespace kcs::pg
