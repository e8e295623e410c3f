#include "postgres/dead_letters.hpp"

#include "debezium/row_key.hpp"
#include "postgres/guard.hpp"
#include "postgres/names.hpp"
#include "postgres/own_lock.hpp"
#include "postgres/own_statement.hpp"

extern "C" {
#include "catalog/namespace.h"
#include "mb/pg_wchar.h"
#include "miscadmin.h"
#include "utils/acl.h"
#include "utils/lsyscache.h"
}

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

OwnStatement write_statement = {
    "INSERT INTO kafka_cdc_sink.dead_letters AS d (group_id, topic, \"partition\", \"offset\", key,"
    " value, headers, target, sqlstate, message, detail, status, row_key)"
    " VALUES ($1, $2, $3, $4, $5, $6, $7::pg_catalog.jsonb, $8, $9, $10, $11, $12, $13)"
    " ON CONFLICT (group_id, topic, \"partition\", \"offset\")"
    " WHERE status IN ('pending', 'fenced')"
    " DO UPDATE SET at = excluded.at, key = excluded.key, value = excluded.value,"
    " headers = excluded.headers, target = excluded.target, sqlstate = excluded.sqlstate,"
    " message = excluded.message, detail = excluded.detail, status = excluded.status,"
    " row_key = excluded.row_key",
    13,
    {TEXTOID, TEXTOID, INT4OID, INT8OID, BYTEAOID, BYTEAOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID,
     TEXTOID, TEXTOID, UUIDOID},
    nullptr};

OwnStatement count_statement = {"SELECT pg_catalog.count(*) FROM kafka_cdc_sink.dead_letters"
                                " WHERE group_id = $1 AND \"offset\" >= 0 AND at > "
                                "GREATEST(pg_catalog.now() - interval '1 hour',"
                                " (SELECT resumed_at FROM kafka_cdc_sink.control))",
                                1,
                                {TEXTOID},
                                nullptr};

struct Piece {
    const char* data;
    size_t size;
    bool null;
};

Datum piece_text(const Piece& piece) {
    return piece.null ? Datum{0} : text_datum(piece.data, piece.size);
}

void run_write(const Piece* texts, const Record* record, const unsigned char* row_key) {
    Datum values[13] = {
        piece_text(texts[0]),
        piece_text(texts[1]),
        Int32GetDatum(record->partition),
        Int64GetDatum(record->offset),
        record->has_key ? bytea_datum(record->key.data(), record->key.size()) : Datum{0},
        record->has_value ? bytea_datum(record->value.data(), record->value.size()) : Datum{0},
        piece_text(texts[2]),
        piece_text(texts[3]),
        piece_text(texts[4]),
        piece_text(texts[5]),
        piece_text(texts[6]),
        piece_text(texts[7]),
        row_key == nullptr ? Datum{0} : uuid_datum(row_key),
    };
    char nulls[14] = "             ";
    nulls[4] = record->has_key ? ' ' : 'n';
    nulls[5] = record->has_value ? ' ' : 'n';
    nulls[6] = texts[2].null ? 'n' : ' ';
    nulls[7] = texts[3].null ? 'n' : ' ';
    nulls[10] = texts[6].null ? 'n' : ' ';
    nulls[12] = row_key == nullptr ? 'n' : ' ';
    run_own(&write_statement, values, nulls);
}

int64_t run_count(const char* group, size_t size) {
    Datum value = text_datum(group, size);
    run_own(&count_statement, &value, nullptr);
    bool null;
    int64_t count =
        DatumGetInt64(SPI_getbinval(SPI_tuptable->vals[0], SPI_tuptable->tupdesc, 1, &null));
    SPI_freetuptable(SPI_tuptable);
    return count;
}

// ---- C++ --------------------------------------------------------------------------------------

/// Whether text can hold it: valid in the server's encoding, and without U+0000.
bool storable(std::string_view text) {
    const char* data = text.data();
    int size = static_cast<int>(text.size());
    return guard([=] { return pg_verify_mbstr(GetDatabaseEncoding(), data, size, true); });
}

