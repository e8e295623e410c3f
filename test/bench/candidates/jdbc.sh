# Debezium's JDBC sink in Kafka Connect: upserts, deletes on, tables that are there already. It needs
# records with schemas. Connect is the standalone one: it leaves nothing on the broker but its group.
#
#   JDBC_EVOLUTION=none    or basic, its schema.evolution

jdbc_kinds() { echo embedded; }

jdbc_variants() { # tasks beyond the first only where there is more than one partition
    echo "batch 500"
    echo "batch 5000"
    case $1 in g) printf '%s\n' "batch 5000, 2 tasks" "batch 5000, 4 tasks" ;; esac
}

jdbc_settings() { :; }
jdbc_prepare() { install_jdbc_sink "$BENCH/pom.xml"; }

jdbc_begin() {
    local port tasks=1
    JDBC_BATCH=${3#batch } JDBC_BATCH=${JDBC_BATCH%%,*}
    case $3 in *" tasks") tasks=${3%" tasks"} tasks=${tasks##* } ;; esac
    JDBC_NAME=jdbc_$(cat /proc/sys/kernel/random/uuid) # its group's offsets are kept by the broker
    port=$(free_port)
    JDBC_URL=http://127.0.0.1:$port
    mkdir -p "$WORK/jdbc"
    rm -f "$WORK/jdbc/offsets"
    cat >"$WORK/jdbc/connect.properties" <<CONF
bootstrap.servers=$BROKER
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.file.filename=$WORK/jdbc/offsets
offset.flush.interval.ms=2000
listeners=$JDBC_URL
plugin.path=$JDBC_PLUGINS
plugin.discovery=only_scan
connector.client.config.override.policy=All
CONF
    spawn jdbc java -XX:-UsePerfData -Djava.awt.headless=true -Djava.io.tmpdir="$WORK" -Xmx1536m -cp "$KAFKA_LIBS/*" \
        org.apache.kafka.connect.cli.ConnectStandalone "$WORK/jdbc/connect.properties"
    JDBC_PID=$LAST_PID
    wait_until 120 "Kafka Connect answers" curl -fs "$JDBC_URL/connectors" || return 1
    # One that finds nothing runs first: starting the sink's libraries is not its work.
    jdbc_connector "$JDBC_NAME.first" RUNNING 1 "$PREFIX.nothing" && wait_until 60 "a task runs" jdbc_runs &&
        curl -fsS -X DELETE "$JDBC_URL/connectors/$JDBC_NAME.first" &&
        jdbc_connector "$JDBC_NAME" PAUSED "$tasks" "$TOPICS.*" && wait_until 60 "the connector is there" jdbc_paused
}

# Where a key comes twice, its driver would put both into one statement, which fails: then the reduction
# buffer is needed. Without it snapshots are a little faster. (Dots in the name of a topic would become
# underscores, so tables are named by what the records tell.)
jdbc_connector() { # name, state, tasks, topics (regular expression)
    local reduce=true
    case $W in a | d | e | g) reduce=false ;; esac
    curl -fsS -o "$WORK/jdbc/answer" -X POST -H 'Content-Type: application/json' --data @- "$JDBC_URL/connectors" <<JSON
{"name": "$1", "initial_state": "$2", "config": {
  "connector.class": "io.debezium.connector.jdbc.JdbcSinkConnector",
  "tasks.max": "$3",
  "topics.regex": "$4",
  "connection.url": "jdbc:postgresql://127.0.0.1:$PORT_target/bench?reWriteBatchedInserts=true",
  "connection.username": "postgres", "connection.password": "none",
  "insert.mode": "upsert", "delete.enabled": "true", "primary.key.mode": "record_key",
  "schema.evolution": "${JDBC_EVOLUTION:-none}", "collection.name.format": "shop.\${source.table}",
  "use.reduction.buffer": "$reduce",
  "batch.size": "$JDBC_BATCH", "consumer.override.max.poll.records": "$JDBC_BATCH",
  "key.converter.schemas.enable": "true", "value.converter.schemas.enable": "true"
}}
JSON
}

jdbc_status() { curl -fs "$JDBC_URL/connectors/$JDBC_NAME${1:-}/status"; }
jdbc_runs() { jdbc_status .first | grep -q '"tasks":\[{[^]]*"state":"RUNNING"'; }
jdbc_paused() { jdbc_status | grep -q '"connector":{"state":"PAUSED"'; }
jdbc_go() { curl -fsS -X PUT "$JDBC_URL/connectors/$JDBC_NAME/resume"; }
jdbc_pids() { echo "$JDBC_PID"; }
jdbc_title() { :; } # its memory is the JVM's

# What the first transaction holds at most; where all events are inserts, the rows that are there.
jdbc_first() {
    local table counts=
    case $W in
    a | d | e | g)
        for table in "${W_TABLES[@]}"; do counts+="${counts:+ + }(SELECT count(*) FROM shop.$table)"; done
        echo "$counts"
        ;;
    *) echo "least($JDBC_BATCH, $W_EVENTS)" ;;
    esac
}

jdbc_check() {
    [ -n "${JDBC_PID:-}" ] || return 0
    kill -0 "$JDBC_PID" 2>/dev/null || echo "Kafka Connect has ended"
    # (what lies at the bottom of the trace)
    jdbc_status | sed -n '/"state":"FAILED"/ { s/.*Caused by: //; s/\\n.*//; s/^/the task has failed: /; p }'
}

jdbc_end() {
    [ -n "${JDBC_PID:-}" ] || return 0
    kill -9 "$JDBC_PID" 2>/dev/null
    wait "$JDBC_PID" 2>/dev/null
    JDBC_PID=
}
