# Sourced after install.sh: builds and installs the extension.
#
#   build_extension ROOT     make, make install (root by sudo), build/mockbroker

build_extension() {
    local config
    # (whole path: sudo has a PATH of its own)
    config=$(command -v "${PG_CONFIG:-pg_config}") || { echo "there is no ${PG_CONFIG:-pg_config}" >&2; return 1; }
    make -C "$1" -j"$(nproc)" PG_CONFIG="$config" </dev/null &&
        as_root make -C "$1" install PG_CONFIG="$config" </dev/null &&
        make -C "$1" mockbroker PG_CONFIG="$config" </dev/null
}
