# PostgreSQL's own logical replication of the same changes, which the source has in its WAL already.

logical_kinds() { echo none; }
logical_variants() { echo subscription; }
logical_settings() { :; }

logical_begin() {
    sql source bench -c "SELECT pg_copy_logical_replication_slot('kept', 'run')" >/dev/null &&
        sql target bench -c "CREATE SUBSCRIPTION run CONNECTION 'host=127.0.0.1 port=$PORT_source user=postgres dbname=bench'
            PUBLICATION bench WITH (slot_name = 'run', create_slot = false, copy_data = false, enabled = false)"
}

logical_go() { sql target bench -c 'ALTER SUBSCRIPTION run ENABLE'; }
logical_pids() { :; }
logical_title() { echo "logical replication worker"; }
logical_first() { echo "least(1000, $W_EVENTS)"; } # the source's first transaction
logical_check() { grep -E 'logical.*(ERROR|FATAL):' "$WORK/log/target.log" | grep -v 'administrator command' | tail -n 1; }

logical_end() {
    sql target bench -c 'ALTER SUBSCRIPTION run DISABLE' -c 'ALTER SUBSCRIPTION run SET (slot_name = NONE)' -c 'DROP SUBSCRIPTION run'
    wait_until 60 "the slot is dropped" logical_drops
}
logical_drops() {
    sql source bench -c "SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = 'run'"
}
