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
    Impl(const DecoderSettings& s, std::shared_ptr<Routes> r) : settings(s), routes(std::move(r)) {}

    /// More topics than a server can follow: only a caller that makes names up gets there.
    static constexpr size_t kMostTopics = 16384;

    DecoderSettings settings;
    std::shared_ptr<Routes> routes;
    TargetBook book;
    Retired retired;
    /// By route; null: of topics that take none.
    std::unordered_map<const Route*, std::shared_ptr<TopicRules>> rules;
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
        TopicState& state = *found->second;
        if (!state.rules)
            state.take(rules_of(name));
        last_topic = &state;
        return state;
    }

    std::shared_ptr<TopicRules> rules_of(std::string_view topic) {
        const Route* route = routes ? routes->find(topic) : nullptr;
        std::shared_ptr<TopicRules>& known = rules[route];
        if (!known)
            known = std::make_shared<TopicRules>(settings, route, book, retired);
        return known;
    }
};

Decoder::Decoder(const DecoderSettings& settings, std::shared_ptr<Routes> routes)
    : impl_(std::make_unique<Impl>(settings, std::move(routes))) {}
Decoder::~Decoder() = default;

void Decoder::configure(const DecoderSettings& settings, std::shared_ptr<Routes> routes) {
    Impl& d = *impl_;
    if (settings == d.settings && routes == d.routes)
        return;
    d.settings = settings;
    d.routes = std::move(routes);
    d.rules.clear();
    d.last_topic = nullptr;
    for (auto& topic : d.topics)
        topic.second->forget(d.retired);
}

namespace {

/// Some values take more memory than text: a few characters can say a million zeros. What an
/// ordinary record takes beyond this is of the size of its text.
constexpr size_t kMostExpansion = size_t{32} << 20;
constexpr size_t kMostPerByte = 32;

/// Limits what one record takes of the arena.
class RecordLimit {
public:
    RecordLimit(Arena& arena, const Record& record) : arena_(arena) {
        arena.set_limit(arena.used() + kMostExpansion +
                        kMostPerByte * (record.key.size() + record.value.size()));
    }
    ~RecordLimit() { arena_.set_limit(SIZE_MAX); }
    RecordLimit(const RecordLimit&) = delete;
    RecordLimit& operator=(const RecordLimit&) = delete;

private:
    Arena& arena_;
};

Decoded refused(Fault fault) {
    Decoded out;
    out.kind = Decoded::Kind::reject;
    out.fault = std::move(fault);
    return out;
}

} // namespace

Decoded Decoder::decode(const Record& record, Arena& arena) {
    TopicState& topic = impl_->topic(record.topic); // an error of looking routes up passes
    RecordLimit limit(arena, record);
    try {
        DecodeContext context{topic, *topic.rules, impl_->retired, arena};
        return RecordDecoder(record, context).run();
    } catch (const std::bad_alloc&) {
        throw;
    } catch (const ArenaFull&) {
        return refused(Fault::data("54000", "the record's values take too much memory"));
    } catch (const std::exception& error) {
        return refused(Fault::data("XX000", std::string("the decoder failed: ") + error.what()));
    }
}

bool Decoder::knows(std::string_view topic) const {
    const Impl& d = *impl_;
    if (d.last_topic != nullptr && d.last_topic->name == topic)
        return true;
    auto found = d.topics.find(topic);
    return found != d.topics.end() && found->second->rules != nullptr;
}

bool Decoder::wants_trim() const {
    return !impl_->retired.empty() || impl_->topics.size() > Impl::kMostTopics;
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
    case SkipReason::unkeyed_tombstone:
        return "tombstone without the key columns of its route";
    case SkipReason::history_tombstone:
        return "tombstone for a history";
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
