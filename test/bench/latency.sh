#!/usr/bin/env bash
# How soon a change is there: a steady stream of inserts and updates of orders with schemas, evenly paced,
# from one partition. Each row is written once and carries the time at which it was produced (updated_at);
# the target tells when it was committed (track_commit_timestamp).
#
#   latency.sh
#
#   CANDIDATES="sink jdbc"   RATE=1000 events/s   LENGTH=60 s, after WARMUP=15 s that do not count
#   REPEAT=1                 rounds, candidates in turn
#   OUT=DIR                  where latency.tsv goes (test/bench/results); lines are added
#   SETTINGS                 further lines for the target's postgresql.conf, separated by newlines
#
# One line a run: milliseconds from produce to commit, transactions that wrote rows a second, and CPU seconds
# a minute of the server with all its processes and of the candidate's own ones.
# The extension must be installed (make install).
set -u
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$BENCH/../.." && pwd)
. "$BENCH/../lib/install.sh"
. "$BENCH/../lib/servers.sh"
. "$BENCH/../lib/kafka.sh"
. "$BENCH/works.sh"
for piece in "$BENCH"/lib/*.sh "$BENCH"/candidates/*.sh; do . "$piece"; done

CANDIDATES=${CANDIDATES:-sink jdbc}
RATE=${RATE:-1000}
LENGTH=${LENGTH:-60}
WARMUP=${WARMUP:-15}
REPEAT=${REPEAT:-1}
SETTINGS="track_commit_timestamp = on
${SETTINGS:-}"
OUT=$(mkdir -p "${OUT:-$BENCH/results}" && cd "${OUT:-$BENCH/results}" && pwd) || exit 1
COLUMNS_OF_LATENCY="candidate variant kind round rate events p50_ms p95_ms p99_ms max_ms commits_per_s cpu_s_per_minute cpu_server_s_per_minute"

install_kafka "$ROOT/test/e2e/pom.xml" || die "Kafka could not be fetched"
make_work latency
compile_generator
start_broker
use_work b
COUNT=$((RATE * (WARMUP + LENGTH)))
W_ROWS=0 # the target's rows come from fill_tables, not from a source
W_EVENTS=$COUNT W_RECORDS=$COUNT CLOCK_PID='' ENDED=''

stream() { # events
    "$WORK/generate" steady "$BROKER" "$PREFIX" "$BENCH/embedded.records" "$RATE" "$1" "$COUNT"
}

arrived() { [ "$(sql target bench -c 'SELECT count(*) FROM shop.orders WHERE updated_at IS NOT NULL')" = "$COUNT" ]; }

# Of what was produced from BEGAN on for LENGTH seconds: events, p50, p95, p99, highest, transactions a second
latencies() {
    sql target bench -F $'\t' -c "WITH written AS (
            SELECT extract(epoch FROM pg_xact_commit_timestamp(xmin) - updated_at)::float * 1000 AS ms, xmin::text AS writer
            FROM shop.orders WHERE updated_at >= to_timestamp($BEGAN) AND updated_at < to_timestamp($BEGAN + $LENGTH)),
        parts AS (SELECT percentile_cont('{0.5,0.95,0.99}'::float[]) WITHIN GROUP (ORDER BY ms)::numeric(12,2)[] AS p FROM written)
        SELECT count(*), (SELECT p[1] FROM parts), (SELECT p[2] FROM parts), (SELECT p[3] FROM parts), max(ms)::numeric(12,2),
            (count(DISTINCT writer) / $LENGTH.0)::numeric(12,1) FROM written"
}

measure_latency() { # candidate, round
    local variant server own pid figures
    PREFIX=latency_$1_$2
    TOPICS="^${PREFIX}[.]shop[.]"
    variant=$("$1_variants" "$W" embedded | head -n 1)
    make_target "$1"
    W_ROWS=$COUNT fill_tables target bench
    sql target bench -c 'VACUUM ANALYZE' -c CHECKPOINT
    stream 0 >/dev/null || die "the topic" # is there before anybody looks for it
    "$1_begin" "$W" embedded "$variant" && "$1_go" || die "$1 does not start"
    stream "$COUNT" >"$WORK/log/stream.log" 2>&1 &
    pid=$!
    sleep "$WARMUP"
    BEGAN=$(date +%s.%N)
    take_ticks "$1"
    server=$SERVER_TICKS own=$OWN_TICKS
    sleep "$LENGTH"
    take_ticks "$1"
    wait $pid || { cat "$WORK/log/stream.log" >&2; die "the stream"; }
    wait_until 60 "all has arrived" arrived || { "$1_check" >&2; die "$1: not all has arrived"; }
    figures=$(latencies)
    [ -s "$OUT/latency.tsv" ] || tr ' ' '\t' <<<"$COLUMNS_OF_LATENCY" >"$OUT/latency.tsv"
    awk -v OFS='\t' -v head="$1"$'\t'"$variant"$'\t'"embedded"$'\t'"$2"$'\t'"$RATE" -v figures="$figures" -v hz="$TICKS_A_SECOND" \
        -v s="$((SERVER_TICKS - server))" -v o="$((OWN_TICKS - own))" -v seconds="$LENGTH" \
        'BEGIN { m = 60 / hz / seconds; print head, figures, sprintf("%.2f", (s + o) * m), sprintf("%.2f", s * m) }' | tee -a "$OUT/latency.tsv"
    ENDED=1
    "$1_end" >/dev/null 2>&1 || die "$1 does not stop"
}

run_latency() (
    SPAWNED=()
    trap 'status=$?; trap - EXIT; end_run "$1"; exit $status' EXIT
    measure_latency "$@"
)

for candidate in $CANDIDATES; do
    ! declare -F "${candidate}_prepare" >/dev/null || "${candidate}_prepare" || die "$candidate cannot be prepared"
done
tr ' ' '\t' <<<"$COLUMNS_OF_LATENCY"
for ((round = 1; round <= REPEAT; round++)); do
    for candidate in $CANDIDATES; do
        run_latency "$candidate" "$round" || die "$candidate, round $round"
    done
done
