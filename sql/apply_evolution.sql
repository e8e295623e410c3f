-- Tables that follow the record's schema: new columns, wider types, NOT NULL relaxed, and the log of it.
\set ECHO none
\i sql/apply_events.inc
-- what was run since the last look, without names that differ from run to run
CREATE FUNCTION t.ddl() RETURNS TABLE (topic text, kind text, command text) LANGUAGE sql AS $$
    WITH seen AS (DELETE FROM kafka_cdc_sink.ddl_log RETURNING *)
    SELECT topic, kind, command FROM seen ORDER BY id
$$;
TRUNCATE kafka_cdc_sink.ddl_log;
CREATE FUNCTION t.dec(name text, digits int, scale int) RETURNS json LANGUAGE sql AS $$
    SELECT json_build_object('field', name, 'type', 'bytes', 'optional', true, 'name', 'org.apache.kafka.connect.data.Decimal',
        'version', 1, 'parameters', json_strip_nulls(json_build_object('scale', scale::text, 'connect.decimal.precision', digits::text)))
$$;
CREATE FUNCTION t.col(name text, type text, optional boolean DEFAULT true, logical text DEFAULT NULL,
                      source text DEFAULT NULL, length int DEFAULT NULL) RETURNS json LANGUAGE sql AS $$
    SELECT json_strip_nulls(json_build_object('field', name, 'type', type, 'optional', optional, 'name', logical,
        'parameters', CASE WHEN source IS NOT NULL THEN json_strip_nulls(json_build_object(
            '__debezium.source.column.type', source, '__debezium.source.column.length', length::text)) END))
$$;
\set ECHO all
\pset null '(null)'

-- Every statement is logged, with its record, and goes with it.
SELECT kafka_cdc_sink.apply_event('srv.fresh.a', '{"id":1}', '{"before":null,"after":{"id":1,"name":"x"},"source":{"connector":"postgresql","db":"d","schema":"fresh","table":"a"},"op":"c","ts_ms":1}', NULL, 3, 17);
SELECT kafka_cdc_sink.apply_event('srv.fresh.a', '{"id":1}', '{"before":null,"after":{"id":1,"name":"x","b":true,"c":1.5},"source":{"connector":"postgresql","db":"d","schema":"fresh","table":"a"},"op":"u","ts_ms":1}', NULL, 3, 18);
SELECT group_id, topic, "partition", "offset", target_schema, target_table, kind, command,
       role = (SELECT rolname FROM pg_database JOIN pg_roles r ON r.oid = datdba WHERE datname = current_database()) AS database_owner
FROM kafka_cdc_sink.ddl_log ORDER BY id;
BEGIN;
SELECT kafka_cdc_sink.apply_event('srv.fresh.a', '{"id":1}', '{"before":null,"after":{"id":1,"d":"x"},"source":{"connector":"postgresql","db":"d","schema":"fresh","table":"a"},"op":"u","ts_ms":1}');
ROLLBACK;
SELECT count(*) FROM t.ddl();
SELECT count(*) FROM t.ddl();

