# This extension.

sink_kinds() { echo embedded plain; }

sink_variants() { # more than one worker only where there is more than one partition
    echo "1 worker"
    case $1 in e | g) echo "2 workers" ;; esac
    case $1 in g) echo "4 workers" ;; esac
}

sink_settings() {
    cat <<CONF
shared_preload_libraries = 'kafka_cdc_sink'
kafka_cdc_sink.enabled = off
kafka_cdc_sink.bootstrap_servers = '$BROKER'
kafka_cdc_sink.database = 'bench'
kafka_cdc_sink.topics = '$TOPICS'
CONF
}

sink_set() { # name, value
    sql target postgres -c "ALTER SYSTEM SET kafka_cdc_sink.$1 = '$2'" -c 'SELECT pg_reload_conf()' >/dev/null
}

# Its workers are there and have their partitions, but stand still.
sink_begin() {
    SINK_WORKERS=${3%% *}
    sql target bench -c 'CREATE EXTENSION kafka_cdc_sink' -c "SELECT kafka_cdc_sink.pause('the benchmark')" >/dev/null &&
        sink_set max_workers "$SINK_WORKERS" && sink_set enabled on && wait_until 60 "the workers have their partitions" sink_ready
}
sink_ready() {
    [ "$(sql target bench -c "SELECT count(*) = $((W_PARTITIONS * ${#W_TABLES[@]})) AND count(DISTINCT worker) = $SINK_WORKERS
        FROM kafka_cdc_sink.partitions WHERE worker IS NOT NULL")" = t ]
}

sink_go() { sql target bench -c 'SELECT kafka_cdc_sink.resume()' >/dev/null; }
sink_pids() { :; }
sink_title() { echo "kafka_cdc_sink worker"; }

# Offsets count tombstones, too.
sink_first() { echo "SELECT coalesce(sum(next_offset), 0) * $W_EVENTS / $W_RECORDS FROM kafka_cdc_sink.offsets"; }

sink_check() {
    sql target bench -c "SELECT 'dead letter: ' || message FROM kafka_cdc_sink.dead_letters LIMIT 1" \
        -c "SELECT state || ': ' || reason FROM kafka_cdc_sink.status WHERE state IN ('error', 'paused')"
}

sink_end() {
    sink_set enabled off
    wait_until 30 "the workers leave" sink_gone
}
sink_gone() { [ "$(sql target bench -c "SELECT count(*) FROM pg_stat_activity WHERE backend_type LIKE 'kafka_cdc_sink worker%'")" = 0 ]; }
