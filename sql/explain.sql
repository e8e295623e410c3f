-- What explain_event says of records, and that nothing comes of it.
\set ECHO none
CREATE ROLE explaining SUPERUSER; -- whatever the superuser of this server is called
SELECT current_user AS superuser \gset
ALTER DATABASE :"DBNAME" OWNER TO explaining;
SET SESSION AUTHORIZATION explaining;
\i sql/apply_events.inc
CREATE FUNCTION t.explain(tbl text, op text, key json, after json, headers jsonb DEFAULT NULL)
RETURNS TABLE (part text, name text, incoming_type text, incoming text, target_type text,
               conversion text, result text, error text)
LANGUAGE sql AS $$
    SELECT * FROM kafka_cdc_sink.explain_event('srv.app.' || tbl, key::text,
        t.envelope(tbl, op, after, NULL)::text, headers)
$$;
CREATE FUNCTION t.explain_typed(tbl text, op text, fields json, key json, after json)
RETURNS TABLE (part text, name text, incoming_type text, incoming text, target_type text,
               conversion text, result text, error text)
LANGUAGE sql AS $$
    SELECT e.* FROM t.typed_record(tbl, op, fields, key, after) AS r,
        kafka_cdc_sink.explain_event('srv.app.' || tbl, r.k, r.v) AS e
$$;
CREATE FUNCTION t.fields() RETURNS json LANGUAGE sql AS $$
    SELECT '[{"type":"int32","optional":false,"field":"id"},
        {"type":"bytes","optional":true,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2","connect.decimal.precision":"10"},"field":"amount"},
        {"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","version":1,"field":"at"},
        {"type":"int32","optional":true,"name":"io.debezium.time.Date","version":1,"field":"day"},
        {"type":"bytes","optional":true,"field":"photo"},
        {"type":"string","optional":true,"default":"n","field":"note"}]'::json
$$;
\set ECHO all
\pset null ''
\pset format unaligned
SET timezone = 'Europe/Berlin';
CREATE TYPE app.color AS ENUM ('red', 'green');
CREATE DOMAIN app.code AS varchar(3) CHECK (VALUE ~ '^[a-z]*$') NOT NULL;
CREATE TABLE app.orders (
    id int PRIMARY KEY, amount numeric(10,2), at timestamp, at3 timestamp(3), day date, doc jsonb,
    photo bytea, color app.color, code app.code DEFAULT 'x', note varchar(5), tags text[],
    twice numeric GENERATED ALWAYS AS (amount * 2) STORED, own text DEFAULT 'mine');
INSERT INTO app.orders VALUES (1, 5);

SELECT last_value AS letters FROM kafka_cdc_sink.dead_letters_id_seq \gset

-- Without schema.
SELECT * FROM t.explain('orders', 'u', '{"id":1}', '{"id":1,"amount":"BNI=","at":1529507596945104,"at3":1529507596945,"day":17702,"doc":{"a": [1]},"photo":"AQID","color":"red","code":"abc","note":"","tags":["a",null],"twice":7}');
-- What the columns refuse: each is told.
SELECT * FROM t.explain('orders', 'c', '{"id":1}', '{"id":1,"amount":"no base64","at":"yesterday","day":1.5,"doc":null,"photo":7,"color":"blue","code":"AB","note":"too long","tags":[["a"]]}');
SELECT * FROM t.explain('orders', 'c', '{"id":1}', '{"id":1,"code":null}');
-- Not sent by the source.
SELECT * FROM t.explain('orders', 'u', '{"id":1}', '{"id":1,"note":"__debezium_unavailable_value"}');
-- A column that the table lacks.
SELECT * FROM t.explain('orders', 'u', '{"id":1}', '{"id":1,"more":1.5,"when_at":"2024-01-02T03:04:05Z","none":null}');
SET kafka_cdc_sink.schema_evolution = 'none';
SELECT * FROM t.explain('orders', 'u', '{"id":1}', '{"id":1,"more":1.5}');
RESET kafka_cdc_sink.schema_evolution;

