#!/usr/bin/env bash
# Round trips: a source with a table per family of types, captured by the real connector in a snapshot
# and while rows change, under many settings of the connector; each stream goes into tables that the
# extension makes (server "created") and into tables made beforehand with the source's own statements
# (server "made"). Every value is compared; only what the connector itself changes may differ, see
# matrix/accepted.py. Prints TAP.
#
#   test/e2e/matrix.sh [few | COMBINATION...]
#
# few: what test/all.sh runs; nothing: every pair of settings, which takes a quarter of an hour, and then
# whether each difference of matrix/accepted.py was seen. COMBINATION, see matrix/combinations.py:
#   converter,decimal,time,binary,interval,hstore,unknown,deletes
# The extension must be installed (make install), PostGIS and pgvector too (test/all.sh does both).
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../lib/install.sh"
. "$HERE/../lib/servers.sh"
. "$HERE/../lib/kafka.sh"
. "$HERE/../lib/tap.sh"
. "$HERE/connectors.sh"
. "$HERE/matrix/targets.sh"

SQL_OPTIONS="-c timezone=UTC -c datestyle=ISO -c intervalstyle=postgres -c bytea_output=hex -c extra_float_digits=1 -c lc_monetary=C -c client_min_messages=warning"
MATRIX=$HERE/matrix
AT_ONCE=4 # connectors
# Captured: all tables of schema zoo, and those of schema full (REPLICA IDENTITY FULL) to which that matters.
FULL='arrays_of_text|arrays_of_times|defaults|documents|generated|key_others|key_unique|keyless|timestamps|toast|toast_bare|truncated'

case ${1:-all} in
few | all) mapfile -t COMBINATIONS < <(python3 "$MATRIX/combinations.py" "${1:-all}") ;;
*) COMBINATIONS=("$@") ;;
esac
install_kafka "$HERE/pom.xml" || die "Kafka and Debezium could not be fetched"
make_work matrix

# ---- the parts -----------------------------------------------------------------------------------

make_cluster source "wal_level = logical" "fsync = off" "max_wal_senders = 10" "max_replication_slots = 10"
make_targets

make_tables() { # server, database, schema
    sql "$1" "$2" -v schema="$3" -f "$MATRIX/tables.sql"
}
prepare_source() {
    local schema
    start_cluster source
    sql source postgres -c 'CREATE DATABASE zoo' && sql source zoo -f "$MATRIX/types.sql" -f "$MATRIX/as_type.sql" -f "$MATRIX/changes.sql" || return 1
    for schema in zoo full; do
        make_tables source zoo $schema && sql source zoo -v schema=$schema -f "$MATRIX/rows.sql" || return 1
    done
    sql source zoo -f - <<'SQL'
SELECT format('ALTER TABLE %s REPLICA IDENTITY FULL', oid::regclass) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'full'::regnamespace
\gexec
CREATE PUBLICATION zoo FOR ALL TABLES;
SQL
}
start_broker
{ prepare_source && start_targets -f "$MATRIX/types.sql" -f "$MATRIX/as_type.sql"; } &
preparing=$!
start_connect
wait $preparing || die "the source or the targets could not be prepared"
say "broker, Connect, source and two targets are up"

# ---- one batch: connectors, changes ------------------------------------------------------------------

# shellcheck disable=SC2034
read_settings() { IFS=, read -r converter decimal time binary interval hstore unknown deletes <<<"$1"; }

connector_members() { # combination
    local schemas=true
    read_settings "$1"
    case $converter in *plain) schemas=false ;; esac
    converter_members $schemas
    printf ', "decimal.handling.mode": "%s", "time.precision.mode": "%s", "binary.handling.mode": "%s",
  "interval.handling.mode": "%s", "hstore.handling.mode": "%s", "include.unknown.datatypes": "%s", "skipped.operations": "none"' \
        "$decimal" "$time" "$binary" "$interval" "$hstore" "$unknown"
    case $converter in flat*) printf ', ' && flat_members "$deletes" op ;; esac
}

