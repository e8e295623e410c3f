#include "entry/exporter_keeper.hpp"

#include "postgres/shared_memory.hpp"

#include <csignal>

namespace kcs::pg {

namespace {

constexpr int64_t kMinuteUs = 60 * 1000 * 1000;
/// It reads the setting, too, and leaves by itself.
constexpr int64_t kPatienceUs = 1000 * 1000;

} // namespace

int64_t ExporterKeeper::look(bool wanted) {
    int32_t pid = 0;
    locked(false, [&] { pid = shared().header->exporter_pid; }); // it clears it when it ends
    bool alive = child_.running() || pid != 0;
    if (!wanted && alive)
        return see_off();
    stop_deadline_ = 0;
    if (!wanted) {
        say("", "");
        started_at_ = not_before_ = 0;
        backoff_.reset();
        return -1;
    }
    if (alive)
        return -1;
    int64_t now = clock_.steady_us();
    if (started_at_ != 0) {
        if (now - started_at_ > kMinuteUs)
            backoff_.reset();
        not_before_ = now + backoff_.next_us();
        started_at_ = 0;
        say("the exporter has ended", "It is started again by itself: see the server log.");
    }
    if (now < not_before_)
        return not_before_ - now;
    if (!child_.start(ProcessKind::exporter, 0)) {
        say("there is no free background worker slot", kNoWorkerSlotHint);
        not_before_ = now + backoff_.next_us();
        return not_before_ - now;
    }
    started_at_ = now;
    return -1; // its start and its end ring us
}

int64_t ExporterKeeper::see_off() {
    int64_t now = clock_.steady_us();
    if (stop_deadline_ == 0) {
        stop_deadline_ = now + kPatienceUs;
    } else if (now >= stop_deadline_) {
        stop_deadline_ = now + kPatienceUs;
        locked(false, [] {
            if (shared().header->exporter_pid != 0)
                kill(shared().header->exporter_pid, SIGTERM);
        });
    }
    return stop_deadline_ - now;
}

/// While there is no exporter to say it itself.
void ExporterKeeper::say(const std::string& text, const std::string& hint) {
    SharedHeader& header = *shared().header;
    bool changed = false;
    locked(true, [&] {
        if (header.exporter_pid != 0)
            return;
        changed = text.compare(0, sizeof header.exporter - 1, header.exporter) != 0;
        put_text(header.exporter, sizeof header.exporter, text);
        put_text(header.exporter_hint, sizeof header.exporter_hint, hint);
    });
    if (changed && !text.empty())
        host_.log(LogLevel::warning, "exporter: " + text, {}, hint);
}

} // namespace kcs::pg
