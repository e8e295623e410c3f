#!/usr/bin/env bash
# What an event costs one worker as the number of tables grows, and as the target's rows do.
#
#   scale.sh [tables] [rows]      the series, both by default
#
#   N=200000       events at each point, half of them updates of rows that are there, half inserts, by
#                  random keys, over all tables at random
#   TABLES="1 10 100 1000"        tables, a topic each; TABLE_ROWS=N rows are there, over all of them
#   ROWS="1000000 10000000 100000000"   rows of one table, filled by SQL (250 bytes a row of disk, and as
#                  much of WAL; N must not exceed a third of them). Beside it COPY of half as many new
#                  rows as there are events, by random keys, too, and as the floor one INSERT ... ON
#                  CONFLICT of as many rows as there are events, half of them there already
#   ROUNDS=3       of the tables; rows are filled once, and measured once
#   KIND=plain     records without schemas; embedded: with
#   OUT=test/bench/results        appends scale.tsv there
#   SETTINGS       further lines for postgresql.conf, separated by newlines
#   PROFILE=FILE   perf records the worker at the last point (with call graphs, by frame pointers: or set
#                  CALL_GRAPH=dwarf) into FILE
#
# CPU is that of all processes of the target server, from the moment the worker, which has its partitions,
# may begin to the last commit; the first use of each table is in it. The extension must be installed.
set -u
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$BENCH/../.." && pwd)
. "$BENCH/../lib/install.sh"
. "$BENCH/../lib/servers.sh"
. "$BENCH/../lib/kafka.sh"
for piece in clock processes target topics; do . "$BENCH/lib/$piece.sh"; done
. "$BENCH/candidates/sink.sh"

N=${N:-200000}
TABLES=${TABLES:-1 10 100 1000}
TABLE_ROWS=${TABLE_ROWS:-$N}
ROWS=${ROWS:-1000000 10000000 100000000}
ROUNDS=${ROUNDS:-3}
KIND=${KIND:-plain}
OUT=$(mkdir -p "${OUT:-$BENCH/results}" && cd "${OUT:-$BENCH/results}" && pwd) || exit 1
HZ=$(getconf CLK_TCK)

install_kafka "$ROOT/test/e2e/pom.xml" || die "Kafka could not be fetched"
make_work scale
compile_generator
start_broker
[ -s "$OUT/scale.tsv" ] ||
    printf 'series\tsize\tcandidate\tround\tevents\tseconds\trate\tcpu_s\twal_bytes\n' >"$OUT/scale.tsv"

# One row of the benchmark's table by SQL, as long as the generator's.
row_of() { # expression of the id
    echo "SELECT $1 AS id, (random() * 50000)::int, 'open', 123456.78, 'note ' || g || ' on the order: leave it with the neighbours, 7f3a9',
        '{\"ip\": \"10.1.17.4\", \"gift\": true, \"items\": 7, \"source\": \"web\"}'::jsonb, '2024-05-01 10:00:00Z'::timestamptz + g * interval '1 s',
        '2024-05-01 10:00:00Z'::timestamptz"
}

# A cluster with the work's tables, empty. Sets POSTMASTER.
begin_target() { # names of tables...
    local lines table
    W_TABLES=("$@") W_PARTITIONS=1 SINK_WORKERS=1
    readarray -t lines < <(TOPICS= sink_settings)
    make_cluster target "${TARGET_SETTINGS[@]}" "${lines[@]}" "${SETTINGS:-}" "kafka_cdc_sink.max_workers = 1" \
        "kafka_cdc_sink.max_tracked_partitions = 4096" "kafka_cdc_sink.max_tracked_tables = 4096"
    start_cluster target
    read -r POSTMASTER <"$WORK/pg/target/postmaster.pid"
    sql target postgres -c 'CREATE DATABASE bench'
    sql target bench -c 'CREATE EXTENSION kafka_cdc_sink' -c 'CREATE SCHEMA shop' || die "extension"
    for table in "$@"; do sed "s/shop[.]orders/shop.$table/" "$BENCH/tables/orders.sql"; done | sql target bench -f - || die "tables"
}

# A session that is open while the worker runs; its CPU time is not counted.
open_session() {
    coproc SESSION { sql target bench -f - 2>>"$WORK/log/session.log"; }
    ask 'SELECT pg_backend_pid()'
    SESSION_BACKEND=$ANSWER
}
ask() {
    printf '%s;\n' "$1" >&"${SESSION[1]}"
    read -r -t 60 -u "${SESSION[0]}" ANSWER || die "the target does not answer"
}
close_session() {
    exec {SESSION[1]}>&-
    wait_until 10 "the session ends" sh -c "! kill -0 $SESSION_BACKEND"
}

