#include "http/pages.hpp"

#include "core/clock.hpp"
#include "core/metrics.hpp"
#include "http/exposition.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

namespace {

constexpr int64_t kReuse = 100;
constexpr int64_t kMostReuseUs = 2 * 1000 * 1000;

using Make = HttpResponse (*)(const Snapshot&);

HttpResponse answer(const char* type, std::string body) {
    HttpResponse response = HttpResponse::text(200, std::move(body));
    response.content_type = type;
    return response;
}

HttpResponse metrics(const Snapshot& snapshot) {
    return answer(kExpositionType, exposition(collect_metrics(snapshot)));
}

Make maker(std::string_view path) {
    if (path == "/metrics")
        return metrics;
    return nullptr;
}

} // namespace

HttpResponse Pages::respond(std::string_view path) {
    Make make = maker(path);
    if (make == nullptr)
        return HttpResponse::text(404,
                                  "There is nothing here: try /metrics, /health or /status.\n");
    int64_t begun = SystemClock().steady_us();
    auto it = kept_.find(path);
    if (it != kept_.end() && begun < it->second.until_us)
        return it->second.response;
    Kept kept;
    kept.response = make(take_());
    int64_t now = SystemClock().steady_us();
    kept.until_us = now + std::min(kReuse * (now - begun), kMostReuseUs);
    HttpResponse response = kept.response;
    kept_[std::string(path)] = std::move(kept);
    return response;
}

} // namespace kcs
