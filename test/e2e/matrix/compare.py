#!/usr/bin/env python3
"""Compares every value of one stream's tables in a target with the source's (see matrix.sh).

Prints "ok NAME" or "not ok NAME" for each table, comments otherwise. What differs must be in
accepted.py, whose rule looks at what was captured: the value of the column in the records.
"""
import collections
import os
import re
import subprocess
import sys

import accepted
import records

ENV = os.environ
PREFIX, SERVER = ENV["PREFIX"], ENV["SERVER"]
SETTINGS = dict(zip(("converter", "decimal", "time", "binary", "interval", "hstore", "unknown", "deletes"),
                    ENV["COMBINATION"].split(",")), server=SERVER)
FLAT = SETTINGS["converter"].startswith("flat")
PLAIN = SETTINGS["converter"].endswith("plain")

Column = collections.namedtuple("Column", "name type plain generated")


def psql(server, database, script):
    """Output of a psql script."""
    command = [ENV["PG_BIN"] + "/psql", "-XqAt", "-v", "ON_ERROR_STOP=0", "-h", ENV["WORK"] + "/socket", "-p", ENV["PORT_" + server],
               "-U", "postgres", "-d", database]
    done = subprocess.run(command, input=script, capture_output=True, text=True, env=dict(ENV, PGOPTIONS=ENV["SQL_OPTIONS"]), check=False)
    if done.stderr.strip():
        print("\n".join(done.stderr.strip().splitlines()[:10]))
    return done.stdout


ESCAPES = {"\\": "\\", "n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v"}


def unescape(field):
    if field == "\\N":
        return None
    return re.sub(r"\\(.)", lambda m: ESCAPES[m.group(1)], field, flags=re.S)


def quoted(name):
    return '"' + name.replace('"', '""') + '"'


def literal(text):
    return "'" + text.replace("'", "''") + "'"


CATALOG = """
WITH RECURSIVE base(oid, base, name) AS (
    SELECT oid, oid, typname FROM pg_type WHERE typtype <> 'd'
    UNION ALL SELECT t.oid, b.base, b.name FROM pg_type t JOIN base b ON t.typbasetype = b.oid)
SELECT json_build_array(n.nspname, c.relname, json_agg(json_build_array(a.attname, format_type(t.base, -1), t.name, a.attgenerated <> '') ORDER BY a.attnum),
    (SELECT json_agg(k.attname ORDER BY k.attnum) FROM pg_index i JOIN pg_attribute k ON k.attrelid = c.oid AND k.attnum = ANY (i.indkey)
     WHERE i.indrelid = c.oid AND i.indisunique))
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
    JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped JOIN base t ON t.oid = a.atttypid
WHERE c.relkind = 'r' AND nspname IN (%s) GROUP BY c.oid, n.nspname, c.relname ORDER BY 2 - (n.nspname LIKE '%%zoo')::int, c.relname
"""


def catalog(server, database, schemas):
    """{(schema, table): ([Column], key column names)}"""
    found = {}
    for line in psql(server, database, "SET search_path = kinds, public;" + CATALOG % ", ".join(map(literal, schemas))).split("\n")[:-1]:
        schema, table, columns, key = records.loads(line)
        found[schema, table] = ([Column(*c) for c in columns], key or [])
    return found


def read(server, database, wanted):
    """{name: rows} of {name: SELECT}; a row is a tuple of texts and Nones"""
    mark = "=#=kcs=#= "
    script = ["SET search_path = kinds, public;"]
    for name, select in wanted.items():
        script += [f"\\echo '{mark}{name[0]} {name[1].encode().hex()}'", f"COPY ({select}) TO STDOUT;"]
    rows, current = {}, None
    for line in psql(server, database, "\n".join(script)).split("\n")[:-1]:
        if line.startswith(mark):
            schema, table = line[len(mark):].split(" ")
            current = rows[schema, bytes.fromhex(table).decode()] = []
        else:
            current.append(tuple(map(unescape, line.split("\t"))))
    return rows


def target_name(schema, table):
    if FLAT:
        table = re.sub(r"[^A-Za-z0-9._-]", "_", table).rsplit(".", 1)[-1]
    return f"{PREFIX}_{schema}", table


