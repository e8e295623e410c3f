#include "core/clock.hpp"
#include "core/packet.hpp"
#include "entry/check_link.hpp"
#include "entry/process.hpp"
#include "kafka/client_advice.hpp"
#include "kafka/discovery.hpp"
#include "postgres/gucs.hpp"

#include <algorithm>
#include <map>
#include <tuple>

extern "C" {
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/ipc.h"
#include "storage/latch.h"

PGDLLEXPORT void kafka_cdc_sink_check_main(Datum argument);
}

// The process that asks the brokers for check(): see check_link.hpp. It has no database, and reads
// the settings as the server has them at its start.

namespace kcs::pg {

namespace {

constexpr int kCallMs = 500; ///< most that a call to the brokers may block, as the coordinator's
constexpr int64_t kSecondUs = 1000 * 1000;
/// A fault that is not silence is believed after so long.
constexpr int64_t kBelievedUs = 3 * kSecondUs;
/// Most for the ends of partitions, and for the Kafka group.
constexpr int64_t kEndsUs = 3 * kSecondUs;
constexpr int64_t kGroupUs = 2 * kSecondUs;
/// How often a partition is asked that answers with an error.
constexpr int kEndsRounds = 3;
/// Most topics of which a record is read.
constexpr size_t kMostSampled = 50;

class Checker {
public:
    explicit Checker(CheckCaller& caller)
        : caller_(caller), settings_(read_settings()), until_(caller.until_us()) {}

    void run() {
        if (look_at_client() && reach_brokers()) {
            ask_ends(caller_.receive());
            read_records();
            ask_group();
        }
        caller_.send(begin(CheckSays::done).bytes());
    }

private:
    static PacketWriter begin(CheckSays what) {
        PacketWriter packet;
        packet.number(static_cast<int64_t>(what));
        return packet;
    }

    bool look_at_client() {
        std::vector<Finding> findings = examine_client(settings_.client);
        bool usable = true;
        PacketWriter packet = begin(CheckSays::client);
        for (const Finding& finding : findings) {
            packet.text(finding.item).number(static_cast<int64_t>(finding.verdict));
            packet.text(finding.found).text(finding.hint);
            usable = usable && finding.verdict != Verdict::error;
        }
        caller_.send(packet.bytes());
        return usable;
    }

    /// For a call to the brokers that is made now.
    int call_ms() {
        return static_cast<int>(
            std::clamp<int64_t>((until_ - clock_.steady_us()) / 1000, 20, kCallMs));
    }

    void say_unreachable(const Fault& fault, int64_t since) {
        int64_t tried_ms = (clock_.steady_us() - since) / 1000;
        caller_.send(begin(CheckSays::unreachable)
                         .text(fault.message)
                         .text(fault.hint)
                         .number(tried_ms)
                         .bytes());
    }

    bool reach_brokers() {
        int64_t since = clock_.steady_us();
        auto made = Discovery::create(settings_.client);
        if (!made) {
            say_unreachable(made.fault(), since);
            return false;
        }
        discovery_ = made->release(); // it lives as long as the process
        for (;;) {
            caller_.look_up();
            int64_t asked = clock_.steady_us();
            auto known = discovery_->topics(call_ms());
            int64_t now = clock_.steady_us();
            if (known) {
                say_topics(*known, now - asked);
                return true;
            }
            bool silent = known.fault().message.find("answered within") != std::string::npos;
            if (silent)
                known.fault().message = "no Kafka broker answered";
            if (now + kCallMs * 1000 >= until_ || (!silent && now - since >= kBelievedUs)) {
                say_unreachable(known.fault(), since);
                return false;
            }
            pause(asked + kSecondUs / 10);
        }
    }

    /// A call that failed at once is not repeated at once.
    void pause(int64_t to_us) {
        for (int64_t left; (left = to_us - clock_.steady_us()) > 0;) {
            guard([left] {
                (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH,
                                static_cast<long>(left / 1000 + 1), PG_WAIT_EXTENSION);
                ResetLatch(MyLatch);
            });
            caller_.look_up();
        }
    }

    void say_topics(const std::vector<TopicInfo>& known, int64_t took_us) {
        PacketWriter packet = begin(CheckSays::topics);
        packet.number(discovery_->brokers()).number(took_us);
        for (const TopicInfo& topic : known)
            packet.text(topic.name)
                .number(topic.partitions)
                .number(topic.replicas)
                .number(topic.behind)
                .text(topic.error);
        caller_.send(packet.bytes());
    }

