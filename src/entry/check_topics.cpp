#include "entry/check_topics.hpp"

#include "core/packet.hpp"
#include "postgres/gucs.hpp"
#include "postgres/topic_match.hpp"

#include <algorithm>

namespace kcs::pg {

namespace {

constexpr char kBrokers[] = "brokers";
constexpr char kTopics[] = "topics";
/// Most topics that are told of one by one.
constexpr size_t kMostTold = 200;

/// A name as an SQL literal; topic names have no quotation marks.
std::string literal(const std::string& topic) {
    return "'" + topic + "'";
}

class KafkaCheck {
public:
    KafkaCheck(Report& report, CheckProcess& process, int64_t until_us)
        : report_(report), process_(process), until_(until_us) {}

    void run() {
        bool reached = hear_topics();
        if (reached && report_.part(kTopics, [this] { select(); })) {
            ask();
            if (report_.here) // they tell nothing of the offsets of another database
                with_lag_ = report_.part(
                    kTopics, [this] { stored_ = stored_offsets(report_.settings.client.group_id); },
                    "lag");
            while (!done_ && hear())
                continue;
        }
        process_.end(std::min(report_.deadline_us - kSpareUs, SystemClock().steady_us() + kEndUs));
        if (reached)
            tell_topics();
    }

private:
    static constexpr int64_t kEndUs = 1000 * 1000;
    static constexpr int64_t kSpareUs = 10 * 1000; ///< the alarm must not cancel its end

    struct Known {
        int32_t partitions = 0, replicas = 0, behind = 0;
        std::string error;
    };

    // ---- what the process says ------------------------------------------------------------

    /// False: nothing more comes.
    bool hear() {
        std::optional<std::string> message = process_.receive(until_);
        if (!message) {
            report_.add(kBrokers, "answers", Verdict::error,
                        SystemClock().steady_us() >= until_
                            ? "they did not all come in time"
                            : "the process that asks the brokers has ended",
                        "Call check() with a longer timeout; see the server log.");
            return false;
        }
        PacketReader reader(*message);
        switch (static_cast<CheckSays>(reader.number())) {
        case CheckSays::client:
            hear_client(reader);
            break;
        case CheckSays::topics:
            hear_known(reader);
            break;
        case CheckSays::unreachable:
            hear_unreachable(reader);
            break;
        case CheckSays::ends:
            hear_ends(reader);
            break;
        case CheckSays::record:
            hear_record(reader);
            break;
        case CheckSays::group:
            hear_group(reader);
            break;
        case CheckSays::done:
            done_ = true;
            break;
        }
        return true;
    }

    bool hear_topics() {
        while (!reached_ && !done_)
            if (!hear())
                return false;
        return reached_;
    }

    void hear_client(PacketReader& reader) {
        while (!reader.done()) {
            std::string item = reader.string();
            auto verdict = static_cast<Verdict>(reader.number());
            std::string found = reader.string();
            report_.add("client", item, verdict, found, reader.string());
        }
    }

    void hear_unreachable(PacketReader& reader) {
        std::string message = reader.string();
        std::string hint = reader.string();
        std::string tried = std::to_string((reader.number() + 500) / 1000);
        report_.add(kBrokers, "connection", Verdict::error,
                    message + " (tried for " + tried + " s)", hint);
    }

    void hear_known(PacketReader& reader) {
        reached_ = true;
        std::string brokers = std::to_string(reader.number());
        std::string took = std::to_string((reader.number() + 999) / 1000);
        while (!reader.done()) {
            Known& known = known_[reader.string()];
            known.partitions = static_cast<int32_t>(reader.number());
            known.replicas = static_cast<int32_t>(reader.number());
            known.behind = static_cast<int32_t>(reader.number());
            known.error = reader.string();
        }
        report_.add(kBrokers, "connection", Verdict::ok,
                    "the cluster of " + brokers + (brokers == "1" ? " broker" : " brokers") +
                        " told its topics within " + took + " ms");
    }

    void hear_ends(PacketReader& reader) {
        while (!reader.done()) {
            std::string topic = reader.string();
            auto partition = static_cast<int32_t>(reader.number());
            int64_t low = reader.number();
            int64_t high = reader.number();
            ends_[topic].push_back({topic, partition, low, high, reader.string()});
        }
    }

    static std::optional<std::string> optional(PacketReader& reader) {
        bool is_there = reader.number() != 0;
        std::string text = reader.string();
        return is_there ? std::optional<std::string>(std::move(text)) : std::nullopt;
    }

