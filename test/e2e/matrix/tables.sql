-- One table per family of types, in schema :schema: the source's tables, and the same ones made
-- beforehand in a target. Their rows are in rows.sql; id tells which one (see changes.sql).
SET client_min_messages = warning;
CREATE SCHEMA :"schema";
SET search_path = :"schema", kinds, public;

CREATE TABLE integers (
    id integer PRIMARY KEY, i2 smallint, i4 integer, i8 bigint, o oid, flag boolean);

CREATE TABLE floats (id integer PRIMARY KEY, f4 real, f8 double precision);

CREATE TABLE decimals (
    id integer PRIMARY KEY, n numeric, n10_2 numeric(10, 2), n38_10 numeric(38, 10), n20_0 numeric(20, 0),
    n200_100 numeric(200, 100), n1 numeric(1), cash money);

CREATE TABLE scales (id integer PRIMARY KEY, n5_m2 numeric(5, -2), n3_5 numeric(3, 5));

CREATE TABLE bits (
    id integer PRIMARY KEY, b1 bit(1), b2 bit(2), b8 bit(8), b24 bit(24), b64 bit(64), b70 bit(70),
    v1 varbit(1), v10 varbit(10), v varbit);

CREATE TABLE strings (
    id integer PRIMARY KEY, t text, v varchar, v20 varchar(20), c1 char(1), c10 char(10), ch "char", n name,
    ci citext);

CREATE TABLE binaries (id integer PRIMARY KEY, b bytea, u uuid);

CREATE TABLE documents (id integer PRIMARY KEY, j json, jb jsonb, x xml);

CREATE TABLE dates (id integer PRIMARY KEY, d date);

CREATE TABLE times (
    id integer PRIMARY KEY, t time, t0 time(0), t1 time(1), t2 time(2), t3 time(3), t4 time(4), t5 time(5), t6 time(6),
    tz timetz, tz0 timetz(0), tz3 timetz(3));

CREATE TABLE timestamps (
    id integer PRIMARY KEY, t timestamp, t0 timestamp(0), t1 timestamp(1), t2 timestamp(2), t3 timestamp(3),
    t4 timestamp(4), t5 timestamp(5), t6 timestamp(6));

CREATE TABLE instants (
    id integer PRIMARY KEY, t timestamptz, t0 timestamptz(0), t1 timestamptz(1), t2 timestamptz(2), t3 timestamptz(3),
    t4 timestamptz(4), t5 timestamptz(5), t6 timestamptz(6));

CREATE TABLE intervals (id integer PRIMARY KEY, i interval);
-- as numbers they come folded, which these do not take
CREATE TABLE interval_fields (id integer PRIMARY KEY, i0 interval(0), i3 interval(3), ym interval year to month, ds interval day to second(3));

CREATE TABLE networks (id integer PRIMARY KEY, i inet, c cidr, m macaddr, m8 macaddr8);

CREATE TABLE ranges (id integer PRIMARY KEY, r4 int4range, r8 int8range, rn numrange, rt tsrange, rz tstzrange,
    rd daterange, rf floatrange);

CREATE TABLE multiranges (id integer PRIMARY KEY, r4 int4multirange, r8 int8multirange, rn nummultirange,
    rt tsmultirange, rz tstzmultirange, rd datemultirange);

CREATE TABLE enums (id integer PRIMARY KEY, m mood);

CREATE TABLE domains (
    id integer PRIMARY KEY, w whole, c cents, l loose, co code, cod coded, mo moment, ins instant, tok token,
    r raw, do_ doc, li list, fl flags, y yes, dy day, ad address);

CREATE TABLE composites (id integer PRIMARY KEY, p pair, n nested);

CREATE TABLE arrays_of_numbers (
    id integer PRIMARY KEY, i2 smallint[], i4 integer[], i8 bigint[], o oid[], f4 real[], f8 double precision[],
    n numeric[], n10_2 numeric(10, 2)[], b boolean[], m money[]);

CREATE TABLE arrays_of_text (
    id integer PRIMARY KEY, t text[], v varchar(10)[], c char(3)[], ci citext[], n name[], mo mood[], u uuid[],
    by bytea[], j json[], jb jsonb[], x xml[]);

CREATE TABLE arrays_of_times (
    id integer PRIMARY KEY, d date[], t time[], t3 time(3)[], tz timetz[], ts timestamp[], ts3 timestamp(3)[],
    z timestamptz[], i interval[]);

CREATE TABLE arrays_of_others (
    id integer PRIMARY KEY, i inet[], c cidr[], m macaddr[], m8 macaddr8[], r4 int4range[], rn numrange[], rt tsrange[], rz tstzrange[],
    rd daterange[], h hstore[], l ltree[], bi bit(3)[], vb varbit[], p point[], co pair[], w whole[], ce cents[],
    tv tsvector[]);

-- the same types, more than one dimension
CREATE TABLE arrays_of_arrays (id integer PRIMARY KEY, i4 integer[], t text[], n numeric[], ts timestamp[], bounds integer[]);

CREATE TABLE extensions (id integer PRIMARY KEY, h hstore, l ltree, q lquery, ci citext);

