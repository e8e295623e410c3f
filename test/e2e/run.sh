#!/usr/bin/env bash
# End to end: a source PostgreSQL under a workload, the real Debezium connector in Kafka Connect, the
# real Kafka, and a target server with the extension that is killed twice meanwhile. At the end every
# table of the target is compared with the source, all rows and columns. Prints TAP.
#
# Three connectors read the same source and give three mirrors in the target, one schema each:
#   embedded   JSON with embedded schemas; tables made by the extension
#   plain      JSON without schemas; tables made beforehand
#   flat       ExtractNewRecordState (rewrite), with schemas; tables made by the extension
#
# The extension must be installed (make install). STEPS: length of the workload.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../lib/install.sh"
. "$HERE/../lib/servers.sh"
. "$HERE/../lib/kafka.sh"
. "$HERE/../lib/tap.sh"
. "$HERE/connectors.sh"
. "$HERE/compare.sh"

STEPS=${STEPS:-2000}
SESSIONS=4
PREFIXES="embedded plain flat"
SQL_OPTIONS="-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex"

install_kafka "$HERE/pom.xml" || die "Kafka and Debezium could not be fetched"
make_work e2e

# ---- the parts -----------------------------------------------------------------------------------

make_cluster source "wal_level = logical" "fsync = off" "max_wal_senders = 10" "max_replication_slots = 10"
make_cluster target "shared_preload_libraries = 'kafka_cdc_sink'" "kafka_cdc_sink.database = 'mirror'" \
    "max_worker_processes = 20" "max_wal_size = 2GB" \
    "kafka_cdc_sink.metrics_enabled = on" "kafka_cdc_sink.metrics_port = ${METRICS:=$(free_port)}" \
    "kafka_cdc_sink.max_dead_letters = -1" # so that all of them are seen at the end
