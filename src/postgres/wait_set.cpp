#include "postgres/wait_set.hpp"

#include "postgres/compat.hpp"
#include "postgres/guard.hpp"

extern "C" {
#include "postmaster/interrupt.h"
}

namespace kcs::pg {

namespace {

// ---- C register: plain data only ------------------------------------------------------------

WaitEventSet* make_set(int fd) {
    WaitEventSet* set = create_session_wait_event_set(fd < 0 ? 2 : 3);
    AddWaitEventToSet(set, WL_LATCH_SET, PGINVALID_SOCKET, MyLatch, nullptr);
    AddWaitEventToSet(set, WL_EXIT_ON_PM_DEATH, PGINVALID_SOCKET, nullptr, nullptr);
    if (fd >= 0)
        AddWaitEventToSet(set, WL_SOCKET_READABLE, fd, nullptr, nullptr);
    return set;
}

} // namespace

WaitSet::WaitSet(int fd, const char* event_name) {
    set_ = guard([fd] { return static_cast<void*>(make_set(fd)); });
    event_ = guard([event_name] { return wait_event(event_name); });
}

void WaitSet::wait(int64_t timeout_us) {
    // Rounded up: waking early would mean going round for nothing.
    int64_t timeout_ms =
        timeout_us < 0 ? -1 : std::min<int64_t>((timeout_us + 999) / 1000, 3600000);
    guard([this, timeout_ms] {
        if (InterruptPending || ConfigReloadPending)
            return; // the latch that told of it may have been reset inside a transaction
        WaitEvent events[3];
        WaitEventSetWait(static_cast<WaitEventSet*>(set_), timeout_ms, events, 3, event_);
        ResetLatch(MyLatch);
    });
}

} // namespace kcs::pg
