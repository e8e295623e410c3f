#include "pipeline/bisect.hpp"

#include <vector>

#include "core/pure.hpp"

namespace kcs {

bool bisect(size_t count, const std::function<Try(size_t, size_t)>& attempt,
            const std::function<bool(size_t)>& reject) {
    struct Run {
        size_t begin, end;
    };
    std::vector<Run> stack; // the leftmost run on top: original order
    if (count > 0)
        stack.push_back({0, count});
    while (!stack.empty()) {
        Run run = stack.back();
        stack.pop_back();
        Try result = attempt(run.begin, run.end);
        if (result == Try::abort)
            return false;
        if (result == Try::done)
            continue;
        if (run.end - run.begin == 1) {
            if (!reject(run.begin))
                return false;
            continue;
        }
        size_t middle = run.begin + (run.end - run.begin) / 2;
        stack.push_back({middle, run.end});
        stack.push_back({run.begin, middle});
    }
    return true;
}

} // namespace kcs
