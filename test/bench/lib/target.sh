# Sourced after servers.sh: the server that is written to. All candidates get the same settings; what
# one needs on top of them (<candidate>_settings) is written into the results, too.
#
#   TARGET_SETTINGS    lines of postgresql.conf; SETTINGS: more of them, from the caller
#   WARM_WAL=1000      megabytes of WAL segments that are there to be used again, as on a server that has
#                      run for a while (a new segment costs more than one that is used again)
#   make_target CANDIDATE    a fresh cluster `target` with the database bench: the work's tables, with
#                            the rows that are there beforehand
#   settle_target            what filling it has left to do is done
#   drop_target              the cluster and its files are gone

WARM_WAL=${WARM_WAL:-1000}
TARGET_SETTINGS=(
    "fsync = on"
    "synchronous_commit = on" # what a candidate sets for itself is its own affair
    "shared_buffers = 512MB"
    "max_wal_size = 8GB"
    "min_wal_size = 1GB"
    "checkpoint_timeout = 15min"
)

make_target() {
    local table lines
    readarray -t lines < <("$1_settings")
    make_cluster target "${TARGET_SETTINGS[@]}" "${lines[@]}" "${SETTINGS:-}"
    start_cluster target
    { read -r POSTMASTER <"$WORK/pg/target/postmaster.pid"; } || die "the target has no postmaster.pid"
    sql target postgres -c 'CREATE DATABASE bench'
    make_tables target bench
    for table in "${W_TABLES[@]}"; do
        [ "$W_ROWS" = 0 ] || sql target bench -c "COPY shop.$table FROM '$WORK/pg/before.$table' (FORMAT binary)" ||
            die "rows of shop.$table"
    done
    settle_target
}

settle_target() {
    sql target bench -c 'VACUUM ANALYZE' || die "VACUUM"
    sql target bench -c "SELECT sum(1) FROM generate_series(1, $WARM_WAL) i, pg_logical_emit_message(false, 'warm', repeat('x', 1000000))" >/dev/null ||
        die "WAL to use again"
    sql target bench -c 'CHECKPOINT' || die "CHECKPOINT"
}

drop_target() {
    local left=() name
    [ -d "$WORK/pg/target" ] || return 0
    stop_cluster target fast || stop_cluster target immediate
    for name in "${CLUSTERS[@]}"; do [ "$name" = target ] || left+=("$name"); done
    CLUSTERS=("${left[@]}")
    rm -rf "$WORK/pg/target"
}

# Count and checksum of all rows of the work's tables, in whatever order they are.
checksum() { # cluster, database
    local table parts=()
    for table in "${W_TABLES[@]}"; do
        parts+=("SELECT '$table' AS tbl, count(*) AS n, coalesce(sum(hashtextextended(t::text, 0)), 0) AS s FROM shop.$table t")
    done
    local query
    query=$(printf '%s UNION ALL ' "${parts[@]}")
    sql "$1" "$2" -c "SELECT sum(n) || ':' || substr(md5(string_agg(tbl || n || ':' || s, ',' ORDER BY tbl)), 1, 12)
        FROM (${query% UNION ALL }) x"
}