-- Several new columns at once, required ones too: rows that are there get the source's default.
CREATE TABLE app.defaults (id int PRIMARY KEY);
INSERT INTO app.defaults VALUES (1);
ALTER TABLE app.defaults ADD COLUMN "N" text, ADD COLUMN by_hand int;
SELECT t.typed('defaults', 'c', '[{"field":"id","type":"int32","optional":false},
  {"field":"n","type":"int32","optional":false,"default":7},
  {"field":"by_hand","type":"int32","optional":false,"default":8},
  {"field":"flag","type":"boolean","optional":false,"default":true},
  {"field":"f","type":"double","optional":false,"default":0.1},
  {"field":"s","type":"string","optional":false,"default":"O''Re\\illy"},
  {"field":"dec","type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"12"},"default":"MDk="},
  {"field":"raw","type":"bytes","optional":false,"default":"3q2+7w=="},
  {"field":"d","type":"int32","optional":false,"name":"io.debezium.time.Date","version":1,"default":19000},
  {"field":"ts","type":"int64","optional":false,"name":"io.debezium.time.MicroTimestamp","version":1,"default":1700000000123456},
  {"field":"tz","type":"string","optional":false,"name":"io.debezium.time.ZonedTimestamp","version":1,"default":"2023-11-14T22:13:20.5Z"},
  {"field":"tm","type":"int64","optional":false,"name":"io.debezium.time.MicroTime","version":1,"default":3723000001},
  {"field":"iv","type":"int64","optional":false,"name":"io.debezium.time.MicroDuration","version":1,"default":86400000000},
  {"field":"j","type":"string","optional":false,"name":"io.debezium.data.Json","version":1,"default":"{\"k\": [1, null]}"},
  {"field":"u","type":"string","optional":false,"name":"io.debezium.data.Uuid","version":1,"default":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"},
  {"field":"arr","type":"array","optional":false,"items":{"type":"string","optional":true},"default":["a\"b",null,"NULL"]},
  {"field":"required","type":"string","optional":false}]', '{"id":2}',
  '{"id":2,"n":1,"by_hand":2,"flag":false,"f":2.5,"s":"","dec":"AQ==","raw":"","d":0,"ts":0,"tz":"2024-01-01T00:00:00Z","tm":0,"iv":0,"j":"1","u":"00000000-0000-0000-0000-000000000000","arr":[],"required":"r"}');
SELECT * FROM t.columns('app.defaults');
\x
SELECT * FROM app.defaults WHERE id = 1;
\x
SELECT kind FROM t.ddl();
-- Objects are defaults as well; of those that are none of the type the table is parked.
SELECT t.typed('shaped', 'c', '[{"field":"id","type":"int32","optional":false}]', '{"id":1}', '{"id":1}');
SELECT t.typed('shaped', 'c', '[{"field":"id","type":"int32","optional":false},
  {"field":"c","type":"struct","optional":false,"name":"io.debezium.data.geometry.Circle","version":1,"fields":[],"default":{"center":{"x":0.0,"y":0.0,"wkb":null,"srid":null},"radius":1.5}},
  {"field":"l","type":"struct","optional":false,"name":"io.debezium.data.geometry.Line","version":1,"fields":[],"default":{"a":1.0,"b":0.0,"c":0.0}},
  {"field":"p","type":"struct","optional":false,"name":"io.debezium.data.geometry.Point","version":1,"fields":[],"default":{"x":1.0,"y":2.0,"wkb":null,"srid":null}},
  {"field":"g","type":"struct","optional":false,"name":"io.debezium.data.geometry.Geometry","version":2,"fields":[],"parameters":{"__debezium.source.column.type":"PATH"},"default":{"wkb":"AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8=","srid":null,"extensions":{"type":"path","closed":"true"}}},
  {"field":"v","type":"struct","optional":false,"name":"io.debezium.data.VariableScaleDecimal","version":1,"fields":[],"default":{"scale":2,"value":"MDk="}},
  {"field":"d","type":"struct","optional":false,"name":"io.debezium.time.StructuredDate","version":1,"fields":[],"default":{"year":2024,"month":2,"day":29,"specialValue":null}},
  {"field":"iv","type":"struct","optional":false,"name":"io.debezium.time.StructuredDuration","version":1,"fields":[],"default":{"years":1,"months":2,"days":3,"hours":4,"minutes":5,"seconds":6,"nanos":7000,"precision":6}},
  {"field":"m","type":"map","optional":false,"keys":{"type":"string"},"values":{"type":"string","optional":true},"default":{"a":"1","b":null}},
  {"field":"s","type":"struct","optional":false,"name":"io.debezium.data.SparseDoubleVector","version":1,"fields":[],"default":{"dimensions":5,"vector":[[3,2.0],[1,1.5]]}}]', '{"id":2}',
  '{"id":2,"c":{"center":{"x":1.0,"y":0.0,"wkb":null,"srid":null},"radius":2.5},"l":{"a":1.0,"b":2.0,"c":0.0},"p":{"x":1.0,"y":3.0,"wkb":null,"srid":null},"g":null,"v":{"scale":0,"value":"AQ=="},"d":null,"iv":null,"m":{"z":"y"},"s":{"dimensions":2,"vector":[]}}');