    /// The question: topics and how many partitions they have.
    void ask_ends(const std::string& question) {
        PacketReader reader(question);
        while (!reader.done()) {
            std::string topic = reader.string();
            auto partitions = static_cast<int32_t>(reader.number());
            for (int32_t p = 0; p < partitions; ++p)
                ends_.push_back({topic, p, -1, -1, {}});
        }
        std::sort(ends_.begin(), ends_.end(), before);
        int64_t until = std::min(until_ - kSecondUs / 4, clock_.steady_us() + kEndsUs);
        std::vector<PartitionEnds> open = ends_;
        for (int round = 1; !open.empty(); ++round) {
            caller_.look_up();
            discovery_->ends(open, call_ms());
            std::vector<PartitionEnds> still;
            for (const PartitionEnds& asked : open) {
                *std::lower_bound(ends_.begin(), ends_.end(), asked, before) = asked;
                if (asked.late || (!asked.error.empty() && round < kEndsRounds))
                    still.push_back(asked);
            }
            open = std::move(still);
            int64_t next = clock_.steady_us() + kSecondUs / 10;
            if (!open.empty() && next >= until)
                break;
            if (!open.empty())
                pause(next);
        }
        PacketWriter packet = begin(CheckSays::ends);
        for (const PartitionEnds& e : ends_)
            packet.text(e.topic).number(e.partition).number(e.low).number(e.high).text(e.error);
        caller_.send(packet.bytes());
    }

    static bool before(const PartitionEnds& a, const PartitionEnds& b) {
        return std::tie(a.topic, a.partition) < std::tie(b.topic, b.partition);
    }

    /// Of each topic the partition with most records.
    void read_records() {
        std::map<std::string, const PartitionEnds*> longest;
        for (const PartitionEnds& e : ends_) {
            const PartitionEnds*& best = longest[e.topic];
            if (e.high > e.low && e.low >= 0 &&
                (best == nullptr || e.high - e.low > best->high - best->low))
                best = &e;
        }
        std::vector<SampledRecord> records;
        for (const auto& [topic, e] : longest) {
            if (e == nullptr || records.size() == kMostSampled)
                continue;
            SampledRecord& record = records.emplace_back();
            record.topic = topic;
            record.partition = e->partition;
            record.low = e->low;
            record.high = e->high;
        }
        if (!records.empty())
            discovery_->sample(records, until_ - kSecondUs / 4, [this] { caller_.look_up(); });
        for (const SampledRecord& record : records)
            say_record(record);
    }

    void say_record(const SampledRecord& r) {
        PacketWriter packet = begin(CheckSays::record);
        packet.text(r.topic).number(r.partition).number(r.answered || r.found).text(r.error);
        packet.number(r.found).number(r.offset).number(r.timestamp_ms).number(r.bytes);
        packet.number(r.large);
        auto optional = [&packet](const std::optional<std::string>& text) {
            packet.number(text.has_value()).text(text ? *text : std::string());
        };
        optional(r.key);
        optional(r.value);
        for (const auto& [name, value] : r.headers) {
            packet.text(name);
            optional(value);
        }
        caller_.send(packet.bytes());
    }

    void ask_group() {
        if (ends_.empty())
            return;
        std::vector<GroupOffset> some = {{ends_.front().topic, ends_.front().partition, 0}};
        int64_t until = std::min(until_, clock_.steady_us() + kGroupUs);
        std::string complaint;
        bool late = true;
        while (late && clock_.steady_us() < until) {
            caller_.look_up();
            complaint = discovery_->group_complaint(some, call_ms(), late);
        }
        caller_.send(begin(CheckSays::group).number(late).text(complaint).bytes());
    }

    CheckCaller& caller_;
    const Settings settings_;
    const int64_t until_;
    SystemClock clock_;
    Discovery* discovery_ = nullptr;
    std::vector<PartitionEnds> ends_; ///< by topic and partition
};

/// Nothing here raises.
void leave_check(int code, Datum) {
    end_under_threads(code);
}

void check_main(uint32_t segment) {
    guard([] {
        pqsignal(SIGTERM, SignalHandlerForShutdownRequest); // it ends without a line in the log
        BackgroundWorkerUnblockSignals();
        before_shmem_exit(leave_check, 0);
    });
    auto* caller = new CheckCaller; // both live as long as the process
    if (!caller->attach(segment))
        return;
    (new Checker(*caller))->run();
    guard([] { proc_exit(0); });
}

} // namespace

} // namespace kcs::pg

void kafka_cdc_sink_check_main(Datum argument) {
    uint32_t segment = DatumGetUInt32(argument);
    kcs::pg::entry_point([segment] { kcs::pg::check_main(segment); });
}
