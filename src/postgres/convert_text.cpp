#include "postgres/convert_internal.hpp"

extern "C" {
#include "mb/pg_wchar.h"
#include "utils/fmgrprotos.h"
#include "utils/uuid.h"
}

// C register: character, bytea, uuid and JSON targets.

namespace kcs::pg {

namespace {

Datum make_varlena(const char* data, size_t size, size_t blanks = 0) {
    char* result = static_cast<char*>(palloc(VARHDRSZ + size + blanks));
    SET_VARSIZE(result, VARHDRSZ + size + blanks);
    memcpy(VARDATA(result), data, size);
    memset(VARDATA(result) + size, ' ', blanks);
    return PointerGetDatum(result);
}

bool store_text(const Value& value, std::string_view text, Converter& c, Datum* datum,
                ConvertError& error) {
    if (!c.plain_text)
        return convert_text_through_input(text, value, c, datum, error);
    size_t blanks = 0;
    if (c.typmod >= static_cast<int32>(VARHDRSZ)) {
        const size_t limit = static_cast<size_t>(c.typmod - VARHDRSZ); // characters
        const bool pad = c.type == BPCHAROID;
        if (pad || text.size() > limit) {
            size_t count = pg_mbstrlen_with_len(text.data(), static_cast<int>(text.size()));
            // char(n) does not tell blanks at the end apart, varchar(n) does
            while (pad && count > limit && text.back() == ' ') {
                text.remove_suffix(1);
                count--;
            }
            if (count > limit)
                return refuse(value, c, error, "22001", "is too long for");
            blanks = pad ? limit - count : 0;
        }
    }
    *datum = make_varlena(text.data(), text.size(), blanks);
    return true;
}

/// A number as PostgreSQL shows it, where that is the same number; else as it came.
std::string_view canonical_number(const Value& value) {
    CString string(value.text());
    DecimalText number, again;
    if (!parse_decimal(value.text(), &number))
        return value.text(); // NaN and the infinities
    if (value.kind == ValueKind::numeric)
        return value.text().find_first_of("eE") == std::string_view::npos
                   ? value.text()
                   : DatumGetCString(DirectFunctionCall1(
                         numeric_out,
                         DirectFunctionCall3(numeric_in, string.datum(),
                                             ObjectIdGetDatum(InvalidOid), Int32GetDatum(-1))));
    if (number.exponent + number.count < -300 || number.exponent + number.count > 300)
        return value.text();
    const Datum real = DirectFunctionCall1(float8in, string.datum());
    const char* shown = DatumGetCString(DirectFunctionCall1(float8out, real));
    return parse_decimal(shown, &again) && same_decimal(number, again) ? shown : value.text();
}

int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

/// The canonical form, 8-4-4-4-12.
bool parse_uuid(std::string_view text, unsigned char (&out)[UUID_LEN]) {
    if (text.size() != 36)
        return false;
    size_t at = 0;
    for (unsigned char& byte : out) {
        if (at == 8 || at == 13 || at == 18 || at == 23)
            if (text[at++] != '-')
                return false;
        const int high = hex_digit(text[at]);
        const int low = hex_digit(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        byte = static_cast<unsigned char>(high << 4 | low);
        at += 2;
    }
    return true;
}

} // namespace

bool to_text(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    switch (value.kind) {
    case ValueKind::text:
    case ValueKind::json:
        return store_text(value, server_text(value), c, datum, error);
    case ValueKind::bytes:
        return has_text(value, c, error) && store_text(value, server_text(value), c, datum, error);
    case ValueKind::array:
        return refuse_kind(value, c, error);
    case ValueKind::real:
    case ValueKind::numeric:
        return store_text(value, canonical_number(value), c, datum, error);
    default: {
        const char* text = render_for(value, c, error);
        return text != nullptr && store_text(value, text, c, datum, error);
    }
    }
}

bool to_bytea(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind == ValueKind::bytes || value.kind == ValueKind::geometry) {
        *datum = make_varlena(value.data, value.size);
        return true;
    }
    return refuse_kind(value, c, error);
}

bool to_uuid(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    if (value.kind == ValueKind::text) {
        unsigned char bytes[UUID_LEN];
        if (parse_uuid(value.text(), bytes)) {
            pg_uuid_t* uuid = static_cast<pg_uuid_t*>(palloc(sizeof(pg_uuid_t)));
            memcpy(uuid->data, bytes, UUID_LEN);
            *datum = UUIDPGetDatum(uuid);
            return true;
        }
    }
    if (value.kind == ValueKind::text || value.kind == ValueKind::bytes)
        return convert_through_input(value, c, datum, error);
    return refuse_kind(value, c, error);
}

bool to_bit(const Value& value, Converter& c, Datum* datum, ConvertError& error) {
    switch (value.kind) {
    case ValueKind::boolean:
        return convert_text_through_input(value.integer ? "1" : "0", value, c, datum, error);
    case ValueKind::bits:
        return convert_text_through_input(value.text(), value, c, datum, error);
    case ValueKind::text: // of which a leading b or x would be a notation
        if (value.size == 0 || value.data[0] <= '1')
            return convert_through_input(value, c, datum, error);
        [[fallthrough]];
    default:
        return refuse_kind(value, c, error);
    }
}

} // namespace kcs::pg
