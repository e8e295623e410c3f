#include "postgres/ddl_log.hpp"

#include "postgres/guard.hpp"
#include "postgres/own_statement.hpp"

namespace kcs::pg {

namespace {

// C register

OwnStatement write_statement = {
    "INSERT INTO kafka_cdc_sink.ddl_log (group_id, topic, \"partition\", \"offset\", target_schema,"
    " target_table, kind, command, role) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    9,
    {TEXTOID, TEXTOID, INT4OID, INT8OID, TEXTOID, TEXTOID, TEXTOID, TEXTOID, TEXTOID},
    nullptr};

Datum text_of(std::string_view text) {
    return text_datum(text.data(), text.size());
}

} // namespace

void log_ddl(const DdlCause& cause, const CatalogName& target, const DdlStatement& statement,
             Oid user) {
    guard([&cause, &target, &statement, user] {
        Datum values[] = {
            text_of(cause.group_id),
            text_of(cause.record->topic),
            Int32GetDatum(cause.record->partition),
            Int64GetDatum(cause.record->offset),
            text_of(target.schema),
            text_of(target.table),
            text_of(statement.kind),
            text_of(statement.sql),
            text_of(GetUserNameFromId(user, false)),
        };
        run_own(&write_statement, values, nullptr);
    });
    cause.ran.push_back(statement.kind);
}

} // namespace kcs::pg
