#!/usr/bin/env bash
# Round trips from MariaDB: a table per family of types, captured by the real connector in a snapshot and
# while rows change, with embedded schemas, without, and flattened, into tables made by the extension and
# beforehand.
# Every value is compared. What the connector changes itself: BIGINT UNSIGNED beyond 2^63 in its mode
# "long", and zero dates (NULL, or 1970 for a TIMESTAMP that is streamed); the records show it. Prints TAP.
#
# The extension must be installed (make install).
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../lib/install.sh"
. "$HERE/../lib/servers.sh"
. "$HERE/../lib/kafka.sh"
. "$HERE/../lib/tap.sh"
. "$HERE/matrix/targets.sh"
. "$HERE/connectors.sh"

SQL_OPTIONS="-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c extra_float_digits=1"
install_kafka "$HERE/pom.xml" || die "Kafka and Debezium could not be fetched"
make_work mariadb

# ---- the parts -----------------------------------------------------------------------------------

maria() { mariadb --no-defaults --socket="$WORK/socket/mariadb" -u root --default-character-set=utf8mb4 "$@"; }
start_mariadb() {
    PORT_mariadb=$(free_port)
    as_server mariadb-install-db --no-defaults --datadir="$WORK/pg/mariadb" --auth-root-authentication-method=normal --skip-test-db \
        >"$WORK/log/mariadb-install.log" 2>&1 || die "mariadb-install-db: $(tail -n 3 "$WORK/log/mariadb-install.log")"
    spawn mariadb as_server mariadbd --no-defaults --datadir="$WORK/pg/mariadb" --socket="$WORK/socket/mariadb" --pid-file="$WORK/pg/mariadb.pid" \
        --port="$PORT_mariadb" --bind-address=127.0.0.1 --server-id=1 --log-bin --binlog-format=ROW --binlog-row-image=FULL \
        --default-time-zone=+00:00 --skip-innodb-flush-method --innodb-flush-log-at-trx-commit=0
    wait_until 60 "MariaDB answers" maria -e 'SELECT 1' || die "start of MariaDB: $(tail -n 5 "$WORK/log/mariadb.log")"
    maria -e "CREATE USER dbz@'%' IDENTIFIED BY 'dbz'; GRANT ALL ON *.* TO dbz@'%'; CREATE DATABASE zoo CHARACTER SET utf8mb4" &&
        maria zoo <"$HERE/mariadb/source.sql" && maria zoo <"$HERE/mariadb/changes.sql"
}
connector() { # prefix, server id, mode of BIGINT UNSIGNED, further members
    cat <<JSON
{
  "connector.class": "io.debezium.connector.mariadb.MariaDbConnector", "tasks.max": "1",
  "database.hostname": "127.0.0.1", "database.port": "$PORT_mariadb", "database.user": "dbz", "database.password": "dbz",
  "database.server.id": "$2", "database.ssl.mode": "disable", "topic.prefix": "$1",
  "database.include.list": "zoo", "include.schema.changes": "false",
  "schema.history.internal.kafka.bootstrap.servers": "$BROKER", "schema.history.internal.kafka.topic": "history.$1",
  "poll.interval.ms": "50", "errors.max.retries": "0", "bigint.unsigned.handling.mode": "$3",
  "topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "1",
  "key.converter": "org.apache.kafka.connect.json.JsonConverter", "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter.replace.null.with.default": "false",
  $4
}
JSON
}

# A flattened update does not tell the former row, nor any flattened record a name that Kafka's topics cannot have.
NOT_FLAT="keyless|Strange.*"

make_targets
start_broker
{ start_targets -c "CREATE FUNCTION hex(text) RETURNS text LANGUAGE sql AS \$\$ SELECT upper(encode(convert_to(\$1, 'UTF8'), 'hex')) \$\$" \
    -c "CREATE FUNCTION hex(bytea) RETURNS text LANGUAGE sql AS \$\$ SELECT upper(encode(\$1, 'hex')) \$\$"; } &
preparing=$!
start_mariadb || die "MariaDB's tables"
start_connect
wait $preparing || die "the targets could not be prepared"
say "broker, Connect, MariaDB and two targets are up"

# ---- capture -----------------------------------------------------------------------------------------