-- With schema.
SELECT * FROM t.explain_typed('orders', 'c', t.fields(), '{"id":2}', '{"id":2,"amount":"BNI=","at":1529507596945104,"day":17702,"photo":"AQID","note":"a"}');
-- A value that its schema's type does not have: the others are told all the same.
SELECT * FROM t.explain_typed('orders', 'c', t.fields(), '{"id":2}', '{"id":2,"amount":"no base64","at":"x","day":17702,"photo":"AQID","note":"too long"}');

-- A table that is to be made.
SELECT * FROM t.explain_typed('made', 'r', t.fields(), '{"id":2}', '{"id":2,"amount":"BNI=","at":1529507596945104,"day":17702,"photo":"AQID","note":"a"}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"fresh","table":"y"},"op":"c","ts_ms":1}');
SET kafka_cdc_sink.auto_create_tables = off;
SELECT * FROM t.explain('made', 'c', '{"id":1}', '{"id":1}');
RESET kafka_cdc_sink.auto_create_tables;
SELECT * FROM t.explain('made', 'd', '{"id":1}', NULL);

-- Flattened.
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '{"id":1}', '{"id":1,"amount":"BNI=","__op":"u","__source_ts_ms":1700000000000}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '{"id":1}', '{"id":1,"amount":null,"__deleted":"true"}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.made', '{"id":1}', '{"id":1,"name":"x"}');

-- Deletes, tombstones, truncates, key changes.
SELECT * FROM t.explain('orders', 'd', '{"id":1}', NULL);
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '{"id":1}', NULL);
SELECT * FROM t.explain('orders', 't', NULL, NULL);
SET kafka_cdc_sink.truncate = off;
SELECT result FROM t.explain('orders', 't', NULL, NULL) WHERE name = 'outcome';
RESET kafka_cdc_sink.truncate;
SELECT * FROM t.explain('orders', 'd', '{"id":1}', NULL, '{"__debezium.newkey":{"id":5}}');
SELECT * FROM t.explain('orders', 'c', '{"id":5}', '{"id":5,"note":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '{"id":1}'::bytea, NULL, '[{"name": "__debezium.newkey", "value": "{\"id\":5}"}]');

-- Without key: by the former values.
CREATE TABLE app.heap (n int, v text);
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.heap', NULL, '{"before":{"n":1,"v":"a"},"after":{"n":2,"v":"b"},"source":{"connector":"postgresql","db":"d","schema":"app","table":"heap"},"op":"u","ts_ms":1}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.heap', NULL, '{"before":null,"after":{"n":2,"v":"b"},"source":{"connector":"postgresql","db":"d","schema":"app","table":"heap"},"op":"u","ts_ms":1}');

-- Keys.
SELECT * FROM t.explain('orders', 'c', '{"note":"a"}', '{"id":1,"note":"a"}');
SELECT * FROM t.explain('orders', 'c', '{"id":null}', '{"id":1}');
SELECT * FROM t.explain('orders', 'c', '7', '{"id":7}');
SELECT * FROM t.explain('orders', 'c', NULL, '{"id":7}');

-- No change at all.
SELECT * FROM kafka_cdc_sink.explain_event('__debezium-heartbeat.srv', '{"serverName":"srv"}', '{"ts_ms":1}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.transaction', '{"id":"1"}', '{"status":"BEGIN","id":"1","event_count":null,"data_collections":null,"ts_ms":1}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', NULL, NULL);
-- Not Debezium's, not readable.
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '{"id":1}', 'garbage');
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '\x7b', '\x00deadbeef'::bytea);
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '{"id":1', '{"id":1}');
SET kafka_cdc_sink.on_error = 'pause';
SELECT * FROM kafka_cdc_sink.explain_event('srv.app.orders', '{"id":1}', '[]');
RESET kafka_cdc_sink.on_error;

