#include "http/pages.hpp"

#include "core/metrics.hpp"
#include "http/exposition.hpp"
#include "http/health_json.hpp"
#include "http/status_json.hpp"
#include "http/status_page.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kReuse = 300;
constexpr int64_t kMostReuseUs = 2 * 1000 * 1000;
constexpr char kJsonType[] = "application/json";

HttpResponse answer(const char* type, std::string body, int status = 200) {
    HttpResponse response = HttpResponse::text(status, std::move(body));
    response.content_type = type;
    return response;
}

} // namespace

HttpResponse Pages::respond(std::string_view path) {
    int64_t begun = clock_.steady_us();
    auto it = kept_.find(path);
    if (it != kept_.end() && begun < it->second.until_us)
        return it->second.response;
    HttpResponse response = make(path);
    if (response.status == 404)
        return response;
    int64_t now = clock_.steady_us();
    kept_[std::string(path)] = {response, now + std::min(kReuse * (now - begun), kMostReuseUs)};
    return response;
}

HttpResponse Pages::make(std::string_view path) {
    if (path == "/") {
        HttpResponse response = answer("text/html; charset=utf-8", std::string(status_page()));
        response.content_security_policy = status_page_policy();
        return response;
    }
    if (path == "/metrics")
        return answer(kExpositionType, exposition(collect_metrics(look())));
    if (path == "/status")
        return answer(kJsonType, status_json(look(), history_));
    if (path == "/health") {
        Snapshot snapshot = look();
        Health health = derive_health(snapshot, no_worker_since_us_);
        return answer(kJsonType, health_json(snapshot, health),
                      health.overall == HealthState::unhealthy ? 503 : 200);
    }
    return HttpResponse::text(404, "There is nothing here: try /metrics, /health or /status.\n");
}

int64_t Pages::tick() {
    int64_t now = clock_.steady_us();
    if (now >= next_point_us_) {
        history_.add(look(), now);
        next_point_us_ = now + History::kIntervalUs;
    }
    return next_point_us_ - now;
}

Snapshot Pages::look() {
    Snapshot snapshot = take_();
    if (!snapshot.workers.empty())
        no_worker_since_us_ = 0;
    else if (no_worker_since_us_ == 0)
        no_worker_since_us_ = snapshot.now_us;
    return snapshot;
}

} // namespace kcs
