# Sourced: one run of one candidate. A candidate is a file of functions, which measures nothing:
#
#   <c>_prepare                  (it need not have one) fetches what it needs, once
#   <c>_kinds                    kinds of records that it can take: embedded, plain; or none (no records)
#   <c>_variants WORK KIND       its variants, one a line ("1 worker"); none: the work is left out
#   <c>_settings                 lines of postgresql.conf that it needs on the target
#   <c>_begin WORK KIND VARIANT  makes it ready to run; nothing is consumed yet. It may use PREFIX (the
#                                topics are PREFIX.shop.TABLE), BROKER, TOPICS (an expression for all),
#                                the cluster target, database bench, and the W_ variables of works.sh.
#                                It may set EVENTS where it does not apply each (COPY: rows), and
#                                CLOCK_FROM=go, where nothing can be seen before the end
#   <c>_go                       lets it run, and returns
#   <c>_pids                     pids of its own processes beside the target server
#   <c>_title                    a word in the title of those processes of the server that work for it
#   <c>_first                    SQL expression: events that had been committed when the first were seen
#   <c>_check                    prints what is wrong, if anything (asked every few seconds and at the end)
#   <c>_end                      stops it, however far it came
#
# run_candidate CANDIDATE KIND VARIANT ROUND    measures, appends a line to $OUT/runs.tsv; 1 when it failed

STALL=${STALL:-120} # seconds in which a candidate must write something
TICKS_A_SECOND=$(getconf CLK_TCK)
COLUMNS_OF_RUNS="work kind candidate variant round events seconds rate cpu_s cpu_server_s peak_kb wal_bytes commits checksum"

fail() { # reason
    echo "FAILED: $RUN: $1" >&2
    printf '%s\t%s\n' "$RUN" "$(tr '\t\n' '  ' <<<"$1")" >>"$OUT/failed.tsv"
    exit 1
}

take_ticks() { # sets SERVER_TICKS, OWN_TICKS
    local all
    tree_ticks "$POSTMASTER"
    all=$TICKS
    pids_ticks "$CLOCK_PID"
    SERVER_TICKS=$((all - TICKS))
    # shellcheck disable=SC2046
    pids_ticks $("${1}_pids")
    OWN_TICKS=$TICKS
}

# Nothing written for so long, or something is wrong: the run has failed.
watch_run() { # candidate
    local wrong wal
    [ $SECONDS -ge "$WATCH_AT" ] || return 0
    WATCH_AT=$((SECONDS + 5))
    wrong=$("$1_check") || true
    [ -z "$wrong" ] || fail "$wrong"
    clock_ask 'SELECT pg_current_wal_insert_lsn()' || fail "the target does not answer"
    wal=$ANSWER
    [ "$wal" = "$WATCH_WAL" ] || { WATCH_WAL=$wal WATCH_MOVED=$SECONDS; }
    [ $((SECONDS - WATCH_MOVED)) -lt "$STALL" ] || fail "nothing was written for $STALL s"
}

write_run() { # values in the order of COLUMNS_OF_RUNS
    [ -s "$OUT/runs.tsv" ] || tr ' ' '\t' <<<"$COLUMNS_OF_RUNS" >"$OUT/runs.tsv"
    (IFS=$'\t'; echo "$*") >>"$OUT/runs.tsv"
}

commits_now() { sql target postgres -c "SELECT xact_commit FROM pg_stat_database WHERE datname = 'bench'"; }

measure() { # candidate, kind, variant, round
    local c=$1 began ended committed before wal turn=0 wrong sum commits server own pids reads seconds rate cpu cpu_server
    clock_open "$("${c}_first")" || fail "no session for the clock"
    clock_ask "SELECT extract(epoch FROM clock_timestamp()) || '|' || pg_current_wal_insert_lsn()" || fail "no answer"
    WATCH_WAL=${ANSWER#*|} WATCH_AT=$((SECONDS + 5)) WATCH_MOVED=$SECONDS
    wal=$WATCH_WAL
    before=$(commits_now)
    CLOCK_READS=0
    peak_begin
    take_ticks "$c"
    server=$SERVER_TICKS own=$OWN_TICKS
    pids=$("${c}_pids")
    clock_ask 'SELECT extract(epoch FROM clock_timestamp())'
    began=$ANSWER committed=0
    "${c}_go" || fail "it does not start"
    if [ "$CLOCK_FROM" != go ]; then
        while clock_read || fail "the target does not answer"; [ -z "$SEEN" ]; do
            watch_run "$c"
            nap 0.01
        done
        began=$NOW committed=${VALUE:-0}
    fi
    until clock_ended; do
        [ $? = 1 ] || fail "the target does not answer"
        # shellcheck disable=SC2086
        [ $((turn++ % 10)) != 0 ] || peak_sample "$POSTMASTER" "$("${c}_title")" $pids
        watch_run "$c"
        nap 0.02
    done
    ended=$NOW
    take_ticks "$c"
    clock_ask "SELECT pg_current_wal_insert_lsn() - '$wal'" || fail "no answer"
    wal=$ANSWER
    reads=$CLOCK_READS
    clock_close || fail "the clock's session stays"
    ENDED=1
    "${c}_end" || fail "it does not stop"
    commits=$(($(commits_now) - before - reads))
    wrong=$("${c}_check") || true
    [ -z "$wrong" ] || fail "$wrong"
    sum=$(checksum target bench) || fail "no checksum"
    [ "$sum" = "$TRUTH" ] || fail "its rows ($sum) are not those of the source ($TRUTH)"
    read -r seconds rate cpu cpu_server < <(awk -v b="$began" -v e="$ended" -v n="$EVENTS" -v c="$committed" -v hz="$TICKS_A_SECOND" \
        -v s="$((SERVER_TICKS - server))" -v o="$((OWN_TICKS - own))" \
        'BEGIN { t = e - b; printf "%.3f %.0f %.2f %.2f\n", t, (t > 0 ? (n - c) / t : 0), (s + o) / hz, s / hz }')
    write_run "$W" "$2" "$c" "$3" "$4" "$EVENTS" "$seconds" "$rate" "$cpu" "$cpu_server" "$PEAK_KB" "$wal" "$commits" "$sum"
    printf '%-2s %-9s %-8s %-11s %2s %9d %9.2f %9.0f %8.1f %8.1f %8.0f %7.0f %8d\n' "$W" "$2" "$c" "$3" "$4" "$EVENTS" \
        "$seconds" "$rate" "$cpu" "$cpu_server" $((PEAK_KB / 1024)) $((wal / EVENTS)) "$commits"
}

# In a process of its own: what fails there ends this run only, and what it started goes with it.
run_candidate() (
    RUN="$W $2 $1 $3, round $4"
    SPAWNED=()
    trap 'status=$?; trap - EXIT; end_run "$1"; exit $status' EXIT
    CLOCK_FROM=first CLOCK_PID='' ENDED='' EVENTS=$W_EVENTS
    PREFIX=${W}_$2
    TOPICS="^${PREFIX}[.]shop[.]"
    make_target "$1"
    "$1_begin" "$W" "$2" "$3" || fail "it cannot begin"
    measure "$@"
)

end_run() { # candidate
    local pid
    [ -n "$ENDED" ] || "$1_end" >/dev/null 2>&1
    for pid in "${SPAWNED[@]}"; do kill -9 "$pid" 2>/dev/null; done
    [ -z "${LOG_DIR:-}" ] || { mkdir -p "$LOG_DIR" && cp "$WORK"/log/*.log "$LOG_DIR/"; }
    drop_target
}