SELECT * FROM t.columns('app.shaped');
\x
SELECT * FROM app.shaped WHERE id = 1;
\x
SELECT t.typed('shaped', 'c', '[{"field":"id","type":"int32","optional":false},{"field":"c2","type":"struct","optional":false,"name":"io.debezium.data.geometry.Circle","version":1,"fields":[],"default":{"center":null,"radius":1.5}}]', '{"id":3}', '{"id":3,"c2":null}');
\echo :SQLSTATE
SELECT count(*) FROM t.ddl();
-- What WKB cannot tell of a path is not left out.
SELECT t.typed('ways', 'c', json_build_array(t.col('id', 'int32', false), '{"field":"w","type":"struct","optional":true,"name":"io.debezium.data.geometry.Geometry","version":2,"fields":[]}'::json), json_build_object('id', n), json_build_object('id', n, 'w', json_build_object('wkb', 'AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8=', 'srid', NULL, 'extensions', json_build_object('type', 'path', 'closed', closed))))
FROM (VALUES (1, 'false'), (2, 'true')) AS v(n, closed);
ALTER TABLE app.ways ALTER w TYPE path USING '[(0,0),(1,1)]';
SELECT t.typed('ways', 'c', json_build_array(t.col('id', 'int32', false), '{"field":"w","type":"struct","optional":true,"name":"io.debezium.data.geometry.Geometry","version":2,"fields":[]}'::json), '{"id":2}', '{"id":2,"w":{"wkb":"AQIAAAACAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAPA/AAAAAAAA8D8=","srid":null,"extensions":{"type":"path","closed":"true"}}}');
SELECT * FROM app.ways ORDER BY id;

-- Types of extensions where the database has the extension, in whatever schema; else what is built in.
SELECT t.typed('ext', 'c', json_build_array(t.col('id', 'string', false, source => 'CITEXT'), t.col('h', 'string', logical => 'io.debezium.data.Json', source => 'HSTORE'), t.col('x', 'string', logical => 'io.debezium.data.Xml')), '{"id":"A"}', '{"id":"A","h":"{}","x":"<a/>"}');
SELECT name, type FROM t.columns('app.ext');
DROP TABLE app.ext;
CREATE DOMAIN app.ltree AS text;
\set ECHO none
SET client_min_messages = warning;
CREATE SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
RESET client_min_messages;
\set ECHO all
SELECT t.typed('ext', 'c', json_build_array(t.col('id', 'string', false, source => 'CITEXT'), t.col('h', 'string', logical => 'io.debezium.data.Json', source => 'HSTORE')), '{"id":"A"}', '{"id":"A","h":"{\"a\":\"1\",\"b\":null}"}');
SELECT t.typed('ext', 'u', json_build_array(t.col('id', 'string', false, source => 'CITEXT'), '{"field":"h2","type":"string","optional":false,"name":"io.debezium.data.Json","default":"{\"d\":\"x\"}","parameters":{"__debezium.source.column.type":"HSTORE"}}'::json,
    '{"field":"l","type":"array","optional":true,"items":{"type":"string","optional":true,"name":"io.debezium.data.Ltree"}}'::json), '{"id":"a"}', '{"id":"a","h2":"{}","l":["p.q"]}');
SELECT name, type, def FROM t.columns('app.ext');
SELECT t.typed('ext', 'u', json_build_array(t.col('id', 'string', false, source => 'CITEXT'), '{"field":"h3","type":"map","optional":false,"keys":{"type":"string"},"values":{"type":"string","optional":true},"default":{"q\"":"\\ \u00e9","n":null}}'::json), '{"id":"a"}', '{"id":"a","h3":{}}');
SELECT t.give('ext', 'c', '{"id":"b"}', '{"id":"b"}');
SELECT name, type, def FROM t.columns('app.ext') WHERE name = 'h3';
SELECT * FROM app.ext;
SELECT t.take('ext', '{"id":"b"}');
SELECT command FROM t.ddl() WHERE kind <> 'create_schema';

-- Types that the connector does not know come as the bytes of their text.
\set ECHO none
SET client_min_messages = warning;
CREATE EXTENSION cube SCHEMA ext;
CREATE EXTENSION isn SCHEMA ext;
CREATE EXTENSION ltree SCHEMA ext;
RESET client_min_messages;
\set ECHO all
WITH c(source, value) AS (VALUES ('CUBE', '(1, 2),(3, 4)'), ('_CUBE', '{"(1, 2)",NULL}'), ('ISBN13', '978-0-393-04002-9'),
    ('LQUERY', 'a.*{1,}'), ('LTXTQUERY', 'a & b'), ('SEG', '1 .. 2'), ('_PG_LSN', '{0/16B3748}'), ('BYTEA', 'x'))
SELECT t.typed('opaque', 'c', json_agg(t.col(lower(source), 'bytes', source => source)), '{}',
    json_object_agg(lower(source), encode(convert_to(value, 'UTF8'), 'base64'))) FROM c;
SELECT name, type FROM t.columns('app.opaque');
\x
SELECT * FROM app.opaque;
\x
SELECT count(*) FROM t.ddl();

