#pragma once

#include "postgres/pg.hpp"

// Statements on the extension's own tables, run as their owner. C register.

namespace kcs::pg {

/// Said of errors that the server gives no hint for.
inline constexpr char kOwnTablesHint[] =
    "It came up with a table of schema kafka_cdc_sink: restore what was changed there.";

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
