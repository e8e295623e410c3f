#include "kafka/client_statistics.hpp"

#include "core/rapidjson_assert.hpp"

#include <rapidjson/document.h>

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

using Object = rapidjson::Value;

const Object* member(const Object& object, const char* name) {
    if (!object.IsObject())
        return nullptr;
    auto found = object.FindMember(name);
    return found == object.MemberEnd() ? nullptr : &found->value;
}

int64_t number(const Object& object, const char* name) {
    const Object* value = member(object, name);
    return value != nullptr && value->IsInt64() ? std::max<int64_t>(value->GetInt64(), 0) : 0;
}

bool is_up(const Object& broker) {
    const Object* state = member(broker, "state");
    return state != nullptr && state->IsString() &&
           (std::string("UP") == state->GetString() || std::string("UPDATE") == state->GetString());
}

/// Those that were only asked for an address (bootstrap) and are no brokers of the cluster do not
/// count, nor does the logical one of the group's coordinator.
bool is_member(const Object& broker) {
    const Object* id = member(broker, "nodeid");
    const Object* source = member(broker, "source");
    bool logical =
        source != nullptr && source->IsString() && std::string("logical") == source->GetString();
    return id != nullptr && id->IsInt64() && id->GetInt64() >= 0 && !logical;
}

/// Adds what came since the last report. A smaller total is a new connection object's.
void advance(uint64_t& sum, uint64_t& before, int64_t total) {
    uint64_t now = static_cast<uint64_t>(total);
    sum += now >= before ? now - before : now;
    before = now;
}

void read_broker(const char* name, const Object& broker, ClientStatistics& s) {
    ClientStatistics::Totals& before = s.totals[name];
    advance(s.received_bytes, before.received_bytes, number(broker, "rxbytes"));
    advance(s.sent_bytes, before.sent_bytes, number(broker, "txbytes"));
    advance(s.connects, before.connects, number(broker, "connects"));
    advance(s.disconnects, before.disconnects, number(broker, "disconnects"));
    advance(s.timeouts, before.timeouts, number(broker, "req_timeouts"));
    advance(s.receive_errors, before.receive_errors, number(broker, "rxerrs"));
    advance(s.send_errors, before.send_errors, number(broker, "txerrs"));
    if (!is_member(broker))
        return;
    ++(is_up(broker) ? s.brokers_up : s.brokers_down);
    if (const Object* rtt = member(broker, "rtt")) {
        s.rtt_avg_us = std::max(s.rtt_avg_us, number(*rtt, "avg"));
        s.rtt_p99_us = std::max(s.rtt_p99_us, number(*rtt, "p99"));
    }
}

} // namespace

void read_statistics(const char* json, ClientStatistics& statistics) {
    rapidjson::Document report;
    report.Parse(json);
    if (report.HasParseError() || !report.IsObject())
        return;
    ClientStatistics now = std::move(statistics);
    ++now.number;
    now.brokers_up = now.brokers_down = now.rtt_avg_us = now.rtt_p99_us = 0;
    now.fetch_queue_messages = now.fetch_queue_bytes = 0;
    if (const Object* brokers = member(report, "brokers");
        brokers != nullptr && brokers->IsObject())
        for (const auto& broker : brokers->GetObject())
            read_broker(broker.name.GetString(), broker.value, now);
    if (const Object* topics = member(report, "topics"); topics != nullptr && topics->IsObject())
        for (const auto& topic : topics->GetObject()) {
            const Object* partitions = member(topic.value, "partitions");
            if (partitions == nullptr || !partitions->IsObject())
                continue;
            for (const auto& partition : partitions->GetObject()) {
                now.fetch_queue_messages += number(partition.value, "fetchq_cnt");
                now.fetch_queue_bytes += number(partition.value, "fetchq_size");
            }
        }
    statistics = std::move(now);
}

} // namespace kcs
