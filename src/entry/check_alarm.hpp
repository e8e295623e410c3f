#pragma once

#include <cstdint>

// The deadline of check() for code that nobody asks: functions of targets. It cancels what runs
// then, as a user would. C register.

namespace kcs::pg {

/// Rings `timeout_us` from now, never before, and again and again until it is disarmed: code may
/// catch a cancel. What is started in a subtransaction after that, is cancelled at its beginning.
void arm_check_alarm(int64_t timeout_us);
/// Also takes back a cancel of its own that came too late.
void disarm_check_alarm();
/// Since it was armed: a cancel is then its own.
bool check_alarm_rang();

} // namespace kcs::pg
