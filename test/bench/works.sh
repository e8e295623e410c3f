# Sourced by run.sh: the works, their sizes and tables.
#
#   N=1000000          events of works a, b, c, e and g; a fifth of it in d, a twentieth in f
#   N_a=... N_g=...    events of one work
#   ROWS_b, ROWS_c     rows that are there beforehand (N, and N / 10)
#   TABLES=200         tables of work e         PARTITIONS=8   partitions of work g
#
#   use_work WORK      sets W (its letter), W_NAME (of the generator), W_COUNT, W_ROWS, W_SPREAD,
#                      W_PARTITIONS (of each topic), W_TABLES (names, in the schema shop)
#   make_tables CLUSTER DATABASE     the work's tables, empty
#   fill_tables CLUSTER DATABASE     rows that are there beforehand; nothing for most works

N=${N:-1000000}
WORKS="a b c d e f g"

use_work() {
    local n=N_$1 i
    W=$1
    W_COUNT=${!n:-$N}
    W_ROWS=0
    W_SPREAD=1
    W_PARTITIONS=1
    W_SHAPE=orders
    W_TABLES=(orders)
    case $1 in
    a) W_NAME=snapshot ;;
    b)
        W_NAME=mixed
        W_ROWS=${ROWS_b:-$N}
        ;;
    c)
        W_NAME=hot
        W_ROWS=${ROWS_c:-$((N / 10))}
        ;;
    d)
        W_NAME=wide
        W_COUNT=${N_d:-$((N / 5))}
        W_SHAPE=wide
        W_TABLES=(wide)
        ;;
    e)
        W_NAME=many
        W_SPREAD=${TABLES:-200}
        W_TABLES=()
        for ((i = 1; i <= W_SPREAD; i++)); do W_TABLES+=("t$i"); done
        ;;
    f)
        W_NAME=toast
        W_COUNT=${N_f:-$((N / 20))}
        W_SHAPE=documents
        W_TABLES=(documents)
        ;;
    g)
        W_NAME=parts
        W_SPREAD=${PARTITIONS:-8}
        W_PARTITIONS=$W_SPREAD
        ;;
    *) die "no work $1: there are $WORKS" ;;
    esac
}

make_tables() {
    local table
    {
        echo 'CREATE SCHEMA shop;'
        for table in "${W_TABLES[@]}"; do
            sed "s/shop[.]$W_SHAPE/shop.$table/" "$BENCH/tables/$W_SHAPE.sql"
        done
    } | sql "$1" "$2" || die "tables of work $W"
}

fill_tables() {
    [ "$W_ROWS" -gt 0 ] || return 0
    sql "$1" "$2" -c "INSERT INTO shop.orders SELECT i, i % 50000, 'open', i % 10000000 / 100.0, 'note ' || i || ' on the order',
        '{\"ip\": \"10.1.0.1\", \"gift\": false, \"items\": 1, \"source\": \"web\"}', timestamptz '2024-01-01Z' + i * interval '1 second', NULL
        FROM generate_series(1, $W_ROWS) i" || die "rows of work $W"
}
