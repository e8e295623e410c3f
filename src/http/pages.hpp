#pragma once

#include "core/snapshot.hpp"
#include "http/server.hpp"

#include <functional>
#include <map>

namespace kcs {

/// The paths of the exporter. An answer is made from a picture of shared memory, and given again
/// for a short time: a hundred times as long as it took to make, two seconds at most. However often
/// they are asked for, and however many partitions there are, answers take no more than about a
/// hundredth of a core.
class Pages final : public HttpHandler {
public:
    explicit Pages(std::function<Snapshot()> take) : take_(std::move(take)) {}

    HttpResponse respond(std::string_view path) override;

private:
    struct Kept {
        HttpResponse response;
        int64_t until_us = 0; ///< steady
    };

    std::function<Snapshot()> take_;
    std::map<std::string, Kept, std::less<>> kept_;
};

} // namespace kcs
