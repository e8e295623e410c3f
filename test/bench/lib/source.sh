# Sourced after servers.sh: the source server, on which the same changes are made. It has the rows as
# they must be in the end, and feeds logical replication.
#
#   make_source              the cluster `source`
#   prepare_rows             makes the work's changes there. Leaves, below $WORK/pg, the rows of each
#                            table before them (before.TABLE) and after them (after.TABLE, binary COPY),
#                            the slot `kept` that stands before them, and the publication `bench`; sets
#                            TRUTH (checksum), TRUTH_ROWS and W_SOURCE_EVENTS
#   forget_rows              all that is gone

make_source() {
    make_cluster source "wal_level = logical" "fsync = off" "shared_buffers = 512MB" "max_wal_size = 4GB" "max_wal_senders = 8"
    start_cluster source
}

copy_out() { # name
    local table
    for table in "${W_TABLES[@]}"; do
        sql source bench -c "COPY shop.$table TO '$WORK/pg/$1.$table' (FORMAT binary)" || die "COPY of shop.$table"
    done
}

prepare_rows() {
    sql source postgres -c 'CREATE DATABASE bench'
    make_tables source bench
    fill_tables source bench
    copy_out before
    sql source bench -c 'CREATE PUBLICATION bench FOR ALL TABLES' \
        -c "SELECT pg_create_logical_replication_slot('kept', 'pgoutput')" >/dev/null || die "slot of the source"
    "$WORK/generate" sql "$W_NAME" "$W_COUNT" "$W_ROWS" "$W_SPREAD" 2>"$WORK/events" | sql source bench -f - ||
        die "changes on the source"
    W_SOURCE_EVENTS=$(cat "$WORK/events")
    copy_out after
    TRUTH=$(checksum source bench) || die "checksum of the source"
    TRUTH_ROWS=${TRUTH%%:*}
}

forget_rows() {
    sql source bench -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = 'bench'" >/dev/null
    sql source postgres -c 'DROP DATABASE bench WITH (FORCE)'
    rm -f "$WORK"/pg/before.* "$WORK"/pg/after.*
}
