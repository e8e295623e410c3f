#include "entry/topic_keeper.hpp"

#include "postgres/shared_memory.hpp"
#include "postgres/topic_match.hpp"
#include "postgres/transaction.hpp"

#include <algorithm>

namespace kcs::pg {

namespace {

constexpr int kCallMs = 500; ///< most that a call to the brokers may block (design section 3)
constexpr int64_t kSecondUs = 1000 * 1000;

std::string quoted(const std::string& topic) {
    return "\"" + topic + "\"";
}

Problem degraded(std::string reason, std::string hint) {
    return {SinkState::degraded, std::move(reason), std::move(hint)};
}

/// Whether some worker holds partitions and is connected: then records still flow.
bool records_flow() {
    const Shared& s = shared();
    bool flow = false;
    locked(false, [&] {
        for (int i = 0; i < s.header->partition_slots && !flow; ++i) {
            const PartitionSlot& slot = s.partitions[i];
            flow = slot.used && slot.holder >= 0 &&
                   s.workers[slot.holder].broker_down_since_us.load() == 0;
        }
    });
    return flow;
}

} // namespace

TopicKeeper::TopicKeeper(PartitionTable& table, ProcessHost& host, const Settings& settings)
    : table_(table), host_(host), settings_(settings) {}

void TopicKeeper::configure(const Settings& settings) {
    if (settings.topics != settings_.topics ||
        settings.topic_refresh_ms != settings_.topic_refresh_ms)
        next_discovery_ = 0;
    settings_ = settings;
}

void TopicKeeper::restart() {
    if (discovery_ && discovery_->hear_commit().pending)
        retired_.push_back(std::move(discovery_));
    discovery_.reset();
    progress_ = GroupProgress();
    selected_.clear();
    stored_.clear();
    next_discovery_ = next_settle_ = 0;
    failures_ = 0;
    seen_topics_ = false;
    backoff_.reset();
    client_problem_ = topic_problem_ = slot_problem_ = offset_problem_ = Problem();
}

Problem TopicKeeper::problem() const {
    for (const Problem* p : {&client_problem_, &slot_problem_, &offset_problem_, &topic_problem_})
        if (*p)
            return *p;
    return {};
}

int64_t TopicKeeper::look() {
    if (table_.wake_halted() || !table_.lost(false).empty())
        next_settle_ = std::min(next_settle_, clock_.steady_us());
    if (clock_.steady_us() >= next_discovery_) {
        host_.activity("asking brokers for topics");
        int64_t wait = discover() ? int64_t{1000} * settings_.topic_refresh_ms : backoff_.next_us();
        next_discovery_ = clock_.steady_us() + wait;
        next_settle_ = 0;
        refreshed_ = true;
        table_.note_movement();
        retired_.erase(std::remove_if(retired_.begin(), retired_.end(),
                                      [](auto& d) { return !d->hear_commit().pending; }),
                       retired_.end());
        host_.check_interrupts();
    }
    if (seen_topics_ && clock_.steady_us() >= next_settle_) {
        next_settle_ = clock_.steady_us() + kSecondUs; // also when it throws
        bool refreshed = refreshed_;
        settle_offsets();
        if (refreshed)
            compare_topics();
    }
    int64_t due = seen_topics_ && anything_to_settle() ? std::min(next_settle_, next_discovery_)
                                                       : next_discovery_;
    return std::max<int64_t>(due - clock_.steady_us(), 0);
}

// ---- topics ---------------------------------------------------------------------------------

bool TopicKeeper::discover() {
    if (!discovery_) {
        Result<std::unique_ptr<Discovery>> made = Discovery::create(settings_.client);
        if (!made) {
            client_problem_ = {SinkState::error, made.fault().message, made.fault().hint};
            return false;
        }
        discovery_ = std::move(*made);
    }
    Result<std::vector<TopicInfo>> known = discovery_->topics(kCallMs);
    if (!known) {
        // One late answer is no news.
        if (++failures_ > 1 || !seen_topics_)
            client_problem_ = {how_bad(), known.fault().message, known.fault().hint};
        return false;
    }
    failures_ = 0;
    backoff_.reset();
    client_problem_ = Problem();
    progress_.hand_over(*discovery_, table_, host_);
    return select(*known);
}

/// What an unreachable broker means for the sink.
SinkState TopicKeeper::how_bad() const {
    return records_flow() ? SinkState::degraded : SinkState::error;
}

bool TopicKeeper::select(const std::vector<TopicInfo>& known) {
    Result<std::vector<TopicEntry>> list = parse_topic_list(settings_.topics);
    if (!list) {
        topic_problem_ = degraded(list.fault().message, list.fault().hint);
        return true;
    }
    std::vector<std::string> names;
    for (const TopicInfo& topic : known)
        names.push_back(topic.name);
    TopicSelection selection;
    transaction([&] { selection = select_topics(*list, names); });

    topic_problem_ = Problem();
    std::set<TopicPartition> wanted;
    std::set<std::string> kept;
    selected_.clear();
    for (size_t index : selection.matched) {
        const TopicInfo& topic = known[index];
        if (!topic.error.empty()) {
            kept.insert(topic.name); // what is held goes on
            topic_problem_ = degraded("topic " + quoted(topic.name) + ": " + topic.error,
                                      "Look at the brokers and at what the client may read.");
        }
        if (topic.partitions <= 0)
            continue;
        selected_[topic.name] = topic.partitions;
        for (int32_t p = 0; p < topic.partitions; ++p)
            wanted.insert({topic.name, p});
    }
    if (!selection.missing.empty()) {
        size_t others = selection.missing.size() - 1;
        topic_problem_ =
            degraded("topic " + quoted(selection.missing.front()) + " does not exist" +
                         (others > 0 ? ", nor do " + std::to_string(others) + " others" : ""),
                     "Create it, correct kafka_cdc_sink.topics, or allow the client to read it.");
    } else if (selection.matched.empty()) {
        topic_problem_ = degraded("no topic matches kafka_cdc_sink.topics",
                                  "Create one, correct kafka_cdc_sink.topics, or allow the client "
                                  "to read the topics.");
    }
    size_t without_slot = table_.want(wanted, kept);
    slot_problem_ = Problem();
    if (without_slot > 0)
        slot_problem_ = degraded(
            std::to_string(without_slot) + " partitions are not consumed: all slots are taken",
            "Raise kafka_cdc_sink.max_tracked_partitions and restart the server.");
    shared().header->topics.store(topics(), std::memory_order_relaxed);
    seen_topics_ = true;
    return true;
}

} // namespace kcs::pg
