#!/usr/bin/env bash
# The Grafana dashboard and the Prometheus alerts of docker/, against promtool and the definitions of the
# metrics. Prints TAP.
set -u
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$HERE/../lib/environment.sh"
exec /usr/bin/python3 -B "$HERE/run.py"
