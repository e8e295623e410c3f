#include "entry/group_progress.hpp"

#include <vector>

namespace kcs::pg {

void GroupProgress::hand_over(Discovery& discovery, const PartitionTable& table, Host& host) {
    Discovery::CommitNews news = discovery.hear_commit();
    if (news.pending)
        return;
    if (news.finished) {
        if (news.error.empty())
            for (const auto& [name, next] : sent_)
                taken_[name] = next;
        else if (news.error != last_error_)
            host.log(LogLevel::debug,
                     "offsets could not be committed to the Kafka group: " + news.error);
        last_error_ = news.error;
    }
    sent_.clear();
    std::vector<GroupOffset> changed;
    for (const auto& [name, next] : table.progress()) {
        auto it = taken_.find(name);
        if (it != taken_.end() && it->second == next)
            continue;
        sent_[name] = next;
        changed.push_back({name.first, name.second, next});
    }
    discovery.commit(changed);
}

} // namespace kcs::pg
