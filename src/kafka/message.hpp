#pragma once

#include "core/record.hpp"

#include <librdkafka/rdkafka.h>

namespace kcs {

/// What record_hash() is made of, and the offset; views of the message's memory.
inline Record record_of(const rd_kafka_message_t& message) {
    Record record;
    record.offset = message.offset;
    rd_kafka_timestamp_type_t kind;
    record.timestamp_ms = rd_kafka_message_timestamp(&message, &kind);
    record.has_key = message.key != nullptr;
    if (record.has_key)
        record.key = {static_cast<const char*>(message.key), message.key_len};
    record.has_value = message.payload != nullptr;
    if (record.has_value)
        record.value = {static_cast<const char*>(message.payload), message.len};
    return record;
}

} // namespace kcs
