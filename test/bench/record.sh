#!/usr/bin/env bash
# Records one event of the benchmark's table as the real connector sends it, with and without schemas,
# into embedded.record and plain.record. Run by hand when the connector's version or the table changes.
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
sql source postgres -c 'CREATE SCHEMA shop' -f "$BENCH/orders.sql" -c "INSERT INTO shop.orders VALUES (1, 1, 'open', 1.00,
    'a note', '{\"k\": 1}', '2024-05-01 10:00:00.000001Z', '2024-05-01 10:00:00.000001Z')" -c 'CREATE PUBLICATION shop FOR ALL TABLES'
start_broker
start_connect
for prefix in embedded plain; do "connector_$prefix" "$prefix" | make_connector "$prefix"; done
sent() { [ "$(topic_ends '' | awk '$1 ~ /[.]shop[.]orders$/ && $3 == 1' | wc -l)" = 2 ]; }
wait_until 120 "the row is sent" sent || die "the row did not arrive"
for prefix in embedded plain; do
    kcat -b "$BROKER" -C -q -e -J -o beginning -t "$prefix.shop.orders" | perl "$HERE/../data/lines.pl" >"$BENCH/$prefix.record"
    wc -c "$BENCH/$prefix.record"
done
