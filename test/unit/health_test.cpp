#include "core/health.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace kcs {
namespace {

constexpr int64_t kSecondUs = 1000 * 1000;
constexpr int64_t kNow = 1000 * kSecondUs;

struct Row {
    const char* name;
    void (*change)(Snapshot&); ///< of a sink that runs with two workers and two partitions
    int64_t no_worker_for_s;   ///< 0: the last look found some
    const char* expected;      ///< overall consumer writer
};

void no_workers(Snapshot& s) {
    s.workers.clear();
    s.status.state = SinkState::starting;
}
void paused_by(Snapshot& s, PauseCause cause) {
    s.status.state = SinkState::paused;
    s.header.paused = true;
    s.header.pause_cause = cause;
}
void broker_gone(Snapshot& s, int64_t first_s, int64_t second_s) {
    int64_t since[] = {first_s, second_s};
    for (int i = 0; i < 2; ++i)
        s.workers[i].broker_down_since_us = since[i] == 0 ? 0 : kNow - since[i] * kSecondUs;
}

const Row kRows[] = {
    {"running", [](Snapshot&) {}, 0, "healthy healthy healthy"},
    {"standby", [](Snapshot& s) { s.status.state = SinkState::standby; }, 900,
     "standby standby standby"},
    {"idle",
     [](Snapshot& s) {
         no_workers(s);
         s.status.state = SinkState::idle;
     },
     900, "idle idle idle"},
    {"error", [](Snapshot& s) { s.status.state = SinkState::error; }, 0,
     "unhealthy unhealthy unhealthy"},
    {"starting, with workers", [](Snapshot& s) { s.status.state = SinkState::starting; }, 0,
     "degraded degraded healthy"},
    {"no worker yet", no_workers, 1, "degraded degraded degraded"},
    {"no worker for almost a minute", no_workers, 59, "degraded degraded degraded"},
    {"no worker for a minute", no_workers, 60, "unhealthy unhealthy unhealthy"},
    {"pause()", [](Snapshot& s) { paused_by(s, PauseCause::asked); }, 0,
     "degraded healthy degraded"},
    {"a pause from before the restart", [](Snapshot& s) { paused_by(s, PauseCause::none); }, 0,
     "degraded healthy degraded"},
    {"on_error", [](Snapshot& s) { paused_by(s, PauseCause::on_error); }, 0,
     "unhealthy healthy unhealthy"},
    {"max_dead_letters", [](Snapshot& s) { paused_by(s, PauseCause::max_dead_letters); }, 0,
     "unhealthy healthy unhealthy"},
    {"all workers paused by the environment",
     [](Snapshot& s) { s.status.state = SinkState::paused; }, 0, "unhealthy healthy unhealthy"},
    {"one of them",
     [](Snapshot& s) {
         s.status.state = SinkState::degraded;
         std::strcpy(s.workers[1].reason, "disk full");
     },
     0, "degraded healthy degraded"},
    {"a parked table",
     [](Snapshot& s) {
         s.status.state = SinkState::degraded;
         std::strcpy(s.partitions[1].reason, "no usable key");
     },
     0, "degraded healthy degraded"},
    {"a topic that is not there", [](Snapshot& s) { s.status.state = SinkState::degraded; }, 0,
     "degraded degraded healthy"},
    {"no broker for a minute", [](Snapshot& s) { broker_gone(s, 60, 90); }, 0,
     "healthy healthy healthy"},
    {"no broker for longer",
     [](Snapshot& s) {
         s.status.state = SinkState::degraded;
         broker_gone(s, 61, 90);
     },
     0, "unhealthy unhealthy healthy"},
    {"one worker has one", [](Snapshot& s) { broker_gone(s, 0, 900); }, 0,
     "healthy healthy healthy"},
    {"no broker, and a pause()",
     [](Snapshot& s) {
         paused_by(s, PauseCause::asked);
         broker_gone(s, 300, 300);
     },
     0, "unhealthy unhealthy healthy"},
};

TEST(Health, Table) {
    for (const Row& row : kRows) {
        Snapshot s;
        s.now_us = kNow;
        s.status.state = SinkState::running;
        s.workers.resize(2);
        s.partitions.resize(2);
        row.change(s);
        Health h =
            derive_health(s, row.no_worker_for_s == 0 ? 0 : kNow - row.no_worker_for_s * kSecondUs);
        EXPECT_EQ(std::string(health_name(h.overall)) + " " + health_name(h.consumer) + " " +
                      health_name(h.writer),
                  row.expected)
            << row.name;
    }
}

} // namespace
} // namespace kcs
