#pragma once

#include "core/settings.hpp"

#include <string_view>

struct config_enum_entry;

// The settings kafka_cdc_sink.* (design 5.1): defined here, read as an immutable Settings value.

namespace kcs::pg {

/// Defines all settings and reserves their prefix. From _PG_init; C register: may raise.
void define_settings();

/// A picture of the settings as they are now. Throws std::bad_alloc only.
Settings read_settings();

/// The same, kept until a setting changes (reload, SET, RESET, end of a transaction that SET one).
/// The reference stays valid, its contents until the next call: copy what must not move.
const Settings& current_settings();

/// The values of delete_mode or of one of the *_mode settings, up to an entry without a name.
const config_enum_entry* setting_options(std::string_view setting);

/// kafka_cdc_sink.synchronous_commit as a SyncCommitLevel (access/xact.h), for workers' own
/// transactions.
int synchronous_commit_setting();

/// Slots to reserve in shared memory; fixed at server start. Tables do not include `other`.
int max_tracked_partitions_setting();
int max_tracked_tables_setting();

} // namespace kcs::pg
