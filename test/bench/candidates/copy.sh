# Server-side binary COPY of the final rows into empty tables: the limit.

copy_kinds() { echo none; }
copy_variants() { echo binary; }
copy_settings() { :; }

copy_begin() {
    local table
    for table in "${W_TABLES[@]}"; do
        [ "$W_ROWS" = 0 ] || echo "TRUNCATE shop.$table;"
    done | sql target bench && sql target bench -c CHECKPOINT || return 1
    EVENTS=$TRUTH_ROWS
    CLOCK_FROM=go # all its rows are seen at once
}

copy_go() {
    local table
    for table in "${W_TABLES[@]}"; do
        echo "COPY shop.$table FROM '$WORK/pg/after.$table' (FORMAT binary);"
    done >"$WORK/copy.sql"
    spawn copy sql target bench -f "$WORK/copy.sql"
    COPY_PID=$LAST_PID
}

copy_pids() { :; }
copy_title() { echo COPY; }
copy_first() { echo 0; }
copy_check() { cat "$WORK/log/copy.log" 2>/dev/null; }
copy_end() { [ -z "${COPY_PID:-}" ] || wait "$COPY_PID"; }
