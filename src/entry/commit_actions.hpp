#pragma once

#include "postgres/pg.hpp"

// What other processes must be told once the running transaction has committed, and not when it
// aborts: the tables say the same, and these messages only make it quick.

namespace kcs::pg {

/// pause() or resume() was written into control. May raise, before anything is noted.
void pause_at_commit(const char* reason);
void resume_at_commit();

/// seek() moved a partition to `offset`: its holder reads it anew.
void reread_at_commit(const char* topic, int32 partition, int64 offset);

/// The table routes was written: workers read it anew before their next records.
void reroute_at_commit();

/// A session wrote a dead letter with an offset of Kafka's: workers look for it.
void look_for_letters_at_commit();

/// Notices CREATE, ALTER and DROP of extensions and databases, however they come about, and rings
/// the launcher and the coordinator at commit. From _PG_init while preloading.
void watch_extensions();

} // namespace kcs::pg
