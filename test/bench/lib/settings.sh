# Sourced: what the measurements were made with.

write_settings() {
    {
        echo "# Settings of the target server, the same for all candidates (others are PostgreSQL's defaults)"
        printf '%s\n' "${TARGET_SETTINGS[@]}" "${SETTINGS:-}" | sed '/^$/d'
        echo "# Before each run: a fresh cluster, VACUUM ANALYZE, $WARM_WAL MB of WAL, CHECKPOINT"
        "$PG_BIN/postgres" --version
        local candidate TOPICS="^WORK_KIND[.]shop[.]"
        for candidate in $CANDIDATES; do
            echo "# $candidate, on top of these"
            "${candidate}_settings" | sed "s/$BROKER/BROKER/"
        done
    } >"$OUT/settings.txt"
}
