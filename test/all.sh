#!/usr/bin/env bash
# Everything: installs what is missing, builds, runs every layer of the tests. One line a layer, the
# failures and tail of the log of one that fails (logs are in build/logs), last the line "N passed, N failed".
# The exit status is 0 only when nothing failed.
#
#   test/all.sh [LAYER...]     lint unit sanitize fuzz regress tap page dashboards e2e kafka matrix mariadb chaos;
#                              all without one
#
#   KCS_MINUTES=N    a layer that runs when N minutes (80) are over, or for longer than 30, is ended
#                    and has failed, so that the last line comes whatever hangs
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$ROOT/test/lib/install.sh"
. "$ROOT/test/lib/build.sh"
cd "$ROOT" || exit 1
LOGS=$ROOT/build/logs
mkdir -p "$LOGS" || exit 1
LAYERS="${*:-lint unit sanitize fuzz regress tap page dashboards e2e kafka matrix mariadb chaos}"
PASSED=0
FAILED=0
CHILD=
FETCHING=
MINUTES=${KCS_MINUTES:-80}
interrupted() {
    local group
    for group in $FETCHING $CHILD; do kill -TERM -- "-$group" 2>/dev/null && wait "$group"; done
    exit 143
}
trap interrupted INT TERM HUP

# Runs CMD with its output in the layer's log, counts with COUNT (reads the log; prints "passed
# failed"), prints the layer's line.
layer() { # name, count function, command...
    local name=$1 count=$2 log=$LOGS/$1.log status=0 passed failed started=$SECONDS
    local left=$((MINUTES * 60 - SECONDS))
    left=$((left > 1800 ? 1800 : left < 1 ? 1 : left))
    shift 2
    set -m # a process group of its own, so that all of it can be ended
    LOG_DIR=$LOGS/$name timeout --kill-after=60 "$left" "$@" </dev/null >"$log" 2>&1 &
    CHILD=$!
    set +m
    wait "$CHILD" || status=$?
    CHILD=
    [ "$status" != 124 ] && [ "$status" != 137 ] || echo "not done after $left seconds" >>"$log"
    read -r passed failed < <("$count" <"$log")
    passed=${passed:-0}
    failed=${failed:-0}
    # What fails without a failed test (a crash, no build) counts as one; so does a layer of nothing.
    if [ "$failed" = 0 ] && { [ "$status" != 0 ] || [ "$passed" = 0 ]; }; then failed=1; fi
    PASSED=$((PASSED + passed))
    FAILED=$((FAILED + failed))
    printf '%-10s %5d passed, %3d failed  (%d s)\n' "$name" "$passed" "$failed" $((SECONDS - started))
    if [ "$failed" != 0 ]; then
        echo "---- what failed in build/logs/$name.log"
        grep -nE -A 30 '^not ok|^\[  FAILED|^# Looks like|^# Tests were run but|^error running|^(# )?not done after' "$log" | head -n 150
        echo "---- the end of it"
        tail -n 40 "$log"
        echo "----"
    fi
    [ "$failed" = 0 ]
}

count_gtest() { perl -ne '$p += $1 if /^\[  PASSED  \] (\d+) test/; $f += $1 if /^\[  FAILED  \] (\d+) test/; END { printf "%d %d\n", $p, $f }'; }
# (A script that ends early has failed, too.)
count_tap() { perl -ne '$p++ if /^ok \d/; $f++ if /^not ok \d|^ +Parse errors: /; END { printf "%d %d\n", $p, $f }'; }
count_regress() {
    perl -ne '$p += $1 if /^ All (\d+) tests passed/ || /^# All (\d+) tests passed/;
        if (/(\d+) of (\d+) tests failed/) { $f += $1; $p += $2 - $1 } END { printf "%d %d\n", $p, $f }'
}
count_whole() { perl -ne '$f++ if /^lint: / && !/^lint: clean/; $p++ if /^lint: clean/; END { printf "%d %d\n", $p, $f }'; }
count_fuzz() { perl -ne '$p++ if /^fuzz: .* nothing found/; $f++ if /^fuzz: failed/; END { printf "%d %d\n", $p, $f }'; }

wants() { [[ " $LAYERS " == *" $1 "* ]]; }

echo "installing what is missing"
{ KCS_APT_LOG=$LOGS/apt.log install_packages all && install_pgvector; } || { FAILED=1; echo "see build/logs/apt.log"; echo "0 passed, 1 failed"; exit 1; }
if wants e2e || wants kafka || wants matrix || wants mariadb || wants chaos; then
    set -m # a process group of its own, as a layer's
    { install_kafka "$ROOT/test/e2e/pom.xml" && install_kafka "$ROOT/test/e2e/kafka3.xml"; } </dev/null >"$LOGS/fetch.log" 2>&1 &
    FETCHING=$!
    set +m
fi

started=$SECONDS
if build_extension "$ROOT" >"$LOGS/build.log" 2>&1; then
    echo "build     done  ($((SECONDS - started)) s)"
else
    FAILED=$((FAILED + 1))
    echo "build     failed"
    tail -n 40 "$LOGS/build.log"
fi
if wants lint; then layer lint count_whole test/lint.sh; fi
if wants unit; then layer unit count_gtest make -j"$(nproc)" unit; fi
if wants sanitize; then layer sanitize count_gtest make -j"$(nproc)" unit UNIT_SANITIZE=address,undefined; fi
if wants fuzz; then layer fuzz count_fuzz make -j"$(nproc)" fuzz FUZZ_SECONDS=30; fi
if wants regress; then layer regress count_regress test/check.sh; fi
if wants tap; then PROVE_FLAGS="--verbose --timer" layer tap count_tap test/prove.sh; fi
if wants page; then layer page count_tap test/page/run.sh; fi
if wants dashboards; then layer dashboards count_tap test/dashboards/run.sh; fi
[ -z "$FETCHING" ] || wait "$FETCHING" || cat "$LOGS/fetch.log"
FETCHING=
if wants e2e; then layer e2e count_tap test/e2e/run.sh; fi
if wants kafka; then PROVE_FLAGS="--verbose --timer" layer kafka count_tap test/e2e/traps.sh; fi
if wants matrix; then layer matrix count_tap test/e2e/matrix.sh few; fi
if wants mariadb; then layer mariadb count_tap test/e2e/mariadb.sh; fi
if wants chaos; then SEED=${SEED:-1} layer chaos count_tap test/chaos.sh 5; fi

echo "$PASSED passed, $FAILED failed"
[ "$FAILED" = 0 ]
