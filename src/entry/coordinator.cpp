#include "core/clock.hpp"
#include "entry/letter_keeper.hpp"
#include "entry/partition_table.hpp"
#include "entry/process.hpp"
#include "entry/topic_keeper.hpp"
#include "entry/worker_keeper.hpp"
#include "postgres/gucs.hpp"
#include "postgres/own_statement.hpp"
#include "postgres/pin.hpp"
#include "postgres/shared_copy.hpp"
#include "postgres/shared_memory.hpp"
#include "postgres/transaction.hpp"
#include "postgres/wait_set.hpp"

#include <algorithm>

extern "C" {
#include "postmaster/bgworker.h"
#include "storage/ipc.h"
#include "storage/procarray.h"

PGDLLEXPORT void kafka_cdc_sink_coordinator_main(Datum argument);
}

// The coordinator finds out which partitions there are and gives them to the apply workers. All it
// says to them it says through the slots in shared memory; they are the truth and outlive it.
//
//   one partition slot            written by     read by
//     used, topic, partition      coordinator    workers, views
//     desired (worker or -1)      coordinator    workers
//     holder  (worker or -1)      workers        coordinator, workers
//
//                   desired = w                       w: desired = me, holder = -1
//      +---------+  coordinator   +---------------+   holder = w, Pipeline::take   +------------+
//      | waiting | -------------> | given out     | -----------------------------> | held by w  |
//      | d = -1  |                | d = w, h = -1 |                                | d = w, h=w |
//      | h = -1  | <-+            +---------------+                                +------------+
//      +---------+   |                    ^                                              |
//        ^    |      | d = -1             | d = v                  d = v or -1           |
//        |    |      |                    |                        coordinator           v
//   used = true      |            +---------------+   Pipeline::give_up,           +------------+
//   used = false     +------------| released      | <----------------------------- | to be let  |
//                                 | h = -1        |   holder = -1, by w            | go by w    |
//                                 +---------------+                                +------------+
//
// So a partition has at most one holder, a new one only after the old one has let go, and nobody
// but the holder clears `holder`: a worker that ends does it in its exit callback. Whoever changes
// a slot rings whoever must act on it. A partition is first given out when it has a stored start
// offset that the topic still holds (TopicKeeper); equal counts are PartitionTable's and
// assign_partitions' business, living workers WorkerKeeper's.
//
// slots_hash says to which database, extension and client (client_identity) the slots belong.
// Where that changes, every partition is taken back and every worker replaced before new slots are
// filled.

namespace kcs::pg {

namespace {

CoordinatorEnd end_reason = CoordinatorEnd::failed;

class Coordinator {
public:
    Coordinator(uint32_t extension, uint64_t rings)
        : settings_(read_settings()), host_(settings_.log_level),
          wait_(-1, "KafkaCdcSinkCoordinator"), extension_(extension),
          topics_(table_, host_, settings_), workers_(host_), letters_(host_), rings_(rings) {
        identify();
    }

    /// Returns why it leaves.
    CoordinatorEnd run() {
        for (;;) {
            host_.check_interrupts();
            if (reload_if_asked(settings_)) {
                pin_session(settings_.apply);
                host_.log_level(settings_.log_level);
                topics_.configure(settings_);
                letters_.configure();
                trouble_until_ = 0;
                identify();
            }
            if (must_leave())
                return CoordinatorEnd::asked;
            if (extension_gone())
                return CoordinatorEnd::extension_missing;
            wait_.wait(look());
        }
    }

private:
    SharedHeader& header() { return *shared().header; }

    int64_t look() {
        if (WorkerKeeper::strangers(identity_))
            identify(); // one may have read a newer properties file
        bool ours = slots_are_ours();
        int64_t due = workers_.look(settings_.max_workers, identity_);
        table_.sweep();
        if (ours && adopted_)
            table_.give_out(workers_.present());
        if (ours) {
            due = sooner(due, look_at_topics());
            due = sooner(due, letters_.look(settings_));
            if (adopted_)
                table_.give_out(workers_.present());
        }
        sum_up();
        host_.idle_text("watching " + std::to_string(topics_.topics()) + " topics, keeping " +
                        std::to_string(workers_.living()) + " workers");
        host_.activity(nullptr);
        return due;
    }

