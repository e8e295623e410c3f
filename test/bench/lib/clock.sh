# Sourced: watches the target for a work's first and last rows (the ids that the generator gives them).
#
#   clock_open EXPRESSION    connects; EXPRESSION (SQL) is evaluated with the first sight of a first row
#   clock_read               sets SEEN (t or f), NOW (seconds of the server's clock), VALUE: before the
#                            first row is seen; afterwards clock_ended tells whether all last ones are there
#   clock_close              disconnects
#   nap SECONDS              without a process
#
# Its own CPU time is not the candidate's: CLOCK_PID is its backend. So are its transactions: CLOCK_READS.

exec {NAP}<> <(:)
nap() { read -r -t "$1" -u "$NAP" || true; }

clock_ask() { # query; sets ANSWER
    printf '%s;\n' "$1" >&"${CLOCK[1]}"
    ANSWER=
    read -r -t 60 -u "${CLOCK[0]}" ANSWER || return 1
    CLOCK_READS=$((CLOCK_READS + 1))
}

clock_open() {
    local table p first=() last=()
    CLOCK_READS=0
    for ((p = 0; p < W_PARTITIONS; p++)); do
        first+=($((-2 * p - 1)))
        last+=($((-2 * p - 2)))
    done
    FIRST_IDS=$(IFS=,; echo "${first[*]}")
    LAST_IDS=$(IFS=,; echo "${last[*]}")
    coproc CLOCK { sql target bench -f - 2>>"$WORK/log/clock.log"; }
    clock_ask 'SELECT pg_backend_pid()' || return 1
    CLOCK_PID=$ANSWER
    local seen=
    for table in "${W_TABLES[@]}"; do
        seen+="${seen:+ OR }EXISTS (SELECT FROM shop.$table WHERE id IN ($FIRST_IDS))"
        clock_ask "PREPARE last_$table AS SELECT count(*), extract(epoch FROM clock_timestamp()) FROM shop.$table
            WHERE id IN ($LAST_IDS) \\; SELECT 1" || return 1
    done
    clock_ask "PREPARE first AS SELECT CASE WHEN $seen THEN 't' END, extract(epoch FROM clock_timestamp()),
        CASE WHEN $seen THEN ($1) END \\; SELECT 1" || return 1
    CLOCK_NEXT=0
}

clock_read() {
    clock_ask 'EXECUTE first' || return 1
    IFS='|' read -r SEEN NOW VALUE <<<"$ANSWER"
}

clock_ended() {
    local count
    while [ "$CLOCK_NEXT" -lt ${#W_TABLES[@]} ]; do
        clock_ask "EXECUTE last_${W_TABLES[CLOCK_NEXT]}" || return 2
        IFS='|' read -r count NOW <<<"$ANSWER"
        [ "$count" = "$W_PARTITIONS" ] || return 1
        CLOCK_NEXT=$((CLOCK_NEXT + 1))
    done
}

clock_close() {
    [ -n "${CLOCK_PID:-}" ] || return 0
    eval "exec ${CLOCK[1]}>&-"
    wait_until 10 "the clock's session ends" sh -c "! kill -0 $CLOCK_PID"
}