-- A table that is away, and would not be made, may come back: what is to be deleted waits, too.

SET kafka_cdc_sink.auto_create_tables = off;
ALTER TABLE app.ext RENAME TO away;
SELECT t.take('ext', '{"id":"a"}');
\echo :SQLSTATE
ALTER TABLE app.away RENAME TO ext;
SELECT t.take('ext', '{"id":"a"}');
SELECT count(*) FROM app.ext;
RESET kafka_cdc_sink.auto_create_tables;

-- A column that the source dropped stays, empty in new rows or with its default.
SELECT t.typed('defaults', 'c', '[{"field":"id","type":"int32","optional":false}]', '{"id":3}', '{"id":3}');
SELECT n, required FROM app.defaults WHERE id = 3;

-- add_columns leaves types alone: what does not fit is a dead letter.
CREATE TABLE app.wide (id int PRIMARY KEY, small smallint NOT NULL DEFAULT 3, n integer, f real, v varchar(5), v2 varchar(5), num numeric(5,2), num2 numeric(5,2),
    ts timestamp(0), ch char(3), arr integer[], txt text, keep varchar(20) COLLATE "C", small_text varchar(3), ser serial);
INSERT INTO app.wide VALUES (1, 1, 1, 1.5, 'abc', 'abc', 1.25, 1.25, '2024-01-01', 'a', '{1}', 't', 'k', 'abc');
CREATE INDEX ON app.wide (v);
\set narrow '[{"field":"id","type":"int32","optional":false},{"field":"small","type":"int16","optional":false}]'
\set wide '[{"field":"id","type":"int64","optional":false},{"field":"small","type":"int32","optional":true},{"field":"n","type":"int64","optional":true}]'
SELECT t.typed('wide', 'c', :'wide', '{"id":2}', '{"id":2,"small":100000,"n":9223372036854775807}');
SELECT message FROM kafka_cdc_sink.dead_letters;
TRUNCATE kafka_cdc_sink.dead_letters;
SELECT count(*) FROM t.ddl();

-- widen: what the schema promises fits from now on. Key columns, too; NOT NULL goes where the source has none.
SET kafka_cdc_sink.schema_evolution = 'widen';
SELECT t.typed('wide', 'u', :'narrow', '{"id":1}', '{"id":1,"small":1}');
SELECT count(*) FROM t.ddl();
SELECT t.typed('wide', 'c', :'wide', '{"id":3000000000}', '{"id":3000000000,"small":100000,"n":9223372036854775807}');
SELECT t.typed('wide', 'c', :'wide', '{"id":2}', '{"id":2,"small":null,"n":1}');
SELECT * FROM t.ddl();
-- a record of the earlier schema narrows nothing
SELECT t.typed('wide', 'u', :'narrow', '{"id":1}', '{"id":1,"small":2}');
SELECT t.typed('wide', 'u', json_build_array(t.col('id', 'int64', false), t.col('f', 'double'),
    t.col('v', 'string', source => 'VARCHAR', length => 10), t.dec('num', 8, 4), t.col('ch', 'string', source => 'BPCHAR', length => 5),
    json_build_object('field', 'arr', 'type', 'array', 'optional', true, 'items', json_build_object('type', 'int64', 'optional', true)),
    t.col('keep', 'string', source => 'VARCHAR', length => 30), t.col('ser', 'int64')),
    '{"id":1}', '{"id":1,"f":0.1,"v":"0123456789","num":"AeJA","ch":"a    ","arr":[9223372036854775807],"keep":"k","ser":5}');
SELECT * FROM t.ddl();
SELECT * FROM t.columns('app.wide');
SELECT collation for (keep) FROM app.wide LIMIT 1;
SELECT seqtypid::regtype, seqmax FROM pg_sequence WHERE seqrelid = 'app.wide_ser_seq'::regclass;
SELECT id, small, n, f, v, num, ch, arr FROM app.wide ORDER BY id;

-- Where the schema tells no limit, the column's own goes when a value needs it, not before.
SELECT t.typed('wide', 'u', json_build_array(t.col('id', 'int64', false), t.col('v2', 'string'), t.dec('num2', NULL, 2), t.col('ts', 'int64', logical => 'io.debezium.time.MicroTimestamp')),
    '{"id":1}', '{"id":1,"v2":"äöüäö","num2":"ATk=","ts":1700000000000000}');