    /// Takes everything back first where the slots belong to another client.
    bool slots_are_ours() {
        uint64_t owner = 0;
        locked(false, [&] { owner = header().slots_hash; });
        if (owner == identity_)
            return true;
        topics_.restart();
        table_.forget_all();
        if (!table_.sweep())
            return false; // a worker that releases one rings us
        uint64_t identity = identity_;
        locked(true, [&] { header().slots_hash = identity; });
        return true;
    }

    int64_t look_at_topics() {
        int64_t now = clock_.steady_us();
        if (now < trouble_until_)
            return trouble_until_ - now;
        try {
            if (!adopted_)
                adopt_control();
            int64_t due = topics_.look();
            trouble_ = Problem();
            trouble_backoff_.reset();
            return due;
        } catch (const Error& e) {
            check_extension_ = true;
            return note_trouble(e.fault);
        }
    }

    /// On our own objects: the environment, whatever the code. Returns when to look again.
    int64_t note_trouble(const Fault& fault) {
        trouble_ = {SinkState::error, fault.message,
                    fault.hint.empty() ? own_tables_hint(fault) : fault.hint};
        int64_t delay = trouble_backoff_.next_us();
        trouble_until_ = clock_.steady_us() + delay;
        return delay;
    }

    void sum_up() {
        Problem worst = workers_.problem();
        for (const Problem& p : {topics_.problem(), trouble_})
            if (p &&
                (!worst || (worst.state == SinkState::degraded && p.state == SinkState::error)))
                worst = p;
        if (!settled_ && !worst)
            settled_ =
                topics_.seen_topics() && workers_.living() > 0 && table_.ready_but_not_held() == 0;
        if (worst)
            say_state(host_, worst.state, worst.reason, worst.hint);
        else
            say_state(host_, settled_ ? SinkState::running : SinkState::starting, "", "");
        note_shown_state();
    }

    /// Since when the sink as a whole is what the status says, workers and partitions included: who
    /// changes any of that rings us.
    void note_shown_state() {
        const SinkState state = read_status("").state;
        const int64_t now = wall_us();
        locked(true, [&] {
            if (header().shown_since_us != 0 && header().shown_state == state)
                return;
            header().shown_state = state;
            header().shown_since_us = now;
        });
    }

    bool must_leave() {
        bool asked = false;
        locked(false, [&] { asked = header().coordinator_stop; });
        return asked || !settings_.wants_to_run() || settings_.database != database_name_;
    }

    /// Looked at where somebody created or dropped an extension, or our tables were not there.
    bool extension_gone() {
        uint64_t rings = header().launcher_rings.load();
        if (rings == rings_ && !check_extension_)
            return false;
        rings_ = rings;
        check_extension_ = false;
        locked(true, [&] { header().coordinator_end_rings = rings; });
        uint32_t found = extension_;
        try {
            found = find_extension();
        } catch (const Error& e) {
            check_extension_ = true;
            note_trouble(e.fault);
        }
        if (found == 0)
            return true;
        if (found != extension_) { // dropped and created again
            extension_ = found;
            trouble_until_ = 0;
            identify();
            adopted_ = false;
        }
        return false;
    }

    void identify() {
        identity_ = client_identity(settings_.client, MyDatabaseId, extension_);
        uint32_t extension = extension_;
        locked(true, [&] { header().extension_oid = extension; });
    }

    /// What pause() said before the server's last start holds. What a worker asked for meanwhile
    /// holds, too, unless it was another extension's. Until it is known nothing is given out.
    void adopt_control() {
        while (!adopt_control_once()) {
        }
        adopted_ = true;
        ring_workers();
    }

