#!/usr/bin/env bash
# Measures this extension beside Debezium's JDBC sink, PostgreSQL's logical replication and binary COPY:
# the same changes, into the same kind of server with the same settings, one candidate at a time on the
# machine with the broker.
#
#   run.sh [WORK...]             all works of works.sh (which says how to make them smaller), or some
#
#   CANDIDATES="sink ..."        some of candidates/
#   KINDS="embedded plain none"  records with and without schemas; none: candidates that read no records
#   REPEAT=3                     rounds; the order of candidates turns from round to round
#   OUT=DIR                      where runs.tsv, failed.tsv, settings.txt and machine.txt go, and what
#                                report.py makes of them (test/bench/results); runs are added to those
#                                that are there
#   SETTINGS                     further lines for the target's postgresql.conf, separated by newlines
#
# The extension must be installed (make install). Exit status 1 when a run failed: a candidate did not
# finish, or its rows are not those of the source.
set -u
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$BENCH/../.." && pwd)
. "$BENCH/../lib/install.sh"
. "$BENCH/../lib/servers.sh"
. "$BENCH/../lib/kafka.sh"
. "$BENCH/works.sh"
for piece in "$BENCH"/lib/*.sh "$BENCH"/candidates/*.sh; do . "$piece"; done

CANDIDATES=${CANDIDATES:-$(cd "$BENCH/candidates" && echo *.sh | sed 's/[.]sh//g')}
KINDS=${KINDS:-embedded plain none}
REPEAT=${REPEAT:-3}
OUT=$(mkdir -p "${OUT:-$BENCH/results}" && cd "${OUT:-$BENCH/results}" && pwd) || exit 1

install_packages bench || die "packages are missing"
install_kafka "$ROOT/test/e2e/pom.xml" || die "Kafka could not be fetched"
make_work bench
compile_generator
start_broker
make_source
for candidate in $CANDIDATES; do
    ! declare -F "${candidate}_prepare" >/dev/null || "${candidate}_prepare" || die "$candidate cannot be prepared"
done
write_settings
"$BENCH/machine.sh" "$OUT/machine.txt"

# Runs of the work, one a line, in the order of the first round.
list_runs() {
    local kind candidate variant
    for kind in $KINDS; do
        for candidate in $CANDIDATES; do
            case " $("${candidate}_kinds") " in *" $kind "*) ;; *) continue ;; esac
            "${candidate}_variants" "$W" "$kind" | while read -r variant; do
                echo "$candidate $kind $variant"
            done
        done
    done
}

printf '%-2s %-9s %-8s %-11s %2s %9s %9s %9s %8s %8s %8s %7s %8s\n' w kind who variant r events seconds events/s cpu-s server-s peak-MB WAL-B commits
failures=0
for letter in ${*:-$WORKS}; do
    use_work "$letter"
    readarray -t runs < <(list_runs)
    [ ${#runs[@]} -gt 0 ] || continue
    say "work $W: the changes are made" >&2
    prepare_rows
    prepare_topics
    for ((round = 1; round <= REPEAT; round++)); do
        for ((i = 0; i < ${#runs[@]}; i++)); do
            read -r candidate kind variant <<<"${runs[(i + round - 1) % ${#runs[@]}]}"
            run_candidate "$candidate" "$kind" "$variant" "$round" || failures=$((failures + 1))
        done
    done
    forget_topics
    forget_rows
done
"$BENCH/report.py" "$OUT" || failures=$((failures + 1))
[ $failures = 0 ] || die "$failures runs: see $OUT/failed.tsv"
