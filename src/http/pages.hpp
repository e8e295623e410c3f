#pragma once

#include "core/clock.hpp"
#include "core/snapshot.hpp"
#include "http/history.hpp"
#include "http/server.hpp"

#include <functional>
#include <map>

namespace kcs {

/// The paths of the exporter. An answer is made from a picture of shared memory, and given again
/// for a short time: 300 times as long as it took to make, two seconds at most. So making them
/// takes a third of a hundredth of a core, however often they are asked for, until there are so
/// many partitions that the two seconds count.
class Pages final : public HttpHandler {
public:
    /// `take` makes a picture. Both must outlive it.
    Pages(std::function<Snapshot()> take, Clock& clock) : take_(std::move(take)), clock_(clock) {}

    HttpResponse respond(std::string_view path) override;
    /// Looks for the history when that is due; microseconds until it is again.
    int64_t tick();

private:
    struct Kept {
        HttpResponse response;
        int64_t until_us = 0; ///< steady
    };

    Snapshot look();
    HttpResponse make(std::string_view path);

    std::function<Snapshot()> take_;
    Clock& clock_;
    History history_;
    int64_t next_point_us_ = 0;      ///< steady
    int64_t no_worker_since_us_ = 0; ///< since 1970; 0: the last look found some
    std::map<std::string, Kept, std::less<>> kept_;
};

} // namespace kcs