streaming_or_failed() { # database, prefixes
    local database=$1 prefix
    shift
    for prefix in "$@"; do # a slot may be active before Connect says that its connector is
        case $(connector_state "$prefix") in
        FAILED) return 0 ;;
        RUNNING) ;;
        *) return 1 ;;
        esac
    done
    source_says "SELECT count(*) FROM pg_replication_slots WHERE active AND database = '$database'" $#
}
source_says() { [ "$(sql source postgres -c "$1")" = "$2" ]; }
capture() { # database, prefixes: snapshots, then changes, until all of it is in Kafka
    local database=$1 prefix schema position
    shift
    wait_until 180 "the connectors stream" streaming_or_failed "$database" "$@"
    for prefix in "$@"; do runs_or_dies "$prefix"; done
    for schema in zoo full; do
        sql source "$database" -c "CALL work.change('$schema')" || die "the changes to $schema"
    done
    position=$(sql source "$database" -c "SELECT pg_current_wal_insert_lsn() - '0/0'")
    sql source "$database" -c 'INSERT INTO work.marker VALUES (1)'
    for prefix in "$@"; do
        all_sent() { [ "$(connector_position "$prefix")" -ge "$position" ]; }
        wait_until 180 "connector $prefix has sent everything" sent_or_failed "$prefix" all_sent
        runs_or_dies "$prefix"
        all_sent || die "connector $prefix is stuck"
    done
    for prefix in "$@"; do curl -s -X DELETE "$CONNECT/connectors/$prefix"; done
}

# ---- one combination: both targets --------------------------------------------------------------------

# The table's name is not in a flattened record, only in the topic, where Kafka allows few characters.
rename_for_topics() { # schema
    echo "SELECT format('ALTER TABLE %I.%I RENAME TO %I', relnamespace::regnamespace, relname, regexp_replace(regexp_replace(relname, '[^A-Za-z0-9._-]', '_', 'g'), '.*[.]', ''))
        FROM pg_class WHERE relkind = 'r' AND relnamespace = '$1'::regnamespace AND relname ~ '[^A-Za-z0-9_-]' \\gexec" | sql made mirror -f -
}
round() { # combination, prefix, database
    local server schema prefix=$2
    read_settings "$1"
    for schema in zoo full; do
        make_tables made mirror "${prefix}_$schema" || die "tables made beforehand"
        case $converter in flat*) rename_for_topics "${prefix}_$schema" ;; esac
    done
    read_topics "$prefix" "^$prefix[.](zoo|full)[.]" '${1}_${2}.${table}' "time_precision_mode = '$time'" "decimal_handling_mode = '$decimal'" \
        "binary_handling_mode = '${binary//-/_}'" "interval_handling_mode = '$interval'" \
        "schemaless_decimal_columns = 'cash:2'" || die "the targets' settings"
    for server in $TARGETS; do
        all_applied $server "$prefix" "$1"
        PREFIX=$prefix COMBINATION=$1 SERVER=$server DATABASE=$3 FULL=$FULL PORT_source=$PORT_source PORT_created=$PORT_created PORT_made=$PORT_made \
            WORK=$WORK BROKER=$BROKER PG_BIN=$PG_BIN SQL_OPTIONS=$SQL_OPTIONS python3 "$MATRIX/compare.py" >"$WORK/verdict" 2>&1 || echo "not ok $1 into $server: compare.py" >>"$WORK/verdict"
        tap_of "$WORK/verdict"
    done
}
tap_of() { # file: lines "ok NAME", "not ok NAME", others are comments
    local line
    while IFS= read -r line; do
        case $line in
        "ok "*) ok "${line#ok }" ;;
        "not ok "*) not_ok "${line#not ok }" ;;
        *) echo "# $line" ;;
        esac
    done <"$1"
}

batch=0
for ((first = 0; first < ${#COMBINATIONS[@]}; first += AT_ONCE)); do
    batch=$((batch + 1))
    some=("${COMBINATIONS[@]:first:AT_ONCE}")
    prefixes=()
    sql source postgres -c "CREATE DATABASE batch$batch TEMPLATE zoo"
    for ((i = 0; i < ${#some[@]}; i++)); do
        prefix=m$((first + i + 1))
        prefixes+=("$prefix")
        connector_common "$prefix" "batch$batch" zoo "zoo[.].*,full[.]($FULL),work[.]marker" "$(connector_members "${some[i]}")" | make_connector "$prefix" || exit 1
    done
    capture "batch$batch" "${prefixes[@]}"
    say "${#some[@]} streams are in Kafka"
    for ((i = 0; i < ${#some[@]}; i++)); do round "${some[i]}" "${prefixes[i]}" "batch$batch"; done
    say "batch $batch is done"
    source_says "SELECT count(pg_drop_replication_slot(slot_name)) FROM pg_replication_slots WHERE NOT active" ${#some[@]}
    sql source postgres -c "DROP DATABASE batch$batch WITH (FORCE)"
done
if [ "${1:-all}" = all ]; then
    python3 "$MATRIX/accepted.py" "$WORK/accepted.used" >"$WORK/verdict"
    tap_of "$WORK/verdict"
fi
done_testing
