#!/usr/bin/env bash
# Describes the machine and the versions of what is measured, one "name: value" a line, without names
# of hosts or paths. Takes some five seconds, most of them for the time of a sync to disk.
#
#   machine.sh [FILE]     writes FILE (default: standard output)
set -u
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$BENCH/../lib/environment.sh"
. "$BENCH/../lib/install.sh"
PG_CONFIG=${PG_CONFIG:-pg_config}

# Where make_work puts the servers' directories.
data_parent() {
    if [ "$(id -u)" = 0 ]; then echo /tmp; else echo "${TMPDIR:-/tmp}"; fi
}

# Microseconds of one 8 kB write with fdatasync there.
sync_time() {
    local directory
    directory=$(mktemp -d "$(data_parent)/kcs-sync.XXXXXX") || return 1
    # (its second line on fdatasync is of two writes; what follows it is not waited for)
    "$("$PG_CONFIG" --bindir)/pg_test_fsync" -s 2 -f "$directory/file" 2>/dev/null </dev/null |
        awk '$1 == "fdatasync" && !found { found = 1; print $(NF - 1); exit }'
    rm -rf "$directory"
}

# Version of a jar, among those of the poms (jars of other versions may be in the cache).
jar_version() {
    local pom file
    for pom in "$BENCH/../e2e/pom.xml" "$BENCH/pom.xml"; do
        for file in "$KCS_CACHE/$(sha256sum "$pom" | cut -c1-12)"/{libs,plugins/*}/"$1"-[0-9]*.jar; do
            [ -e "$file" ] || continue
            file=${file##*/"$1"-}
            echo "${file%.jar}"
            return
        done
    done
}

field() { # name, value: nothing is written of what is not known
    [ -z "$2" ] || printf '%s: %s\n' "$1" "$2"
}

describe() {
    field CPU "$(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1)"
    field cores "$(nproc)"
    field memory "$(awk '/^MemTotal/ { printf "%.0f GB", $2 / 1048576 }' /proc/meminfo)"
    field "virtual machine" "$(grep -q '^flags.* hypervisor' /proc/cpuinfo && echo yes)"
    field "file system" "$(df --output=fstype "$(data_parent)" | tail -n 1)"
    field "fdatasync of 8 kB" "$(sync_time | sed 's/$/ microseconds/')"
    field kernel "Linux $(uname -r | grep -oE '^[0-9]+([.][0-9]+)*')"
    field distribution "$(. /etc/os-release && echo "$PRETTY_NAME")"
    field PostgreSQL "$("$PG_CONFIG" --version | awk '{ print $2 }')"
    field librdkafka "$(pkg-config --modversion rdkafka 2>/dev/null)"
    field Java "$(java -version 2>&1 | sed -n '1s/.*"\(.*\)".*/\1/p')"
    field Kafka "$(jar_version kafka_2.13)"
    field "Debezium source" "$(jar_version debezium-connector-postgres)"
    field "Debezium JDBC sink" "$(jar_version debezium-connector-jdbc)"
    field kafka_cdc_sink "$(sed -n "s/^default_version = '\(.*\)'/\1/p" "$BENCH/../../kafka_cdc_sink.control")"
}

if [ $# -gt 0 ]; then describe >"$1"; else describe; fi
