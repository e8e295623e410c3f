-- Records with embedded schemas: the types of new tables and columns, and their defaults.
\set ECHO none
\i sql/apply_events.inc
\set ECHO all
\pset null '(null)'

SELECT t.typed('kinds', 'c', '[
  {"field":"id","type":"int32","optional":false},
  {"field":"i16","type":"int16","optional":true},
  {"field":"i64","type":"int64","optional":true},
  {"field":"f32","type":"float","optional":true},
  {"field":"f64","type":"double","optional":true},
  {"field":"b","type":"boolean","optional":true},
  {"field":"s","type":"string","optional":true},
  {"field":"raw","type":"bytes","optional":true},
  {"field":"dec","type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"12"}},
  {"field":"d","type":"int32","optional":true,"name":"io.debezium.time.Date","version":1},
  {"field":"ts","type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1},
  {"field":"tz","type":"string","optional":true,"name":"io.debezium.time.ZonedTimestamp","version":1},
  {"field":"tm","type":"int64","optional":true,"name":"io.debezium.time.MicroTime","version":1},
  {"field":"j","type":"string","optional":true,"name":"io.debezium.data.Json","version":1},
  {"field":"u","type":"string","optional":true,"name":"io.debezium.data.Uuid","version":1},
  {"field":"arr","type":"array","optional":true,"items":{"type":"int32","optional":true}}]',
  '{"id":1}',
  '{"id":1,"i16":-7,"i64":9223372036854775807,"f32":1.5,"f64":0.1,"b":true,"s":"é","raw":"3q2+7w==","dec":"MDk=","d":19000,"ts":1700000000123456,"tz":"2023-11-14T22:13:20.5Z","tm":3723000001,"j":"{\"k\": [1, null]}","u":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d","arr":[1,null,3]}');
SELECT * FROM t.columns('app.kinds');
\x
SELECT * FROM app.kinds;
\x

-- Added columns carry the source's default, for the rows that are there, too.
SELECT t.typed('evolving', 'c', '[{"field":"id","type":"int64","optional":false}]', '{"id":1}', '{"id":1}');
SELECT t.typed('evolving', 'c', '[{"field":"id","type":"int64","optional":false},
  {"field":"state","type":"string","optional":false,"default":"it''s \\ new"},
  {"field":"n","type":"int32","optional":true,"default":5},
  {"field":"at","type":"int64","optional":false,"default":0,"name":"io.debezium.time.MicroTimestamp","version":1},
  {"field":"plain","type":"string","optional":true}]', '{"id":2}',
  '{"id":2,"state":"old","n":null,"at":1700000000123456,"plain":"x"}');
SELECT * FROM t.columns('app.evolving');
SELECT * FROM app.evolving ORDER BY id;

-- A default that the type does not take, as the connector sends some expressions, is no default.
SELECT t.typed('defaults', 'c', '[{"field":"id","type":"int64","optional":false},
  {"field":"j","type":"string","optional":true,"name":"io.debezium.data.Json","default":"(json_build_array())::jsonb"},
  {"field":"tags","type":"array","items":{"type":"string","optional":true},"optional":true,"default":["a\"b",null]}]', '{"id":1}', '{"id":1,"j":"[]","tags":[]}');
SELECT * FROM t.columns('app.defaults');
SELECT t.typed('defaults', 'c', '[{"field":"id","type":"int64","optional":false},
  {"field":"more","type":"string","optional":true,"name":"io.debezium.data.Json","default":"now_json()"}]', '{"id":1}', '{"id":1,"more":"[]"}');
-- Nor can one that makes no sense; rows that are there would get NULL in its place.
SELECT t.typed('defaults', 'c', '[{"field":"id","type":"int64","optional":false},
  {"field":"d","type":"int32","optional":true,"name":"io.debezium.time.Date","default":-170999002}]', '{"id":1}', '{"id":1,"d":1}');
SELECT t.typed('defaults', 'c', '[{"field":"id","type":"int64","optional":false},
  {"field":"h","type":"struct","name":"io.debezium.data.geometry.Circle","fields":[],"optional":true,"default":{"center":null,"radius":1.0}}]', '{"id":1}', '{"id":1,"h":null}');
SELECT t.typed('undefaulted', 'c', '[{"field":"id","type":"int64","optional":false},
  {"field":"d","type":"int32","optional":true,"name":"io.debezium.time.Date","default":-170999002},
  {"field":"h","type":"struct","name":"io.debezium.data.geometry.Circle","fields":[],"optional":true,"default":{"center":null,"radius":1.0}}]', '{"id":1}', '{"id":1,"d":1,"h":null}');
SELECT * FROM t.columns('app.undefaulted');