SELECT count(*) FROM t.ddl();
SELECT t.typed('wide', 'u', json_build_array(t.col('id', 'int64', false), t.col('v2', 'string'), t.dec('num2', NULL, 2), t.col('ts', 'int64', logical => 'io.debezium.time.MicroTimestamp')),
    '{"id":1}', '{"id":1,"v2":"äöüäöü","num2":"D0JA","ts":1700000000500000}');
SELECT * FROM t.ddl();
SELECT v2, num2, ts FROM app.wide WHERE id = 1;
-- a source that says so has no limit
SELECT t.typed('wide', 'u', json_build_array(t.col('id', 'int64', false), t.col('v', 'string', source => 'TEXT', length => 2147483647)), '{"id":1}', '{"id":1,"v":"x"}');
SELECT command FROM t.ddl();

-- Another family, a domain, a partition, a generated column: left alone.
CREATE DOMAIN app.small_domain AS smallint;
CREATE TABLE app.alone (id int PRIMARY KEY, n text, d app.small_domain, num numeric(5,2), oid_ oid, g int GENERATED ALWAYS AS (id * 2) STORED);
SELECT t.typed('alone', 'c', json_build_array(t.col('id', 'int32', false), t.col('n', 'int64'), t.col('d', 'int64'), t.col('num', 'int64'), t.col('oid_', 'int64'), t.col('g', 'int64')),
    '{"id":1}', '{"id":1,"n":5,"d":5,"num":5,"oid_":5,"g":2}');
SELECT t.typed('alone', 'c', json_build_array(t.col('id', 'int32', false), t.col('d', 'int64')), '{"id":2}', '{"id":2,"d":100000}');
CREATE TABLE app.parted (id int, n int NOT NULL, PRIMARY KEY (id)) PARTITION BY RANGE (id);
CREATE TABLE app.part PARTITION OF app.parted FOR VALUES FROM (0) TO (1000);
SELECT t.typed('part', 'c', json_build_array(t.col('id', 'int32', false), t.col('n', 'int64')), '{"id":1}', '{"id":1,"n":1}');
SELECT t.typed('parted', 'c', json_build_array(t.col('id', 'int32', false), t.col('n', 'int64')), '{"id":2}', '{"id":2,"n":3000000000}');
SELECT * FROM t.columns('app.part');
SELECT * FROM t.ddl();
-- identity columns, and the key that makes a column NOT NULL
CREATE TABLE app.ident (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int NOT NULL, other int NOT NULL);
CREATE UNIQUE INDEX ident_n ON app.ident (n);
ALTER TABLE app.ident REPLICA IDENTITY USING INDEX ident_n;
SELECT t.typed('ident', 'c', json_build_array(t.col('id', 'int64'), t.col('n', 'int32'), t.col('other', 'int32')), '{"id":1}', '{"id":1,"n":1,"other":null}');
SELECT * FROM t.ddl();
SELECT seqtypid::regtype FROM pg_sequence WHERE seqrelid = 'app.ident_id_seq'::regclass;
-- What depends on the column can forbid it: the table stands with the reason, nothing is lost.
CREATE VIEW app.ident_view AS SELECT n FROM app.ident;
SELECT t.typed('ident', 'c', json_build_array(t.col('id', 'int64', false), t.col('n', 'int64', false)), '{"id":2}', '{"id":2,"n":2}');
\echo :SQLSTATE
DROP VIEW app.ident_view;
SELECT t.typed('ident', 'c', json_build_array(t.col('id', 'int64', false), t.col('n', 'int64', false)), '{"id":2}', '{"id":2,"n":2}');
SELECT id, n, other FROM app.ident ORDER BY id;
RESET kafka_cdc_sink.schema_evolution;

-- As many columns as a table can have, and no more.
SELECT t.give('many', 'c', '{"id":true}', (SELECT json_object_agg(c, true) FROM (SELECT 'id' AS c UNION ALL SELECT 'c' || n FROM generate_series(1, 1599) n) x));
SELECT count(*) FROM t.columns('app.many');
SELECT t.give('many', 'c', '{"id":true}', '{"id":true,"one_more":1}');
\echo :SQLSTATE
SELECT t.give('keyonly', 'c', '{"k 1":1,"select":"x"}', '{"v":1}');
SELECT t.give('nokey', 'c', NULL, '{"select":1,"oid":2}');
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid IN ('app.keyonly'::regclass, 'app.nokey'::regclass) AND attnum > 0 ORDER BY attrelid, attnum;
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app, fresh, ext CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.ddl_log;
