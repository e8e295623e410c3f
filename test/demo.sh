#!/usr/bin/env bash
# A demonstration on a fresh machine: installs what is missing, builds and installs the extension,
# starts a throwaway server and a mock Kafka, plays a stream that the real Debezium connector sent
# (test/data), and shows what became of it. Leaves nothing running.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$ROOT/test/lib/install.sh"
. "$ROOT/test/lib/build.sh"
headline() { printf '\n== %s\n' "$*"; }

headline "1. Building the extension"
install_packages || exit 1
mkdir -p "$ROOT/build/logs"
build_extension "$ROOT" >"$ROOT/build/logs/demo-build.log" 2>&1 || {
    tail -n 40 "$ROOT/build/logs/demo-build.log"
    exit 1
}
. "$ROOT/test/lib/servers.sh"
make_work demo
echo "built with $("$PG_CONFIG" --version) and installed"

headline "2. A Kafka (librdkafka's mock cluster) with the topics of a small shop"
mkfifo "$WORK/commands" "$WORK/answers"
"$ROOT/build/mockbroker" <"$WORK/commands" >"$WORK/answers" 2>"$WORK/log/mockbroker.log" &
SPAWNED+=($!)
exec 8>"$WORK/commands" 9<"$WORK/answers"
read -r -t 20 broker <&9 || die "the mock broker does not start"
ask() {
    echo "$1" >&8
    read -r -t 60 answer <&9 || die "the mock broker does not answer"
    case $answer in ok*) ;; *) die "mock broker: $answer ($1)" ;; esac
    answer=${answer#ok }
}
topics=$(cut -d' ' -f1 "$ROOT/test/data/embedded.records" | sort -u)
for topic in $topics; do ask "topic $topic 1"; done
echo "bootstrap address $broker, topics:" $topics

headline "3. A PostgreSQL server with a few settings"
metrics=$(free_port)
make_cluster demo "shared_preload_libraries = 'kafka_cdc_sink'" "kafka_cdc_sink.bootstrap_servers = '$broker'" \
    "kafka_cdc_sink.topics = '^embedded[.]shop[.]'" "kafka_cdc_sink.database = 'replica'" "kafka_cdc_sink.topic_refresh = 1s" \
    "kafka_cdc_sink.metrics_enabled = on" "kafka_cdc_sink.metrics_port = $metrics"
grep -E '^(shared_preload|kafka_cdc_sink)' "$WORK/pg/demo/postgresql.conf"
start_cluster demo
sql demo postgres -c 'CREATE DATABASE replica'
sql demo replica -c 'CREATE EXTENSION kafka_cdc_sink' || die "CREATE EXTENSION"
show() {
    echo
    echo "replica=# $1"
    PGTZ=UTC "$PG_BIN/psql" -X -h "$WORK/socket" -p "$PORT_demo" -U postgres -d replica -P pager=off "${@:2}" -c "$1" || die "$1"
}

headline "4. Playing what Debezium sent: a snapshot, then inserts, updates, deletes, key changes, a new column"
play() { # name, which lines
    sed -n "$2p" "$ROOT/test/data/embedded.records" >"$WORK/$1" || die "no records"
    ask "produce-file $WORK/$1"
    echo "$1: $answer records are in Kafka"
    for topic in $topics; do
        ask "end $topic 0"
        [ "$(sql demo replica -c "SELECT kafka_cdc_sink.wait_for('$topic', 0, $answer, '60s')")" = t ] || {
            show 'SELECT * FROM kafka_cdc_sink.status' -x
            tail -n 30 "$WORK/log/demo.log"
            die "topic $topic is not applied within a minute"
        }
    done
    echo "$1: all of them are applied"
}
rows=$(grep -c '"op":"r"' "$ROOT/test/data/embedded.records")
play snapshot "1,$rows"
play changes "$((rows + 1)),\$"

headline "5. The tables were made from the records"
show '\d shop.orders'
show 'SELECT * FROM shop.orders ORDER BY id'
show "SELECT id, name, level, profile, picture, left(letter, 22) || '...' AS letter, tags, born, joined_at IS NOT NULL AS joined FROM shop.customers ORDER BY id"
show 'SELECT * FROM shop.carts'

headline "6. What the extension says of itself"
show 'SELECT state, workers, topics, partitions, total_lag, last_error FROM kafka_cdc_sink.status'
show 'SELECT slot, pid, state, partitions, messages, transactions, dead_letters FROM kafka_cdc_sink.workers'
show 'SELECT topic, "partition", worker, state, next_offset, high_watermark, lag FROM kafka_cdc_sink.partitions'
show 'SELECT schema, "table", state, inserts, updates, deletes, toast_kept FROM kafka_cdc_sink.tables'
show "SELECT subject, item, result, found FROM kafka_cdc_sink.check() WHERE subject IN ('topics', 'brokers') OR result <> 'ok'"

headline "7. What it says over HTTP"
get() {
    echo
    echo "\$ curl http://localhost:$metrics/$1 ${2:+| $2}"
    curl -sS --max-time 10 "http://localhost:$metrics/$1" | sh -c "${2:-cat}" || die "no answer from the exporter"
}
get health
echo
get metrics "grep -v '^#' | grep -E 'lag_records|writer_(inserts|updates)|commits_total'"

headline "8. Is it the source, row by row?"
for table in customers orders order_lines carts visits; do
    echo "$table"
    SQL_OPTIONS="-c timezone=UTC" sql demo replica -c "SELECT t::text FROM shop.$table t ORDER BY 1" || die "$table"
done >"$WORK/rows"
diff "$ROOT/test/data/shop.expected" "$WORK/rows" | cut -c1-300
cmp -s "$ROOT/test/data/shop.expected" "$WORK/rows" || die "the replica differs from the source"
echo "demo finished: all $(grep -c '^(' "$WORK/rows") rows of 5 tables are the source's, exactly"
