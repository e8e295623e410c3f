#include "kafka/group_offsets.hpp"

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kCommitIntervalUs = 1000000;
constexpr int kRequestTimeoutMs = 5000;

using AlterHandle = std::unique_ptr<rd_kafka_AlterConsumerGroupOffsets_t,
                                    KafkaDeleter<rd_kafka_AlterConsumerGroupOffsets_destroy>>;
using ListHandle = std::unique_ptr<rd_kafka_ListConsumerGroupOffsets_t,
                                   KafkaDeleter<rd_kafka_ListConsumerGroupOffsets_destroy>>;
using OptionsHandle =
    std::unique_ptr<rd_kafka_AdminOptions_t, KafkaDeleter<rd_kafka_AdminOptions_destroy>>;

OptionsHandle make_options(rd_kafka_t* client, rd_kafka_admin_op_t operation) {
    OptionsHandle options(rd_kafka_AdminOptions_new(client, operation));
    char ignored[128];
    rd_kafka_AdminOptions_set_request_timeout(options.get(), kRequestTimeoutMs, ignored,
                                              sizeof ignored);
    return options;
}

/// Codes below zero are librdkafka's own, made without a broker's answer.
bool from_broker(rd_kafka_resp_err_t error) {
    return error >= RD_KAFKA_RESP_ERR_NO_ERROR;
}

} // namespace

void GroupOffsets::note(const std::string& topic, int32_t partition, int64_t next_offset) {
    if (next_offset >= 0)
        noted_[{topic, partition}] = next_offset;
}

int64_t GroupOffsets::serve(int64_t now_us) {
    if (noted_.empty() || sending_)
        return -1;
    if (last_sent_us_ != 0 && now_us - last_sent_us_ < kCommitIntervalUs)
        return last_sent_us_ + kCommitIntervalUs - now_us;
    PartitionList list(rd_kafka_topic_partition_list_new(static_cast<int>(noted_.size())));
    for (const auto& [key, offset] : noted_)
        rd_kafka_topic_partition_list_add(list.get(), key.first.c_str(), key.second)->offset =
            offset;
    AlterHandle request(rd_kafka_AlterConsumerGroupOffsets_new(group_id_.c_str(), list.get()));
    OptionsHandle options = make_options(client_, RD_KAFKA_ADMIN_OP_ALTERCONSUMERGROUPOFFSETS);
    rd_kafka_AlterConsumerGroupOffsets_t* requests[] = {request.get()};
    rd_kafka_AlterConsumerGroupOffsets(client_, requests, 1, options.get(), results_);
    noted_.clear();
    sending_ = true;
    last_sent_us_ = now_us;
    return -1;
}

void GroupOffsets::probe(const std::string& topic, int32_t partition) {
    if (probing_)
        return;
    PartitionList list(rd_kafka_topic_partition_list_new(1));
    rd_kafka_topic_partition_list_add(list.get(), topic.c_str(), partition);
    ListHandle request(rd_kafka_ListConsumerGroupOffsets_new(group_id_.c_str(), list.get()));
    OptionsHandle options = make_options(client_, RD_KAFKA_ADMIN_OP_LISTCONSUMERGROUPOFFSETS);
    rd_kafka_ListConsumerGroupOffsets_t* requests[] = {request.get()};
    rd_kafka_ListConsumerGroupOffsets(client_, requests, 1, options.get(), results_);
    probing_ = true;
}

GroupOffsets::Outcome GroupOffsets::finished(rd_kafka_event_t* event) {
    Outcome outcome;
    const rd_kafka_group_result_t** groups = nullptr;
    size_t count = 0;
    if (auto* listed = rd_kafka_event_ListConsumerGroupOffsets_result(event)) {
        probing_ = false;
        outcome.probe = true;
        groups = rd_kafka_ListConsumerGroupOffsets_result_groups(listed, &count);
    } else if (auto* altered = rd_kafka_event_AlterConsumerGroupOffsets_result(event)) {
        sending_ = false;
        groups = rd_kafka_AlterConsumerGroupOffsets_result_groups(altered, &count);
    }
    rd_kafka_resp_err_t error = rd_kafka_event_error(event);
    outcome.answered = from_broker(error);
    if (error != RD_KAFKA_RESP_ERR_NO_ERROR) {
        outcome.error = rd_kafka_err2str(error);
        return outcome;
    }
    for (size_t i = 0; i < count; ++i) {
        if (const rd_kafka_error_t* refused = rd_kafka_group_result_error(groups[i])) {
            outcome.answered = from_broker(rd_kafka_error_code(refused));
            outcome.error = rd_kafka_err2str(rd_kafka_error_code(refused));
        } else if (const auto* list = rd_kafka_group_result_partitions(groups[i])) {
            for (int p = 0; p < list->cnt; ++p) {
                if (list->elems[p].err != RD_KAFKA_RESP_ERR_NO_ERROR)
                    outcome.error = rd_kafka_err2str(list->elems[p].err);
            }
        }
    }
    return outcome;
}

} // namespace kcs
