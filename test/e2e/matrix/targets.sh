# Sourced by matrix.sh and mariadb.sh: two servers with the extension, "created" (tables made by the
# extension) and "made" (beforehand), which take one stream after the other into schemas of one database.

TARGETS="created made"
make_targets() {
    local server
    for server in $TARGETS; do
        make_cluster $server "shared_preload_libraries = 'kafka_cdc_sink'" "kafka_cdc_sink.database = 'mirror'" \
            "fsync = off" "max_worker_processes = 20" "kafka_cdc_sink.topic_refresh = '1s'" "kafka_cdc_sink.max_dead_letters = -1"
    done
}
start_targets() { # psql arguments for the database
    local server
    for server in $TARGETS; do
        start_cluster $server
        sql $server postgres -c 'CREATE DATABASE mirror' && sql $server mirror -c 'CREATE EXTENSION kafka_cdc_sink' "$@" || return 1
    done
}

# Lets both servers read the topics of a prefix, and notes their ends. Further arguments: settings.
read_topics() { # prefix, topics (regular expression), table_format, setting...
    local prefix=$1 topics=$2 format=$3 server setting
    shift 3
    topic_ends "$prefix." | grep -E "$topics" | awk '$3 > 0' | LC_ALL=C sort >"$WORK/ends.$prefix"
    for server in $TARGETS; do
        for setting in "bootstrap_servers = '$BROKER'" "topics = '$topics'" "table_format = '$format'" "$@"; do
            sql $server postgres -c "ALTER SYSTEM SET kafka_cdc_sink.$setting" || return 1
        done
        sql $server postgres -c 'SELECT pg_reload_conf()' >/dev/null || return 1
    done
}
caught_up() { # server, prefix
    sql "$1" mirror -F ' ' -c "SELECT topic, \"partition\", next_offset FROM kafka_cdc_sink.offsets WHERE next_offset > 0" |
        grep "^$2[.]" | LC_ALL=C sort | cmp -s - "$WORK/ends.$2"
}
all_applied() { # server, prefix, name
    wait_until 120 "server $1 has applied everything" caught_up "$1" "$2" && return
    not_ok "$3 into $1: everything is applied"
    sql "$1" mirror -x -c 'SELECT * FROM kafka_cdc_sink.status' -c "SELECT * FROM kafka_cdc_sink.partitions WHERE lag <> 0 OR state <> 'running' LIMIT 3"
    tail -n 15 "$WORK/log/$1.log"
}

sent_or_failed() { # prefix, condition...
    [ "$(connector_state "$1")" = FAILED ] || "${@:2}"
}
runs_or_dies() { # prefix
    [ "$(connector_state "$1")" != RUNNING ] || return 0
    curl -s "$CONNECT/connectors/$1/status" | grep -o '"trace".*' | sed 's/\\n/\n/g; s/\\t/  /g' >"$WORK/log/connector-$1.log"
    grep -v '^  ' "$WORK/log/connector-$1.log"
    die "connector $1 does not run"
}
