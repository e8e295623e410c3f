# Configurations of connectors, as JSON on stdout.

connector_common() { # prefix, database, publication, tables (regular expression), further members
    cat <<JSON
{
  "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
  "tasks.max": "1",
  "database.hostname": "127.0.0.1", "database.port": "$PORT_source",
  "database.user": "postgres", "database.dbname": "$2",
  "topic.prefix": "$1", "slot.name": "$1",
  "plugin.name": "pgoutput", "publication.name": "$3", "publication.autocreate.mode": "disabled",
  "table.include.list": "$4",
  "poll.interval.ms": "50", "errors.max.retries": "0",
  "offset.flush.interval.ms": "1000",
  "producer.override.compression.type": "lz4",
  "producer.override.max.request.size": "67108864",
  "topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "1",
  "key.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter.replace.null.with.default": "false",
  $5
}
JSON
}

# With embedded schemas (true) or without (false).
converter_members() { printf '"key.converter.schemas.enable": "%s", "value.converter.schemas.enable": "%s"' "$1" "$1"; }

# Flattened, deletes as the mode says.
flat_members() { # mode, added fields
    printf '"transforms": "flat",
  "transforms.flat.type": "io.debezium.transforms.ExtractNewRecordState",
  "transforms.flat.delete.tombstone.handling.mode": "%s",
  "transforms.flat.replace.null.with.default": "false",
  "transforms.flat.add.fields": "%s"' "$1" "$2"
}

# The three connectors of run.sh.
connector_shop() { # prefix, further members
    connector_common "$1" postgres shop 'shop[.](?!events_).*' '"publish.via.partition.root": "true",
  "interval.handling.mode": "string",
  "topic.creation.groups": "several",
  "topic.creation.several.include": ".*[.](wide|moments|lists)",
  "topic.creation.several.partitions": "3",
  '"$2"
}
connector_embedded() { connector_shop "$1" "$(converter_members true)"; }
connector_plain() { connector_shop "$1" "$(converter_members false)"; }
connector_flat() { connector_shop "$1" "$(converter_members true), $(flat_members rewrite op,table,source.ts_ms)"; }
