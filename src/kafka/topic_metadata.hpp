#pragma once

#include "kafka/handles.hpp"

namespace kcs {

/// Lets librdkafka find out where the topics are whose partitions were assigned just now, without
/// waiting for the answer. A client that is connected already asks for a topic that is new to it
/// only when its timer looks at all topics, up to a second later. Once for a bunch of assignments:
/// the question is about all topics, as that about those that the client knows may let the brokers
/// create one that was deleted.
inline void ask_for_topics(rd_kafka_t* client) {
    const rd_kafka_metadata_t* metadata = nullptr;
    if (rd_kafka_metadata(client, 1, nullptr, &metadata, 0) == RD_KAFKA_RESP_ERR_NO_ERROR)
        MetadataHandle(metadata).reset();
}

} // namespace kcs
