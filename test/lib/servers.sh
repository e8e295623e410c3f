# Sourced by the scripts of test/: throwaway PostgreSQL servers and other processes below one
# directory, all gone when the script ends, however it ends.
#
#   make_work NAME                 makes $WORK (readable by the servers' user), installs the trap
#   as_server CMD...               runs as the user that servers accept (they refuse root)
#   small_disk DIR MEGABYTES       makes DIR a disk of that size, where root or sudo is at hand
#   free_port                      prints a TCP port that nobody listens on
#   wait_until SECONDS WHAT CMD... polls CMD until it succeeds; says WHAT did not happen otherwise
#   spawn NAME CMD...              background process, log in $WORK/log/NAME.log
#   make_cluster NAME [LINE...]    initdb with these lines of postgresql.conf; sets PORT_NAME
#   start_cluster NAME / stop_cluster NAME MODE
#   sql NAME DATABASE [ARG...]     psql: unaligned, no psqlrc, stops at errors

. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

PG_CONFIG=${PG_CONFIG:-pg_config}
PG_BIN=${PG_BIN:-$("$PG_CONFIG" --bindir)}
SERVER_USER=$(id -un)
if [ "$(id -u)" = 0 ]; then
    SERVER_USER=postgres
    id "$SERVER_USER" >/dev/null 2>&1 ||
        useradd --system --no-create-home --shell /usr/sbin/nologin "$SERVER_USER"
fi
SPAWNED=()
CLUSTERS=()
MOUNTS=()

say() { printf '%s %s\n' "$(date +%H:%M:%S)" "$*"; }
die() {
    printf 'failed: %s\n' "$*" >&2
    exit 1
}

as_server() {
    if [ "$(id -u)" = 0 ]; then
        HOME=$WORK runuser -u "$SERVER_USER" -- "$@"
    else
        "$@"
    fi
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    else
        sudo -n "$@"
    fi
}

small_disk() {
    mkdir "$1" &&
        as_root mount -t tmpfs -o "size=$2m,mode=700,uid=$(id -u "$SERVER_USER")" tmpfs "$1" || return 1
    MOUNTS+=("$1")
}

make_work() {
    local parent=${TMPDIR:-/tmp}
    [ "$(id -u)" != 0 ] || parent=/tmp # the servers' user must get there
    WORK=$(mktemp -d "$parent/kcs-$1.XXXXXX") || exit 1
    chmod 755 "$WORK"
    mkdir "$WORK/log" "$WORK/pg" "$WORK/socket"
    [ "$(id -u)" != 0 ] || chown "$SERVER_USER" "$WORK/pg" "$WORK/socket" "$WORK/log"
    cd "$WORK" || exit 1
    trap end_work EXIT
    trap 'exit 130' INT TERM HUP
}

# Ends what make_work's script started. KEEP_WORK=1 keeps the directory for a look.
end_work() {
    local status=$? name pid
    trap - EXIT
    trap '' INT TERM HUP
    for pid in "${SPAWNED[@]}"; do kill -9 "$pid" 2>/dev/null; done
    for name in "${CLUSTERS[@]}"; do stop_cluster "$name" immediate 2>/dev/null; done
    # Servers that somebody else started below $WORK and could not stop (a test that was interrupted).
    find "$WORK" -name postmaster.pid -exec head -qn 1 {} + 2>/dev/null | while read -r pid; do
        kill -QUIT "$pid" && wait_until 10 "server $pid ends" sh -c "! kill -0 $pid"
    done 2>/dev/null
    wait 2>/dev/null
    cd /
    for name in "${MOUNTS[@]}"; do as_root umount -l "$name"; done
    if [ -n "${LOG_DIR:-}" ]; then
        mkdir -p "$LOG_DIR" && cp "$WORK"/log/*.log "$LOG_DIR"/ 2>/dev/null
    fi
    if [ -n "${KEEP_WORK:-}" ]; then
        echo "kept: $WORK"
    else
        rm -rf "$WORK"
    fi
    exit $status
}

free_port() {
    perl -MIO::Socket::INET -e \
        'print IO::Socket::INET->new(Listen => 1, LocalAddr => "127.0.0.1")->sockport, "\n"'
}

wait_until() {
    local deadline=$((SECONDS + $1)) what=$2
    shift 2
    until "$@" >/dev/null 2>&1; do
        if [ $SECONDS -ge $deadline ]; then
            echo "not within the time allowed: $what" >&2
            return 1
        fi
        sleep 0.2
    done
}

spawn() {
    local name=$1
    shift
    "$@" </dev/null >"$WORK/log/$name.log" 2>&1 &
    SPAWNED+=($!)
    LAST_PID=$!
}

make_cluster() {
    local name=$1 port
    shift
    port=$(free_port)
    as_server "$PG_BIN/initdb" -D "$WORK/pg/$name" -U postgres -A trust -E UTF8 \
        --locale=C.UTF-8 --no-sync >"$WORK/log/$name.initdb.log" 2>&1 ||
        { cat "$WORK/log/$name.initdb.log" >&2; die "initdb of $name"; }
    {
        echo "port = $port"
        echo "listen_addresses = '127.0.0.1'"
        echo "unix_socket_directories = '$WORK/socket'"
        echo "log_line_prefix = '%m [%p] %b '"
        echo "timezone = 'UTC'"
        echo "log_timezone = 'UTC'"
        printf '%s\n' "$@"
    } | as_server tee -a "$WORK/pg/$name/postgresql.conf" >/dev/null
    printf -v "PORT_$name" %s "$port"
    CLUSTERS+=("$name")
}

start_cluster() {
    as_server "$PG_BIN/pg_ctl" -D "$WORK/pg/$1" -l "$WORK/log/$1.log" -w -t 60 start >/dev/null ||
        { tail -n 30 "$WORK/log/$1.log" >&2; die "start of server $1"; }
}

stop_cluster() {
    as_server "$PG_BIN/pg_ctl" -D "$WORK/pg/$1" -m "$2" -w stop >/dev/null
}

sql() {
    local port=PORT_$1 database=$2
    shift 2
    PGOPTIONS="${SQL_OPTIONS:-}" "$PG_BIN/psql" -X -q -A -t -v ON_ERROR_STOP=1 -h "$WORK/socket" \
        -p "${!port}" -U postgres -d "$database" "$@"
}
