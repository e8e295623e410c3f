-- Tombstones behind delete events, where several tables share a topic, or a name.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
CREATE SCHEMA dba;
CREATE SCHEMA dbb;
-- One record of a row of `id`; op 'x': a tombstone. `key_name`: of the key's schema; null: none.
CREATE FUNCTION t.one(topic text, key_name text, db text, schema text, tbl text, op text, id int, headers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event(topic,
        CASE WHEN key_name IS NULL THEN format('{"id":%s}', id) ELSE format('{"schema":{"type":"struct","name":"%s.Key","fields":[{"field":"id","type":"int32","optional":false}]},"payload":{"id":%s}}', key_name, id) END,
        CASE WHEN op <> 'x' THEN json_build_object('before', NULL, 'after', CASE WHEN op = 'c' THEN json_build_object('id', id) END,
            'source', json_build_object('connector', CASE WHEN schema IS NULL THEN 'mysql' ELSE 'postgresql' END, 'db', db, 'schema', schema, 'table', tbl, 'ts_ms', 1), 'op', op, 'ts_ms', 1)::text END, headers)
$$;
\set ECHO all

-- Two tables whose names differ in what a topic's name cannot say.
SELECT t.one('srv.app.order_1', 'srv.app.order_1', 'd', 'app', 'order_1', 'c', 1), t.one('srv.app.order_1', 'srv.app.order_1', 'd', 'app', 'order$1', 'c', 1);
SELECT t.one('srv.app.order_1', 'srv.app.order_1', 'd', 'app', 'order$1', 'd', 1), t.one('srv.app.order_1', 'srv.app.order_1', 'd', 'app', 'order$1', 'x', 1);
SELECT t.one('srv.app.order_1', 'srv.app.order_1', 'd', 'app', 'order$1', 'x', 1, '{"__debezium.newkey":{"id":2}}');
SELECT id FROM app.order_1;
SELECT id FROM app.order$1;

-- Dots in a table's name.
SELECT t.one('srv.app.t', 'srv.app.t', 'd', 'app', 't', 'c', 1), t.one('srv.public.app.t', 'srv.public.app.t', 'd', 'public', 'app.t', 'c', 1), t.one('srv.public.app.t', 'srv.public.app.t', 'd', 'public', 'app.t', 'd', 1), t.one('srv.public.app.t', 'srv.public.app.t', 'd', 'public', 'app.t', 'x', 1);
SELECT id FROM app.t;

-- Tables of several databases in one topic.
SET kafka_cdc_sink.table_format = '${db}.${table}';
SELECT t.one('all', 'srv.dba.t', 'dba', NULL, 't', 'c', 1), t.one('all', 'srv.dbb.t', 'dbb', NULL, 't', 'c', 1), t.one('all', 'srv.dba.t', 'dba', NULL, 't', 'd', 1), t.one('all', 'srv.dbb.t', 'dbb', NULL, 't', 'c', 2), t.one('all', 'srv.dba.t', 'dba', NULL, 't', 'x', 1);
SELECT id FROM dbb.t ORDER BY id;
RESET kafka_cdc_sink.table_format;

-- The delete was compacted away: the tombstone of a topic that is its table's alone deletes.
SELECT t.one('srv.app.alone', 'srv.app.alone', 'd', 'app', 'alone', 'c', 1), t.one('srv.app.alone', 'srv.app.alone', 'd', 'app', 'alone', 'c', 2), t.one('srv.app.alone', 'srv.app.alone', 'd', 'app', 'alone', 'x', 1);
SELECT id FROM app.alone;

-- Tables merged into one that the topic is called like; then the first record of a session is a tombstone.
-- A route says that the topic has no flattened rows.
SELECT t.one('srv.app.orders', NULL, 'd', 'app', 'orders', 'c', 1), t.one('srv.app.orders', NULL, 'd', 'app', 'shard1', 'c', 1), t.one('srv.app.orders', NULL, 'd', 'app', 'shard1', 'd', 1);
INSERT INTO kafka_cdc_sink.routes (topic, format) VALUES ('srv.app.orders', 'envelope');
\c
SELECT t.one('srv.app.orders', NULL, 'd', 'app', 'shard1', 'x', 1), t.one('srv.app.orders', NULL, 'd', 'app', 'shard1', 'x', 1, '{"__debezium.newkey":{"id":2}}');
SELECT id FROM app.orders;
-- One of flattened rows is the delete itself.
SELECT t.one('srv.app.alone', 'srv.app.alone', 'd', 'app', 'alone', 'x', 2);
SELECT id FROM app.alone;

-- Flattened rows go by the topic; names that they tell part it, where they have dots.
SELECT kafka_cdc_sink.apply_event('srv.public.my.table', '{"id":1}', '{"id":1,"__op":"c","__schema":"public","__table":"my.table"}'), kafka_cdc_sink.apply_event('srv.public.my.table', '{"id":2}', '{"id":2,"__op":"c","__schema":"public","__table":"my.table"}'), kafka_cdc_sink.apply_event('srv.public.my.table', '{"id":1}', NULL);
SELECT id FROM public."my.table";
-- A heartbeat of CloudEvents has no value; its topic may be called like a table.
CREATE TABLE app.hb ("serverName" text PRIMARY KEY);
INSERT INTO app.hb VALUES ('srv');
SELECT kafka_cdc_sink.apply_event('app.hb', '{"serverName":"srv"}', NULL);
SELECT * FROM app.hb;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app, dba, dbb CASCADE;
DROP TABLE public."app.t", public."my.table";
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
DELETE FROM kafka_cdc_sink.routes;
