#pragma once

namespace kcs::pg {

/// From _PG_init while preloading, after reserve_shared_memory(): the launcher starts with the
/// server and brings up the other processes (on a standby the exporter only).
void register_launcher();

} // namespace kcs::pg
