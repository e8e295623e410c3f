#!/usr/bin/env bash
# Runs the fuzzer for some seconds. What it starts from: the records that the unit tests decode (the
# wire format's vectors among them) and those of test/data. What it finds is kept in
# build/fuzz/crash-*. The last line is "fuzz: N runs in S seconds, nothing found" when all is well.
#
#   test/fuzz/run.sh FUZZER UNIT_TESTS SECONDS
set -u
ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
FUZZER=$(realpath "$1")
UNIT=$(realpath "$2")
SEEDS=$ROOT/build/fuzz/seeds
rm -rf "$SEEDS"
mkdir -p "$SEEDS" "$ROOT/build/fuzz/corpus" && cd "$ROOT/build/fuzz" || exit 1
KCS_SEEDS=$SEEDS "$UNIT" --gtest_brief=1 --gtest_filter='*Decoder*:*Vector*' >/dev/null || { echo "fuzz: the unit tests fail"; exit 1; }
python3 "$ROOT/test/fuzz/seeds.py" "$SEEDS" "$ROOT"/test/data/*.records || exit 1
echo "fuzz: $(find "$SEEDS" -type f | wc -l) seeds"
"$FUZZER" -dict="$ROOT/test/fuzz/words.dict" -max_len=16384 -timeout=60 -rss_limit_mb=2048 -print_final_stats=1 \
    -max_total_time="$3" corpus "$SEEDS" >run.log 2>&1
status=$?
if [ $status != 0 ]; then
    tail -n 60 run.log
    echo "fuzz: failed, the input is in build/fuzz"
    exit 1
fi
echo "fuzz: $(sed -n 's/^stat::number_of_executed_units: *//p' run.log) runs in $3 seconds, nothing found"