-- Columns come from either: a record of the earlier layout leaves the others alone.
SELECT t.typed('evolving', 'u', '[{"field":"id","type":"int64","optional":false}]', '{"id":2}', '{"id":2}');
SELECT t.typed('evolving', 'c', '[{"field":"id","type":"int64","optional":false}]', '{"id":3}', '{"id":3}');
SELECT * FROM app.evolving ORDER BY id;

-- Not allowed to: the table stands, and nothing is written.
SET kafka_cdc_sink.schema_evolution = 'none';
SELECT t.typed('evolving', 'c', '[{"field":"id","type":"int64","optional":false},{"field":"more","type":"string","optional":true}]', '{"id":4}', '{"id":4,"more":null}');
\echo :SQLSTATE
SET kafka_cdc_sink.auto_create_tables = off;
SELECT t.typed('fresh', 'c', '[{"field":"id","type":"int64","optional":false}]', '{"id":4}', '{"id":4}');
\echo :SQLSTATE
RESET kafka_cdc_sink.schema_evolution;
RESET kafka_cdc_sink.auto_create_tables;
SELECT count(*) FROM app.evolving;

-- Wild names, everywhere.
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"a \"b\"":1,"select":"it''s"}',
  '{"before":null,"after":{"a \"b\"":1,"select":"it''s","Ünï, code":"\\","old 1":2,"b":3,"t":4},"source":{"connector":"postgresql","db":"d","schema":"We\"ird ''schema","table":"ta.ble; DROP"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"a \"b\"":1,"select":"it''s"}',
  '{"before":null,"after":{"a \"b\"":1,"select":"it''s","Ünï, code":"''","old 1":5,"b":6,"t":7},"source":{"connector":"postgresql","db":"d","schema":"We\"ird ''schema","table":"ta.ble; DROP"},"op":"u","ts_ms":1}');
SELECT * FROM "We""ird 'schema"."ta.ble; DROP";
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"a \"b\"":1,"select":"it''s"}',
  '{"before":null,"after":null,"source":{"connector":"postgresql","db":"d","schema":"We\"ird ''schema","table":"ta.ble; DROP"},"op":"d","ts_ms":1}');
SELECT count(*) FROM "We""ird 'schema"."ta.ble; DROP";

-- A name of 63 bytes is kept, a longer one refused, never cut.
SELECT t.give(repeat('n', 63), 'c', '{"id":1}', '{"id":1}');
SELECT count(*) FROM pg_class WHERE relname = repeat('n', 63);
SELECT t.give(repeat('n', 64), 'c', '{"id":1}', '{"id":1}');
SELECT t.give('wide', 'c', '{"id":1}', json_build_object('id', 1, repeat('ü', 32), 1));
SELECT to_regclass('app.wide');

-- The owner of what is made: the schema's; of a new schema, the database's. Or the role.
CREATE ROLE apply_schema_owner;
CREATE ROLE apply_schema_role;
CREATE SCHEMA owned AUTHORIZATION apply_schema_owner;
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"owned","table":"a"},"op":"c","ts_ms":1}');
SELECT relowner::regrole FROM pg_class WHERE oid = 'owned.a'::regclass;
SELECT relowner = (SELECT datdba FROM pg_database WHERE datname = current_database()) AS database_owner
FROM pg_class WHERE relname = 'ta.ble; DROP';
ALTER SYSTEM SET kafka_cdc_sink.role = 'apply_schema_role';
SELECT pg_reload_conf();
\c -
\pset null '(null)'
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"owned","table":"b"},"op":"c","ts_ms":1}');
GRANT CREATE, USAGE ON SCHEMA owned TO apply_schema_role;
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"owned","table":"b"},"op":"c","ts_ms":1}');
SELECT relowner::regrole FROM pg_class WHERE oid = 'owned.b'::regclass;
-- with no more rights than the role has
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":2}', '{"before":null,"after":{"id":2},"source":{"connector":"postgresql","db":"d","schema":"owned","table":"a"},"op":"c","ts_ms":1}');
ALTER SYSTEM SET kafka_cdc_sink.role = 'apply_schema_nobody';
SELECT pg_reload_conf();
\c -
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":2}', '{"before":null,"after":{"id":2},"source":{"connector":"postgresql","db":"d","schema":"owned","table":"a"},"op":"c","ts_ms":1}');
ALTER SYSTEM RESET kafka_cdc_sink.role;
SELECT pg_reload_conf();
\c -
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app, owned, "We""ird 'schema" CASCADE;
DROP ROLE apply_schema_owner, apply_schema_role;
TRUNCATE kafka_cdc_sink.dead_letters;
