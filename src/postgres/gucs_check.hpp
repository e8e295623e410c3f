#pragma once

#include "postgres/pg.hpp"

#include "core/fault.hpp"

#include <string_view>

// Check hooks of the string settings: syntax only, because they run in the postmaster too. What
// only a look at the world can tell is said by the status view.

namespace kcs::pg {

extern "C" {
bool kcs_check_bootstrap_servers(char** value, void** extra, GucSource source);
bool kcs_check_client_properties(char** value, void** extra, GucSource source);
bool kcs_check_database(char** value, void** extra, GucSource source);
bool kcs_check_group_id(char** value, void** extra, GucSource source);
bool kcs_check_metrics_listen_address(char** value, void** extra, GucSource source);
bool kcs_check_schemaless_decimal_columns(char** value, void** extra, GucSource source);
bool kcs_check_schemaless_timestamp_columns(char** value, void** extra, GucSource source);
bool kcs_check_table_format(char** value, void** extra, GucSource source);
bool kcs_check_topics(char** value, void** extra, GucSource source);
bool kcs_check_unavailable_value(char** value, void** extra, GucSource source);
}

/// The same for a column of the table `routes` that has the setting's name. Fault without a
/// message: all is well.
Fault decimal_columns_flaw(std::string_view list);
Fault timestamp_columns_flaw(std::string_view list);

} // namespace kcs::pg
