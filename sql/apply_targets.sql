-- Existing tables are used as they are; what cannot be a target says so.
\set ECHO none
\i sql/apply_events.inc
\set ECHO all
\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- Columns by name, in any order; defaults and generated columns do their work.
CREATE TABLE app.own (extra text DEFAULT 'mine', total int GENERATED ALWAYS AS (a + b) STORED, b int, a int, id int PRIMARY KEY);
SELECT t.give('own', 'c', '{"id":1}', '{"id":1,"a":2,"b":3,"total":99}');
SELECT t.give('own', 'u', '{"id":1}', '{"id":1,"a":2,"b":4,"total":99}');
SELECT * FROM app.own;

-- Partitioned: routed, and moved to another partition.
CREATE TABLE app.ranged (id int, y int, body text, PRIMARY KEY (id, y)) PARTITION BY RANGE (y);
CREATE TABLE app.ranged_1 PARTITION OF app.ranged FOR VALUES FROM (0) TO (10);
CREATE TABLE app.ranged_2 PARTITION OF app.ranged FOR VALUES FROM (10) TO (20);
SELECT t.give('ranged', 'c', '{"id":1,"y":5}', '{"id":1,"y":5,"body":"a"}');
SELECT t.give('ranged', 'c', '{"id":2,"y":15}', '{"id":2,"y":15,"body":"b"}');
SELECT t.give('ranged', 'u', '{"id":2,"y":15}', '{"id":2,"y":15,"body":"c"}');
SELECT t.take('ranged', '{"id":1,"y":5}', '{"__debezium.newkey":{"id":1,"y":12}}');
SELECT t.give('ranged', 'c', '{"id":1,"y":12}', '{"id":1,"y":12,"body":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1,"y":5}}');
SELECT t.give('ranged', 'c', '{"id":3,"y":25}', '{"id":3,"y":25,"body":"nowhere"}');
SELECT tableoid::regclass, * FROM app.ranged ORDER BY id;
SELECT t.take('ranged', '{"id":2,"y":15}');
SELECT tableoid::regclass, * FROM app.ranged ORDER BY id;

-- Inheritance children are other tables.
CREATE TABLE app.parent (id int PRIMARY KEY, n int);
CREATE TABLE app.child () INHERITS (app.parent);
INSERT INTO app.child VALUES (1, 1);
SELECT t.give('parent', 'c', '{"id":1}', '{"id":1,"n":2}');
SELECT t.take('parent', '{"id":1}');
SELECT tableoid::regclass, * FROM app.parent;

-- Identity columns take the source's values.
CREATE TABLE app.ident (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, n int);
SELECT t.give('ident', 'c', '{"id":7}', '{"id":7,"n":1}');
SELECT t.give('ident', 'u', '{"id":7}', '{"id":7,"n":2}');
SELECT t.take('ident', '{"id":7}', '{"__debezium.newkey":{"id":8}}');
SELECT t.give('ident', 'c', '{"id":8}', '{"id":8,"n":3}', '{"__debezium.oldkey":{"id":7}}');
SELECT * FROM app.ident;
CREATE TABLE app.ident2 (id int PRIMARY KEY, n int GENERATED ALWAYS AS IDENTITY);
SELECT t.give('ident2', 'c', '{"id":7}', '{"id":7,"n":1}');
SELECT t.give('ident2', 'u', '{"id":7}', '{"id":7,"n":1}');
ALTER TABLE app.ident2 ADD own text DEFAULT 'mine', ADD twice int GENERATED ALWAYS AS (n * 2) STORED;
UPDATE app.ident2 SET own = 'kept';
SELECT t.give('ident2', 'u', '{"id":7}', '{"id":7,"n":5}');
SELECT * FROM app.ident2;
SELECT t.give('ident2', 'r', '{"id":8}', '{"id":8,"n":6}');
SELECT t.give('ident2', 'u', '{"id":8}', '{"id":8,"n":9,"own":"__debezium_unavailable_value"}');
SELECT * FROM app.ident2;
-- and a row keeps its number when its key changes.
SELECT t.take('ident2', '{"id":8}', '{"__debezium.newkey":{"id":9}}'),
       t.give('ident2', 'c', '{"id":9}', '{"id":9,"own":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":8}}');
