#include "http/health_json.hpp"

#include "http/json_out.hpp"

#include "core/pure.hpp"

namespace kcs {

std::string health_json(const Snapshot& s, const Health& health) {
    JsonOut out;
    out.text("status", health_name(health.overall)).moment("timestamp", s.now_us);
    out.object("components");
    out.object("consumer").text("status", health_name(health.consumer));
    out.number("topics", s.status.topics).number("partitions", s.status.partitions);
    out.known("lag", s.status.total_lag).end();
    out.object("writer").text("status", health_name(health.writer));
    out.text("database", s.database).text("connection", "in process");
    out.number("pool_size", s.status.workers).end();
    return out.end().take();
}

} // namespace kcs
