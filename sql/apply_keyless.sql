-- Tables without key: rows are added, changed and deleted one by one, by what they were.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
CREATE FUNCTION t.bare(tbl text, op text, before json, after json, part int DEFAULT 0)
RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, NULL,
        t.envelope(tbl, op, after, before)::text, NULL, part)
$$;
RESET client_min_messages;
\set ECHO all
\pset null '(null)'

-- Exactly one of equal rows.
SELECT t.bare('log', 'c', NULL, '{"at":1,"what":"x","note":null}');
SELECT t.bare('log', 'c', NULL, '{"at":1,"what":"x","note":null}');
SELECT t.bare('log', 'c', NULL, '{"at":1,"what":"x","note":"n"}');
SELECT t.bare('log', 'u', '{"at":1,"what":"x","note":null}', '{"at":2,"what":null,"note":null}');
SELECT * FROM app.log ORDER BY at, note;
SELECT t.bare('log', 'd', '{"at":1,"what":"x","note":null}', NULL);
SELECT t.bare('log', 'd', '{"at":2,"what":null,"note":null}', NULL);
SELECT * FROM app.log;
-- What is not there is a dead letter, and so is what tells no former values.
SELECT t.bare('log', 'd', '{"at":2,"what":null,"note":null}', NULL);
SELECT t.bare('log', 'u', '{"at":9,"what":"x","note":null}', '{"at":2,"what":null,"note":null}', 1);
SELECT t.bare('log', 'u', NULL, '{"at":2,"what":null,"note":null}');
SELECT kafka_cdc_sink.apply_event('srv.app.log', NULL, '{"at":1,"what":"y","note":null}');
SELECT * FROM app.log;

-- Types with an equality of their own, with none, domains; equal values that look different.
CREATE DOMAIN app.code AS varchar(10);
CREATE TABLE app.zoo (i int, n numeric, f float8, j json, jb jsonb, p point, x xml, c app.code, ch char(4), a int[],
    e text GENERATED ALWAYS AS ('g') STORED, own timestamptz DEFAULT now(), toast text);
SELECT t.bare('zoo', 'c', NULL, '{"i":1,"n":1.0,"f":0.0,"j":"{\"a\": 1}","jb":"{\"a\":1}","p":"(1,2)","x":"<a/>","c":"c","ch":"ab","a":[1,null],"toast":"long"}')
FROM generate_series(1, 2);
SELECT t.bare('zoo', 'c', NULL, '{"i":1,"n":1.00,"f":-0.0,"j":"{\"a\": 1}","jb":"{\"a\":1}","p":"(1,2)","x":"<a/>","c":"c","ch":"ab","a":[1,null],"toast":"other"}');
SELECT t.bare('zoo', 'u', '{"i":1,"n":1.00,"f":-0.0,"j":"{\"a\": 1}","jb":"{\"a\":1}","p":"(1,2)","x":"<a/>","c":"c","ch":"ab","a":[1,null],"toast":"__debezium_unavailable_value"}',
    '{"i":2,"n":1.00,"f":-0.0,"j":"{}","jb":"{\"a\":1}","p":"(1,2)","x":"<a/>","c":"c","ch":"ab","a":[1,null],"toast":"__debezium_unavailable_value"}');
SELECT i, n, f, j, p, toast FROM app.zoo ORDER BY i;
SELECT t.bare('zoo', 'd', '{"i":1,"n":1.000,"f":0,"j":"{\"a\": 1}","jb":"{\"a\":1.0}","p":"(1,2)","x":"<a/>","c":"c","ch":"ab  ","a":[1,null],"toast":"long"}', NULL);
SELECT i, n, f FROM app.zoo ORDER BY i;
SELECT t.bare('zoo', 'd', '{"i":1,"n":1.0,"f":0,"j":"{\"a\":1}","jb":"{\"a\":1}","p":"(1,2)","x":"<a/>","c":"c","ch":"ab","a":[1,null],"toast":"long"}', NULL);
SELECT count(*) FROM app.zoo;

-- A former value that was not sent: rows that are alike but for it are not told apart.
CREATE TABLE app.lobs (a int, doc text);
INSERT INTO app.lobs VALUES (1, 'one'), (1, 'two'), (2, 'same'), (2, 'same'), (3, 'three');
SELECT t.bare('lobs', 'u', '{"a":1,"doc":"__debezium_unavailable_value"}', '{"a":9,"doc":"__debezium_unavailable_value"}', 1),
       t.bare('lobs', 'd', '{"a":1,"doc":"__debezium_unavailable_value"}', NULL, 1);
SELECT t.bare('lobs', 'd', '{"a":2,"doc":"__debezium_unavailable_value"}', NULL),
       t.bare('lobs', 'u', '{"a":3,"doc":"__debezium_unavailable_value"}', '{"a":4,"doc":"__debezium_unavailable_value"}');
SELECT * FROM app.lobs ORDER BY a, doc;
SELECT message, detail FROM t.letters() WHERE target ~ 'lobs';