    void hear_record(PacketReader& reader) {
        std::string topic = reader.string();
        SampledRecord& r = samples_[topic];
        r.topic = topic;
        r.partition = static_cast<int32_t>(reader.number());
        r.answered = reader.number() != 0;
        r.error = reader.string();
        r.found = reader.number() != 0;
        r.offset = reader.number();
        r.timestamp_ms = reader.number();
        r.bytes = reader.number();
        r.large = reader.number() != 0;
        r.key = optional(reader);
        r.value = optional(reader);
        while (!reader.done()) {
            std::string name = reader.string();
            r.headers.emplace_back(name, optional(reader));
        }
    }

    void hear_group(PacketReader& reader) {
        bool late = reader.number() != 0;
        std::string complaint = reader.string();
        if (complaint.empty())
            report_.add(kBrokers, "group", Verdict::ok, report_.settings.client.group_id);
        else
            report_.add(kBrokers, "group", Verdict::warning,
                        report_.settings.client.group_id + ": " + complaint +
                            (late ? ""
                                  : ": lag tools of Kafka do not see this consumer; nothing else "
                                    "depends on it"),
                        late ? "Call check() again with a longer timeout."
                             : "Allow the client to read the group, where lag tools are used.");
    }

    // ---- topics against the setting -----------------------------------------------------------

    void select() {
        std::vector<std::string> names;
        for (const auto& [name, known] : known_)
            names.push_back(name);
        auto list = parse_topic_list(report_.settings.topics);
        if (!list) {
            report_.add(kTopics, "matched", Verdict::error, list.fault().message,
                        list.fault().hint);
            return;
        }
        TopicSelection all = select_topics(*list, names);
        int64_t partitions = 0;
        for (size_t index : all.matched) {
            matched_.push_back(names[index]);
            partitions += known_[names[index]].partitions;
        }
        say_matched(partitions);
        say_replication();
        for (const TopicEntry& entry : *list)
            if (select_topics({entry}, names).matched.empty())
                report_.add(kTopics, entry.text, Verdict::warning,
                            entry.pattern ? "no topic matches it"
                                          : "there is no topic of this name that the client sees",
                            "Create it, correct kafka_cdc_sink.topics, or allow the client to "
                            "read it.");
    }

    void say_matched(int64_t partitions) {
        std::string found = std::to_string(matched_.size()) + " of " +
                            std::to_string(known_.size()) + " topics, with " +
                            std::to_string(partitions) + " partitions";
        if (matched_.empty())
            report_.add(kTopics, "matched", Verdict::error, found,
                        "Create one, correct kafka_cdc_sink.topics, or allow the client to read "
                        "the topics.");
        else if (partitions > max_tracked_partitions_setting())
            report_.add(kTopics, "matched", Verdict::error,
                        found + ", more than max_tracked_partitions",
                        "Raise kafka_cdc_sink.max_tracked_partitions and restart the server.");
        else
            report_.add(kTopics, "matched", Verdict::ok, found);
    }

    /// What brokers lose, no sink can apply.
    void say_replication() {
        size_t alone = 0;
        std::string behind, first;
        for (const std::string& name : matched_) {
            if (known_[name].replicas == 1 && ++alone == 1)
                first = name;
            if (known_[name].behind > 0 && behind.empty())
                behind = name;
        }
        if (!behind.empty())
            report_.add(kTopics, "replication", Verdict::warning,
                        "replicas are not in sync, first of topic " + behind +
                            ": a broker that fails now may lose records",
                        "See to it that all brokers run.");
        else if (alone > 0)
            report_.add(kTopics, "replication", Verdict::warning,
                        std::to_string(alone) + " of " + std::to_string(matched_.size()) +
                            " topics have one replica, first " + first +
                            ": what a broker loses is lost",
                        "Give them three replicas and min.insync.replicas=2.");
        else if (!matched_.empty())
            report_.add(kTopics, "replication", Verdict::ok, "all replicas are in sync");
    }

    void ask() {
        PacketWriter question;
        int64_t partitions = 0;
        for (const std::string& name : matched_) {
            partitions += known_[name].partitions;
            if (partitions <= max_tracked_partitions_setting())
                question.text(name).number(known_[name].partitions);
        }
        process_.send(question.bytes(), until_);
    }

    // ---- topic by topic -------------------------------------------------------------------------

