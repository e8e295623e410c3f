#pragma once

#include "postgres/pg.hpp"

#include "core/record.hpp"

// How apply_event and explain_event take a record as arguments: topic, key, value, headers.

namespace kcs::pg {

/// The record's arguments, in the function's memory. C register.
struct RecordCall {
    const char* topic;
    std::string_view key, value; ///< data() null: Kafka null
    Datum headers;
    bool has_headers;
};

/// Arguments 0 to 3. Text is converted to Kafka's UTF-8, bytea taken as it is. May raise.
RecordCall read_record_call(FunctionCallInfo fcinfo);

/// A key or a value as Kafka has it: text is converted, bytea taken as it is. Null: data() null.
std::string_view kafka_bytes_argument(FunctionCallInfo fcinfo, int argument);

/// The record of the call, without partition and offset. Needs SPI; the headers are in its memory.
/// Throws pg::Error.
Record record_of(const RecordCall& call);

} // namespace kcs::pg
