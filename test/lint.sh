#!/usr/bin/env bash
# The rules of the house that a script can check. Prints each breach; exit 1 when there is one.
set -u
cd "$(dirname "$0")/.." || exit 1
. test/lib/environment.sh
breaches=0
breach() {
    echo "lint: $*"
    breaches=$((breaches + 1))
}

# ---- the include rule: which quoted and foreign headers a room may include ---------------------
allowed() { # room -> pattern of allowed "..." includes
    case $1 in
    core) echo '^core/' ;;
    debezium) echo '^(core|debezium)/' ;;
    pipeline) echo '^(core|pipeline|debezium)/' ;;
    kafka) echo '^(core|kafka)/|^pipeline/ports.hpp$' ;;
    http) echo '^(core|http)/' ;;
    postgres) echo '^(core|postgres|debezium)/|^pipeline/(ports|fault_text|fold|bisect|passed_over|pipeline).hpp$' ;;
    entry) echo '.' ;;
    esac
}
for room in core debezium pipeline kafka http postgres entry; do
    while IFS=: read -r file line text; do
        header=$(sed -E 's/.*#include "([^"]+)".*/\1/' <<<"$text")
        case $file:$header in
        src/postgres/pg.hpp:*) continue ;;          # the one door
        src/postgres/*.cpp:*.h | src/entry/*.cpp:*.h) continue ;; # more server headers, in extern "C"
        src/postgres/*.hpp:*.h) continue ;;
        esac
        grep -qE "$(allowed $room)" <<<"$header" || breach "$file:$line: $room may not include \"$header\""
    done < <(grep -nE '#include "' src/$room/*.?pp /dev/null)
done
check_header() { # pattern, rooms it may appear in
    grep -nE "#include .$1" src/*/*.?pp | grep -vE "^src/($2)/" | while read -r l; do echo "$l"; done
}
for rule in 'postgres\.h|postgres|entry' 'librdkafka/|kafka' 'rapidjson/|debezium|kafka|http' \
    'microhttpd|http' 'prometheus/|http'; do
    header=${rule%%|*}
    rooms=${rule#*|}
    found=$(check_header "$header" "$rooms")
    [ -z "$found" ] || breach "$found"
done
for file in src/{core,debezium,pipeline,kafka,http}/*.cpp; do
    last=$(grep '#include' "$file" | tail -n 1)
    [ "$last" = '#include "core/pure.hpp"' ] || breach "$file: the last include must be core/pure.hpp"
done
found=$(grep -nE 'sigsetjmp|PG_TRY|PG_CATCH' src/*/*.?pp | grep -vE '^src/postgres/guard\.' | grep -vE ':\s*//')
[ -z "$found" ] || breach "only postgres/guard catches: $found"

# ---- proportion -------------------------------------------------------------------------------
while read -r lines file; do
    [ "$file" = total ] || [ "$lines" -le 400 ] || breach "$file has $lines lines: two ideas in one file"
done < <(wc -l src/*/*.?pp)

# ---- settings: sorted, and each in the README -----------------------------------------------------
names=$(grep -ohE '"kafka_cdc_sink\.[a-z_]+"' src/postgres/gucs*.cpp | tr -d '"' | awk '!seen[$0]++')
[ -n "$names" ] || breach "no settings found"
[ "$names" = "$(sort <<<"$names")" ] || breach "settings are not defined in alphabetical order"
for name in $names; do
    grep -q "\`${name#kafka_cdc_sink.}\`" README.md || breach "README.md does not document $name"
done

# ---- tests: every regress input is scheduled and has an expectation -----------------------------
for file in sql/*.sql; do
    name=$(basename "$file" .sql)
    case $name in kafka_cdc_sink--*) continue ;; esac
    grep -qE "^test:.*\b$name\b" test/schedule || breach "$file is not in test/schedule"
    [ -f "expected/$name.out" ] || breach "$file has no expected/$name.out"
done

# ---- tests: every vector of the wire format's section 7 is one, in the decoder and in a table -----------
for n in {1..60}; do
    grep -qE "\{\"V$n[_\"]" test/unit/vectors_*_test.cpp || breach "no unit test has the vector V$n"
    grep -qE "\('V$n'" sql/values_*.sql || breach "no regress test has the vector V$n"
done
for n in {1..22}; do
    grep -qE "'R$n[ ']" sql/apply_records.sql || breach "sql/apply_records.sql lacks the record R$n"
done

# ---- wording ------------------------------------------------------------------------------------
found=$(grep -nIE '\b(TODO|FIXME|XXX|HACK)\b' -r src sql test --include='*.?pp' --include='*.sql' \
    --include='*.sh' --include='*.p[lm]' --include='*.py' | grep -v '^test/lint.sh')
[ -z "$found" ] || breach "left undone, by its own words: $found"

# ---- no dynamic initialisers: they would run in the postmaster (R35) -----------------------------
for object in src/*/*.o; do
    [ -f "$object" ] || continue
    if nm "$object" 2>/dev/null | grep -q '_GLOBAL__sub_I_'; then
        breach "$object has dynamic initialisers"
    fi
done

# ---- format -------------------------------------------------------------------------------------
if command -v clang-format >/dev/null; then
    bad=$(clang-format --dry-run -Werror src/*/*.?pp test/unit/*.?pp test/{mockbroker,kafkaclient,bench/generate}/*.?pp 2>&1 |
        grep -oE '^[^:]+\.[ch]pp' | sort -u)
    [ -z "$bad" ] || breach "not formatted (make format): $bad"
else
    breach "clang-format is missing"
fi

[ "$breaches" -eq 0 ] && echo "lint: clean"
exit $((breaches > 0))
