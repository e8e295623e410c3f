#!/usr/bin/env bash
# What the sink costs while nothing comes, and how soon it applies after a server's start.
#
#   WINDOWS=6   of 10 s each, in which nothing comes      WORKERS=2   PARTITIONS=2
#   ROUNDS=5    starts of a server with records waiting
#   OUT=DIR     where idle.tsv goes (test/bench/results), anew each time
#   SETTINGS    further lines for postgresql.conf, separated by newlines
#   TRACE=DIR   afterwards three windows more under strace, which writes DIR/PROCESS.strace: what wakes each
#               main thread, with its stack
#
# Prints tab-separated lines:
#   idle PROCESS WINDOW WAKEUPS STATISTICS THREADS CPU   voluntary context switches of the main thread in
#        the window; how many of librdkafka's statistics it took in it (each wakes a worker once; counted
#        by perf where the kernel lets us, else one a window is supposed); voluntary switches of all
#        other threads; CPU seconds of all threads
#   minute PROCESS CPU            CPU seconds a minute, all threads
#   start READY FIRST FROM_START  a server's start with records waiting: from asking for it to "ready to accept
#        connections", from there to the commit of the first event, and both together, in ms
#
# The extension must be installed (make install).
set -u
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$BENCH/../.." && pwd)
. "$BENCH/../lib/install.sh"
. "$BENCH/../lib/servers.sh"
. "$BENCH/../lib/kafka.sh"
. "$BENCH/lib/topics.sh"

WINDOWS=${WINDOWS:-6}
WORKERS=${WORKERS:-2}
PARTITIONS=${PARTITIONS:-2}
ROUNDS=${ROUNDS:-5}
N=2000
WINDOW=10 # seconds; also the interval of the statistics
OUT=$(mkdir -p "${OUT:-$BENCH/results}" && cd "${OUT:-$BENCH/results}" && pwd) || exit 1

install_kafka "$ROOT/test/e2e/pom.xml" || die "Kafka could not be fetched"
make_work idle
: >"$OUT/idle.tsv"
put() { tee -a "$OUT/idle.tsv"; }
compile_generator
start_broker
make_cluster target "shared_preload_libraries = 'kafka_cdc_sink'" "track_commit_timestamp = on" \
    "kafka_cdc_sink.max_workers = $WORKERS" \
    "kafka_cdc_sink.bootstrap_servers = '$BROKER'" "kafka_cdc_sink.topics = 'idle.shop.orders'" \
    "kafka_cdc_sink.metrics_enabled = on" "kafka_cdc_sink.metrics_port = $(free_port)" "${SETTINGS:-}"
start_cluster target
sql target postgres -c 'CREATE SCHEMA shop' -f "$BENCH/tables/orders.sql" -c 'CREATE EXTENSION kafka_cdc_sink' || die "extension"

