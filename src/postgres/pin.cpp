#include "postgres/pin.hpp"

#include "postgres/compat.hpp"
#include "postgres/guard.hpp"

namespace kcs::pg {

namespace {

// ---- C register -------------------------------------------------------------------------------

struct Pinned {
    const char* name;
    const char* value;
};

/// For everybody who applies.
const Pinned always[] = {
    {"TimeZone", "UTC"},
    {"DateStyle", "ISO, YMD"},
    {"IntervalStyle", "postgres"},
    {"lc_monetary", "C"},
    {"array_nulls", "on"},
    {"bytea_output", "hex"},
    {"extra_float_digits", "1"},
    {"xmloption", "content"},
    {"standard_conforming_strings", "on"},
    {"search_path", "pg_catalog, pg_temp"},
    // A policy that would apply is an error, never a row that quietly is not there.
    {"row_security", "off"},
    {"lock_timeout", "1s"},
    // Sooner than that, so that a deadlock is told as one.
    {"deadlock_timeout", "200ms"},
    {"statement_timeout", "0"},
    {"idle_in_transaction_session_timeout", "0"},
    {"jit", "off"},
    // Kept plans see batches of all sizes: only the key's index is right for each.
    {"enable_hashjoin", "off"},
    {"enable_mergejoin", "off"},
};

/// For transactions of our own.
const Pinned in_session[] = {
    {"default_transaction_isolation", "read committed"},
    {"default_transaction_read_only", "off"},
    {"default_transaction_deferrable", "off"},
    {"idle_session_timeout", "0"},
    {"exit_on_error", "off"},
    // Row values would be in the log.
    {"debug_print_parse", "off"},
    {"debug_print_rewritten", "off"},
    {"debug_print_plan", "off"},
    {"role", "none"},
#if PG_VERSION_NUM >= 170000
    {"transaction_timeout", "0"},
#endif
};

void pin(const Pinned* pinned, size_t count, GucSource source, GucAction action) {
    for (size_t i = 0; i < count; ++i)
        set_config_option(pinned[i].name, pinned[i].value, PGC_SUSET, source, action, true, 0,
                          false);
}

void pin_triggers(bool fire, GucSource source, GucAction action) {
    const Pinned role = {"session_replication_role", fire ? "origin" : "replica"};
    pin(&role, 1, source, action);
}

/// What ends the process instead of a statement: not for code of the targets' owners.
const char* const superusers_only[] = {
    "exit_on_error",
#if PG_VERSION_NUM >= 170000
    "transaction_timeout",
#endif
};

/// The server has no way to say that a setting that anybody may change is not to be changed here.
void keep_for_superusers() {
    for (const char* name : superusers_only)
        find_setting(name)->context = PGC_SUSET;
}

} // namespace

void pin_session(const ApplySettings& settings) {
    bool fire = settings.fire_triggers;
    guard([fire] {
        keep_for_superusers();
        pin(always, lengthof(always), PGC_S_OVERRIDE, GUC_ACTION_SET);
        pin(in_session, lengthof(in_session), PGC_S_OVERRIDE, GUC_ACTION_SET);
        pin_triggers(fire, PGC_S_OVERRIDE, GUC_ACTION_SET);
    });
}

int pin_call(const ApplySettings& settings) {
    bool fire = settings.fire_triggers;
    return guard([fire] {
        int level = NewGUCNestLevel();
        pin(always, lengthof(always), PGC_S_SESSION, GUC_ACTION_SAVE);
        pin_triggers(fire, PGC_S_SESSION, GUC_ACTION_SAVE);
        return level;
    });
}

void unpin_call(int level) {
    guard([level] { AtEOXact_GUC(true, level); });
}

} // namespace kcs::pg