ticks() { # sets NOW_TICKS
    local all
    tree_ticks "$POSTMASTER"
    all=$TICKS
    pids_ticks "$SESSION_BACKEND"
    NOW_TICKS=$((all - TICKS))
}

# The work's events into new topics. Sets PREFIX, EVENTS and END (sum of the topics' ends).
produce() { # name, rows, tables
    PREFIX=$1
    EVENTS=$("$WORK/generate" kafka "$BROKER" "$PREFIX" "$BENCH/$KIND.records" upserts "$N" "$2" "$3") || die "generate"
    END=$(topic_ends "$PREFIX.shop." | awk '{ n += $3 } END { print n }')
    [ "$END" = "$EVENTS" ] || die "$EVENTS events were made, $END are there"
}

# Applies what PREFIX's topics hold, and writes the line.
drain() { # series, size, round
    local began=0 done=0 first=0 ended before wal deadline=$((SECONDS + 3600))
    sql target bench -c "SELECT kafka_cdc_sink.pause('the benchmark')" >/dev/null
    sink_set topics "^$PREFIX[.]shop[.]"
    sink_set enabled on
    wait_until 60 "the worker has its partitions" sink_ready || die "the worker is not ready"
    open_session
    if [ -n "$PROFILING" ]; then
        ask "SELECT pid FROM kafka_cdc_sink.workers WHERE pid > 0"
        spawn perf perf record -q --call-graph "${CALL_GRAPH:-fp}" -F 499 -o "$PROFILING" -p "$ANSWER"
    fi
    ask "SELECT pg_current_wal_insert_lsn()"
    wal=$ANSWER
    ticks
    before=$NOW_TICKS
    sink_go
    while [ "$done" -lt "$END" ]; do
        [ $SECONDS -lt $deadline ] || die "not drained"
        ask "SELECT coalesce(sum(next_offset), 0) || ' ' || extract(epoch FROM clock_timestamp())
            FROM kafka_cdc_sink.offsets WHERE starts_with(topic, '$PREFIX.shop.')"
        read -r done ended <<<"$ANSWER"
        if [ "$done" -gt 0 ] && [ "$began" = 0 ]; then
            began=$ended first=$done
        fi
        nap 0.05
    done
    ticks
    if [ -n "$PROFILING" ]; then
        kill -INT "$LAST_PID"
        wait "$LAST_PID"
    fi
    ask "SELECT pg_current_wal_insert_lsn() - '$wal'"
    wal=$ANSWER
    ask "SELECT count(*) FROM kafka_cdc_sink.dead_letters"
    [ "$ANSWER" = 0 ] || die "there are dead letters"
    close_session
    sink_end || die "the worker stays"
    note "$1" "$2" sink "$3" "$EVENTS" "$began" "$ended" "$first" $((NOW_TICKS - before)) "$wal"
}

note() { # series, size, candidate, round, events, began, ended, done before, ticks, WAL
    awk -v OFS='\t' -v series="$1" -v size="$2" -v candidate="$3" -v round="$4" -v n="$5" -v b="$6" -v e="$7" -v before="$8" \
        -v ticks="$9" -v hz="$HZ" -v wal="${10}" 'BEGIN {
        t = e - b
        print series, size, candidate, round, n, sprintf("%.3f", t), sprintf("%.0f", t > 0 ? (n - before) / t : 0),
            sprintf("%.2f", ticks / hz), wal }' >>"$OUT/scale.tsv"
    tail -n 1 "$OUT/scale.tsv" | awk '{ printf "%-7s %10d %-5s %2d %9d events %8.2f s %9d/s %7.2f CPU-s, %6.2f per million %6d bytes of WAL an event\n",
        $1, $2, $3, $4, $5, $6, $7, $8, $8 * 1e6 / $5, $9 / $5 }'
}