SELECT * FROM app.ident2;
SELECT t.take('ident2', '{"id":9}', '{"__debezium.newkey":{"id":10}}'),
       t.give('ident2', 'c', '{"id":10}', '{"id":10,"n":4,"own":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":9}}');
SELECT * FROM app.ident2;

-- A row type whose description is let go, and its place taken by another's, while a value of it is read.
CREATE TYPE app.shifting AS (a int, b int, c text);
CREATE TYPE app.filler AS (a text, b text, c int);
CREATE FUNCTION app.shift(v int) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    IF v < 0 THEN
        ALTER TYPE app.shifting RENAME ATTRIBUTE a TO a1;
        PERFORM (r).c FROM (SELECT ROW('a', 'b', 3)::app.filler AS r) AS s;
        ALTER TYPE app.shifting RENAME ATTRIBUTE a1 TO a;
    END IF;
    RETURN true;
END $$;
CREATE DOMAIN app.shifter AS int CHECK (app.shift(VALUE));
ALTER TYPE app.shifting ALTER ATTRIBUTE b TYPE app.shifter;
CREATE TABLE app.shifted (id int PRIMARY KEY, v app.shifting);
SELECT t.give('shifted', 'c', '{"id":1}', '{"id":1,"v":"(1,2,x)"}'), t.give('shifted', 'c', '{"id":2}', '{"id":2,"v":"(1,-2,y)"}'), t.give('shifted', 'c', '{"id":3}', '{"id":3,"v":"(1,3,z)"}');
SELECT * FROM app.shifted ORDER BY id;

-- Rules rewrite what is applied: the table is refused, not its records.
CREATE TABLE app.ruled (id int PRIMARY KEY, n int);
CREATE RULE r AS ON UPDATE TO app.ruled DO ALSO NOTIFY x;
SELECT t.give('ruled', 'c', '{"id":1}', '{"id":1,"n":1}');

-- Domains, enums, arrays of them, and types that only their input function knows.
CREATE TYPE app.color AS ENUM ('red', 'green');
CREATE DOMAIN app.short AS varchar(3);
CREATE DOMAIN app.code AS app.short CHECK (VALUE ~ '^[a-z]*$') NOT NULL;
CREATE TYPE app.pair AS (x int, y text);
CREATE TABLE app.odd (id int PRIMARY KEY, code app.code, color app.color, colors app.color[], shorts app.short[], net inet, r int4range, p point, pair app.pair, tsv tsvector, big numeric(20,4), v varchar(4), c char(4), j json, x xml);
SELECT t.give('odd', 'c', '{"id":1}', '{"id":1,"code":"abc","color":"green","colors":["red","green"],"shorts":["a","b"],"net":"10.0.0.1/8","r":"[1,5)","p":"(1,2)","pair":"(1,\"a b\")","tsv":"''a'':1","big":12.5,"v":"abcd","c":"ab","j":{"b":1,"a":[2]},"x":"<a/>"}');
\x
SELECT * FROM app.odd;
\x
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":"abcd"}');
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":"AB"}');
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":null}');
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":"a","color":"blue"}');
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":"a","shorts":["long one"]}');
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":"a","v":"abcde"}');
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":"a","big":0.12345}');
SELECT t.give('odd', 'u', '{"id":1}', '{"id":1,"code":"a","net":"nonsense"}');
SELECT code, color, v, big, net FROM app.odd;
SELECT t.letters();
TRUNCATE kafka_cdc_sink.dead_letters;

