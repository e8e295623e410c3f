# Sourced by the scripts of test/: what they need from the distribution, and the jars of the real
# Kafka and Debezium. Quick when everything is there; asks for nothing.
#
#   install_packages [all]    what builds and tests the extension; all: and the extensions of others
#                             that tests use; bench: and what the benchmark's report needs
#   install_pgvector          pgvector, from source
#   install_kafka             Kafka, Kafka Connect and the Debezium connectors, by Maven, into a cache
#   install_jdbc_sink         Debezium's JDBC sink, likewise; only the benchmark wants it

. "$(dirname "${BASH_SOURCE[0]}")/environment.sh"

# Where downloaded jars stay between runs (outside the checkout).
KCS_CACHE=${KCS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/kafka_cdc_sink}

# What root installs is for everybody, whatever the caller's umask.
as_root() (
    umask 022
    [ "$(id -u)" != 0 ] || exec "$@"
    ! command -v sudo >/dev/null 2>&1 || exec sudo --preserve-env=DEBIAN_FRONTEND,DESTDIR "$@"
    echo "$1 needs root, and there is no sudo" >&2
    exit 1
)

# (also one that is on hold)
have_package() { dpkg-query -W -f='${Status}\n' "$1" 2>/dev/null | grep -q ' ok installed$'; }

# Major version of PostgreSQL to build for: the one that pg_config tells, else the distribution's.
postgres_version() {
    local version
    version=$("${PG_CONFIG:-pg_config}" --version 2>/dev/null | sed -n 's/^PostgreSQL \([0-9]*\).*/\1/p')
    if [ -z "$version" ]; then
        version=$(apt-cache show postgresql 2>/dev/null | sed -n 's/^Depends: postgresql-\([0-9]*\).*/\1/p' | head -n 1)
    fi
    echo "${version:-15}"
}

# Sets MISSING: the packages to install, and VERSION: the one of PostgreSQL.
look_for_packages() {
    local wanted package
    VERSION=$(postgres_version)
    wanted="build-essential postgresql-$VERSION postgresql-server-dev-$VERSION librdkafka-dev rapidjson-dev
            libmicrohttpd-dev prometheus-cpp-dev prometheus chromium fonts-dejavu-core
            libgtest-dev libgmock-dev libipc-run-perl clang libclang-rt-dev clang-format kcat curl python3
            mariadb-server python3-confluent-kafka"
    case ${1:-} in
    all) wanted="$wanted postgresql-$VERSION-postgis-3" ;;
    bench) wanted="$wanted python3-matplotlib" ;;
    esac
    command -v java >/dev/null 2>&1 || wanted="$wanted default-jre-headless"
    command -v mvn >/dev/null 2>&1 || wanted="$wanted maven"
    MISSING=()
    for package in $wanted; do
        have_package "$package" || MISSING+=("$package")
    done
}

# With everything there it needs neither root nor the network.
install_packages() {
    local status=0
    command -v apt-get >/dev/null 2>&1 || { echo "this needs a Debian-like system (apt-get)" >&2; return 1; }
    look_for_packages "$@"
    [ ${#MISSING[@]} -gt 0 ] || return 0
    export DEBIAN_FRONTEND=noninteractive
    as_root apt-get update -qq || return 1
    look_for_packages "$@" # the lists may tell another version
    echo "installing ${MISSING[*]}"
    (
        # Debian's package would make and start a cluster of its own; the tests bring theirs.
        quiet=/etc/postgresql-common/createcluster.d/kafka_cdc_sink.conf
        trap 'as_root rm -f "$quiet"' EXIT
        trap 'exit 130' INT TERM HUP
        as_root install -d -m 755 "${quiet%/*}" &&
            echo 'create_main_cluster = false' | as_root tee "$quiet" >/dev/null &&
            as_root apt-get install -y -qq --no-install-recommends "${MISSING[@]}" >"${KCS_APT_LOG:-/dev/null}" </dev/null
    ) || status=$?
    [ $status = 0 ] || echo "installing failed (${MISSING[*]})" >&2
    return $status
}

# Debian has pgvector from its release 13 on, for newer servers only. Its source package is fetched
# from where the machine's own packages come from, with lists and a cache aside from apt's.
install_pgvector() {
    local config uri home=$KCS_CACHE/pgvector options
    config=$(command -v "${PG_CONFIG:-pg_config}") || return 1
    [ ! -e "$("$config" --sharedir)/extension/vector.control" ] || return 0
    echo "fetching and building pgvector"
    rm -rf "$home"
    mkdir -p "$home"/{lists,cache/archives}/partial "$home/source/tree" || return 1
    uri=$(apt-get indextargets --format '$(REPO_URI)' 'Identifier: Packages' 'Origin: Debian' 'Label: Debian' | head -n 1)
    echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $uri trixie main" >"$home/sources.list"
    options=(-qq -o "Dir::Etc::sourcelist=$home/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State::lists=$home/lists" -o "Dir::Cache=$home/cache" -o APT::Sandbox::User=)
    (
        set -e
        cd "$home/source"
        apt-get "${options[@]}" update
        apt-get "${options[@]}" source --download-only pgvector
        tar -xzf pgvector_*.orig.tar.gz -C tree --strip-components=1
        make -s -C tree PG_CONFIG="$config" OPTFLAGS= with_llvm=no
        as_root make -s -C tree install PG_CONFIG="$config" with_llvm=no
    ) >"$home.log" 2>&1 </dev/null || {
        tail -n 20 "$home.log" >&2
        return 1
    }
    rm -rf "$home"
}

# Fetches what a pom wants, once: below JARS, a directory that this sets.
fetch_jars() { # pom, what it is
    local attempt
    JARS=$KCS_CACHE/$(sha256sum "$1" | cut -c1-12)
    [ ! -e "$JARS/complete" ] || return 0
    mkdir -p "$JARS" || return 1
    echo "fetching $2"
    for attempt in 1 2 3; do
        if mvn -B -q -f "$1" -Dcache="$JARS" process-resources </dev/null >"$JARS/mvn.log" 2>&1; then
            touch "$JARS/complete"
            return 0
        fi
    done
    tail -n 20 "$JARS/mvn.log" >&2
    return 1
}

# Sets KAFKA_LIBS and CONNECT_PLUGINS.
install_kafka() { # pom
    fetch_jars "$1" "Kafka, Kafka Connect and Debezium" || return 1
    KAFKA_LIBS=$JARS/libs
    CONNECT_PLUGINS=$JARS/plugins
}

# Sets JDBC_PLUGINS.
install_jdbc_sink() { # pom
    fetch_jars "$1" "Debezium's JDBC sink" || return 1
    JDBC_PLUGINS=$JARS/plugins
}