maria zoo -e 'INSERT INTO marker VALUES (1)'
connector embedded 11 precise "$(converter_members true)" | make_connector embedded || exit 1
connector plain 12 long "$(converter_members false)" | make_connector plain || exit 1
connector flat 13 precise "$(converter_members true), $(flat_members rewrite op), \"table.exclude.list\": \"zoo[.]($NOT_FLAT)\"" | make_connector flat || exit 1
topic_is_at() { [ "$(topic_ends "$1" | awk '{ print $3 }')" -ge "$2" ]; } 2>/dev/null
# Once the marker of the snapshot is there, changes come through the binary log; its next record is the last of all.
wait_for_marker() { # number
    local prefix
    for prefix in embedded plain flat; do
        wait_until 120 "marker $1 of $prefix" sent_or_failed $prefix topic_is_at $prefix.zoo.marker "$1"
        runs_or_dies $prefix
    done
}
wait_for_marker 1
maria zoo -e "SET sql_mode = ''; CALL change_all(); INSERT INTO marker VALUES (2)" || die "the changes"
wait_for_marker 2
say "both streams are in Kafka"

# ---- compare -----------------------------------------------------------------------------------------

plain_time() { echo "TRIM(TRAILING '.' FROM TRIM(TRAILING '0' FROM $1))"; } # as PostgreSQL prints fractions
compare() { # prefix, server
    local table theirs ours made column select
    while IFS='|' read -r table theirs ours made; do
        read -r table < <(echo "$table") # blanks around it
        [[ ! $1.$table =~ ^flat[.]($NOT_FLAT)$ ]] || continue
        [ "$2" = created ] || ours=${made:-$ours}
        for column in t t3 t6 dt3 dt6 ts6 b; do
            case $table.$column in
            times.t) theirs=${theirs//\{t\}/t} ;;
            *) theirs=${theirs//\{$column\}/$(plain_time "$column")} ;;
            esac
        done
        for column in a bu; do
            case $1 in plain) select="CAST($column AS SIGNED)" ;; *) select=$column ;; esac
            theirs=${theirs//\{unsigned $column\}/$select}
        done
        theirs=${theirs//\{zero\}/$ZERO}
        ours=${ours//\{line\}/$LINE}
        ours=${ours//\{polygon\}/$POLYGON}
        maria -N -B zoo -e "SET time_zone = '+00:00'; SELECT $theirs FROM \`$table\`" | LC_ALL=C sort >"$WORK/theirs"
        sql "$2" mirror -F $'\t' -P null=NULL -c "SELECT $ours FROM \"$1_zoo\".\"$table\"" 2>"$WORK/error" | LC_ALL=C sort >"$WORK/ours"
        if cmp -s "$WORK/theirs" "$WORK/ours"; then ok "$1 into $2: $table, $(wc -l <"$WORK/theirs") rows"; else
            not_ok "$1 into $2: $table"
            cat "$WORK/error"
            diff "$WORK/theirs" "$WORK/ours" | grep '^[<>]' | head -n 12 | cut -c1-300 | sed 's/^/# /'
        fi
    done < <(grep -v '^#' "$HERE/mariadb/compare.txt")
}
ZERO="IF(id < 1000, NULL, '1970-01-01 00:00:00')" # a zero TIMESTAMP: of the snapshot, streamed
LINE=$(maria -N -B -e "SELECT HEX(ST_AsWKB(ST_GeomFromText('LINESTRING(0 0,1 1,2 0)')))")
POLYGON=$(maria -N -B -e "SELECT HEX(ST_AsWKB(ST_GeomFromText('POLYGON((0 0,1 0,1 1,0 0))')))")
captured() { kcat -b "$BROKER" -C -q -e -o beginning -t "$1"; }

is_at_least "$(captured plain.zoo.integers | grep -c '"bu":-1[,}]')" 1 "the connector sends BIGINT UNSIGNED 2^64 - 1 as -1 in mode long"
is_at_least "$(captured plain.zoo.times | grep -c '"after":{"id":6,"d":null,')" 1 "the connector sends zero dates as null"
is_at_least "$(captured plain.zoo.times | grep -c '"after":{"id":1006,.*"ts":"1970-01-01T00:00:00Z"')" 1 "and a TIMESTAMP that it streams as 1970"
for prefix in embedded plain flat; do
    sql made mirror -v schema=${prefix}_zoo -f "$HERE/mariadb/made.sql" || die "tables made beforehand"
    read_topics $prefix "^$prefix[.]zoo[.]" '${1}_${2}.${table}' "time_precision_mode = 'adaptive_time_microseconds'" || die "the targets' settings"
    for server in $TARGETS; do
        [ $prefix.$server != plain.created ] || continue # what arrives without schemas: see matrix.sh
        all_applied $server $prefix $prefix
        compare $prefix $server
        is "$(sql $server mirror -c "SELECT count(*) FROM kafka_cdc_sink.dead_letters WHERE topic LIKE '$prefix.%'")" 0 "$prefix into $server: no dead letters" ||
            sql $server mirror -c "SELECT topic, sqlstate, count(*), left(min(message), 200) FROM kafka_cdc_sink.dead_letters GROUP BY 1, 2" | sed 's/^/# /'
    done
done
done_testing