-- A string is the spelling of bytes where they are stored, as the setting says; with a schema, too.
SET kafka_cdc_sink.binary_handling_mode = 'base64';
CREATE TABLE app.blobs (id int, k bytea, b bytea, bs bytea[], t text, PRIMARY KEY (id, k));
SELECT t.typed('blobs', 'c', '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":false,"field":"k"},{"type":"string","optional":true,"field":"b"},{"type":"array","items":{"type":"string","optional":true},"optional":true,"field":"bs"},{"type":"string","optional":true,"field":"t"}]', '{"id":1,"k":"AQID"}', '{"id":1,"k":"AQID","b":"3q2+7w==","bs":["AP8=",null],"t":"3q2+7w=="}');
SELECT t.typed('blobs', 'c', '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":false,"field":"k"},{"type":"string","optional":true,"field":"b"}]', '{"id":2,"k":"AQID"}', '{"id":2,"k":"AQID","b":"no base64"}');
SET kafka_cdc_sink.binary_handling_mode = 'hex';
SELECT t.typed('blobs', 'c', '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":false,"field":"k"},{"type":"bytes","optional":true,"field":"b"}]', '{"id":3,"k":"0102"}', '{"id":3,"k":"0102","b":"3q2+7w=="}');
RESET kafka_cdc_sink.binary_handling_mode;
SELECT t.typed('blobs', 'c', '[{"type":"int32","optional":false,"field":"id"},{"type":"bytes","optional":false,"field":"k"},{"type":"string","optional":true,"field":"b"}]', '{"id":4,"k":"AQID"}', '{"id":4,"k":"AQID","b":"AQID"}');
SELECT * FROM app.blobs ORDER BY id;
SELECT t.letters();
TRUNCATE kafka_cdc_sink.dead_letters;

-- Refused.
CREATE VIEW app.look AS SELECT 1 AS id;
SELECT t.give('look', 'c', '{"id":1}', '{"id":1}');
CREATE TABLE app.keyless (id int);
CREATE TABLE app.member (id int PRIMARY KEY);
ALTER EXTENSION plpgsql ADD TABLE app.member;
SELECT t.give('member', 'c', '{"id":1}', '{"id":1}');
ALTER EXTENSION plpgsql DROP TABLE app.member;
SELECT t.give('member', 'c', '{"id":1}', '{"id":1}');
SELECT t.give('keyless', 'c', '{"id":1}', '{"id":1}');
SELECT t.take('keyless', '{"id":1}');
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"pg_catalog","table":"a"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"kafka_cdc_sink","table":"offsets"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"information_schema","table":"a"},"op":"c","ts_ms":1}');
SELECT t.give('own', 'c', '{"id":2}', '{"id":2,"xmin":1}');
-- Names that can be nobody's, and more key columns than an index has: a route is the way out.
SELECT t.give('placed', 'c', '{"id":1}', '{"id":1,"ctid":"x"}');
SELECT t.give('placed', 'c', '{"id":1}', json_build_object('id', 1, repeat('n', 64), 'x'));
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"mysql","db":"pg_mine","table":"a"},"op":"c","ts_ms":1}');
SELECT t.give('many', 'c', json_object_agg('k' || n, n), json_object_agg('k' || n, n)) FROM generate_series(1, 33) n;
INSERT INTO kafka_cdc_sink.routes (topic, excluded_columns) VALUES ('srv.app.placed', ARRAY['ctid', repeat('n', 64)]);
INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('srv.x.y', 'app.y');
INSERT INTO kafka_cdc_sink.routes (topic, key_columns) VALUES ('srv.app.many', '{k1}');
SELECT t.give('placed', 'c', '{"id":1}', '{"id":1,"ctid":"x"}'), t.give('placed', 'u', '{"id":1}', json_build_object('id', 1, 'note', 'n', repeat('n', 64), 'x')),
       kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"mysql","db":"pg_mine","table":"a"},"op":"c","ts_ms":1}');
SELECT t.give('many', 'c', json_object_agg('k' || n, n), json_object_agg('k' || n, n)) FROM generate_series(1, 33) n;
SELECT * FROM app.placed, app.y;
DELETE FROM kafka_cdc_sink.routes;

