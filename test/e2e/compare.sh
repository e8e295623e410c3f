# Sourced by run.sh: is each table of the mirrors, row by row, the source's?
#
# Rows are compared as text, made by the types' output functions under the same settings on both
# sides. Three things that the connector does not send are levelled on both sides first: the zone of
# a timetz, the spelling of a json, trailing zeros of a numeric without a scale.

# "relation|columns|key" of every table of the source
describe_tables() {
    sql source postgres <<'SQL'
SELECT c.relname,
       string_agg(CASE WHEN format_type(a.atttypid, a.atttypmod) = 'time with time zone' THEN format('%I AT TIME ZONE ''UTC''', attname)
                       WHEN a.atttypid = 'json'::regtype THEN format('%I::jsonb', attname)
                       WHEN a.atttypid = 'numeric'::regtype AND a.atttypmod < 0 THEN format('trim_scale(%I)', attname)
                       ELSE quote_ident(attname) END, ', ' ORDER BY a.attnum),
       coalesce((SELECT string_agg(quote_ident(k.attname), ', ' ORDER BY array_position(i.indkey::int2[], k.attnum))
                 FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
                 WHERE i.indrelid = c.oid AND i.indisprimary), string_agg(quote_ident(attname), ', ' ORDER BY a.attnum))
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relnamespace = 'shop'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
GROUP BY c.oid, c.relname ORDER BY c.relname
SQL
}

# server, database, schema, table, columns, key: one line a row, "key<TAB>checksum", sorted
dump_rows() {
    local table=${4//\"/\"\"}
    sql "$1" "$2" -c "COPY (SELECT ROW($6)::text, md5(ROW($5)::text) FROM \"$3\".\"$table\") TO STDOUT" | LC_ALL=C sort
}

compare_table() { # prefix, table, columns, key
    local name=$2 ours=$WORK/rows.$1 theirs=$WORK/rows.source.$2
    # In flattened records the table's name is in the topic only, where Kafka allows few characters.
    [ "$1" != flat ] || name=${name//[^A-Za-z0-9._-]/_}
    if ! dump_rows target mirror "$1" "$name" "$3" "$4" >"$ours" 2>"$WORK/error"; then
        not_ok "$1: $2"
        sed 's/^/# /' "$WORK/error"
        return 1
    fi
    if cmp -s "$theirs" "$ours"; then
        ok "$1: $2 is the source's, $(wc -l <"$ours") rows"
        return 0
    fi
    not_ok "$1: $2 is not the source's: $(wc -l <"$theirs") rows there, $(wc -l <"$ours") here"
    diff "$theirs" "$ours" | grep '^[<>]' | head -n 8 | cut -c1-200 | sed 's/^/# /'
    local key
    key=$(diff "$theirs" "$ours" | sed -n 's/^< \(.*\)\t.*/\1/p' | head -n 1)
    if [ -n "$key" ]; then
        echo "# the first that differs, source and target:"
        local condition="ROW($4)::text = \$kcs\$${key//\\\\/\\}\$kcs\$"
        sql source postgres -c "SELECT $3 FROM shop.\"${2//\"/\"\"}\" WHERE $condition" | cut -c1-1500 | sed 's/^/#   /'
        sql target mirror -c "SELECT $3 FROM \"$1\".\"${name//\"/\"\"}\" WHERE $condition" | cut -c1-1500 | sed 's/^/#   /'
    fi
    return 1
}

compare_all() { # prefixes
    local prefix table columns key
    describe_tables >"$WORK/tables"
    while IFS='|' read -r table columns key; do
        dump_rows source postgres shop "$table" "$columns" "$key" >"$WORK/rows.source.$table" || die "reading $table of the source"
    done <"$WORK/tables"
    for prefix in $1; do
        while IFS='|' read -r table columns key; do
            compare_table "$prefix" "$table" "$columns" "$key"
        done <"$WORK/tables"
    done
}
