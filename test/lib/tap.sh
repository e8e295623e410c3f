# Sourced by test scripts in shell: results as TAP on stdout.

TAP_COUNT=0
TAP_FAILED=0
ok() { TAP_COUNT=$((TAP_COUNT + 1)); echo "ok $TAP_COUNT - $1"; }
not_ok() {
    TAP_COUNT=$((TAP_COUNT + 1))
    TAP_FAILED=$((TAP_FAILED + 1))
    echo "not ok $TAP_COUNT - $1"
    return 1
}
is() { # got, expected, name
    if [ "$1" = "$2" ]; then ok "$3"; else
        not_ok "$3"
        echo "#      got: $1"
        echo "# expected: $2"
        return 1
    fi
}
is_at_least() { # got, least, name
    if [ "$1" -ge "$2" ] 2>/dev/null; then ok "$3: $1"; else
        not_ok "$3: $1, at least $2 expected"
        return 1
    fi
}
# Last: the plan, and success only when nothing failed.
done_testing() {
    echo "1..$TAP_COUNT"
    [ "$TAP_FAILED" = 0 ]
}