# What the connector does not know: include.unknown.datatypes makes it send the bytes of their text.
AS_BYTES = set("pair nested floatrange tsquery lquery line lseg box path polygon circle pg_lsn jsonpath pg_snapshot txid_snapshot tid xid8 xid cid".split()) | {
    "regclass", "regtype", "regrole", "int4multirange", "int8multirange", "nummultirange", "tsmultirange", "tstzmultirange", "datemultirange"}


def decoded(text):
    """The bytes of what binary.handling.mode makes of them."""
    return f"decode({text}, 'hex')" if SETTINGS["binary"] == "hex" else f"decode(translate({text}, '-_', '+/'), 'base64')"


def expressions(column, theirs):
    """What to select from source and target so that both print alike. The type of a column that the
    extension made may be another one that holds the same: text for an enum, jsonb for a json."""
    name = quoted(column.name)
    if theirs is None:
        return name, "NULL"
    if theirs.plain == column.plain:
        return name, name
    if theirs.plain in ("jsonb", "_jsonb"):
        if column.plain == "hstore":
            return f"hstore_to_jsonb({name})", name
        if column.plain == "_hstore":
            return f"CASE WHEN cardinality({name}) = 0 THEN '{{}}' ELSE (SELECT array_agg(hstore_to_jsonb(h)) FROM unnest({name}) h) END", name
        return f"kinds.as_type({name}::text, {literal(theirs.type)})", name
    if theirs.plain in ("text", "_text") and column.plain in ("bytea", "_bytea") and SETTINGS["binary"] != "bytes":
        if theirs.plain == "text":
            return name, decoded(name)
        return name, f"CASE WHEN cardinality({name}) = 0 THEN '{{}}' ELSE (SELECT array_agg({decoded('x')}) FROM unnest({name}) x) END"
    if theirs.plain == "bool":
        return name, f"CASE WHEN {name} THEN '1' WHEN NOT {name} THEN '0' END"
    if theirs.plain in ("float8", "_float8"):  # decimal.handling.mode = double
        return f"kinds.as_double({name})", name
    if theirs.plain == "text" and column.plain in AS_BYTES and SETTINGS["binary"] != "bytes":
        return name, f"kinds.as_type(convert_from({decoded(name)}, 'UTF8'), {literal(column.type)})"
    if theirs.plain == "bytea":
        return name, f"kinds.as_type(convert_from({name}, 'UTF8'), {literal(column.type)})"
    return name, f"kinds.as_type({name}::text, {literal(column.type)})"


def shorten(text):
    return "NULL" if text is None else text if len(text) < 160 else f"{text[:120]}... ({len(text)})"


class Table:
    """Differences of one table."""

    def __init__(self, schema, name, columns, key):
        self.schema, self.name, self.columns, self.key = schema, name, columns, key
        self.problems, self.accepted = [], 0
        self._mirror = None

    @property
    def mirror(self):
        """What the captured records say the rows are."""
        if self._mirror is None:
            self._mirror = records.Mirror(ENV["BROKER"], f"{PREFIX}.{self.schema}." + re.sub(r"[^A-Za-z0-9._-]", "_", self.name), FLAT)
        return self._mirror

    def differs(self, row, column, ours, theirs):
        """A value is not the source's: is that accepted?"""
        index = {c.name: i for i, c in enumerate(self.columns)}
        handle = "id" if "id" in index else "v" if "v" in index else None
        wire = self.mirror.value(handle, row[index[handle]], column.name) if handle else records.ABSENT
        case = accepted.Case(self.name, column.name, column.type, ours, theirs, wire, self.schema,
                             "snapshot" if handle == "id" and 0 < int(row[index["id"]]) < 1000 and not self.name.startswith("toast") else "streaming", SETTINGS)
        if accepted.why(case):
            self.accepted += 1
            return
        label = ", ".join(f"{k}={row[index[k]]}" for k in self.key[:3]) if self.key else "row"
        self.problems.append(f"{label} {column.name} {column.type}: source {shorten(ours)}, target {shorten(theirs)}, record {shorten(wire.text)}")

    def compare(self, source, target):
        index = {c.name: i for i, c in enumerate(self.columns)}
        if not self.key:
            ours, theirs = collections.Counter(source), collections.Counter(target)
            if ours != theirs and not accepted.rows_differ(self.name, SETTINGS, list((ours - theirs).elements()), list((theirs - ours).elements())):
                self.problems += [f"missing: {r}" for r in (ours - theirs).elements()] + [f"too many: {r}" for r in (theirs - ours).elements()]
            return
        places = [index[k] for k in self.key]
        ours = {tuple(r[p] for p in places): r for r in source}
        theirs = {tuple(r[p] for p in places): r for r in target}
        missing, extra = [k for k in ours if k not in theirs], [k for k in theirs if k not in ours]
        if "v" in index:  # rows of the same v whose key is another one: the key's columns are compared below, too
            values = {theirs[k][index["v"]]: k for k in extra}
            for key in missing:
                if ours[key][index["v"]] in values:
                    theirs[key] = theirs.pop(values[ours[key][index["v"]]])
            missing, extra = [k for k in ours if k not in theirs], [k for k in theirs if k not in ours]
        if (missing or extra) and not accepted.rows_differ(self.name, SETTINGS, missing, extra):
            self.problems += [f"missing: {k}" for k in missing] + [f"too many: {k}" for k in extra]
        for key, row in ours.items():
            other = theirs.get(key)
            if other is None or other == row:
                continue
            for column, a, b in zip(self.columns, row, other):
                if a != b:
                    self.differs(row, column, a, b)

    def compare_with_records(self, columns, target):
        """Tables made from records without schemas hold what arrived, as it arrived."""
        expected = collections.Counter(tuple(records.plain_text(r, c) for c in columns) for r in self.mirror.rows())
        found = collections.Counter(tuple(records.found_text(v, c) for v, c in zip(r, columns)) for r in target)
        missing, extra = list((expected - found).elements()), list((found - expected).elements())
        if (missing or extra) and not accepted.raw_rows_differ(self.name, SETTINGS, missing, extra):
            self.problems += [f"missing: {[shorten(v) for v in r]}" for r in missing] + [f"too many: {[shorten(v) for v in r]}" for r in extra]