    /// False: pause() or resume() committed between reading the table and saying what it holds.
    bool adopt_control_once() {
        uint64_t generation = header().control_generation.load();
        Control control = read_control();
        uint64_t extension = (uint64_t{MyDatabaseId} << 32) | extension_;
        bool current = false;
        locked(true, [&] {
            SharedHeader& h = header();
            current = h.control_generation.load() == generation;
            if (!current)
                return;
            bool same = h.control_of == extension;
            h.control_of = extension;
            if (control.resumed_us > h.resumed_us.load() || !same)
                h.resumed_us.store(control.resumed_us);
            if (control.paused || !same) {
                put_text(h.pause_reason, sizeof h.pause_reason, control.reason);
                h.pause_hint[0] = '\0';
                h.pause_cause = control.paused ? PauseCause::asked : PauseCause::none;
                h.paused.store(control.paused);
            }
        });
        return current;
    }

    static int64_t sooner(int64_t a, int64_t b) { return a < 0 ? b : b < 0 ? a : std::min(a, b); }

    Settings settings_;
    const std::string database_name_ = settings_.database;
    ProcessHost host_;
    WaitSet wait_;
    uint32_t extension_;
    uint64_t identity_ = 0;
    PartitionTable table_;
    TopicKeeper topics_;
    WorkerKeeper workers_;
    LetterKeeper letters_;
    uint64_t rings_;
    bool adopted_ = false; ///< the control table was read
    bool check_extension_ = false;
    bool settled_ = false; ///< everything ran once: from then on it is running, not starting
    SystemClock clock_;
    Problem trouble_;
    int64_t trouble_until_ = 0; ///< steady us
    Backoff trouble_backoff_{1000 * 1000, 10 * 1000 * 1000};
};

// ---- birth and death ------------------------------------------------------------------------

/// Nothing here raises.
void leave_coordinator(int code, Datum) {
    end_under_threads(code);
    SharedHeader* header = shared().header;
    lock_shared_state(true);
    bool mine = header->coordinator_pid == MyProcPid;
    if (mine) {
        header->coordinator_pid = 0;
        header->coordinator_end = end_reason;
    }
    unlock_shared_state();
    ring_launcher_process(); // the server rings only the one that started us
}

/// False: another one is alive, or nobody wants one any more.
bool claim(uint32_t* database) {
    SharedHeader* header = shared().header;
    int32_t other = 0;
    bool wanted = false;
    locked(true, [&] {
        other = header->coordinator_pid;
        wanted = !header->coordinator_stop;
        *database = header->database_oid;
    });
    if (!wanted || (other != 0 && BackendPidGetProc(other) != nullptr))
        return false;
    bool claimed = false;
    locked(true, [&] {
        claimed = header->coordinator_pid == other; // nobody else found the dead one meanwhile
        if (!claimed)
            return;
        header->coordinator_pid = MyProcPid;
        bump(header->coordinator_starts);
        header->coordinator_end = CoordinatorEnd::none;
    });
    return claimed;
}

void coordinator_main() {
    uint32_t database = 0;
    guard([] { begin_process(); });
    if (!claim(&database))
        return;
    guard([database] {
        before_shmem_exit(leave_coordinator, 0);
        BackgroundWorkerInitializeConnectionByOid(database, InvalidOid, 0);
    });
    pin_session(read_settings().apply);
    tables_are_of(database);
    SharedHeader* header = shared().header;
    uint64_t rings = header->launcher_rings.load(); // before the look: nothing is missed
    locked(true, [&] { header->coordinator_end_rings = rings; });
    uint32_t extension = find_extension();
    if (extension != 0) {
        auto* coordinator = new Coordinator(extension, rings); // lives as long as the process
        end_reason = coordinator->run();
    } else {
        end_reason = CoordinatorEnd::extension_missing;
    }
    bool missing = end_reason == CoordinatorEnd::extension_missing;
    locked(true, [&] {
        if (missing)
            header->extension_oid = 0;
        for (int i = 0; i < header->partition_slots; ++i)
            shared().partitions[i].desired = -1; // the next one checks before it gives out
    });
    ask_workers_to_stop();
}

} // namespace

} // namespace kcs::pg

void kafka_cdc_sink_coordinator_main(Datum) {
    kcs::pg::entry_point([] { kcs::pg::coordinator_main(); });
}
