#!/usr/bin/env bash
# A quick check: drain rate of one apply worker from a real Kafka, beside server-side binary COPY of the same rows
# into a table like it. Prints one line a measurement. (run.sh is the whole benchmark.)
#
#   N=1000000  events of each kind     CASES="embedded plain"  with and without embedded schemas
#   SETTINGS   further lines for postgresql.conf, separated by newlines
#
# The extension must be installed (make install).
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
BENCH=$HERE
ROOT=$(cd "$HERE/../.." && pwd)
. "$HERE/../lib/install.sh"
. "$HERE/../lib/servers.sh"
. "$HERE/../lib/kafka.sh"
. "$HERE/lib/topics.sh"

N=${N:-1000000}
CASES=${CASES:-embedded plain}
install_kafka "$ROOT/test/e2e/pom.xml" || die "Kafka could not be fetched"
make_work bench
compile_generator
start_broker
make_cluster target "shared_preload_libraries = 'kafka_cdc_sink'" "fsync = on" "shared_buffers = 512MB" \
    "max_wal_size = 8GB" "kafka_cdc_sink.max_workers = 1" "kafka_cdc_sink.table_format = 'shop.orders'" \
    "kafka_cdc_sink.bootstrap_servers = '$BROKER'" "kafka_cdc_sink.enabled = off" "${SETTINGS:-}"
start_cluster target

set_target() { # name value, ... ; then reloads
    while [ $# -gt 0 ]; do
        sql target postgres -c "ALTER SYSTEM SET kafka_cdc_sink.$1 = '$2'" || die "setting $1"
        shift 2
    done
    sql target postgres -c 'SELECT pg_reload_conf()' >/dev/null
}
now() { date +%s.%N; }
ticks=$(getconf CLK_TCK)

# Lets the worker run until the topic's partition stands at END. Sets WALL: seconds from the first
# commit on (a start of the worker is not a rate), DONE: events in them, CPU: seconds of the worker
# and its threads, all of its life, PEAK: private memory, kB.
drain() { # database, end, begin
    local first last left pid rss
    set_target enabled on
    IFS='|' read -r first left pid < <(sql target "$1" -c "SELECT kafka_cdc_sink.wait_for('$TOPIC', 0, $3 + 1, '1min')" -c "SELECT
        extract(epoch FROM clock_timestamp()), (SELECT $2 - next_offset FROM kafka_cdc_sink.offsets WHERE topic = '$TOPIC'),
        (SELECT pid FROM kafka_cdc_sink.workers WHERE pid > 0)" | tail -n 1)
    DONE=$(echo "$left $N $2 $3" | awk '{ printf "%.0f", $1 * $2 / ($3 - $4) }') # tombstones are no events
    [ -r "/proc/$pid/stat" ] || { sql target "$1" -x -c 'SELECT * FROM kafka_cdc_sink.status'; die "no worker"; }
    sql target "$1" -c "SELECT kafka_cdc_sink.wait_for('$TOPIC', 0, $2, '30min')" -c "SELECT extract(epoch FROM clock_timestamp())" \
        >"$WORK/last" &
    PEAK=0
    while kill -0 $! 2>/dev/null; do
        rss=$(awk '/^RssAnon/ { print $2 }' "/proc/$pid/status")
        [ "${rss:-0}" -le "$PEAK" ] || PEAK=$rss
        sleep 0.2
    done
    wait $! || die "waiting for the worker"
    [ "$(head -n 1 "$WORK/last")" = t ] || { sql target "$1" -x -c 'SELECT * FROM kafka_cdc_sink.status'; die "not drained"; }
    last=$(tail -n 1 "$WORK/last")
    CPU=$(sed 's/.*) //' "/proc/$pid/stat" | awk -v t="$ticks" '{ printf "%.2f", ($12 + $13) / t }')
    WALL=$(echo "$first $last" | awk '{ print $2 - $1 }')
    set_target enabled off
    wait_until 20 "the worker leaves" sh -c "! kill -0 $pid" || die "the worker stays"
}

report() { # what, records of the rate, its seconds, cpu, events in all, peak kB
    awk -v what="$1" -v done="$2" -v wall="$3" -v cpu="$4" -v n="$5" -v peak="$6" 'BEGIN {
        printf "%-28s %9d %8.1f %10.0f", what, n, wall, done / wall
        if (cpu != "") printf " %10.1f %9.0f", cpu * 1e6 / n, peak / 1024
        printf "\n" }'
}
end_of() { topic_ends "$TOPIC" | awk '{ print $3 }'; }

printf '%-28s %9s %8s %10s %10s %9s\n' what events seconds events/s CPU-s/1e6 RssAnon-MB
for kind in $CASES; do
    TOPIC=bench_$kind.shop.orders
    sql target postgres -c "SET client_min_messages = warning" -c "DROP DATABASE IF EXISTS bench" -c "CREATE DATABASE bench"
    sql target bench -c 'CREATE EXTENSION kafka_cdc_sink' -c 'CREATE SCHEMA shop' -f "$HERE/tables/orders.sql"
    set_target database bench topics "$TOPIC" group_id "bench_$kind"
    "$WORK/generate" kafka "$BROKER" "bench_$kind" "$HERE/$kind.records" snapshot "$N" 0 1 >/dev/null || die "generate"
    read_to=$(end_of)
    drain bench "$read_to" 0
    report "$kind: snapshot" "$DONE" "$WALL" "$CPU" "$N" "$PEAK"
    rate=$(echo "$DONE $WALL" | awk '{ print $1 / $2 }')
    sql target bench -c "COPY shop.orders TO '$WORK/pg/rows' (FORMAT binary)" \
        -c "CREATE TABLE shop.copied (LIKE shop.orders INCLUDING ALL)" -c CHECKPOINT
    begin=$(now)
    sql target bench -c "COPY shop.copied FROM '$WORK/pg/rows' (FORMAT binary)"
    copied=$(echo "$begin $(now)" | awk '{ print $2 - $1 }')
    report "binary COPY of the same rows" "$N" "$copied" "" "$N" ""
    echo "$rate $N $copied" | awk '{ printf "%-28s %29.2f of the rate of COPY\n", "", $1 / ($2 / $3) }'
    sql target bench -c 'DROP TABLE shop.copied' -c CHECKPOINT

    "$WORK/generate" kafka "$BROKER" "bench_$kind" "$HERE/$kind.records" mixed "$N" "$N" 1 >/dev/null || die "generate"
    drain bench "$(end_of)" "$read_to"
    report "$kind: mixed" "$DONE" "$WALL" "$CPU" "$N" "$PEAK"
    [ "$(sql target bench -c 'SELECT count(*) FROM kafka_cdc_sink.dead_letters')" = 0 ] || die "there are dead letters"
done
