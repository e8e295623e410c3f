#!/usr/bin/env bash
# Records what the real connector sends for shop.sql and changes.sql into embedded.records, plain.records
# and flat.records, and what the source's tables hold at the end into shop.expected. Run by hand when
# the connector's version or the scenario changes.
set -u
DATA=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
HERE=$(cd "$DATA/../e2e" && pwd)
. "$HERE/../lib/install.sh"
. "$HERE/../lib/servers.sh"
. "$HERE/../lib/kafka.sh"
. "$HERE/connectors.sh"

install_kafka "$HERE/pom.xml" || die "Kafka and Debezium could not be fetched"
make_work record
make_cluster source "wal_level = logical" "fsync = off"
start_cluster source
sql source postgres -f "$DATA/shop.sql" -c 'CREATE PUBLICATION shop FOR ALL TABLES'
start_broker
start_connect
for prefix in embedded plain flat; do "connector_$prefix" "$prefix" | make_connector "$prefix"; done
streaming() { [ "$(sql source postgres -c 'SELECT count(*) FROM pg_replication_slots WHERE active')" = 3 ]; }
wait_until 120 "the connectors stream" streaming || die "the connectors do not stream"
sql source postgres -f "$DATA/changes.sql"
sent() { [ "$(topic_ends '' | awk '$1 ~ /[.]shop[.]marker$/ && $3 > 1' | wc -l)" = 3 ]; }
wait_until 60 "everything is sent" sent || die "the marker did not arrive"

for prefix in embedded plain flat; do
    for topic in $(topic_ends "$prefix.shop." | cut -d' ' -f1 | sort -u); do
        kcat -b "$BROKER" -C -q -e -J -o beginning -t "$topic"
    done | perl "$DATA/lines.pl" >"$DATA/$prefix.records"
    wc -lc "$DATA/$prefix.records"
done
for table in customers orders order_lines carts visits; do
    echo "$table"
    SQL_OPTIONS="-c timezone=UTC" sql source postgres -c "SELECT t::text FROM shop.$table t ORDER BY 1"
done >"$DATA/shop.expected"
