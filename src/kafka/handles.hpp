#pragma once

#include <librdkafka/rdkafka.h>

#include <memory>

// Owners of librdkafka's objects. Every one of them must be gone before the client that made it:
// a single living message, event or list makes rd_kafka_destroy wait for ever. Members of a class
// are therefore declared client first: they go in reverse.

namespace kcs {

/// Calls a librdkafka destructor for unique_ptr.
template <auto Destroy> struct KafkaDeleter {
    template <typename T> void operator()(T* object) const noexcept { Destroy(object); }
};

/// Destroys a client without closing it politely: a close would wait for the broker (R36, R37).
inline void destroy_client(rd_kafka_t* client) noexcept {
    rd_kafka_destroy_flags(client, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE);
}

/// A queue stops ringing before it goes.
inline void destroy_queue(rd_kafka_queue_t* queue) noexcept {
    rd_kafka_queue_io_event_enable(queue, -1, nullptr, 0);
    rd_kafka_queue_destroy(queue);
}

/// Metadata is const in librdkafka's interface.
struct MetadataDeleter {
    void operator()(const rd_kafka_metadata_t* metadata) const noexcept {
        rd_kafka_metadata_destroy(metadata);
    }
};

using ConfHandle = std::unique_ptr<rd_kafka_conf_t, KafkaDeleter<rd_kafka_conf_destroy>>;
using ClientHandle = std::unique_ptr<rd_kafka_t, KafkaDeleter<destroy_client>>;
using QueueHandle = std::unique_ptr<rd_kafka_queue_t, KafkaDeleter<destroy_queue>>;
using EventHandle = std::unique_ptr<rd_kafka_event_t, KafkaDeleter<rd_kafka_event_destroy>>;
using ErrorHandle = std::unique_ptr<rd_kafka_error_t, KafkaDeleter<rd_kafka_error_destroy>>;
using PartitionList = std::unique_ptr<rd_kafka_topic_partition_list_t,
                                      KafkaDeleter<rd_kafka_topic_partition_list_destroy>>;
using PartitionHandle =
    std::unique_ptr<rd_kafka_topic_partition_t, KafkaDeleter<rd_kafka_topic_partition_destroy>>;
using MetadataHandle = std::unique_ptr<const rd_kafka_metadata_t, MetadataDeleter>;

} // namespace kcs
