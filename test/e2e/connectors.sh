# Configurations of the three connectors of run.sh, as JSON on stdout.

connector_common() { # prefix, further members
    cat <<JSON
{
  "connector.class": "io.debezium.connector.postgresql.PostgresConnector",
  "tasks.max": "1",
  "database.hostname": "127.0.0.1", "database.port": "$PORT_source",
  "database.user": "postgres", "database.dbname": "postgres",
  "topic.prefix": "$1", "slot.name": "$1",
  "plugin.name": "pgoutput", "publication.name": "shop", "publication.autocreate.mode": "disabled",
  "table.include.list": "shop[.](?!events_).*",
  "publish.via.partition.root": "true",
  "interval.handling.mode": "string",
  "poll.interval.ms": "50",
  "offset.flush.interval.ms": "1000",
  "producer.override.compression.type": "lz4",
  "producer.override.max.request.size": "67108864",
  "topic.creation.default.replication.factor": "1", "topic.creation.default.partitions": "1",
  "topic.creation.groups": "several",
  "topic.creation.several.include": ".*[.](wide|moments|lists)",
  "topic.creation.several.partitions": "3",
  "key.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter": "org.apache.kafka.connect.json.JsonConverter",
  "value.converter.replace.null.with.default": "false",
  $2
}
JSON
}

connector_embedded() {
    connector_common "$1" '"key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true"'
}

connector_plain() {
    connector_common "$1" '"key.converter.schemas.enable": "false", "value.converter.schemas.enable": "false"'
}

connector_flat() {
    connector_common "$1" '"key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true",
  "transforms": "flat",
  "transforms.flat.type": "io.debezium.transforms.ExtractNewRecordState",
  "transforms.flat.delete.tombstone.handling.mode": "rewrite",
  "transforms.flat.replace.null.with.default": "false",
  "transforms.flat.add.fields": "op,table,source.ts_ms"'
}
