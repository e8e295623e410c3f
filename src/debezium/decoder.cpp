#include "debezium/decoder.hpp"

#include "debezium/record_decoder.hpp"

#include <exception>
#include <new>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/pure.hpp"

namespace kcs {

struct Decoder::Impl {
    explicit Impl(const DecoderSettings& s)
        : settings(s), placeholder(s.unavailable_value), router(s.table_format),
          rows(placeholder, settings, retired) {}

    /// More topics than a server can follow: only a caller that makes names up gets there.
    static constexpr size_t kMostTopics = 16384;

    DecoderSettings settings;
    Placeholder placeholder;
    Router router;
    Retired retired;
    RowReader rows;
    std::unordered_map<std::string_view, std::unique_ptr<TopicState>> topics;
    TopicState* last_topic = nullptr;

    TopicState& topic(std::string_view name) {
        if (last_topic != nullptr && last_topic->name == name)
            return *last_topic;
        auto found = topics.find(name);
        if (found == topics.end()) {
            auto state = std::make_unique<TopicState>();
            state->name = name;
            std::string_view key = state->name;
            found = topics.emplace(key, std::move(state)).first;
        }
        last_topic = found->second.get();
        return *last_topic;
    }
};

Decoder::Decoder(const DecoderSettings& settings) : impl_(std::make_unique<Impl>(settings)) {}
Decoder::~Decoder() = default;

void Decoder::configure(const DecoderSettings& settings) {
    if (settings == impl_->settings)
        return;
    impl_->settings = settings;
    impl_->placeholder = Placeholder(settings.unavailable_value);
    impl_->router.configure(settings.table_format);
    for (auto& topic : impl_->topics)
        topic.second->forget(impl_->retired);
}

Decoded Decoder::decode(const Record& record, Arena& arena) {
    try {
        DecodeContext context{impl_->topic(record.topic), impl_->router, impl_->rows,
                              impl_->retired, arena};
        return RecordDecoder(record, context).run();
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const std::exception& error) {
        Decoded out;
        out.kind = Decoded::Kind::reject;
        out.fault = Fault::data("XX000", std::string("the decoder failed: ") + error.what());
        return out;
    }
}

void Decoder::trim() {
    impl_->retired.clear();
    if (impl_->topics.size() > Impl::kMostTopics) {
        impl_->last_topic = nullptr;
        impl_->topics.clear();
    }
}

const char* skip_text(SkipReason reason) {
    switch (reason) {
    case SkipReason::keyless_tombstone:
        return "tombstone without key";
    case SkipReason::move_tombstone:
        return "tombstone of a key change";
    case SkipReason::unplaced_tombstone:
        return "tombstone whose table is not known";
    case SkipReason::logical_message:
        return "logical decoding message";
    case SkipReason::schema_change:
        return "schema change event";
    case SkipReason::heartbeat:
        return "heartbeat";
    case SkipReason::transaction_boundary:
        return "transaction boundary";
    case SkipReason::notification:
        return "notification";
    case SkipReason::none:
        break;
    }
    return "no row change";
}

} // namespace kcs
