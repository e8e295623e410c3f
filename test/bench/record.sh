#!/usr/bin/env bash
# Records one event of each of the benchmark's tables as the real connector sends it, with and without
# schemas, into embedded.records and plain.records. Run by hand when the connector's version or a table changes.
set -u
BENCH=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HERE=$(cd "$BENCH/../e2e" && pwd)
. "$HERE/../lib/install.sh"
. "$HERE/../lib/servers.sh"
. "$HERE/../lib/kafka.sh"
. "$HERE/connectors.sh"

install_kafka "$HERE/pom.xml" || die "Kafka and Debezium could not be fetched"
make_work record
make_cluster source "wal_level = logical" "fsync = off"
start_cluster source
sql source postgres -c 'CREATE SCHEMA shop' -f "$BENCH/tables/orders.sql" -f "$BENCH/tables/wide.sql" -f "$BENCH/tables/documents.sql" \
    -c 'CREATE PUBLICATION shop FOR ALL TABLES'
g++ -std=c++17 -O2 -o "$WORK/generate" "$BENCH"/generate/*.cpp -lrdkafka || die "the generator does not compile"
for work in snapshot wide toast; do # their first rows, with the id 1
    "$WORK/generate" sql $work 0 0 1 2>/dev/null | grep -E '^PREPARE i|^EXECUTE i0[(]-1,' | sed 's/\\;$/;/; s/(-1,/(1,/' | sql source postgres -f - ||
        die "row of $work"
done
start_broker
start_connect
for prefix in embedded plain; do "connector_$prefix" "$prefix" | make_connector "$prefix"; done
sent() { [ "$(topic_ends '' | awk '$1 ~ /[.]shop[.]/ && $3 == 1' | wc -l)" = 6 ]; }
wait_until 120 "the rows are sent" sent || die "the rows did not arrive"
for prefix in embedded plain; do
    for table in orders wide documents; do
        kcat -b "$BROKER" -C -q -e -J -o beginning -t "$prefix.shop.$table" | perl "$HERE/../data/lines.pl"
    done >"$BENCH/$prefix.records"
    wc -l "$BENCH/$prefix.records"
done
