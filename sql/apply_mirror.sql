-- A table is made, filled, changed and emptied as its source is.
\set ECHO none
\i sql/apply_events.inc
\set ECHO all
\pset null '(null)'

-- Snapshot, insert, update, upsert over an existing row, delete.
SELECT t.give('orders', 'r', '{"id":1}', '{"id":1,"customer":"ann","n":1}');
SELECT t.give('orders', 'c', '{"id":2}', '{"id":2,"customer":"bob","n":null}');
SELECT t.give('orders', 'u', '{"id":1}', '{"id":1,"customer":"ann b.","n":7}');
SELECT t.give('orders', 'c', '{"id":2}', '{"id":2,"customer":"bob again","n":2}');
SELECT t.give('orders', 'u', '{"id":3}', '{"id":3,"customer":"late","n":3}');
SELECT * FROM t.columns('app.orders');
SELECT * FROM app.orders ORDER BY id;
SELECT t.take('orders', '{"id":2}');
SELECT t.take('orders', '{"id":99}');
SELECT kafka_cdc_sink.apply_event('srv.app.orders', '{"id":3}', NULL);
SELECT * FROM app.orders ORDER BY id;

-- Many calls in one transaction; a rollback takes all back.
BEGIN;
SELECT count(*), min(t.give('orders', 'c', json_build_object('id', i),
                            json_build_object('id', i, 'customer', 'c' || i, 'n', i % 7)))
FROM generate_series(10, 1009) i;
SELECT count(*), sum(id), sum(n) FROM app.orders;
ROLLBACK;
SELECT count(*) FROM app.orders;

-- A delete for a table that is not there deletes nothing, and makes none.
SELECT t.take('nowhere', '{"id":1}');
SELECT to_regclass('app.nowhere');

-- New columns appear, with NULL in the rows that are there.
SELECT t.give('orders', 'u', '{"id":1}', '{"id":1,"customer":"ann","n":7,"vip":true,"note":{"a":[1,2]}}');
SELECT * FROM t.columns('app.orders');
SELECT * FROM app.orders ORDER BY id;

-- A column whose type cannot be told waits for its first value.
SELECT t.give('orders', 'u', '{"id":1}', '{"id":1,"customer":"ann","n":7,"vip":true,"note":null,"later":null}');
SELECT t.give('orders', 'u', '{"id":1}', '{"id":1,"customer":"ann","n":7,"vip":true,"note":null,"later":"now"}');
SELECT * FROM app.orders ORDER BY id;

-- A composite key, its columns in key order.
SELECT t.give('lines', 'c', '{"order_id":1,"line":2}', '{"line":2,"order_id":1,"what":"b"}');
SELECT t.give('lines', 'c', '{"order_id":1,"line":1}', '{"line":1,"order_id":1,"what":"a"}');
SELECT t.give('lines', 'u', '{"order_id":1,"line":2}', '{"line":2,"order_id":1,"what":"c"}');
SELECT pg_get_indexdef('app.lines_pkey'::regclass);
SELECT * FROM app.lines ORDER BY line;
SELECT t.take('lines', '{"order_id":1,"line":2}');
SELECT * FROM app.lines ORDER BY line;

-- A table that is nothing but key.
SELECT t.give('pairs', 'c', '{"a":1,"b":"x"}', '{"a":1,"b":"x"}');
SELECT t.give('pairs', 'u', '{"a":1,"b":"x"}', '{"a":1,"b":"x"}');
SELECT t.give('pairs', 'c', '{"a":2,"b":"x"}', '{"a":2,"b":"x"}');
SELECT t.take('pairs', '{"a":1,"b":"x"}');
SELECT * FROM app.pairs;

-- Without a key rows are added.
SELECT t.give('log', 'c', NULL, '{"at":1,"what":"x"}');
SELECT t.give('log', 'r', NULL, '{"at":1,"what":"x"}');
SELECT t.give('log', 'u', NULL, '{"at":1,"what":"y"}');
SELECT kafka_cdc_sink.apply_event('srv.app.log', NULL, t.envelope('log', 'd', NULL, '{"at":1,"what":"x"}')::text);
SELECT * FROM app.log;
SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'app.log'::regclass;

-- What is no row change is passed over.
SELECT kafka_cdc_sink.apply_event('srv.app.orders', NULL, NULL);
SELECT kafka_cdc_sink.apply_event('__debezium-heartbeat.srv', '{"serverName":"srv"}', '{"ts_ms":1}');

-- What is no event at all is a dead letter, and makes no table.
SELECT kafka_cdc_sink.apply_event('srv.app.other', '{"id":1}', 'not json');
SELECT t.give('orders', 't', '{"id":1}', NULL);
SELECT t.letters();
SELECT to_regclass('app.other');

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters;
