#include "postgres/gucs.hpp"

#include "core/shared_state.hpp"
#include "postgres/compat.hpp"
#include "postgres/gucs_check.hpp"

#include <climits>

namespace kcs::pg {

namespace {

// ---- C register: the variables that the server writes ---------------------------------------

bool auto_create_tables;
int batch_bytes;
int batch_linger;
int batch_size;
int binary_handling_mode;
char* bootstrap_servers;
char* client_properties;
char* client_properties_file;
char* database;
bool decode_ahead;
int dead_letter_retention;
int decimal_handling_mode;
bool enabled;
bool fire_triggers;
char* group_id;
int interval_handling_mode;
int log_level;
bool truncate;
int constraint_retry;
int delete_mode;
int max_dead_letters;
int max_tracked_partitions = 1024;
int max_tracked_tables = 1024;
int max_workers;
bool metrics_enabled;
char* metrics_listen_address;
int metrics_port;
int on_error;
int queue_size;
int retry_backoff;
int retry_backoff_max;
char* role;
int schema_evolution;
char* schemaless_decimal_columns;
char* schemaless_timestamp_columns;
int start_offset;
int sync_commit;
char* table_format;
int time_precision_mode;
int topic_refresh;
char* topics;
char* flattened_prefix;
char* unavailable_value;

/// Set by the assign hooks, which run before the variable has its new value.
bool settings_changed = true;

extern "C" {
void kcs_assign_bool(bool, void*) {
    settings_changed = true;
}
void kcs_assign_int(int, void*) {
    settings_changed = true;
}
void kcs_assign_string(const char*, void*) {
    settings_changed = true;
}
}

template <typename Enum> constexpr int as_int(Enum value) {
    return static_cast<int>(value);
}

const config_enum_entry binary_options[] = {
    {"bytes", as_int(BinaryMode::bytes), false},
    {"base64", as_int(BinaryMode::base64), false},
    {"base64-url-safe", as_int(BinaryMode::base64_url_safe), false},
    {"base64_url_safe", as_int(BinaryMode::base64_url_safe), true},
    {"hex", as_int(BinaryMode::hex), false},
    {nullptr, 0, false}};

const config_enum_entry decimal_options[] = {{"precise", as_int(DecimalMode::precise), false},
                                             {"double", as_int(DecimalMode::double_), false},
                                             {"string", as_int(DecimalMode::string), false},
                                             {nullptr, 0, false}};

const config_enum_entry interval_options[] = {{"numeric", as_int(IntervalMode::numeric), false},
                                              {"string", as_int(IntervalMode::string), false},
                                              {nullptr, 0, false}};

const config_enum_entry delete_mode_options[] = {{"delete", as_int(DeleteMode::remove), false},
                                                 {"soft", as_int(DeleteMode::soft), false},
                                                 {"ignore", as_int(DeleteMode::ignore), false},
                                                 {nullptr, 0, false}};

const config_enum_entry log_level_options[] = {{"debug", as_int(LogLevel::debug), false},
                                               {"info", as_int(LogLevel::info), false},
                                               {"warning", as_int(LogLevel::warning), false},
                                               {"error", as_int(LogLevel::error), false},
                                               {nullptr, 0, false}};

const config_enum_entry on_error_options[] = {{"dead_letter", as_int(OnError::dead_letter), false},
                                              {"pause", as_int(OnError::pause), false},
                                              {nullptr, 0, false}};

const config_enum_entry schema_evolution_options[] = {
    {"none", as_int(SchemaEvolution::none), false},
    {"add_columns", as_int(SchemaEvolution::add_columns), false},
    {"widen", as_int(SchemaEvolution::widen), false},
    {nullptr, 0, false}};

const config_enum_entry start_offset_options[] = {
    {"earliest", as_int(StartOffset::earliest), false},
    {"latest", as_int(StartOffset::latest), false},
    {nullptr, 0, false}};

/// As the server's own synchronous_commit, whose table is not exported.
const config_enum_entry synchronous_commit_options[] = {
    {"local", SYNCHRONOUS_COMMIT_LOCAL_FLUSH, false},
    {"remote_write", SYNCHRONOUS_COMMIT_REMOTE_WRITE, false},
    {"remote_apply", SYNCHRONOUS_COMMIT_REMOTE_APPLY, false},
    {"on", SYNCHRONOUS_COMMIT_ON, false},
    {"off", SYNCHRONOUS_COMMIT_OFF, false},
    {"true", SYNCHRONOUS_COMMIT_ON, true},
    {"false", SYNCHRONOUS_COMMIT_OFF, true},
    {"yes", SYNCHRONOUS_COMMIT_ON, true},
    {"no", SYNCHRONOUS_COMMIT_OFF, true},
    {"1", SYNCHRONOUS_COMMIT_ON, true},
    {"0", SYNCHRONOUS_COMMIT_OFF, true},
    {nullptr, 0, false}};

const config_enum_entry time_precision_options[] = {
    {"adaptive", as_int(TimePrecisionMode::adaptive), false},
    {"adaptive_time_microseconds", as_int(TimePrecisionMode::adaptive_time_microseconds), false},
    {"connect", as_int(TimePrecisionMode::connect), false},
    {"isostring", as_int(TimePrecisionMode::isostring), false},
    {"microseconds", as_int(TimePrecisionMode::microseconds), false},
    {"nanoseconds", as_int(TimePrecisionMode::nanoseconds), false},
    {"structured", as_int(TimePrecisionMode::structured), false},
    {nullptr, 0, false}};

void define_bool(const char* name, const char* about, bool* variable, bool boot,
                 GucContext context) {
    DefineCustomBoolVariable(name, about, nullptr, variable, boot, context, 0, nullptr,
                             kcs_assign_bool, nullptr);
}

void define_int(const char* name, const char* about, const char* more, int* variable, int boot,
                int low, int high, GucContext context, int flags) {
    DefineCustomIntVariable(name, about, more, variable, boot, low, high, context, flags, nullptr,
                            kcs_assign_int, nullptr);
}

void define_enum(const char* name, const char* about, int* variable, int boot,
                 const config_enum_entry* options, GucContext context) {
    DefineCustomEnumVariable(name, about, nullptr, variable, boot, options, context, 0, nullptr,
                             kcs_assign_int, nullptr);
}

void define_string(const char* name, const char* about, const char* more, char** variable,
                   const char* boot, GucContext context, int flags, GucStringCheckHook check) {
    DefineCustomStringVariable(name, about, more, variable, boot, context, flags, check,
                               kcs_assign_string, nullptr);
}

} // namespace

// Sorted by name. What steers how an event is applied can be set by a superuser in a session too,
// for apply_event; the rest is the server's.
void define_settings() {
    define_bool("kafka_cdc_sink.auto_create_tables",
                "Creates schemas and tables that the events need.", &auto_create_tables, true,
                PGC_SUSET);
    define_int("kafka_cdc_sink.batch_bytes", "Most payload bytes applied in one transaction.",
               nullptr, &batch_bytes, 4 * 1024 * 1024, 1024, INT_MAX, PGC_SIGHUP, GUC_UNIT_BYTE);
    define_int("kafka_cdc_sink.batch_linger",
               "Shortest time between the starts of two transactions while few records come.",
               "Of all workers together. A lone message is applied at once.", &batch_linger, 5, 0,
               60 * 1000, PGC_SIGHUP, GUC_UNIT_MS);
    define_int("kafka_cdc_sink.batch_size", "Most records applied in one transaction.", nullptr,
               &batch_size, 5000, 1, 1000 * 1000, PGC_SIGHUP, 0);
    define_enum("kafka_cdc_sink.binary_handling_mode",
                "How the source writes binary values of records without schema.",
                &binary_handling_mode, as_int(BinaryMode::bytes), binary_options, PGC_SUSET);
    define_string("kafka_cdc_sink.bootstrap_servers",
                  "Kafka brokers to ask first, a comma-separated list of host:port.",
                  "Nothing runs while this is empty.", &bootstrap_servers, "", PGC_SIGHUP,
                  GUC_LIST_INPUT, kcs_check_bootstrap_servers);
    define_string("kafka_cdc_sink.client_properties",
                  "Properties for librdkafka, comma-separated key=value pairs.",
                  "Secrets belong in the file that client_properties_file names.",
                  &client_properties, "", PGC_SIGHUP, GUC_SUPERUSER_ONLY,
                  kcs_check_client_properties);
    define_string("kafka_cdc_sink.client_properties_file",
                  "File with further properties for librdkafka, one key=value pair a line.",
                  "It is read again at each reload.", &client_properties_file, "", PGC_SIGHUP,
                  GUC_SUPERUSER_ONLY, nullptr);
    define_int("kafka_cdc_sink.constraint_retry",
               "Longest wait of a record for one of another partition.", nullptr, &constraint_retry,
               30 * 1000, 0, 24 * 3600 * 1000, PGC_SUSET, GUC_UNIT_MS);
    define_string("kafka_cdc_sink.database", "Database whose tables are written.", nullptr,
                  &database, "postgres", PGC_SIGHUP, GUC_IS_NAME, kcs_check_database);
    define_int("kafka_cdc_sink.dead_letter_retention",
               "Age at which dead letters are deleted, whether settled or not.", "Zero keeps them.",
               &dead_letter_retention, 0, 0, INT_MAX, PGC_SIGHUP, GUC_UNIT_S);
    define_enum("kafka_cdc_sink.decimal_handling_mode",
                "How the source writes decimals of records without schema.", &decimal_handling_mode,
                as_int(DecimalMode::precise), decimal_options, PGC_SUSET);
    define_bool("kafka_cdc_sink.decode_ahead",
                "Decodes the next records on a thread while a batch is applied.", &decode_ahead,
                true, PGC_SIGHUP);
    define_enum("kafka_cdc_sink.delete_mode", "What a delete does to the row.", &delete_mode,
                as_int(DeleteMode::remove), delete_mode_options, PGC_SUSET);
    define_bool("kafka_cdc_sink.enabled", "Consumes and applies; off stops everything.", &enabled,
                true, PGC_SIGHUP);
    define_bool("kafka_cdc_sink.fire_triggers",
                "Applies with triggers and rules of the target tables.", &fire_triggers, false,
                PGC_SUSET);
    define_string(
        "kafka_cdc_sink.flattened_prefix", "How the names of metadata in flattened records begin.",
        "The transform's add.fields.prefix.", &flattened_prefix, "__", PGC_SUSET, 0, nullptr);
    define_string("kafka_cdc_sink.group_id", "Name of this consumer.",
                  "Part of the key of kafka_cdc_sink.offsets.", &group_id, "kafka_cdc_sink",
                  PGC_SIGHUP, 0, kcs_check_group_id);
    define_enum("kafka_cdc_sink.interval_handling_mode",
                "How the source writes intervals of records without schema.",
                &interval_handling_mode, as_int(IntervalMode::numeric), interval_options,
                PGC_SUSET);
    define_enum("kafka_cdc_sink.log_level", "Least level that reaches the server log.", &log_level,
                as_int(LogLevel::info), log_level_options, PGC_SUSET);
    define_int("kafka_cdc_sink.max_dead_letters",
               "Dead letters within an hour that pause the sink when exceeded.",
               "-1 sets no limit.", &max_dead_letters, 1000, -1, INT_MAX, PGC_SIGHUP, 0);
    // The server refuses settings of its own start to a library that is loaded later; there they
    // mean nothing.
    GucContext at_start =
        process_shared_preload_libraries_in_progress ? PGC_POSTMASTER : PGC_SIGHUP;
    define_int("kafka_cdc_sink.max_tracked_partitions",
               "Kafka partitions that shared memory has room for.", nullptr,
               &max_tracked_partitions, 1024, 1, 65536, at_start, 0);
    define_int("kafka_cdc_sink.max_tracked_tables",
               "Target tables that shared memory has counters for.",
               "Further tables share one row named other.", &max_tracked_tables, 1024, 1, 65536,
               at_start, 0);
    define_int("kafka_cdc_sink.max_workers", "Number of apply workers.", nullptr, &max_workers, 2,
               1, kMaxWorkers, PGC_SIGHUP, 0);
    define_bool("kafka_cdc_sink.metrics_enabled", "Serves metrics, health and status over HTTP.",
                &metrics_enabled, false, PGC_SIGHUP);
    define_string("kafka_cdc_sink.metrics_listen_address",
                  "Addresses that the exporter listens on, a comma-separated list.",
                  "IPv4 and IPv6 addresses, localhost, or * for all.", &metrics_listen_address,
                  "localhost", PGC_SIGHUP, GUC_LIST_INPUT, kcs_check_metrics_listen_address);
    define_int("kafka_cdc_sink.metrics_port", "TCP port that the exporter listens on.", nullptr,
               &metrics_port, 8080, 1, 65535, PGC_SIGHUP, 0);
    define_enum("kafka_cdc_sink.on_error", "What happens to a record that cannot be applied.",
                &on_error, as_int(OnError::dead_letter), on_error_options, PGC_SUSET);
    define_int("kafka_cdc_sink.queue_size", "Memory for records fetched ahead, for each worker.",
               nullptr, &queue_size, 16 * 1024, 64, 2097151, PGC_SIGHUP, GUC_UNIT_KB);
    define_int("kafka_cdc_sink.retry_backoff", "Time before the first retry.", nullptr,
               &retry_backoff, 1000, 1, 3600 * 1000, PGC_SIGHUP, GUC_UNIT_MS);
    define_int("kafka_cdc_sink.retry_backoff_max",
               "Longest time between retries, which doubles up to here.", nullptr,
               &retry_backoff_max, 60 * 1000, 1, 24 * 3600 * 1000, PGC_SIGHUP, GUC_UNIT_MS);
    define_string("kafka_cdc_sink.role", "Role that changes the target tables.",
                  "When empty, each table is changed as its owner.", &role, "", PGC_SIGHUP,
                  GUC_IS_NAME, nullptr);
    define_enum("kafka_cdc_sink.schema_evolution",
                "How target tables follow changes of the source's.", &schema_evolution,
                as_int(SchemaEvolution::add_columns), schema_evolution_options, PGC_SUSET);
    define_string("kafka_cdc_sink.schemaless_decimal_columns",
                  "Columns that hold base64 decimals in records without schema.",
                  "Comma-separated names; name:scale tells the scale.", &schemaless_decimal_columns,
                  "price,amount,total", PGC_SUSET, GUC_LIST_INPUT,
                  kcs_check_schemaless_decimal_columns);
    define_string("kafka_cdc_sink.schemaless_timestamp_columns",
                  "Columns that hold epoch timestamps in records without schema.",
                  "Comma-separated names; * matches any characters.", &schemaless_timestamp_columns,
                  "*_at", PGC_SUSET, GUC_LIST_INPUT, kcs_check_schemaless_timestamp_columns);
    define_enum("kafka_cdc_sink.start_offset", "Where topics that were never seen are started.",
                &start_offset, as_int(StartOffset::earliest), start_offset_options, PGC_SIGHUP);
    define_enum("kafka_cdc_sink.synchronous_commit",
                "Sets the synchronization level of the workers' transactions.", &sync_commit,
                SYNCHRONOUS_COMMIT_OFF, synchronous_commit_options, PGC_SIGHUP);
    define_string("kafka_cdc_sink.table_format", "Name of the target table of a record.",
                  "Variables: ${schema}, ${table}, ${db}, ${topic}, and ${1} to ${9} for the "
                  "parts of the topic's name.",
                  &table_format, "${schema}.${table}", PGC_SUSET, 0, kcs_check_table_format);
    define_enum("kafka_cdc_sink.time_precision_mode",
                "How the source writes times of records without schema.", &time_precision_mode,
                as_int(TimePrecisionMode::adaptive), time_precision_options, PGC_SUSET);
    define_int("kafka_cdc_sink.topic_refresh",
               "Time between two looks for new topics and partitions.", nullptr, &topic_refresh,
               10 * 1000, 100, 24 * 3600 * 1000, PGC_SIGHUP, GUC_UNIT_MS);
    define_string("kafka_cdc_sink.topics",
                  "Topics to consume, a comma-separated list of names and regular expressions.",
                  "An entry beginning with ^ is a regular expression. Nothing runs while this is "
                  "empty.",
                  &topics, "", PGC_SIGHUP, GUC_LIST_INPUT, kcs_check_topics);
    define_bool("kafka_cdc_sink.truncate", "Applies truncate events.", &truncate, true, PGC_SUSET);
    define_string("kafka_cdc_sink.unavailable_value",
                  "What the source writes in place of a value that it did not read.", nullptr,
                  &unavailable_value, "__debezium_unavailable_value", PGC_SUSET, 0,
                  kcs_check_unavailable_value);
    reserve_setting_prefix("kafka_cdc_sink");
}

// ---- C++ register ---------------------------------------------------------------------------

namespace {
std::string text(const char* value) {
    return value == nullptr ? std::string() : std::string(value);
}
} // namespace

Settings read_settings() {
    Settings s;
    s.enabled = enabled;
    s.client.bootstrap_servers = text(bootstrap_servers);
    s.client.group_id = text(group_id);
    s.client.client_properties = text(client_properties);
    s.client.client_properties_file = text(client_properties_file);
    s.client.queue_bytes = static_cast<int64_t>(queue_size) * 1024;
    s.topics = text(topics);
    s.topic_refresh_ms = topic_refresh;
    s.start_offset = static_cast<StartOffset>(start_offset);
    s.database = text(database);
    s.max_workers = max_workers;
    s.batch_size = batch_size;
    s.batch_bytes = batch_bytes;
    s.batch_linger_ms = batch_linger;
    s.decode_ahead = decode_ahead;
    s.retry_backoff_ms = retry_backoff;
    s.retry_backoff_max_ms = std::max(retry_backoff, retry_backoff_max);
    s.log_level = static_cast<LogLevel>(log_level);
    s.metrics_enabled = metrics_enabled;
    s.metrics_port = metrics_port;
    s.metrics_listen_address = text(metrics_listen_address);
    s.decoder.table_format = text(table_format);
    s.decoder.flattened_prefix = text(flattened_prefix);
    s.decoder.unavailable_value = text(unavailable_value);
    s.decoder.time_precision_mode = static_cast<TimePrecisionMode>(time_precision_mode);
    s.decoder.decimal_handling_mode = static_cast<DecimalMode>(decimal_handling_mode);
    s.decoder.binary_handling_mode = static_cast<BinaryMode>(binary_handling_mode);
    s.decoder.interval_handling_mode = static_cast<IntervalMode>(interval_handling_mode);
    s.decoder.schemaless_decimal_columns = text(schemaless_decimal_columns);
    s.decoder.schemaless_timestamp_columns = text(schemaless_timestamp_columns);
    s.decoder.delete_mode = static_cast<DeleteMode>(delete_mode);
    s.dead_letter_retention_s = dead_letter_retention;
    s.apply.role = text(role);
    s.apply.fire_triggers = fire_triggers;
    s.apply.auto_create_tables = auto_create_tables;
    s.apply.schema_evolution = static_cast<SchemaEvolution>(schema_evolution);
    s.apply.truncate = truncate;
    s.apply.constraint_retry_ms = constraint_retry;
    s.apply.on_error = static_cast<OnError>(on_error);
    s.apply.max_dead_letters = max_dead_letters;
    return s;
}

const Settings& current_settings() {
    // Never freed: a static object's destructor would run after the server's exit callbacks.
    static Settings* kept = nullptr;
    if (kept == nullptr)
        kept = new Settings(read_settings());
    else if (settings_changed)
        *kept = read_settings();
    settings_changed = false;
    return *kept;
}

const config_enum_entry* setting_options(std::string_view setting) {
    return setting == "delete_mode"             ? delete_mode_options
           : setting == "time_precision_mode"   ? time_precision_options
           : setting == "decimal_handling_mode" ? decimal_options
           : setting == "binary_handling_mode"  ? binary_options
                                                : interval_options;
}

int synchronous_commit_setting() {
    return sync_commit;
}
int max_tracked_partitions_setting() {
    return max_tracked_partitions;
}
int max_tracked_tables_setting() {
    return max_tracked_tables;
}

} // namespace kcs::pg
