# Sourced after install.sh: builds and installs the extension.
#
#   build_extension ROOT     make, make install (root by sudo), build/mockbroker

build_extension() {
    local config
    config=$(command -v "${PG_CONFIG:-pg_config}") || return 1 # sudo has a PATH of its own
    make -C "$1" -j"$(nproc)" PG_CONFIG="$config" </dev/null &&
        as_root make -C "$1" install PG_CONFIG="$config" </dev/null &&
        make -C "$1" mockbroker PG_CONFIG="$config" </dev/null
}