-- In a read-only transaction there is nothing that it could do, whatever the record is.
BEGIN READ ONLY;
SELECT t.give('own', 'c', '{"id":2}', '{"id":"none"}');
ROLLBACK;

-- Numbers of MySQL are milliseconds in some columns: the declared digits tell, or nothing does.
CREATE TABLE app.clocks (id int PRIMARY KEY, at timestamp, at3 timestamp(3), lasts interval);
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":1}', '{"before":null,"after":{"id":1,"at3":1529507596945,"lasts":-3020399000000},"source":{"connector":"mysql","db":"app","table":"clocks"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.x.y', '{"id":2}', '{"before":null,"after":{"id":2,"at":1529507596945},"source":{"connector":"mysql","db":"app","table":"clocks"},"op":"c","ts_ms":1}');
SELECT * FROM app.clocks;

-- A flattened record goes into a table that is there, and makes none.
CREATE TABLE app.flat (id int PRIMARY KEY, name text, created_at timestamptz);
SELECT kafka_cdc_sink.apply_event('srv.app.flat', '{"id":1}', '{"id":1,"name":"x","created_at":"2024-01-02T03:04:05Z"}');
SELECT * FROM app.flat;
SELECT kafka_cdc_sink.apply_event('srv.app.flat', '{"id":1}', '{"id":1,"name":"x","created_at":null,"__deleted":"true"}');
SELECT * FROM app.flat;
SELECT kafka_cdc_sink.apply_event('srv.app.flat2', '{"id":1}', '{"id":1,"name":"x"}');

-- A table that is dropped, changed or replaced between two records is seen as it is now.
SELECT t.give('own', 'c', '{"id":3}', '{"id":3,"a":1,"b":1}');
ALTER TABLE app.own ALTER b TYPE bigint, ALTER a TYPE numeric, DROP COLUMN extra, DROP COLUMN total;
SELECT t.give('own', 'u', '{"id":3}', '{"id":3,"a":1.5,"b":5000000000}');
SELECT * FROM app.own ORDER BY id;
DROP TABLE app.own;
SELECT t.give('own', 'c', '{"id":4}', '{"id":4,"a":1,"b":1}');
SELECT * FROM app.own;
ALTER TABLE app.own RENAME TO own_old;
CREATE TABLE app.own (id text PRIMARY KEY, a text, b text);
SELECT t.give('own', 'c', '{"id":4}', '{"id":4,"a":1,"b":1}');
SELECT * FROM app.own;
BEGIN;
ALTER TABLE app.own ADD c int;
SELECT t.give('own', 'c', '{"id":5}', '{"id":5,"a":1,"b":1,"c":3}');
ROLLBACK;
SELECT t.give('own', 'c', '{"id":5}', '{"id":5,"a":1,"b":1,"c":4}');
SELECT * FROM app.own;

-- A key that the table computes.
CREATE TABLE app.computed (a text NOT NULL, b text NOT NULL, k text GENERATED ALWAYS AS (a || '-' || b) STORED PRIMARY KEY, v int);
SELECT t.give('computed', 'c', '{"k":"x-y"}', '{"a":"x","b":"y","k":"x-y","v":1}'), t.give('computed', 'u', '{"k":"x-y"}', '{"a":"x","b":"y","k":"x-y","v":2}'),
    t.give('computed', 'u', '{"k":"x-y"}', '{"a":"__debezium_unavailable_value","b":"y","k":"x-y","v":3}');
SELECT * FROM app.computed;
SELECT t.take('computed', '{"k":"x-y"}', '{"__debezium.newkey":{"k":"z-y"}}'),
    t.give('computed', 'c', '{"k":"z-y"}', '{"a":"z","b":"__debezium_unavailable_value","k":"z-y","v":3}', '{"__debezium.oldkey":{"k":"x-y"}}');
SELECT * FROM app.computed;
SELECT t.take('computed', '{"k":"z-y"}');
SELECT * FROM app.computed;
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
