#include "postgres/pg.hpp"

#include "core/interruption.hpp"
#include "entry/commit_actions.hpp"
#include "entry/processes.hpp"
#include "postgres/gucs.hpp"
#include "postgres/held_schema.hpp"
#include "postgres/host.hpp"
#include "postgres/shared_memory.hpp"

extern "C" {
#include "postmaster/bgworker.h"

#if PG_VERSION_NUM >= 180000
PG_MODULE_MAGIC_EXT(.name = "kafka_cdc_sink", .version = "1.0");
#else
PG_MODULE_MAGIC;
#endif

PGDLLEXPORT void _PG_init(void);
}

/// C register. Everything that lasts beyond a session needs the library to be preloaded; a session
/// that loads it later can use the settings and functions, and the status view says what is
/// missing.
void _PG_init(void) {
    if (IsBinaryUpgrade)
        return;
    kcs::interruption_point = kcs::pg::serve_interrupts;
    kcs::pg::define_settings();
    kcs::pg::watch_schema_names();
    if (!process_shared_preload_libraries_in_progress)
        return;
    kcs::pg::reserve_shared_memory(kcs::pg::max_tracked_partitions_setting(),
                                   kcs::pg::max_tracked_tables_setting() + 1);
    kcs::pg::watch_extensions();
    kcs::pg::register_launcher();
}