-- Partitioned tables, and rows that move between partitions.
CREATE TABLE app.parted (a int, b text) PARTITION BY LIST (a);
CREATE TABLE app.parted1 PARTITION OF app.parted FOR VALUES IN (1);
CREATE TABLE app.parted2 PARTITION OF app.parted DEFAULT;
SELECT t.bare('parted', 'c', NULL, '{"a":1,"b":"x"}'), t.bare('parted', 'c', NULL, '{"a":2,"b":"x"}'), t.bare('parted', 'c', NULL, '{"a":1,"b":"x"}');
SELECT t.bare('parted', 'u', '{"a":1,"b":"x"}', '{"a":3,"b":"y"}'), t.bare('parted', 'd', '{"a":2,"b":"x"}', NULL);
SELECT tableoid::regclass, * FROM app.parted ORDER BY a;

-- Identity columns that no UPDATE may set: one that stays is left alone, one that changes is the source's.
CREATE TABLE app.numbered (n int GENERATED ALWAYS AS IDENTITY, a int, g int GENERATED ALWAYS AS (a + 1) STORED, own text);
CREATE TABLE app.numbered_parts (LIKE app.numbered INCLUDING ALL) PARTITION BY LIST (a);
CREATE TABLE app.numbered_part PARTITION OF app.numbered_parts DEFAULT;
SELECT t.bare(tbl, 'c', NULL, '{"n":7,"a":1}'), t.bare(tbl, 'c', NULL, '{"n":7,"a":1}') FROM (VALUES ('numbered'), ('numbered_parts')) AS v(tbl);
UPDATE app.numbered SET own = 'ours';
UPDATE app.numbered_parts SET own = 'ours';
SELECT t.bare(tbl, 'u', '{"n":7,"a":1}', '{"n":7,"a":2}'), t.bare(tbl, 'u', '{"n":7,"a":2}', '{"n":9,"a":3}') FROM (VALUES ('numbered'), ('numbered_parts')) AS v(tbl);
SELECT tableoid::regclass, * FROM app.numbered UNION ALL SELECT tableoid::regclass, * FROM app.numbered_parts ORDER BY 1, 2;

-- An index finds the row.
CREATE TABLE app.many (a int, b text);
INSERT INTO app.many SELECT i, 'b' FROM generate_series(1, 1000) i;
CREATE INDEX ON app.many (a);
ANALYZE app.many;
BEGIN;
SELECT seq_scan AS before FROM pg_stat_xact_user_tables WHERE relid = 'app.many'::regclass \gset
SELECT t.bare('many', 'd', '{"a":77,"b":"b"}', NULL);
SELECT seq_scan - :before AS seq_scans FROM pg_stat_xact_user_tables WHERE relid = 'app.many'::regclass;
COMMIT;
SELECT count(*), count(*) FILTER (WHERE a = 77) FROM app.many;

-- Flattened: a rewritten delete carries the row.
SELECT kafka_cdc_sink.apply_event('srv.app.flat', NULL, '{"schema":{"type":"struct","name":"srv.app.flat.Value","optional":false,"fields":[{"type":"int32","optional":true,"field":"a"},{"type":"string","optional":true,"field":"__op"},{"type":"string","optional":true,"field":"__deleted"}]},"payload":{"a":1,"__op":"c","__deleted":"false"}}');
SELECT kafka_cdc_sink.apply_event('srv.app.flat', NULL, '{"schema":{"type":"struct","name":"srv.app.flat.Value","optional":false,"fields":[{"type":"int32","optional":true,"field":"a"},{"type":"string","optional":true,"field":"__op"},{"type":"string","optional":true,"field":"__deleted"}]},"payload":{"a":1,"__op":"d","__deleted":"true"}}');
SELECT count(*) FROM app.flat;
SELECT t.letters();

-- R15: truncates, in their place; as logical replication does it.
TRUNCATE kafka_cdc_sink.dead_letters;
CREATE TABLE app.seen (what text);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO app.seen VALUES (TG_OP); RETURN NULL; END $$;
CREATE TABLE app.emptied (id int PRIMARY KEY, serial int GENERATED BY DEFAULT AS IDENTITY);
CREATE TRIGGER note AFTER TRUNCATE ON app.emptied EXECUTE FUNCTION app.note();
CREATE TABLE app.child (id int REFERENCES app.emptied);
SELECT t.give('emptied', 'c', '{"id":1}', '{"id":1}'), t.bare('emptied', 't', NULL, NULL), t.give('emptied', 'c', '{"id":2}', '{"id":2}');
SELECT * FROM app.emptied; -- a foreign key points to it: row by row
DROP TABLE app.child;
SELECT t.bare('emptied', 't', NULL, NULL), t.give('emptied', 'c', '{"id":3}', '{"id":3}');
SELECT * FROM app.emptied;
SELECT * FROM app.seen;
SET kafka_cdc_sink.fire_triggers = on;
SELECT t.bare('emptied', 't', NULL, NULL);
SELECT * FROM app.seen;
RESET kafka_cdc_sink.fire_triggers;
SELECT t.give('emptied', 'c', '{"id":4}', '{"id":4}');
SET kafka_cdc_sink.truncate = off;
SELECT t.bare('emptied', 't', NULL, NULL);
RESET kafka_cdc_sink.truncate;
SELECT t.bare('emptied', 't', NULL, NULL, 1);
SELECT id FROM app.emptied;
SELECT t.bare('parted', 't', NULL, NULL), t.bare('nowhere', 't', NULL, NULL);
SELECT count(*) FROM app.parted;
SELECT to_regclass('app.nowhere');
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters;
