-- delete_mode: what a delete does.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
CREATE FUNCTION t.bare(tbl text, op text, before json, after json)
RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, NULL, t.envelope(tbl, op, after, before)::text)
$$;
CREATE FUNCTION t.flat(tbl text, key json, value json) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, key::text, json_build_object('schema',
        '{"type":"struct","optional":false,"name":"srv.app.Value","fields":[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"field":"name"},{"type":"string","optional":true,"field":"__op"},{"type":"string","optional":true,"field":"__deleted"}]}'::json,
        'payload', value)::text)
$$;
RESET client_min_messages;
\set ECHO all
\pset null '(null)'

-- soft: the row stays and is marked.
SET kafka_cdc_sink.delete_mode = soft;
SELECT t.give('orders', 'c', '{"id":1}', '{"id":1,"customer":"ann"}'), t.give('orders', 'c', '{"id":2}', '{"id":2,"customer":"bob"}');
SELECT * FROM t.columns('app.orders');
SELECT t.take('orders', '{"id":1}'), t.take('orders', '{"id":99}');
SELECT kafka_cdc_sink.apply_event('srv.app.orders', '{"id":1}', NULL);
SELECT * FROM app.orders ORDER BY id;
SELECT t.give('orders', 'c', '{"id":1}', '{"id":1,"customer":"new"}');
SELECT t.give('orders', 'u', '{"id":2}', '{"id":2,"customer":"__debezium_unavailable_value"}');
SELECT * FROM app.orders ORDER BY id;
-- A changed key is a move of the row.
SELECT t.take('orders', '{"id":2}', '{"__debezium.newkey":{"id":3}}');
SELECT t.give('orders', 'c', '{"id":3}', '{"id":3,"customer":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":2}}');
SELECT * FROM app.orders ORDER BY id;
-- The row that an earlier life of the key left has nothing to give.
SELECT t.take('orders', '{"id":3}');
SELECT t.give('orders', 'c', '{"id":3}', '{"id":3,"customer":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":2}}');
SELECT * FROM app.orders ORDER BY id;
-- Nor has it for an insert that lacks values, as Oracle's may.
CREATE FUNCTION t.oracle(op text, key json, after json) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.orders', key::text, replace(t.envelope('orders', op, after, NULL)::text, '"postgresql"', '"oracle"'))
$$;
SELECT t.oracle('c', '{"id":5}', '{"id":5,"customer":"eve"}'), t.oracle('c', '{"id":5}', '{"id":5,"customer":"__debezium_unavailable_value"}');
SELECT t.take('orders', '{"id":5}'), t.oracle('c', '{"id":5}', '{"id":5,"customer":"__debezium_unavailable_value"}');
SELECT * FROM app.orders ORDER BY id;
-- A table that was there gets the column, where columns may be added.
CREATE TABLE app.plain (id int PRIMARY KEY);
INSERT INTO app.plain VALUES (1), (2);
SET kafka_cdc_sink.schema_evolution = none;
SELECT t.take('plain', '{"id":1}');
RESET kafka_cdc_sink.schema_evolution;
SELECT t.take('plain', '{"id":1}');
SELECT * FROM app.plain ORDER BY id;
-- Without a key: one row that is not marked yet.
SELECT t.bare('log', 'c', NULL, '{"at":1,"what":"x"}') FROM generate_series(1, 3);
SELECT t.bare('log', 'd', '{"at":1,"what":"x"}', NULL);
SELECT t.bare('log', 'd', '{"at":1,"what":"x"}', NULL);
SELECT t.bare('log', 'u', '{"at":1,"what":"x"}', '{"at":2,"what":"y"}');
SELECT t.bare('log', 'd', '{"at":1,"what":"x"}', NULL);
SELECT * FROM app.log ORDER BY at, __deleted;
-- Truncates mark all; flattened records store what they say.
SELECT t.bare('log', 't', NULL, NULL);
SELECT * FROM app.log ORDER BY at, __deleted;
SELECT t.flat('flat', '{"id":1}', '{"id":1,"name":"a","__op":"c","__deleted":"false"}'),
    t.flat('flat', '{"id":2}', '{"id":2,"name":"b","__op":"c","__deleted":"false"}'),
    t.flat('flat', '{"id":1}', '{"id":1,"name":"","__op":"d","__deleted":"true"}');
SELECT * FROM app.flat ORDER BY id;

-- ignore: deletes are passed over; a changed key still moves its row.
SET kafka_cdc_sink.delete_mode = ignore;
SELECT t.give('kept', 'c', '{"id":1}', '{"id":1,"customer":"ann"}');
SELECT t.take('kept', '{"id":1}'), t.bare('kept', 't', NULL, NULL), kafka_cdc_sink.apply_event('srv.app.kept', '{"id":1}', NULL);
SELECT t.take('kept', '{"id":1}', '{"__debezium.newkey":{"id":3}}'),
    t.give('kept', 'c', '{"id":3}', '{"id":3,"customer":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM app.kept;

-- soft needs a column that can say it.
SET kafka_cdc_sink.delete_mode = soft;
CREATE TABLE app.told (id int PRIMARY KEY, __deleted text);
SELECT t.give('told', 'c', '{"id":1}', '{"id":1}');

-- delete, R11: the row goes, and there is no such column.
RESET kafka_cdc_sink.delete_mode;
SELECT t.flat('gone', '{"id":1}', '{"id":1,"name":"a","__op":"c","__deleted":"false"}'),
    t.flat('gone', '{"id":2}', '{"id":2,"name":"b","__op":"c","__deleted":"false"}'),
    t.flat('gone', '{"id":1}', '{"id":1,"name":"","__op":"d","__deleted":"true"}');
SELECT * FROM app.gone;
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