def main():
    tables = {name: what for name, what in catalog("source", ENV["DATABASE"], ["zoo", "full"]).items()
              if name[0] == "zoo" or name[1] in ENV["FULL"].split("|")}
    targets = catalog(SERVER, "mirror", [f"{PREFIX}_zoo", f"{PREFIX}_full"])
    wanted, selects = {}, {}
    raw = PLAIN and SERVER == "created"
    for (schema, table), (columns, _) in tables.items():
        name = target_name(schema, table)
        theirs = {c.name: c for c in targets.get(name, ([],))[0]}
        both = [expressions(c, theirs.get(c.name)) for c in columns]
        wanted[schema, table] = f"SELECT {', '.join(b[0] for b in both)} FROM {quoted(schema)}.{quoted(table)}"
        if name in targets:
            selected = [quoted(c) for c in theirs] if raw else [b[1] for b in both]
            selects[schema, table] = f"SELECT {', '.join(selected)} FROM {quoted(name[0])}.{quoted(name[1])}"
    source, target = read("source", ENV["DATABASE"], wanted), read(SERVER, "mirror", selects)
    label = f"{ENV['COMBINATION']} into {SERVER}: "
    for (schema, name), (columns, key) in tables.items():
        table = Table(schema, name, columns, key)
        if (schema, name) not in selects:
            table.problems.append("there is no such table")
        elif raw:
            table.compare_with_records(targets[target_name(schema, name)][0], target[schema, name])
        else:
            table.compare(source[schema, name], target[schema, name])
        print(f"{'not ok' if table.problems else 'ok'} {label}{schema}.{name}, {len(source[schema, name])} rows" +
              (f", {table.accepted} values as the connector changed them" if table.accepted else ""))
        print("\n".join("  " + p for p in table.problems[:int(ENV.get("SHOWN", 12))]), end="\n" if table.problems else "")
    letters = psql(SERVER, "mirror", "SELECT json_build_array(topic, sqlstate, message, convert_from(value, 'UTF8')) FROM kafka_cdc_sink.dead_letters "
                   f"WHERE topic LIKE '{PREFIX}.%' ORDER BY id")
    unexpected = [l for l in map(records.loads, letters.split("\n")[:-1]) if not accepted.letter(l[0].split(".", 2)[2], l[1], l[2], SETTINGS)]
    print(f"{'not ok' if unexpected else 'ok'} {label}no unexpected dead letters")
    for (topic, state, message), count in collections.Counter((l[0].split(".", 1)[1], l[1], shorten(l[2])) for l in unexpected).most_common(25):
        print(f"  {count} of {topic}: {state} {message}")
    accepted.note_used(ENV["WORK"] + "/accepted.used")


main()
