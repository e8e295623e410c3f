#pragma once

#include "core/fault.hpp"
#include "postgres/pg.hpp"

// Statements on the extension's own tables, run as their owner. C register.

namespace kcs::pg {

/// Said of errors that the server gives no hint for.
inline constexpr char kOwnTablesHint[] =
    "It came up with a table of schema kafka_cdc_sink: restore what was changed there.";
inline constexpr char kOwnLockHint[] =
    "Another session holds a lock on a table of schema kafka_cdc_sink or on one of its rows: look "
    "at pg_locks, or at pg_blocking_pids() of the process while it tries.";
/// What to look at after an error on them, where the server does not say.
inline const char* own_tables_hint(const Fault& fault) {
    return fault.cls == ErrorClass::locked ? kOwnLockHint : kOwnTablesHint;
}

/// Largest number of parameters of one.
inline constexpr int kMaxOwnParameters = 13;

/// A kept statement; constant-initialised, prepared on first use.
struct OwnStatement {
    const char* sql;
    int parameter_count;
    Oid types[kMaxOwnParameters];
    SPIPlanPtr plan;
};

/// Runs it in SPI's current connection; `nulls` as SPI takes them (null: none). Returns the number
/// of rows; a result is in SPI_tuptable until SPI is used again. May raise.
uint64_t run_own(OwnStatement* statement, Datum* parameters, const char* nulls);

/// A text Datum of these bytes, in the current context.
Datum text_datum(const char* data, size_t size);
/// The same as bytea.
Datum bytea_datum(const char* data, size_t size);
/// A uuid of these 16 bytes.
Datum uuid_datum(const unsigned char* bytes);

} // namespace kcs::pg
