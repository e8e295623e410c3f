# Sourced after install.sh: builds and installs the extension.
#
#   build_extension ROOT     make, make install (root by sudo), build/mockbroker

build_extension() {
    local jobs
    jobs=$(nproc)
    make -C "$1" -j"$jobs" </dev/null && as_root make -C "$1" install </dev/null && make -C "$1" mockbroker </dev/null
}