CREATE TABLE maps (
    id integer PRIMARY KEY, g geometry, p geometry(Point), p4 geometry(Point, 4326), l geometry(LineString, 3857), z geometry(PointZ, 4326),
    o geography, op geography(Point, 4326), ol geography(LineString), ga geometry[], oa geography[]);

CREATE TABLE vectors (
    id integer PRIMARY KEY, v vector, v3 vector(3), h halfvec, h3 halfvec(3), s sparsevec, s5 sparsevec(5), va vector[], ha halfvec[], sa sparsevec[]);

CREATE TABLE searches (id integer PRIMARY KEY, v tsvector, q tsquery);

CREATE TABLE system_types (
    id integer PRIMARY KEY, l pg_lsn, p jsonpath, s pg_snapshot, ts txid_snapshot, x8 xid8, x xid, ci cid, ti tid, c regclass,
    ty regtype, ro regrole);

CREATE TABLE shapes (id integer PRIMARY KEY, p point, l line, s lseg, b box, pa path, po polygon, c circle);

CREATE TABLE generated (
    id integer PRIMARY KEY, n integer, label text, twice integer GENERATED ALWAYS AS (n * 2) STORED,
    upper_label text GENERATED ALWAYS AS (upper(label)) STORED, always integer GENERATED ALWAYS AS IDENTITY,
    by_default integer GENERATED BY DEFAULT AS IDENTITY, s serial, bs bigserial, ss smallserial);

-- every default that a record's schema can carry; NULL and the default must stay apart
CREATE TABLE defaults (
    id integer PRIMARY KEY, t text DEFAULT '', i integer DEFAULT 0, n numeric(6, 2) DEFAULT -1.50, b boolean DEFAULT true,
    d date DEFAULT '2020-02-29', ts timestamp DEFAULT '2020-02-29 12:34:56.789', z timestamptz DEFAULT now(),
    ti time DEFAULT '12:00', u uuid DEFAULT gen_random_uuid(), j jsonb DEFAULT '{"a": 1}', a integer[] DEFAULT '{1,2}',
    by bytea DEFAULT '\x00ff', m mood DEFAULT 'happy', bi bit(4) DEFAULT B'1010', i5 interval DEFAULT '1 day');

-- large values out of line, as they are
CREATE TABLE toast (
    id integer PRIMARY KEY, version integer, t text, v varchar(100000), j json, jb jsonb, by bytea, ta text[], x xml, h hstore,
    i4a integer[], i8a bigint[], ua uuid[], da date[], ja jsonb[], bya bytea[], ci citext);
-- of types that have no placeholder
CREATE TABLE toast_bare (
    id integer PRIMARY KEY, version integer, n numeric, b varbit, na numeric[], tsa timestamp[], po polygon, f8a double precision[], g geometry,
    ve vector);
SELECT format('ALTER TABLE %I.%I ALTER %I SET STORAGE EXTERNAL', :'schema', c.relname, a.attname)
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 JOIN pg_type t ON t.oid = a.atttypid
WHERE c.relnamespace = :'schema'::regnamespace AND c.relname LIKE 'toast%' AND c.relkind = 'r' AND t.typstorage NOT IN ('p', 'm')
\gexec

-- keys of every kind (rows: work.keys)
SELECT format('CREATE TABLE %s (%s, v integer, big text, PRIMARY KEY (%s))', name,
              (SELECT string_agg(format('k%s %s', i, type), ', ' ORDER BY i) FROM unnest(types) WITH ORDINALITY t(type, i)),
              (SELECT string_agg('k' || i, ', ') FROM generate_subscripts(types, 1) i)),
       format('ALTER TABLE %s ALTER big SET STORAGE EXTERNAL', name)
FROM (VALUES ('key_bigint', '{bigint}'::text[]), ('key_text', '{text}'), ('key_uuid', '{uuid}'), ('key_numeric', '{numeric}'), ('key_bytea', '{bytea}'),
    ('key_timestamp', '{timestamp}'), ('key_numbers', '{smallint,"numeric(12,3)",double precision,cents}'), ('key_times', '{date,time,timestamp(3),timestamptz,interval}'),
    ('key_words', '{varchar(20),char(6),citext,mood,ltree}'), ('key_others', '{inet,macaddr,int4range,jsonb,text[],bit(6)}')) k(name, types)
\gexec
CREATE TABLE key_composite (k1 integer, k2 text, k3 date, v integer, big text, PRIMARY KEY (k2, k1, k3));
CREATE TABLE key_unique (k uuid NOT NULL, v integer, big text, UNIQUE (k));
ALTER TABLE key_unique REPLICA IDENTITY USING INDEX key_unique_k_key;

CREATE TABLE keyless (a integer, b text, c numeric(10, 3), j json, p point, t timestamp);

CREATE TABLE truncated (id integer PRIMARY KEY, t text);

CREATE TABLE "Strange ""Näme" (
    id integer PRIMARY KEY, "Upper Case" integer, "dot.ted" text, "qu""ote" text, "ünïcödé" text, "select" integer,
    "semi;colon" text, "a/b\c" text, "123" integer, "$dollar" text, "payload" text, "schema" text, before text, op text, ts_ms bigint);
CREATE TABLE "dots.in.name" (id integer PRIMARY KEY, t text);
CREATE TABLE "UPPER" (id integer PRIMARY KEY, t text);
