#pragma once

namespace kcs::pg {

/// From _PG_init while preloading, after reserve_shared_memory(): the launcher starts with the
/// server (on a standby at promotion) and brings up the other processes.
void register_launcher();

} // namespace kcs::pg
