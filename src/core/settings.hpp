#pragma once

#include <cstdint>
#include <memory>
#include <string>

namespace kcs {

class Routes; // core/routes.hpp

enum class StartOffset : uint8_t { earliest, latest };
enum class SchemaEvolution : uint8_t { none, add_columns, widen };
/// What a delete does: removes the row, sets its column `__deleted`, or nothing.
enum class DeleteMode : uint8_t { remove, soft, ignore };
enum class OnError : uint8_t { dead_letter, pause };
enum class LogLevel : uint8_t { debug, info, warning, error };
enum class TimePrecisionMode : uint8_t {
    adaptive,
    adaptive_time_microseconds,
    connect,
    isostring,
    microseconds,
    nanoseconds,
    structured
};
enum class DecimalMode : uint8_t { precise, double_, string };
enum class BinaryMode : uint8_t { bytes, base64, base64_url_safe, hex };
enum class IntervalMode : uint8_t { numeric, string };

/// What must be known about the source to read records without schemas (design 5.1), and how
/// records become target names. Values of GUCs; part of Settings.
struct DecoderSettings {
    std::string table_format = "${schema}.${table}";
    std::string unavailable_value = "__debezium_unavailable_value";
    TimePrecisionMode time_precision_mode = TimePrecisionMode::adaptive;
    DecimalMode decimal_handling_mode = DecimalMode::precise;
    BinaryMode binary_handling_mode = BinaryMode::bytes;
    IntervalMode interval_handling_mode = IntervalMode::numeric;
    std::string flattened_prefix = "__"; ///< add.fields.prefix of flattened records
    std::string schemaless_decimal_columns =
        "price,amount,total";                          ///< entries `name` or `name:scale`
    std::string schemaless_timestamp_columns = "*_at"; ///< names, `*` matches any run
    DeleteMode delete_mode = DeleteMode::remove;       ///< of targets whose route says none

    bool operator==(const DecoderSettings& o) const {
        return table_format == o.table_format && unavailable_value == o.unavailable_value &&
               time_precision_mode == o.time_precision_mode &&
               decimal_handling_mode == o.decimal_handling_mode &&
               binary_handling_mode == o.binary_handling_mode &&
               interval_handling_mode == o.interval_handling_mode &&
               flattened_prefix == o.flattened_prefix &&
               schemaless_decimal_columns == o.schemaless_decimal_columns &&
               schemaless_timestamp_columns == o.schemaless_timestamp_columns &&
               delete_mode == o.delete_mode;
    }
};

/// What steers how decoded changes reach the tables.
struct ApplySettings {
    std::string role; ///< empty: the table's owner
    bool fire_triggers = false;
    bool auto_create_tables = true;
    SchemaEvolution schema_evolution = SchemaEvolution::add_columns;
    bool truncate = true;                ///< apply truncate events
    int32_t constraint_retry_ms = 30000; ///< longest wait for a record of another partition
    OnError on_error = OnError::dead_letter;
    int32_t max_dead_letters = 1000; ///< per hour; 0 allows none, -1 is no limit

    bool operator==(const ApplySettings& o) const {
        return role == o.role && fire_triggers == o.fire_triggers &&
               auto_create_tables == o.auto_create_tables &&
               schema_evolution == o.schema_evolution && truncate == o.truncate &&
               constraint_retry_ms == o.constraint_retry_ms && on_error == o.on_error &&
               max_dead_letters == o.max_dead_letters;
    }
};

/// How to reach Kafka. A change of it replaces worker processes (lab facts, section 2).
struct ClientSettings {
    std::string bootstrap_servers;
    std::string group_id = "kafka_cdc_sink";
    std::string client_properties;      ///< `key=value` pairs, comma or newline between them
    std::string client_properties_file; ///< path, empty for none
    int64_t queue_bytes = 16 * 1024 * 1024;
};

/// One immutable picture of the settings, taken at start and at each reload. No room reads a GUC
/// variable directly.
struct Settings {
    bool enabled = true;
    ClientSettings client;
    std::string topics;
    int32_t topic_refresh_ms = 10000;
    StartOffset start_offset = StartOffset::earliest;
    std::string database = "postgres";
    int32_t max_workers = 2;
    int32_t batch_size = 5000;             ///< records
    int64_t batch_bytes = 4 * 1024 * 1024; ///< payload bytes
    int32_t batch_linger_ms = 5;
    bool decode_ahead = true; ///< a thread decodes while the main one applies
    int32_t retry_backoff_ms = 1000;
    int32_t retry_backoff_max_ms = 60000;
    int32_t dead_letter_retention_s = 0; ///< 0: kept
    LogLevel log_level = LogLevel::info;
    bool metrics_enabled = false; ///< the exporter runs
    int32_t metrics_port = 8080;
    std::string metrics_listen_address = "localhost"; ///< parse_listen_addresses() takes it
    DecoderSettings decoder;
    ApplySettings apply;
    std::shared_ptr<Routes> routes; ///< from the table `routes`, not a setting; null: none

    /// enabled, and both mandatory settings given
    bool wants_to_run() const {
        return enabled && !client.bootstrap_servers.empty() && !topics.empty();
    }
};

} // namespace kcs