-- Targets that are refused.
CREATE VIEW app.look AS SELECT 1 AS id;
SELECT * FROM t.explain('look', 'c', '{"id":1}', '{"id":1}');
SELECT * FROM kafka_cdc_sink.explain_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"pg_catalog","table":"a"},"op":"c","ts_ms":1}');
CREATE TABLE app.ident (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY, must text NOT NULL);
SELECT * FROM t.explain('ident', 'c', '{"id":1}', '{"id":1,"n":1}');

-- Wrong arguments.
SELECT * FROM kafka_cdc_sink.explain_event(NULL, '{}', '{}');
SELECT * FROM kafka_cdc_sink.explain_event('a b', '{}', '{}');
SELECT * FROM kafka_cdc_sink.explain_event('t', '{}', '{}', '[{"value":"x"}]');

-- Long values are shortened, between characters.
SELECT length(incoming), length(result), right(result, 5) FROM t.explain('orders', 'c', '{"id":1}', json_build_object('id', 1, 'own', repeat('aé', 300))) WHERE name = 'own';

-- What a domain's check does leaves no trace either.
CREATE SEQUENCE app.seen;
CREATE TABLE app.log (v text);
CREATE FUNCTION app.note(v text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.log VALUES (v);
    RETURN true;
END $$;
CREATE DOMAIN app.noted AS text CHECK (app.note(VALUE));
CREATE DOMAIN app.counted AS text CHECK (nextval('app.seen') > 0);
CREATE TABLE app.watched (id int PRIMARY KEY, v app.noted, w app.counted);
SELECT name, result, error FROM t.explain('watched', 'c', '{"id":1}', '{"id":1,"v":"a","w":"b"}') WHERE part = 'column';
SELECT * FROM app.log;
SELECT is_called FROM app.seen;

-- In a read-only transaction; no lock, no transaction id is left.
BEGIN READ ONLY;
SELECT name, result, error FROM t.explain('orders', 'c', '{"id":1}', '{"id":1,"note":"abcdef"}') WHERE part IN ('record', 'problem') OR error IS NOT NULL;
SELECT relation::regclass, mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'app.orders'::regclass;
SELECT pg_current_xact_id_if_assigned();
COMMIT;
SELECT count(*) FROM kafka_cdc_sink.dead_letters;
SELECT last_value = :letters AS unused FROM kafka_cdc_sink.dead_letters_id_seq;
SELECT id, amount FROM app.orders;
SELECT relname FROM pg_class WHERE relnamespace = 'app'::regnamespace AND relkind = 'r' ORDER BY 1;
SHOW timezone;

-- Dead letters, explained.
SELECT t.give('orders', 'c', '{"id":3}', '{"id":3,"note":"too long"}');
SELECT d.target, e.* FROM kafka_cdc_sink.dead_letters d, kafka_cdc_sink.explain_event(d.topic, d.key, d.value, d.headers) e WHERE e.error IS NOT NULL;

-- Columns that are made wider first are tried as what they will be.
CREATE TABLE app.narrow (id int PRIMARY KEY, a smallint, b varchar(3), i int NOT NULL);
SET kafka_cdc_sink.schema_evolution = widen;
SELECT e.name, target_type, result, error FROM t.typed_record('narrow', 'c', '[{"field":"id","type":"int32","optional":false},{"field":"a","type":"int64","optional":true},{"field":"b","type":"string","optional":true},{"field":"i","type":"int32","optional":true}]',
    '{"id":1}', '{"id":1,"a":70000000000,"b":"abcdef","i":null}') AS r, kafka_cdc_sink.explain_event('srv.app.narrow', r.k, r.v) AS e WHERE part = 'column' OR e.name IN ('outcome', 'ddl');
RESET kafka_cdc_sink.schema_evolution;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters;
RESET SESSION AUTHORIZATION;
ALTER DATABASE :"DBNAME" OWNER TO :"superuser";