    void tell_topics() {
        if (done_ && unseen() > 0)
            report_.add(kTopics, "records", Verdict::warning,
                        "of " + std::to_string(unseen()) + " topics none was looked at",
                        "Name fewer topics in kafka_cdc_sink.topics to have them looked at.");
        size_t told = 0;
        for (const std::string& name : matched_) {
            if (++told > kMostTold) {
                report_.add(kTopics, "others", Verdict::warning,
                            std::to_string(matched_.size() - kMostTold) +
                                " further topics were not looked at",
                            "Name fewer topics in kafka_cdc_sink.topics to have them looked at.");
                return;
            }
            const std::string subject = "topic " + name;
            const std::string& error = known_[name].error;
            if (!error.empty())
                report_.add(subject, "topic", Verdict::error, error,
                            "Look at the brokers, and at what the client may read.");
            tell_partitions(subject, name);
            tell_record(subject, name);
        }
    }

    /// Topics that have records, of which none was asked for.
    size_t unseen() const {
        size_t count = 0;
        for (const auto& [name, ends] : ends_) {
            auto full = [](const PartitionEnds& e) { return e.high > e.low && e.low >= 0; };
            count += samples_.count(name) == 0 && std::any_of(ends.begin(), ends.end(), full);
        }
        return count;
    }

    /// What is wrong with the first partition of each kind; else one row.
    void tell_partitions(const std::string& subject, const std::string& name) {
        int64_t records = 0, ahead = 0;
        bool fine = true, silent = false;
        for (const PartitionEnds& e : ends_[name]) {
            if (!e.error.empty()) {
                if (!silent)
                    report_.add(subject, item(e), Verdict::error, e.error,
                                "Look at that broker, and whether it can be reached from here.");
                silent = true;
                fine = false;
                continue;
            }
            records += e.high - e.low;
            auto stored = stored_[name].find(e.partition);
            if (stored == stored_[name].end()) {
                ahead += e.high - e.low;
                continue;
            }
            ahead += std::max<int64_t>(e.high - std::max(stored->second, e.low), 0);
            fine = compare(subject, e, stored->second) && fine;
        }
        if (fine && !ends_[name].empty())
            report_.add(subject, "partitions", Verdict::ok,
                        std::to_string(ends_[name].size()) + ", spanning " +
                            std::to_string(records) + " offsets" +
                            (with_lag_ ? "; lag " + std::to_string(ahead) : ""));
    }

    static std::string item(const PartitionEnds& e) {
        return "partition " + std::to_string(e.partition);
    }

    bool compare(const std::string& subject, const PartitionEnds& e, int64_t next) {
        if (next >= e.low && next <= e.high)
            return true;
        std::string seek = "SELECT kafka_cdc_sink.seek(" + literal(e.topic) + ", " +
                           std::to_string(e.partition) + ", " + std::to_string(e.low) + ")";
        if (next < e.low)
            report_.add(subject, item(e), Verdict::error,
                        "next is offset " + std::to_string(next) + ", but it begins at " +
                            std::to_string(e.low) + ": records have expired",
                        "Take a new snapshot at the source where they are needed; " + seek +
                            " goes on with what is there.");
        else
            report_.add(subject, item(e), Verdict::error,
                        "next is offset " + std::to_string(next) + ", but it ends at " +
                            std::to_string(e.high) +
                            ": it is another topic of that name, or has "
                            "lost records",
                        seek + " reads it from its beginning.");
        return false;
    }

    void tell_record(const std::string& subject, const std::string& name) {
        auto found = samples_.find(name);
        if (found == samples_.end()) {
            bool empty = !ends_[name].empty();
            for (const PartitionEnds& e : ends_[name])
                empty = empty && e.error.empty() && e.low >= e.high;
            if (empty)
                report_.add(subject, "record", Verdict::ok, "there is none yet to look at");
            return;
        }
        const SampledRecord& sample = found->second;
        if (!sample.error.empty())
            report_.add(subject, "record", Verdict::error, "cannot be read: " + sample.error,
                        "Allow the client to read the topic.");
        else if (!sample.answered)
            report_.add(subject, "record", Verdict::warning, "none came in time",
                        "Call check() with a longer timeout.");
        else if (!sample.found)
            report_.add(subject, "record", Verdict::ok, "there is none to look at");
        else
            report_.part(subject.c_str(), [&] { check_record(report_, sample); });
    }

    Report& report_;
    CheckProcess& process_;
    const int64_t until_;
    bool reached_ = false, done_ = false, with_lag_ = false;
    std::map<std::string, Known> known_;
    std::vector<std::string> matched_;
    std::map<std::string, std::vector<PartitionEnds>> ends_;
    StoredOffsets stored_;
    std::map<std::string, SampledRecord> samples_;
};

} // namespace

void check_kafka(Report& report, CheckProcess& process, int64_t until_us) {
    KafkaCheck(report, process, until_us).run();
}

} // namespace kcs::pg
