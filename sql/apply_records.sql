-- The records of the wire format's section 7.2, by their names there, and what each leaves behind.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
CREATE EXTENSION hstore SCHEMA app;
-- One record of the topic of a table; `value` is a change's members, to which a source is added.
CREATE FUNCTION t.change(name text, tbl text, key text, value jsonb, headers jsonb DEFAULT NULL, source jsonb DEFAULT '{}')
RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', name, kafka_cdc_sink.apply_event('srv.app.' || tbl, key, (jsonb_build_object('before', NULL, 'after', NULL, 'ts_ms', 1529507597001, 'source',
        jsonb_build_object('connector', 'postgresql', 'db', 'd', 'schema', 'app', 'table', tbl, 'ts_ms', 1700000000000) || source) || value)::text, headers))
$$;
CREATE FUNCTION t.record(name text, tbl text, key text, value text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', name, kafka_cdc_sink.apply_event('srv.app.' || tbl, key, value))
$$;
CREATE TABLE app.big (id int PRIMARY KEY, a text, n int, big text);
CREATE TABLE app.forms (id int PRIMARY KEY, n int, b bytea, ta text[], ua uuid[], h app.hstore, ia int4[]);
CREATE TABLE app.people (id int PRIMARY KEY, name text NOT NULL, age int NOT NULL);
RESET client_min_messages;
\set ECHO all
\pset null '(null)'

-- Unavailable values.
INSERT INTO app.big VALUES (1, 'a', 1, 'large');
SELECT t.change('R1', 'big', '{"id":1}', '{"op":"u","after":{"id":1,"n":8,"big":"__debezium_unavailable_value"}}');
SELECT * FROM app.big;
INSERT INTO app.forms VALUES (1, 1, '\x0102', '{a,b}', '{6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d}', 'a=>1', '{1,2}');
SELECT t.change('R2', 'forms', '{"id":1}', '{"op":"u","after":{"id":1,"n":2,"b":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==","ta":["__debezium_unavailable_value"],"ua":["b68a35a7-17ad-35b3-af2a-ae46edb4545a"],"h":"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}","ia":[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]}}');
SELECT * FROM app.forms;
SELECT t.typed('forms', 'u', '[{"type":"int32","field":"id"},{"type":"int32","optional":true,"field":"n"},{"type":"bytes","optional":true,"field":"b"},{"type":"array","items":{"type":"string","optional":true},"optional":true,"field":"ta"},{"type":"array","items":{"type":"string","optional":true,"name":"io.debezium.data.Uuid"},"optional":true,"field":"ua"},{"type":"string","optional":true,"name":"io.debezium.data.Json","field":"h"},{"type":"array","items":{"type":"int32","optional":true},"optional":true,"field":"ia"}]',
    '{"id":1}', '{"id":1,"n":3,"b":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==","ta":["__debezium_unavailable_value"],"ua":["b68a35a7-17ad-35b3-af2a-ae46edb4545a"],"h":"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}","ia":[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]}');
SELECT * FROM app.forms;
SELECT t.change('R3', 'forms', '{"id":1}', '{"op":"u","after":{"id":1,"n":"__debezium_unavailable_value","b":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ==","ta":["__debezium_unavailable_value"],"ua":["b68a35a7-17ad-35b3-af2a-ae46edb4545a"],"h":"{\"__debezium_unavailable_value\":\"__debezium_unavailable_value\"}","ia":[95,95,100,101,98,101,122,105,117,109,95,117,110,97,118,97,105,108,97,98,108,101,95,118,97,108,117,101]}}');
SELECT * FROM app.forms;
SELECT t.change('R4', 'big', '{"id":1}', '{"op":"u","after":{"id":1,"a":"x","big":"B1"}}'),
       t.change('R4', 'big', '{"id":1}', '{"op":"u","after":{"id":1,"a":"y","big":"__debezium_unavailable_value"}}');
SELECT * FROM app.big;

-- Changed keys.
SELECT t.change('R5', 'big', '{"id":1}', '{"op":"d","before":{"id":1,"a":"","n":0,"big":""}}', '{"__debezium.newkey":{"id":2}}'),
       kafka_cdc_sink.apply_event('srv.app.big', '{"id":1}', NULL, '{"__debezium.newkey":{"id":2}}'),
       t.change('R5', 'big', '{"id":2}', '{"op":"c","after":{"id":2,"a":"z","n":8,"big":"__debezium_unavailable_value"}}', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM app.big;
SELECT t.change('R6', 'big', '{"id":3}', '{"op":"c","after":{"id":3,"a":"z","n":9,"big":"__debezium_unavailable_value"}}', '{"__debezium.oldkey":{"id":2}}'),
       t.change('R6', 'big', '{"id":2}', '{"op":"d","before":{"id":2,"a":"","n":0,"big":""}}', '{"__debezium.newkey":{"id":3}}'),
       kafka_cdc_sink.apply_event('srv.app.big', '{"id":2}', NULL, '{"__debezium.newkey":{"id":3}}');
SELECT * FROM app.big;

-- Deletes and tombstones.
INSERT INTO app.people SELECT i, 'bob', 30 FROM generate_series(1, 9) AS i;
SELECT t.change('R7', 'people', '{"id":5}', '{"op":"d","before":{"id":5,"name":"","age":0}}');
SELECT t.record('R8', 'people', '{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false,"name":"srv.app.people.Key"},"payload":{"id":1}}',
    '{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":false,"field":"name"},{"type":"int32","optional":false,"field":"age"}],"optional":true,"name":"srv.app.people.Value"},"payload":null}');
SELECT t.record('R9', 'people', '{"id":2}', 'null');
SELECT t.record('R10', 'people', NULL, NULL);
SELECT t.record('R11', 'people', '{"id":3}', '{"id":3,"name":"","__deleted":"true"}');
SELECT * FROM app.people ORDER BY id;
SELECT t.record('R12', 'people', '{"id":4}', '{"id":4,"name":"a","age":31,"__deleted":"false","__op":"u","__source_ts_ms":1}');
SELECT * FROM app.people WHERE id = 4;

-- What else is in records.
SELECT 'R13 ' || t.typed('states', 'c', '[{"type":"int32","field":"id"},{"type":"string","optional":true,"default":"new","field":"status"}]', '{"id":1}', '{"id":1,"status":"new"}');
SELECT * FROM app.states;
SELECT t.change('R14', 'people', '{"id":6}', '{"op":"r","after":{"id":6,"name":"other","age":1}}');
SELECT * FROM app.people WHERE id = 6;
SELECT t.change('R15', 'people', NULL, '{"op":"t"}'), t.change('R15', 'people', '{"id":7}', '{"op":"c","after":{"id":7,"name":"behind","age":1}}');
SELECT * FROM app.people;
SELECT t.change('R16', 'people', '{"id":7,"__dbz__physicalTableIdentifier":"srv.app.t_shard3"}', '{"op":"u","after":{"id":7,"name":"routed","age":2}}'),
       t.change('R16', 'sharded', '{"id":1,"__dbz__physicalTableIdentifier":"srv.app.t_shard3"}', '{"op":"c","after":{"id":1,"v":"x"}}');
SELECT * FROM app.people;
SELECT * FROM app.sharded;
SELECT t.change('R17', 'people', json_build_object('id', i)::text, jsonb_build_object('op', 'c', 'after', jsonb_build_object('id', i, 'name', 'copied', 'age', i)), NULL, '{"lsn":24023128,"txId":571}')
FROM generate_series(21, 23) AS i;
SELECT count(*) FROM app.people WHERE name = 'copied';
SELECT 'R18 ' || kafka_cdc_sink.apply_event('__debezium-heartbeat.srv', '{"serverName":"srv"}', '{"ts_ms":1}');
SELECT t.change('R19', 'people', '{"id":31}', '{"op":"c","after":{"id":31,"name":"one","age":1},"transaction":{"id":"571:100","total_order":1,"data_collection_order":1}}'),
       t.change('R19', 'people', '{"id":32}', '{"op":"c","after":{"id":32,"name":"two","age":2},"transaction":{"id":"571:164","total_order":2,"data_collection_order":2}}');
SELECT * FROM app.people WHERE id IN (31, 32) ORDER BY id;
SELECT t.change('R20', 'people', '{"id":31}', '{"op":"u","after":{"id":31,"name":"again","age":3}}', NULL, '{"lsn":24023200}') FROM generate_series(1, 2);
SELECT * FROM app.people WHERE id = 31;
SELECT t.change('R21', 'people', '{"id":33}', '{"op":"c","after":{"id":33,"name":"streamed","age":3}}', NULL, '{"snapshot":null}');
SELECT * FROM app.people WHERE id = 33;
SELECT t.record('R22', 'people', '{"id":33}', '{"id":33,"name":"streamed","age":3,"__mine":"x","__op":"u"}');
SELECT * FROM app.people WHERE id = 33;
SET kafka_cdc_sink.schema_evolution = none;
SELECT t.record('R22', 'people', '{"id":33}', '{"id":33,"name":"other","age":3,"__theirs":"x","__op":"u"}');
RESET kafka_cdc_sink.schema_evolution;
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
