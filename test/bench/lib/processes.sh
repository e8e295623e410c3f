# Sourced: CPU time and memory of processes, read from /proc without starting any.
#
#   pids_ticks PID...          sets TICKS: user and system time of these processes (clock ticks)
#   tree_ticks POSTMASTER      sets TICKS: of a server, its living processes and those that have ended
#   children_of PID            sets CHILDREN
#   memory_of FIELD PID        sets KB: a field of /proc/PID/status (RssAnon, VmRSS), 0 when it is gone

ticks_of() { # pid; sets OWN and REAPED
    local line fields
    OWN=0 REAPED=0
    { read -r line <"/proc/$1/stat"; } 2>/dev/null || return 0
    read -r -a fields <<<"${line##*) }" # the process's name may hold anything
    OWN=$((fields[11] + fields[12])) REAPED=$((fields[13] + fields[14]))
}

pids_ticks() {
    local pid sum=0
    for pid in "$@"; do
        ticks_of "$pid"
        sum=$((sum + OWN))
    done
    TICKS=$sum
}

children_of() {
    CHILDREN=
    { read -r CHILDREN <"/proc/$1/task/$1/children"; } 2>/dev/null || true
}

tree_ticks() {
    local reaped own
    children_of "$1"
    ticks_of "$1"
    own=$OWN reaped=$REAPED
    # shellcheck disable=SC2086
    pids_ticks $CHILDREN
    TICKS=$((TICKS + own + reaped))
}

memory_of() {
    local name value rest
    KB=0
    { while read -r name value rest; do
        [ "$name" != "$1:" ] || { KB=$value; break; }
    done <"/proc/$2/status"; } 2>/dev/null || true
}

# Remembers the most private memory of a candidate: RssAnon of those processes of the server whose
# title has a word in it, resident memory of its own ones.
peak_begin() { PEAK_KB=0; declare -gA TITLES=(); }
peak_sample() { # postmaster, word, pid...
    local postmaster=$1 word=$2 pid title sum=0
    shift 2
    children_of "$postmaster"
    [ -n "$word" ] || CHILDREN=
    for pid in $CHILDREN; do
        # (a child that just started has the postmaster's title still: it is looked at again)
        if [ -z "${TITLES[$pid]:-}" ]; then
            title=
            { IFS= read -r -d '' title <"/proc/$pid/cmdline"; } 2>/dev/null
            case $title in postgres:*) TITLES[$pid]=$title ;; esac
        fi
        case ${TITLES[$pid]:-} in *"$word"*)
            memory_of RssAnon "$pid"
            sum=$((sum + KB))
            ;;
        esac
    done
    for pid in "$@"; do
        memory_of VmRSS "$pid"
        sum=$((sum + KB))
    done
    [ $sum -le "$PEAK_KB" ] || PEAK_KB=$sum
}