ticks=$(getconf CLK_TCK)
# pid and name of each process of the sink
processes() {
    pgrep -P "$(head -n 1 "$WORK/pg/target/postmaster.pid")" -a |
        sed -n 's/^\([0-9]*\) .*kafka_cdc_sink \(launcher\|coordinator\|exporter\|worker [0-9]*\).*/\1 \2/p' | tr ' ' '\t' |
        sed 's/\t\(worker\)\t/\t\1 /'
}
switches() { awk '/^voluntary/ { n += $2 } END { print n + 0 }' "$@" 2>/dev/null; }
main_switches() { switches "/proc/$1/task/$1/status"; }
all_switches() { switches /proc/"$1"/task/*/status; }
cpu_ticks() { sed 's/.*) //' "/proc/$1/stat" | awk '{ print $12 + $13 }'; }

# Each partition gets two events more: its first and its last.
ROWS=$((N + 2 * PARTITIONS))
produce() { "$WORK/generate" kafka "$BROKER" idle "$BENCH/embedded.records" parts $N 0 "$PARTITIONS" >/dev/null || die "generate"; }
applied() { [ "$(sql target postgres -c 'SELECT count(*) FROM shop.orders')" = "$1" ]; }

produce
wait_until 60 "the records are applied" applied $ROWS || die "not applied"
# What follows the work is over: the last courtesy commit, the first statistics.
[ "$WINDOWS" = 0 ] || sleep $((WINDOW + 5))

processes >"$WORK/processes"
[ "$(wc -l <"$WORK/processes")" = $((WORKERS + 3)) ] || { cat "$WORK/processes"; die "some process is missing"; }
measure() { # file: pid, name, switches of the main thread, of all, ticks
    while IFS=$'\t' read -r pid name; do
        printf '%s\t%s\t%s\t%s\t%s\n' "$pid" "$name" "$(main_switches "$pid")" "$(all_switches "$pid")" "$(cpu_ticks "$pid")"
    done <"$WORK/processes" >"$1"
}
# A probe on the function by which a worker takes statistics: PROBE is empty where there can be none.
forget_probe() { [ -z "$PROBE" ] || perf probe -q -d "probe_librdkafka:$PROBE"; }
PROBE=statistics_$$
perf probe -q -x "$(awk '/librdkafka/ { print $6; exit }' "/proc/$(awk -F'\t' '/worker/ { print $1; exit }' "$WORK/processes")/maps")" \
    --add "$PROBE=rd_kafka_event_stats" 2>/dev/null || PROBE=
trap 'status=$?; forget_probe; (exit $status); end_work' EXIT

# Sleeps through a window. Leaves the statistics that each process took in it below $WORK/statistics.
sleep_window() {
    local pid name pids=()
    mkdir -p "$WORK/statistics"
    while IFS=$'\t' read -r pid name; do
        case $name in worker*) echo 1 ;; *) echo 0 ;; esac >"$WORK/statistics/$pid"
        [ -n "$PROBE" ] || continue
        perf stat -x, -o "$WORK/statistics/$pid.csv" -e "probe_librdkafka:$PROBE" -p "$pid" -- sleep $WINDOW &
        pids+=($!)
    done <"$WORK/processes"
    sleep $WINDOW
    for pid in "${pids[@]}"; do wait "$pid"; done
    for name in "$WORK"/statistics/*.csv; do
        [ ! -r "$name" ] || awk -F, '/probe_/ { print $1 + 0 }' "$name" >"${name%.csv}"
    done
}

measure "$WORK/first"
cp "$WORK/first" "$WORK/before"
for ((i = 1; i <= WINDOWS; i++)); do
    sleep_window
    measure "$WORK/after"
    paste "$WORK/before" "$WORK/after" | awk -F'\t' -v OFS='\t' -v window="$i" -v t="$ticks" -v taken="$WORK/statistics/" '{
        statistics = 0
        getline statistics <(taken $1)
        close(taken $1)
        main = $8 - $3
        print "idle", $2, window, main, statistics, $9 - $4 - main, ($10 - $5) / t }' | put
    mv "$WORK/after" "$WORK/before"
done
[ "$WINDOWS" = 0 ] || paste "$WORK/first" "$WORK/before" | awk -F'\t' -v OFS='\t' -v t="$ticks" -v seconds=$((WINDOW * WINDOWS)) '{
    print "minute", $2, ($10 - $5) / t * 60 / seconds }' | put

if [ -n "${TRACE:-}" ]; then
    mkdir -p "$TRACE"
    while IFS=$'\t' read -r pid name; do
        timeout $((3 * WINDOW)) strace -k -tt -T -p "$pid" -o "$TRACE/${name// /}.strace" 2>/dev/null &
    done <"$WORK/processes"
    sleep $((3 * WINDOW + 1))
fi

# ---- the start of a server with records waiting ------------------------------------------------

for ((round = 1; round <= ROUNDS; round++)); do
    stop_cluster target fast
    : >"$WORK/log/target.log"
    produce
    asked=$(date +%s.%N)
    start_cluster target
    ready=$(sed -n 's/^\([-0-9]* [0-9:.]*\) UTC .*database system is ready to accept connections.*/\1/p' "$WORK/log/target.log")
    sql target postgres -c 'SELECT count(*) FROM shop.orders' >/dev/null
    fresh() { [ "$(sql target postgres -c "SELECT count(*) FROM shop.orders WHERE pg_xact_commit_timestamp(xmin) > '$ready+0'")" -ge $ROWS ]; }
    wait_until 60 "the records are applied" fresh || die "not applied"
    sql target postgres -F $'\t' -c "SELECT 'start', round(extract(epoch FROM '$ready+0'::timestamptz) * 1000 - $asked * 1000),
        round(extract(epoch FROM min(pg_xact_commit_timestamp(xmin)) - '$ready+0') * 1000),
        round(extract(epoch FROM min(pg_xact_commit_timestamp(xmin))) * 1000 - $asked * 1000) FROM shop.orders" | put
done
