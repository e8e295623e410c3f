#include "entry/check_link.hpp"

#include "core/clock.hpp"

#include <cstring>

extern "C" {
#include "postmaster/bgworker.h"
#include "postmaster/interrupt.h"
#include "storage/dsm.h"
#include "storage/ipc.h"
#include "storage/latch.h"
#include "storage/pmsignal.h"
#include "storage/proc.h"
#include "storage/shm_mq.h"
#include "utils/resowner.h"
}

namespace kcs::pg {

namespace {

// ---- C register: plain data only ------------------------------------------------------------

constexpr uint64 kMagic = UINT64CONST(0x6b63735f63686b31);
constexpr Size kQuestionBytes = 16 * 1024;
constexpr Size kAnswerBytes = 64 * 1024;

/// What the segment begins with; the two queues follow.
struct SegmentHead {
    uint64 magic;
    int64_t until_us;
};

constexpr Size kHeadBytes = MAXALIGN(sizeof(SegmentHead));
constexpr Size kSegmentBytes = kHeadBytes + kQuestionBytes + kAnswerBytes;

SegmentHead* head_of(dsm_segment* segment) {
    return static_cast<SegmentHead*>(dsm_segment_address(segment));
}
shm_mq* questions_of(dsm_segment* segment) {
    return reinterpret_cast<shm_mq*>(static_cast<char*>(dsm_segment_address(segment)) + kHeadBytes);
}
shm_mq* answers_of(dsm_segment* segment) {
    return reinterpret_cast<shm_mq*>(static_cast<char*>(dsm_segment_address(segment)) + kHeadBytes +
                                     kQuestionBytes);
}

/// Until it is called with the same message again and does not say SHM_MQ_WOULD_BLOCK.
shm_mq_result try_send(void* queue, const char* data, size_t size) {
#if PG_VERSION_NUM >= 150000
    return shm_mq_send(static_cast<shm_mq_handle*>(queue), size, data, true, true);
#else
    return shm_mq_send(static_cast<shm_mq_handle*>(queue), size, data, true);
#endif
}

struct Received {
    shm_mq_result result;
    const char* data;
    size_t size;
};

Received try_receive(void* queue) {
    Size size = 0;
    void* data = nullptr;
    shm_mq_result result = shm_mq_receive(static_cast<shm_mq_handle*>(queue), &size, &data, true);
    return {result, static_cast<const char*>(data), size};
}

void nap(long timeout_ms) {
    (void)WaitLatch(MyLatch, WL_LATCH_SET | WL_TIMEOUT | WL_EXIT_ON_PM_DEATH, timeout_ms,
                    PG_WAIT_EXTENSION);
    ResetLatch(MyLatch);
}

/// Tells the process to end, whatever made the segment go. Raises nothing.
void on_segment_gone(dsm_segment*, Datum handle) {
    BackgroundWorkerHandle* process =
        reinterpret_cast<BackgroundWorkerHandle*>(DatumGetPointer(handle));
    TerminateBackgroundWorker(process);
    pfree(process);
}

BackgroundWorkerHandle* register_process(dsm_segment* segment) {
    BackgroundWorker worker;
    std::memset(&worker, 0, sizeof worker);
    worker.bgw_flags = BGWORKER_SHMEM_ACCESS;
    worker.bgw_start_time = BgWorkerStart_ConsistentState; // on a standby, too
    worker.bgw_restart_time = BGW_NEVER_RESTART;
    worker.bgw_main_arg = UInt32GetDatum(dsm_segment_handle(segment));
    worker.bgw_notify_pid = MyProcPid;
    strlcpy(worker.bgw_library_name, "kafka_cdc_sink", sizeof worker.bgw_library_name);
    strlcpy(worker.bgw_function_name, "kafka_cdc_sink_check_main", sizeof worker.bgw_function_name);
    strlcpy(worker.bgw_name, "kafka_cdc_sink check", sizeof worker.bgw_name);
    strlcpy(worker.bgw_type, "kafka_cdc_sink check", sizeof worker.bgw_type);
    BackgroundWorkerHandle* handle = nullptr;
    return RegisterDynamicBackgroundWorker(&worker, &handle) ? handle : nullptr;
}

struct Link {
    dsm_segment* segment;
    BackgroundWorkerHandle* process;
    shm_mq_handle* questions;
    shm_mq_handle* answers;
};

/// The segment and the process outlive subtransactions, and go with the caller's portal. The ends
/// of the queues, which keep the largest message, are made in CurrentMemoryContext: nothing but a
/// call with them needs them.
bool start_process(Link* link, int64_t until_us) {
    MemoryContext before = MemoryContextSwitchTo(TopMemoryContext);
    dsm_segment* segment = dsm_create(kSegmentBytes, 0);
    head_of(segment)->magic = kMagic;
    head_of(segment)->until_us = until_us;
    shm_mq* questions = shm_mq_create(questions_of(segment), kQuestionBytes);
    shm_mq* answers = shm_mq_create(answers_of(segment), kAnswerBytes);
    shm_mq_set_sender(questions, MyProc);
    shm_mq_set_receiver(answers, MyProc);
    BackgroundWorkerHandle* process = register_process(segment);
    if (process == nullptr) {
        dsm_detach(segment);
        MemoryContextSwitchTo(before);
        return false;
    }
    on_dsm_detach(segment, on_segment_gone, PointerGetDatum(process));
    MemoryContextSwitchTo(before);
    link->segment = segment;
    link->process = process;
    link->questions = shm_mq_attach(questions, segment, process);
    link->answers = shm_mq_attach(answers, segment, process);
    return true;
}

bool attach_segment(Link* link, uint32_t handle) {
    CurrentResourceOwner = ResourceOwnerCreate(nullptr, "kafka_cdc_sink check");
    dsm_segment* segment = dsm_attach(handle);
    if (segment == nullptr || head_of(segment)->magic != kMagic)
        return false;
    link->segment = segment;
    shm_mq_set_receiver(questions_of(segment), MyProc);
    shm_mq_set_sender(answers_of(segment), MyProc);
    link->questions = shm_mq_attach(questions_of(segment), segment, nullptr);
    link->answers = shm_mq_attach(answers_of(segment), segment, nullptr);
    return true;
}

/// In the process: whether it is still wanted. Ends it quietly where it is not.
void stay_or_end(bool gone) {
    CHECK_FOR_INTERRUPTS();
    if (gone || ShutdownRequestPending || !PostmasterIsAlive())
        proc_exit(0);
}

// ---- C++ register ---------------------------------------------------------------------------

long left_ms(int64_t until_us) {
    return static_cast<long>((until_us - SystemClock().steady_us() + 999) / 1000);
}

} // namespace

// ---- the backend's end ------------------------------------------------------------------------

bool CheckProcess::start(int64_t until_us) {
    Link link = {};
    if (!guard([&link, until_us] { return start_process(&link, until_us); }))
        return false;
    segment_ = link.segment;
    process_ = link.process;
    questions_ = link.questions;
    answers_ = link.answers;
    return true;
}

void CheckProcess::send(const std::string& message, int64_t until_us) {
    const char* data = message.data();
    size_t size = message.size();
    void* queue = questions_;
    for (long left; (left = left_ms(until_us)) > 0;) {
        bool sent = guard([=] {
            CHECK_FOR_INTERRUPTS();
            if (try_send(queue, data, size) != SHM_MQ_WOULD_BLOCK)
                return true;
            nap(left);
            return false;
        });
        if (sent)
            return;
    }
}

std::optional<std::string> CheckProcess::receive(int64_t until_us) {
    void* queue = answers_;
    for (long left; (left = left_ms(until_us)) > 0;) {
        Received got = guard([=] {
            CHECK_FOR_INTERRUPTS();
            Received received = try_receive(queue);
            if (received.result == SHM_MQ_WOULD_BLOCK)
                nap(left);
            return received;
        });
        if (got.result == SHM_MQ_SUCCESS)
            return std::string(got.data, got.size);
        if (got.result == SHM_MQ_DETACHED)
            break;
    }
    return {};
}

void CheckProcess::end(int64_t until_us) {
    if (segment_ == nullptr)
        return;
    dsm_segment* segment = static_cast<dsm_segment*>(segment_);
    BackgroundWorkerHandle* process = static_cast<BackgroundWorkerHandle*>(process_);
    segment_ = nullptr;
    guard([process] { TerminateBackgroundWorker(process); });
    for (long left; (left = left_ms(until_us)) > 0;) {
        bool ended = guard([process, left] {
            CHECK_FOR_INTERRUPTS();
            pid_t pid;
            BgwHandleStatus status = GetBackgroundWorkerPid(process, &pid);
            if (status == BGWH_STOPPED || status == BGWH_POSTMASTER_DIED)
                return true;
            nap(left); // the postmaster wakes us
            return false;
        });
        if (ended)
            break;
    }
    guard([segment] { dsm_detach(segment); });
}

// ---- the process's end --------------------------------------------------------------------------

bool CheckCaller::attach(uint32_t segment) {
    Link link = {};
    if (!guard([&link, segment] { return attach_segment(&link, segment); }))
        return false;
    questions_ = link.questions;
    answers_ = link.answers;
    until_us_ = head_of(link.segment)->until_us;
    return true;
}

void CheckCaller::send(const std::string& message) {
    const char* data = message.data();
    size_t size = message.size();
    void* queue = answers_;
    guard([=] {
        shm_mq_result result;
        while ((result = try_send(queue, data, size)) == SHM_MQ_WOULD_BLOCK) {
            stay_or_end(false);
            nap(1000);
        }
        stay_or_end(result == SHM_MQ_DETACHED);
    });
}

void CheckCaller::look_up() {
    void* queue = questions_;
    bool asked = question_.has_value();
    Received got = guard([=] {
        Received received = {SHM_MQ_WOULD_BLOCK, nullptr, 0};
        if (!asked)
            received = try_receive(queue);
        stay_or_end(received.result == SHM_MQ_DETACHED);
        return received;
    });
    if (got.result == SHM_MQ_SUCCESS)
        question_.emplace(got.data, got.size);
}

std::string CheckCaller::receive() {
    while (look_up(), !question_)
        guard([] { nap(1000); });
    return *question_;
}

} // namespace kcs::pg
