#pragma once

#include "core/settings.hpp"

#include "postgres/pg.hpp"

// What a database or role setting could bend is pinned while changes are applied (design section
// 4): the text forms of values, isolation, time-outs, name resolution, row security, triggers.

namespace kcs::pg {

/// For a worker: for the whole session, and again after a reload. Not in a transaction's middle.
void pin_session(const ApplySettings& settings);

/// For a call in somebody's session: a level of settings, undone by unpin() or by the abort.
int pin_call(const ApplySettings& settings);
void unpin_call(int level);

} // namespace kcs::pg