tables_series() {
    local round size rows i names
    for size in $TABLES; do produce "tables$size" "$TABLE_ROWS" "$size"; done
    for ((round = 1; round <= ROUNDS; round++)); do
        for size in $TABLES; do
            names=()
            for ((i = 1; i <= size; i++)); do names+=("t$i"); done
            begin_target "${names[@]}"
            rows=$((TABLE_ROWS / size))
            for table in "${names[@]}"; do
                echo "INSERT INTO shop.$table $(row_of '2 * g') FROM generate_series(1, $rows) g;"
            done | sql target bench -f - || die "rows"
            settle_target
            PREFIX=tables$size
            EVENTS=$(topic_ends "$PREFIX.shop." | awk '{ n += $3 } END { print n }')
            END=$EVENTS
            PROFILING=
            [ "$round $size" != "$ROUNDS ${TABLES##* }" ] || PROFILING=${PROFILE:-}
            drain tables "$size" "$round"
            drop_target
        done
    done
}

# The generator's order of the odd ids (generate/works.cpp).
stride_of() { # rows
    awk -v m="$1" 'function gcd(a, b) { return b ? gcd(b, a % b) : a }
        BEGIN { s = int(m * 618033 / 1000000) + 1; while (gcd(s, m) != 1) s++; print s }'
}

# The I-th of a size's ids that are not there (or that are: the parity), scattered as the events' are.
id_of() { echo "2 * (($2)::bigint * $(stride_of "$1") % $1) + $3"; } # size, expression of I, parity: 1 or 2

# Measures one statement in a session of its own.
statement() { # size, candidate, rows, statement
    local began ended before wal
    sql target bench -c CHECKPOINT
    open_session
    ask "SELECT pg_current_wal_insert_lsn()"
    wal=$ANSWER
    ticks
    before=$NOW_TICKS
    began=$(date +%s.%N)
    sql target bench -c "$4" || die "$2"
    ended=$(date +%s.%N)
    ask "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    while [ "$ANSWER" != 1 ]; do
        nap 0.01
        ask "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
    done
    ticks
    ask "SELECT pg_current_wal_insert_lsn() - '$wal'"
    wal=$ANSWER
    close_session
    note rows "$1" "$2" 1 "$3" "$began" "$ended" 0 $((NOW_TICKS - before)) "$wal"
}

# New rows, at places that neither the events took nor each other.
copy_rows() { # size
    local count=$((N / 2))
    sql target bench -c "COPY ($(row_of "$(id_of "$1" "g + $N" 1)") FROM generate_series(1, $count) g)
        TO '$WORK/pg/new' (FORMAT binary)" || die "new rows"
    statement "$1" copy $count "COPY shop.t1 FROM '$WORK/pg/new' (FORMAT binary)"
}

upsert_rows() { # size
    local count=$((N / 2)) columns
    columns=$(sql target bench -c "SELECT string_agg(attname || ' = excluded.' || attname, ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = 'shop.t1'::regclass AND attnum > 1")
    sql target bench -c 'CREATE UNLOGGED TABLE changes (LIKE shop.t1)' -c "INSERT INTO changes
        $(row_of "CASE WHEN g % 2 = 0 THEN $(id_of "$1" "g / 2" 2) ELSE $(id_of "$1" "g / 2 + $((N * 2))" 1) END")
        FROM generate_series(1, $N) g" || die "changes"
    statement "$1" upsert "$N" "INSERT INTO shop.t1 SELECT * FROM changes ON CONFLICT (id) DO UPDATE SET $columns"
    sql target bench -c 'DROP TABLE changes'
}

rows_series() {
    local size filled=0 step
    begin_target t1
    for size in $ROWS; do
        [ $((N * 3)) -le "$size" ] || die "N=$N is more than a third of $size rows"
        while [ "$filled" -lt "$size" ]; do
            step=$((size - filled < 5000000 ? size - filled : 5000000))
            sql target bench -c "INSERT INTO shop.t1 $(row_of '2 * g') FROM generate_series($filled + 1, $filled + $step) g" || die "rows"
            filled=$((filled + step))
        done
        settle_target
        produce "rows$size" "$size" 1
        PROFILING=
        [ "$size" != "${ROWS##* }" ] || PROFILING=${PROFILE:-}
        drain rows "$size" 1
        copy_rows "$size"
        upsert_rows "$size"
        # the next size has other ids in these places
        sql target bench -c 'DELETE FROM shop.t1 WHERE id % 2 <> 0' || die "DELETE"
    done
    drop_target
}

for series in "${@:-tables rows}"; do
    for one in $series; do
        case $one in
        tables) tables_series ;;
        rows) rows_series ;;
        *) die "no series is called $one" ;;
        esac
    done
done