/// An error text as the server can store it.
std::string storable_text(const std::string& text) {
    if (storable(text))
        return text;
    std::string out;
    for (char c : text)
        out += static_cast<signed char>(c) > 0 ? c : '?';
    return out;
}

void append_json_string(std::string& out, std::string_view text) {
    static const char digits[] = "0123456789abcdef";
    out += '"';
    for (char c : text) {
        unsigned char u = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (u < 0x20) {
            out += "\\u00";
            out += digits[u >> 4];
            out += digits[u & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

std::string hex(std::string_view bytes) {
    static const char digits[] = "0123456789abcdef";
    std::string out;
    for (char c : bytes) {
        out += digits[static_cast<unsigned char>(c) >> 4];
        out += digits[static_cast<unsigned char>(c) & 15];
    }
    return out;
}

bool can_be_text(std::string_view text, bool utf8) {
    const char* data = text.data();
    int size = static_cast<int>(text.size());
    int encoding = utf8 ? PG_UTF8 : PG_SQL_ASCII;
    if (!guard([=] { return pg_verify_mbstr(encoding, data, size, true); }))
        return false;
    if (utf8)
        return true;
    for (char c : text)
        if (static_cast<signed char>(c) < 0)
            return false;
    return true;
}

} // namespace

std::string headers_json(const Record& record, bool utf8) {
    const HeaderList headers = record.headers();
    if (headers.count == 0)
        return {};
    std::string out = "[";
    for (const Header& header : headers) {
        out += &header != headers.begin() ? ", {\"name\": " : "{\"name\": ";
        append_json_string(out, can_be_text(header.name, utf8) ? std::string(header.name)
                                                               : "\\x" + hex(header.name));
        if (header.value.data() == nullptr) {
            out += ", \"value\": null}";
        } else if (can_be_text(header.value, utf8)) {
            out += ", \"value\": ";
            append_json_string(out, header.value);
            out += '}';
        } else {
            out += ", \"hex\": \"" + hex(header.value) + "\"}";
        }
    }
    return out += ']';
}

void write_dead_letter(const std::string& group_id, const Record& record, const Target* target,
                       const Fault& fault) {
    bool utf8 = GetDatabaseEncoding() == PG_UTF8;
    std::string headers = headers_json(record, utf8);
    std::string name =
        target == nullptr ? "" : shown_name(target->schema) + "." + shown_name(target->table);
    std::string message = storable_text(fault.message);
    std::string_view status = fault.fenced ? "fenced" : "pending";
    std::string detail = fault.detail;
    if (!fault.hint.empty())
        detail += (detail.empty() ? "" : "\n") + fault.hint;
    detail = storable_text(detail);
    const Piece texts[] = {
        {group_id.data(), group_id.size(), false},
        {record.topic.data(), record.topic.size(), false},
        {headers.data(), headers.size(), headers.empty()},
        {name.data(), name.size(), target == nullptr},
        {fault.sqlstate.data(), fault.sqlstate.size(), false},
        {message.data(), message.size(), false},
        {detail.data(), detail.size(), detail.empty()},
        {status.data(), status.size(), false},
    };
    std::optional<RowKey> row = row_key(record);
    const unsigned char* key = row ? row->data() : nullptr;
    const Record* r = &record;
    const Piece* t = texts;
    guard([=] { run_write(t, r, key); });
}

bool may_write_letters() {
    Oid letters = get_relname_relid("dead_letters", get_namespace_oid("kafka_cdc_sink", false));
    return pg_class_aclmask(letters, GetUserId(), ACL_INSERT | ACL_UPDATE, ACLMASK_ALL) ==
           (ACL_INSERT | ACL_UPDATE);
}

void lock_allowance(const std::string& group_id) {
    const char* group = group_id.data();
    size_t size = group_id.size();
    guard([=] { take_own_lock(OwnLock::allowance, own_lock_key(group, size)); });
}

int64_t recent_dead_letters(const std::string& group_id) {
    const char* group = group_id.data();
    size_t size = group_id.size();
    return guard([=] { return run_count(group, size); });
}

} // namespace kcs::pg