start_broker
{
    start_cluster source
    sql source postgres -v schema=shop -f "$HERE/source.sql"
    sql source postgres -f "$HERE/workload.sql"
    sql source postgres -c 'CALL work.fill(400)' -c 'ANALYZE' \
        -c 'CREATE PUBLICATION shop FOR ALL TABLES WITH (publish_via_partition_root = true)'
    start_cluster target
    sql target postgres -c 'CREATE DATABASE mirror'
    sql target mirror -c 'CREATE EXTENSION kafka_cdc_sink'
    sql target mirror -v schema=plain -f "$HERE/source.sql"
} &
preparing=$!
start_connect
wait $preparing || die "the source or the target could not be prepared"
filled=$(sql source postgres -c "SELECT sum((xpath('/row/n/text()', query_to_xml(format('SELECT count(*) AS n FROM %s', oid::regclass), false, true, '')))[1]::text::bigint)
    FROM pg_class WHERE relnamespace = 'shop'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition")
say "broker, Connect, source with $filled rows, and target are up"

for prefix in $PREFIXES; do "connector_$prefix" "$prefix" | make_connector "$prefix" || exit 1; done
sql target mirror -c "ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = '$BROKER'" \
    -c "ALTER SYSTEM SET kafka_cdc_sink.topics = '^(embedded|plain|flat)[.]shop[.]'" \
    -c "ALTER SYSTEM SET kafka_cdc_sink.table_format = '\${1}.\${table}'" \
    -c "ALTER SYSTEM SET kafka_cdc_sink.topic_refresh = '1s'" -c "SELECT pg_reload_conf()" >/dev/null ||
    die "the extension does not take its settings"

streaming() { [ "$(sql source postgres -c 'SELECT count(*) FROM pg_replication_slots WHERE active')" = 3 ]; }
snapshots_sent() { [ "$(topic_ends '' | awk '$1 ~ /[.]shop[.]marker$/ && $3 > 0' | wc -l)" = 3 ]; }
wait_until 120 "the connectors stream" streaming || {
    for prefix in $PREFIXES; do curl -s "$CONNECT/connectors/$prefix/status"; done
    tail -n 40 "$WORK/log/connect.log"
    die "the connectors do not stream"
}
wait_until 60 "the snapshots are sent" snapshots_sent || die "no snapshot"
ends_sum() { topic_ends '' | awk '$1 ~ /[.]shop[.]/ { n += $3 } END { print n + 0 }'; }
snapshot=$(ends_sum)
say "snapshots sent: $snapshot records"

# ---- the workload, and the kills -------------------------------------------------------------------

workload() {
    local part pid pids
    for part in 1 2; do
        pids=()
        for ((i = 1; i <= SESSIONS; i++)); do
            sql source postgres -c "CALL work.run($i, $SESSIONS, $((STEPS / 2)), 0.1 * $i + 0.01 * $part)" &
            pids+=($!)
        done
        for pid in "${pids[@]}"; do wait "$pid" || return 1; done
        if [ $part = 1 ]; then
            # A column appears. Without schemas its type cannot be known, so that table gets it first.
            sql target mirror -c "SET lock_timeout = '60s'; ALTER TABLE plain.customers ADD loyalty integer NOT NULL DEFAULT 7" 2>/dev/null ||
                { wait_until 60 "the target is back" sql target mirror -c 'SELECT 1' &&
                    sql target mirror -c "ALTER TABLE plain.customers ADD IF NOT EXISTS loyalty integer NOT NULL DEFAULT 7"; } || return 1
            sql source postgres -c "ALTER TABLE shop.customers ADD loyalty integer NOT NULL DEFAULT 7" \
                -c "UPDATE shop.customers SET loyalty = id % 100 WHERE id % 3 = 0" || return 1
        fi
    done
}
applied() { sql target mirror -c 'SELECT coalesce(sum(next_offset), 0) FROM kafka_cdc_sink.offsets'; }
applied_over() { [ "$(applied)" -gt "$1" ]; }
letters='SELECT topic, sqlstate, count(*), min("partition" || chr(58) || "offset") AS one_of_them, min(left(message, 300)) AS message
    FROM kafka_cdc_sink.dead_letters GROUP BY topic, sqlstate ORDER BY 1, 2 LIMIT 20'
show_target() {
    sql target mirror -x -c 'SELECT * FROM kafka_cdc_sink.status' \
        -c "SELECT * FROM kafka_cdc_sink.workers" \
        -c "SELECT * FROM kafka_cdc_sink.partitions WHERE lag <> 0 OR state <> 'running' LIMIT 5" \
        -c "$letters"
    tail -n 25 "$WORK/log/target.log"
}
target_answers() { sql target mirror -c 'SELECT 1'; }
kill_when_over() { # records, how
    wait_until 180 "$1 records are applied" applied_over "$1" || { show_target; die "the target does not go on"; }
    say "killing the target ($2): $(applied) of $(ends_sum) records so far"
}

started=$SECONDS
workload >"$WORK/log/workload.log" 2>&1 &
working=$!

kill_when_over $((snapshot + STEPS * 5)) "stop -m immediate"
stop_cluster target immediate
start_cluster target
wait_until 30 "the target answers" target_answers || die "the target is not back"

kill_when_over $((snapshot + STEPS * 35)) "SIGKILL of an apply worker"
worker=$(sql target mirror -c 'SELECT pid FROM kafka_cdc_sink.workers WHERE pid > 0 ORDER BY partitions DESC LIMIT 1')
[ -n "$worker" ] || { show_target; die "no worker to kill"; }
kill -9 "$worker"
crashed() { grep -q 'terminated by signal 9' "$WORK/log/target.log"; }
wait_until 30 "the server notices the crash" crashed || die "no crash"
wait_until 60 "the target answers" target_answers || die "the target is not back"

wait $working || { cat "$WORK/log/workload.log"; die "the workload failed"; }
say "the workload is done after $((SECONDS - started)) s"

# ---- until everything has arrived --------------------------------------------------------------------

# A connector's offset is stored when everything up to it is in Kafka.
position=$(sql source postgres -c "SELECT pg_current_wal_insert_lsn() - '0/0'")
sql source postgres -c "INSERT INTO shop.marker VALUES (1, 'the end')"
all_sent() {
    local prefix
    for prefix in $PREFIXES; do [ "$(connector_position "$prefix")" -ge "$position" ] || return 1; done
}
wait_until 300 "the connectors have sent everything" all_sent || die "the connectors are stuck: $(for p in $PREFIXES; do curl -s "$CONNECT/connectors/$p/status"; done)"
topic_ends '' | grep '[.]shop[.]' | sort >"$WORK/ends"
records=$(awk '{ n += $3 } END { print n }' "$WORK/ends")
say "everything is in Kafka after $((SECONDS - started)) s: $records records"
caught_up() {
    sql target mirror -F ' ' -c "SELECT topic, \"partition\", next_offset FROM kafka_cdc_sink.offsets WHERE next_offset > 0" |
        LC_ALL=C sort >"$WORK/applied"
    awk '$3 > 0' "$WORK/ends" | LC_ALL=C sort | cmp -s - "$WORK/applied"
}
wait_until 300 "the target has applied everything" caught_up || {
    awk '$3 > 0' "$WORK/ends" | LC_ALL=C sort | diff - "$WORK/applied"
    show_target
    die "the target did not catch up"
}
say "everything is applied after $((SECONDS - started)) s"

# ---- the verdict -----------------------------------------------------------------------------------

flat=$(awk '$1 ~ /^flat[.]/ { n += $3 } END { print n }' "$WORK/ends") # no tombstones there
is_at_least $((flat - filled)) 50000 "mixed changes, three times as records"
is "$(grep -c 'database system was not properly shut down' "$WORK/log/target.log")" 2 \
    "the target recovered from two crashes"
is "$(sql target mirror -c 'SELECT count(*) FROM kafka_cdc_sink.dead_letters')" 0 "no dead letters" ||
    sql target mirror -c "$letters" | sed 's/^/# /'
read -r _ part end < <(grep '^plain[.]shop[.]marker ' "$WORK/ends")
is "$(sql target mirror -c "SELECT kafka_cdc_sink.wait_for('plain.shop.marker', $part, $end, '10s')")" t \
    "wait_for() returns for a position that is applied"
compare_all "$PREFIXES"

# What a real broker's client tells of itself, every ten seconds.
metric() { curl -s --max-time 10 "http://localhost:$METRICS/metrics" | awk -v name="kafka_cdc_sink_$1" 'index($1, name) == 1 { n += $2 } END { print n + 0 }'; }
told() { [ "$(metric 'client_brokers{worker="0",state="up"}')" = 1 ]; }
wait_until 30 "the client tells of its broker" told
is $? 0 "one broker is up"
curl -s "http://localhost:$METRICS/metrics" >"$WORK/log/metrics.log"
is "$(metric lag_records)" 0 "no lag in the metrics"
is "$(curl -s -o "$WORK/log/health.log" -w '%{http_code}' "http://localhost:$METRICS/health")" 200 "healthy"

# A topic that comes later, and a partition that it gets later still.
later() { # partition, id
    printf '{"id":%s}|{"before":null,"after":{"id":%s},"source":{"connector":"postgresql","db":"postgres","schema":"shop","table":"later"},"op":"c"}' "$2" "$2" |
        kcat -b "$BROKER" -P -t plain.shop.later -p "$1" -K '|'
}
later_rows() { [ "$(sql target mirror -c 'SELECT count(*) FROM plain.later')" = "$1" ]; }
later 0 1
wait_until 20 "a new topic is read" later_rows 1
is $? 0 "a topic that comes later is read"
kafka_tool org.apache.kafka.tools.TopicCommand --bootstrap-server "$BROKER" --alter --topic plain.shop.later --partitions 2 \
    >"$WORK/log/alter.log" 2>&1 || die "no second partition: $(cat "$WORK/log/alter.log")"
later 1 2
wait_until 20 "a new partition is read" later_rows 2
is $? 0 "a partition that comes later is read"

# A broker that asks for a login: a wrong password is a status, the right one works after a reload.
login() { # password
    printf '%s\n' security.protocol=SASL_PLAINTEXT sasl.mechanism=PLAIN sasl.username=reader "sasl.password=$1" |
        as_server sh -c "umask 077; cat >'$WORK/pg/login.properties'"
    sql target postgres -c 'SELECT pg_reload_conf()' >/dev/null
}
login n0t-the-p4ssword
sql target postgres -c "ALTER SYSTEM SET kafka_cdc_sink.client_properties_file = '$WORK/pg/login.properties'" \
    -c "ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = '$SASL_BROKER'" -c 'SELECT pg_reload_conf()' >/dev/null
refused() {
    [ "$(sql target mirror -c "SELECT state IN ('error', 'degraded') AND reason ~* 'authentication' AND hint <> ''
        FROM kafka_cdc_sink.status")" = t ]
}
wait_until 40 "the login is refused" refused
is $? 0 "wrong credentials are a status" || sql target mirror -x -c 'SELECT * FROM kafka_cdc_sink.status'
is "$(grep -c n0t-the-p4ssword "$WORK/log/target.log")" 0 "the password is not in the log"
login secret
later 0 3
wait_until 40 "records flow again" later_rows 3
is $? 0 "a corrected password works after a reload"
done_testing
