#!/usr/bin/env bash
# TAP tests: test/prove.sh [NAME...] runs test/t/*NAME*.pl, all without a name; a NAME with a slash is
# a path below test. The extension must be installed (make install) and build/mockbroker built (make
# mockbroker). As root, the servers run as another user.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/lib/servers.sh"

make_work tap
# The checkout may be closed to the servers' user: run a copy of what the tests need.
mkdir -p "$WORK/tree/build"
cp -r "$HERE" "$WORK/tree/test" && cp -r "$HERE/../docker" "$WORK/tree" && cp "$HERE"/../build/{mockbroker,kafkaclient,slow_resolver.so} "$WORK/tree/build/" ||
    die "build/mockbroker is not built (make mockbroker)"
mkdir "$WORK/run"
small=
! small_disk "$WORK/small" 16 2>/dev/null || small=$WORK/small
[ "$(id -u)" != 0 ] || chown -R "$SERVER_USER" "$WORK"

files=()
if [ $# -eq 0 ]; then
    files=("$WORK"/tree/test/t/*.pl)
else
    for name in "$@"; do
        case $name in
        */*) files+=("$WORK/tree/test/$name") ;;
        *) files+=("$WORK"/tree/test/t/*"$name"*.pl) ;;
        esac
    done
fi
pgxs=$(dirname "$("$PG_CONFIG" --pgxs)")/../..
cd "$WORK/run" || exit 1
status=0
as_server env \
    PATH="$PG_BIN:$PATH" PERL5LIB="$WORK/tree/test/perl:$pgxs/src/test/perl:$pgxs/../../src/test/perl:${PERL5LIB:-}" \
    PG_REGRESS="$pgxs/src/test/regress/pg_regress" KCS_TEST_DIR="$WORK/tree/test" \
    TESTDIR="$WORK/run" TESTDATADIR="$WORK/run/tmp_check" TESTLOGDIR="$WORK/run/tmp_check/log" \
    TMPDIR="$WORK/run" PG_TEST_TIMEOUT_DEFAULT="${PG_TEST_TIMEOUT_DEFAULT:-60}" KCS_SMALL_DISK="$small" \
    prove ${PROVE_FLAGS:---timer} "${files[@]}" || status=$?
if [ $status != 0 ] && [ -n "${LOG_DIR:-}" ]; then
    mkdir -p "$LOG_DIR/tap" && cp "$WORK"/run/tmp_check/log/* "$LOG_DIR/tap/" 2>/dev/null
fi
exit $status
