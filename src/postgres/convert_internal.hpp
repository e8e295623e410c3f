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

/// Fills `error` with `value "..." <what> type ...` and returns false. `what` ends in a preposition
/// ("is out of range for").
bool refuse(const Value& value, const Converter& converter, ConvertError& error,
            const char* sqlstate, const char* what);
/// The value's kind has no form in the target's type.
bool refuse_kind(const Value& value, const Converter& converter, ConvertError& error);
/// The same where no target is known.
bool refuse_value(const Value& value, ConvertError& error, const char* sqlstate, const char* what);

/// Characters of a text, json or bytes value in the server's encoding. False: not valid UTF-8
/// (bytes only).
bool server_text(const Value& value, std::string_view* out, ConvertError& error);

/// Text of `value` through the type's input function, then conform().
bool convert_through_input(const Value& value, Converter& converter, Datum* datum,
                           ConvertError& error);
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
bool to_array(const Value& value, Converter& converter, Datum* datum, ConvertError& error);

/// A JSON object (text or json value) as hstore.
bool json_to_hstore(const Value& value, Converter& converter, Datum* datum, ConvertError& error);

/// A JSON document of an array value; null when an element has no exact JSON form.
char* render_json_array(const Value& value, ConvertError& error);

} // namespace kcs::pg
