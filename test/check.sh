#!/usr/bin/env bash
# pg_regress on a temporary server: test/check.sh [TEST...], all of test/schedule without one. The
# extension must be installed (make install). As root, the server runs as another user. Differences
# are printed; LOG_DIR keeps them, UPDATE=1 takes the results as the expected ones.
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$ROOT/test/lib/servers.sh"

make_work regress
cp -r "$ROOT/sql" "$ROOT/expected" "$ROOT/test/regress.conf" "$ROOT/test/schedule" "$WORK/pg/" || exit 1
if [ $# -gt 0 ]; then printf 'test: %s\n' "$@" >"$WORK/pg/schedule"; fi
[ "$(id -u)" != 0 ] || chown -R "$SERVER_USER" "$WORK/pg"
cd "$WORK/pg" || exit 1
status=0
as_server "$(dirname "$("$PG_CONFIG" --pgxs)")/../../src/test/regress/pg_regress" \
    --bindir="$PG_BIN" --inputdir=. --outputdir=. --temp-instance="$WORK/pg/instance" --temp-config=regress.conf \
    --dbname=contrib_regression --load-extension=kafka_cdc_sink --schedule=schedule || status=$?
if [ $status != 0 ]; then
    cat regression.diffs 2>/dev/null
    [ -f regression.diffs ] || tail -n 40 log/postmaster.log 2>/dev/null
    [ -z "${LOG_DIR:-}" ] || { mkdir -p "$LOG_DIR" && cp log/postmaster.log "$LOG_DIR/regress-postmaster.log" 2>/dev/null; }
    [ -z "${UPDATE:-}" ] || cp results/*.out "$ROOT/expected/"
fi
exit $status
