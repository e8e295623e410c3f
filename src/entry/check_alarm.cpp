#include "postgres/pg.hpp"

#include "entry/check_alarm.hpp"

#include <csignal>

extern "C" {
#include "access/xact.h"
#include "miscadmin.h"
#include "storage/latch.h"
#include "utils/timeout.h"
#include "utils/timestamp.h"
}

namespace kcs::pg {

namespace {

/// Between a cancel and the next.
constexpr int kAgainMs = 20;

TimeoutId alarm_id = MAX_TIMEOUTS; ///< not registered yet
volatile sig_atomic_t rang = 0;

void cancel() {
    InterruptPending = true;
    QueryCancelPending = true;
}

/// A signal handler.
void on_alarm() {
    rang = 1;
    cancel();
    SetLatch(MyLatch);
#if PG_VERSION_NUM < 150000
    enable_timeout_after(alarm_id, kAgainMs); // its signal is blocked here
#endif
}

/// Each value is looked at in a subtransaction: one that caught its cancel is the last one.
void on_subtransaction(SubXactEvent event, SubTransactionId, SubTransactionId, void*) {
    if (event == SUBXACT_EVENT_START_SUB && rang != 0)
        cancel();
}

} // namespace

void arm_check_alarm(int64_t timeout_us) {
    if (alarm_id == MAX_TIMEOUTS)
        alarm_id = RegisterTimeout(USER_TIMEOUT, on_alarm);
    rang = 0;
    RegisterSubXactCallback(on_subtransaction, nullptr);
#if PG_VERSION_NUM >= 150000
    enable_timeout_every(alarm_id, GetCurrentTimestamp() + timeout_us, kAgainMs);
#else
    enable_timeout_after(alarm_id, static_cast<int>((timeout_us + 999) / 1000));
#endif
}

void disarm_check_alarm() {
    disable_timeout(alarm_id, false);
    UnregisterSubXactCallback(on_subtransaction, nullptr);
    if (rang != 0)
        QueryCancelPending = false; // it came too late to cancel anything
}

bool check_alarm_rang() {
    return rang != 0;
}

} // namespace kcs::pg
