# Sourced after servers.sh and install.sh: the real Kafka broker (KRaft, one node) and Kafka Connect.
#
#   start_broker [NAME]      sets BROKER (host:port), and SASL_BROKER for clients that log in as
#                            reader with the password secret (SASL PLAIN); KAFKA_LIBS must be set.
#                            LISTENERS="NAME=PROTOCOL ..." adds some, each sets LISTENER_NAME;
#                            PROPERTIES: more lines for the broker
#   start_connect            sets CONNECT (URL of its REST interface)
#   make_connector NAME      registers the JSON configuration read from stdin
#   connector_state NAME     prints RUNNING, FAILED, ... of its task
#   kafka_tool CLASS ARG...  one of Kafka's command-line tools
#   connector_position NAME  WAL position, a number, up to which it has stored its work
#   topic_ends PREFIX        prints "topic partition end" for all topics whose name begins so

# (Killed, it leaves what it put below its temporary directory: that is $WORK.)
JAVA_OPTIONS="-XX:+UseSerialGC -XX:-UsePerfData -Djava.awt.headless=true"

start_broker() {
    local port control guarded name=${1:-kafka} more= map= listener
    local directory=$WORK/$name
    for listener in ${LISTENERS:-}; do
        printf -v "LISTENER_${listener%=*}" %s "localhost:$(free_port)"
        port=LISTENER_${listener%=*}
        more+=,${listener%=*}://${!port}
        map+=,${listener%=*}:${listener#*=}
    done
    port=$(free_port)
    control=$(free_port)
    guarded=$(free_port)
    mkdir -p "$directory"
    BROKER=127.0.0.1:$port
    SASL_BROKER=127.0.0.1:$guarded
    cat >"$directory/server.properties" <<CONF
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:$control
listeners=PLAINTEXT://127.0.0.1:$port,CONTROLLER://127.0.0.1:$control,GUARDED://127.0.0.1:$guarded$more
advertised.listeners=PLAINTEXT://127.0.0.1:$port,GUARDED://127.0.0.1:$guarded$more
controller.listener.names=CONTROLLER
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_PLAINTEXT$map
sasl.enabled.mechanisms=PLAIN
listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_reader="secret";
log.dirs=$directory/data
num.partitions=1
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
message.max.bytes=67108864
replica.fetch.max.bytes=67108864
log.segment.bytes=268435456
${PROPERTIES:-}
CONF
    # shellcheck disable=SC2086
    java $JAVA_OPTIONS -Djava.io.tmpdir="$WORK" -Xmx256m -XX:TieredStopAtLevel=1 -cp "$KAFKA_LIBS/*" kafka.tools.StorageTool \
        format -t "$(cat /proc/sys/kernel/random/uuid)" -c "$directory/server.properties" \
        >"$WORK/log/$name-format.log" 2>&1 || { cat "$WORK/log/$name-format.log" >&2; die "format of Kafka's storage"; }
    # shellcheck disable=SC2086
    spawn "$name" java $JAVA_OPTIONS -Djava.io.tmpdir="$WORK" -Xmx768m -cp "$KAFKA_LIBS/*" kafka.Kafka "$directory/server.properties"
    wait_until 90 "the broker answers" kcat -b "$BROKER" -L -m 2 || { tail "$WORK/log/$name.log" >&2; die "start of Kafka"; }
}

start_connect() {
    local port directory=$WORK/connect
    port=$(free_port)
    mkdir -p "$directory"
    CONNECT=http://127.0.0.1:$port
    cat >"$directory/connect.properties" <<CONF
bootstrap.servers=$BROKER
group.id=connect
key.converter=org.apache.kafka.connect.json.JsonConverter
value.converter=org.apache.kafka.connect.json.JsonConverter
offset.storage.topic=connect-offsets
offset.storage.replication.factor=1
offset.storage.partitions=1
config.storage.topic=connect-configs
config.storage.replication.factor=1
status.storage.topic=connect-status
status.storage.replication.factor=1
status.storage.partitions=1
offset.flush.interval.ms=1000
listeners=$CONNECT
plugin.path=$CONNECT_PLUGINS
plugin.discovery=only_scan
connector.client.config.override.policy=All
topic.creation.enable=true
producer.max.request.size=67108864
CONF
    # shellcheck disable=SC2086
    spawn connect java $JAVA_OPTIONS -Djava.io.tmpdir="$WORK" -Xmx512m -cp "$KAFKA_LIBS/*" \
        org.apache.kafka.connect.cli.ConnectDistributed "$directory/connect.properties"
    wait_until 120 "Kafka Connect answers" curl -fs "$CONNECT/connectors" ||
        { tail -n 30 "$WORK/log/connect.log" >&2; die "start of Kafka Connect"; }
}

make_connector() {
    local answer
    answer=$(curl -s -w '\n%{http_code}' -X PUT -H 'Content-Type: application/json' --data @- \
        "$CONNECT/connectors/$1/config")
    case $answer in
    *$'\n'201 | *$'\n'200) ;;
    *) die "connector $1: $answer" ;;
    esac
}

connector_state() {
    curl -s "$CONNECT/connectors/$1/status" |
        perl -0ne 'print /"tasks":\[\{[^}]*"state":"(\w+)"/ ? "$1\n" : "NONE\n"'
}

connector_position() { curl -s "$CONNECT/connectors/$1/offsets" | perl -0ne 'print /"lsn":(\d+)/ ? "$1\n" : "0\n"'; }

connector_runs() { [ "$(connector_state "$1")" = RUNNING ]; }

# A command of Kafka's own: class, arguments
kafka_tool() {
    # shellcheck disable=SC2086
    java $JAVA_OPTIONS -Djava.io.tmpdir="$WORK" -Xmx128m -XX:TieredStopAtLevel=1 -cp "$KAFKA_LIBS/*" "$@"
}

topic_ends() {
    local arguments
    arguments=$(kcat -b "$BROKER" -L -m 5 2>/dev/null | awk -v prefix="$1" '
        /^  topic "/ { split($0, p, "\""); topic = p[2] }
        /^    partition / && index(topic, prefix) == 1 { sub(",", "", $2); printf "-t %s:%s:-1\n", topic, $2 }')
    [ -n "$arguments" ] || return 0
    # shellcheck disable=SC2086
    kcat -b "$BROKER" -Q $arguments 2>/dev/null | sed -n 's/^\(.*\) \[\([0-9]*\)\] offset \([0-9]*\)$/\1 \2 \3/p'
}
