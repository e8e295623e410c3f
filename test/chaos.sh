#!/usr/bin/env bash
# Faults: test/chaos.sh [PLANS] runs so many plans (5) against three real Kafka brokers, one after another.
# Under a workload, each kills, freezes, cuts off, restarts, restores and steers whatever there is, as
# its seed tells; in the end, and at moments meanwhile, the target must hold exactly the fold of the
# records below its offsets. Prints TAP; of a plan that fails also what it did, and its logs are kept
# below LOG_DIR, or build/chaos.
#
#   SEED=n      of the first plan (else the time); the next have n+1...
#   VERBOSE=1   tells what each plan did
#
# The extension must be installed (make install).
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/lib/install.sh"
. "$HERE/lib/servers.sh"
KEEP=${LOG_DIR:-$HERE/../build/chaos}
unset LOG_DIR
install_kafka "$HERE/e2e/pom.xml" || die "Kafka could not be fetched"
make_work chaos
export WORK KEEP PG_BIN KAFKA_LIBS SERVER_USER
# (Debian's: the client library for Kafka is its package)
spawned() { exec /usr/bin/python3 -B "$HERE/chaos/run.py" "$@"; }
spawned "$@" &
SPAWNED+=($!)
wait $!
