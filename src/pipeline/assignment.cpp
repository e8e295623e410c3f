#include "pipeline/assignment.hpp"

#include <algorithm>

#include "core/pure.hpp"

namespace kcs {

std::vector<int32_t> assign_partitions(const std::vector<int32_t>& current,
                                       const std::vector<bool>& present) {
    std::vector<int32_t> result = current;
    std::vector<size_t> held(present.size(), 0);
    std::vector<int32_t> workers; // present ones
    for (size_t w = 0; w < present.size(); ++w)
        if (present[w])
            workers.push_back(static_cast<int32_t>(w));

    for (int32_t& owner : result) {
        if (owner < 0 || static_cast<size_t>(owner) >= present.size() || !present[owner])
            owner = -1;
        else
            ++held[owner];
    }
    if (workers.empty())
        return result;

    // Those that hold most keep the odd ones, so that the fewest partitions move.
    std::stable_sort(workers.begin(), workers.end(),
                     [&](int32_t a, int32_t b) { return held[a] > held[b]; });
    std::vector<size_t> share(present.size(), 0);
    size_t odd = result.size() % workers.size();
    for (size_t i = 0; i < workers.size(); ++i)
        share[workers[i]] = result.size() / workers.size() + (i < odd ? 1 : 0);

    for (size_t i = result.size(); i-- > 0;) { // the latest comers move first
        int32_t owner = result[i];
        if (owner >= 0 && held[owner] > share[owner]) {
            --held[owner];
            result[i] = -1;
        }
    }
    std::sort(workers.begin(), workers.end());
    size_t turn = 0; // round robin, so that neighbours (one topic's partitions) are spread
    for (int32_t& owner : result) {
        if (owner >= 0)
            continue;
        while (held[workers[turn]] >= share[workers[turn]])
            turn = (turn + 1) % workers.size();
        owner = workers[turn];
        ++held[owner];
        turn = (turn + 1) % workers.size();
    }
    return result;
}

} // namespace kcs
