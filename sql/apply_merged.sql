-- Tables that topic routing merges into one topic: what it adds to the record keys tells their rows apart.
\set ECHO none
\i sql/apply_events.inc
CREATE FUNCTION t.key(shard text, id int) RETURNS text LANGUAGE sql AS $$
    SELECT format('{"id":%s,"__dbz__physicalTableIdentifier":"srv.app.%s"}', id, shard)
$$;
-- Flattened, without and with schema.
CREATE FUNCTION t.flat(topic text, shard text, id int, v text, op text DEFAULT 'c', headers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || topic, t.key(shard, id),
        json_build_object('id', id, 'v', v, '__op', op)::text, headers)
$$;
CREATE FUNCTION t.flat_typed(topic text, shard text, id int, v text, headers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || topic,
        json_build_object('schema', json_build_object('type', 'struct', 'name', 'srv.app.' || topic || '.Key', 'fields',
            '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":false,"field":"__dbz__physicalTableIdentifier"}]'::json),
            'payload', t.key(shard, id)::json)::text,
        CASE WHEN v IS NOT NULL THEN json_build_object('schema', json_build_object('type', 'struct', 'name', 'srv.app.' || topic || '.Value', 'fields',
            '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"field":"v"}]'::json),
            'payload', json_build_object('id', id, 'v', v))::text END, headers)
$$;
-- Envelopes; op 'x': the tombstone behind a delete.
CREATE FUNCTION t.event(shard text, id int, v text, op text DEFAULT 'c', headers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.merged', t.key(shard, id),
        CASE op WHEN 'x' THEN NULL
        WHEN 'd' THEN t.envelope(shard, op, NULL, json_build_object('id', id))::text
        ELSE t.envelope(shard, op, json_build_object('id', id, 'v', v), NULL)::text END, headers)
$$;
CREATE FUNCTION t.shape(tbl regclass) RETURNS text LANGUAGE sql AS $$
    SELECT (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) FROM pg_attribute
            WHERE attrelid = tbl AND attnum > 0) || ': ' || (SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = tbl AND contype = 'p')
$$;
\set ECHO all

-- Flattened records go by their topic: the table that is made tells the source's tables apart.
SELECT t.flat_typed('made', 's1', 1, 'one'), t.flat_typed('made', 's2', 1, 'two'), t.flat_typed('made', 's2', 1, 'two again');
SELECT t.shape('app.made');
SELECT * FROM app.made ORDER BY 1, 2;
SELECT t.flat_typed('made', 's1', 1, NULL);
SELECT * FROM app.made ORDER BY 1, 2;
-- A changed key stays with its table, in either order of its halves.
SELECT t.flat_typed('made', 's1', 2, 'other'),
       t.flat_typed('made', 's2', 1, NULL, '{"__debezium.newkey":{"id":2}}'),
       t.flat_typed('made', 's2', 2, '__debezium_unavailable_value', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM app.made ORDER BY 1, 2;
SELECT t.flat_typed('made', 's2', 3, 'moved on', '{"__debezium.oldkey":{"id":2}}'),
       t.flat_typed('made', 's2', 2, NULL, '{"__debezium.newkey":{"id":3}}');
SELECT * FROM app.made ORDER BY 1, 2;
-- Without schemas.
SELECT t.flat('loose', 's1', 1, 'one'), t.flat('loose', 's2', 1, 'two'), t.flat('loose', 's1', 1, '', 'd');
SELECT t.shape('app.loose');
SELECT * FROM app.loose;

-- A table made beforehand has the column in its key.
CREATE TABLE app.ready (v text, "__dbz__physicalTableIdentifier" varchar(20), id bigint, note text DEFAULT 'own', PRIMARY KEY ("__dbz__physicalTableIdentifier", id));
SELECT t.flat('ready', 's1', 1, 'one'), t.flat('ready', 's2', 1, 'two'), t.flat('ready', 's1', 1, 'first', 'u'), t.flat('ready', 's3', 1, 'three'), t.flat('ready', 's3', 1, '', 'd');
SELECT * FROM app.ready ORDER BY 2, 3;
SELECT t.flat('ready', 's1', 1, '', 'd', '{"__debezium.newkey":"Struct{id=5}"}'), t.flat('ready', 's1', 5, '__debezium_unavailable_value', 'c', '{"__debezium.oldkey":"Struct{id=1}"}');
SELECT * FROM app.ready ORDER BY 2, 3;
-- One without the column has the keys alone, as the user wants it.
CREATE TABLE app.plain (id int PRIMARY KEY, v text);
SELECT t.flat('plain', 's1', 1, 'one'), t.flat('plain', 's2', 2, 'two'), t.flat('plain', 's2', 1, 'again'), t.flat('plain', 's1', 2, '', 'd');
SELECT * FROM app.plain ORDER BY 1;
-- It is in the table, but in no key of it; or the table has no key.
CREATE TABLE app.aside (id int PRIMARY KEY, v text, "__dbz__physicalTableIdentifier" text);
SELECT t.flat('aside', 's1', 1, 'one');
CREATE TABLE app.unkeyed (id int, v text);
SELECT t.flat('unkeyed', 's1', 1, 'one');

-- Envelopes go where their source says, each table into its own.
SELECT t.event('s1', 1, 'one'), t.event('s2', 1, 'two'), t.event('s2', 1, '', 'd'), t.event('s2', 1, '', 'x');
SELECT t.shape('app.s1');
SELECT * FROM app.s1;
SELECT * FROM app.s2;
-- Where a route names one table, they meet.
INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('srv.app.merged', 'app.one');
SELECT t.event('s1', 1, 'one'), t.event('s2', 1, 'two'), t.event('s1', 2, 'one'), t.event('s2', 2, 'two');
SELECT t.shape('app.one');
SELECT t.event('s1', 1, '', 'd'), t.event('s1', 1, '', 'x'), t.event('s2', 2, '', 'x');
SELECT * FROM app.one ORDER BY 1, 2, 3;
SELECT t.event('s2', 1, '', 'd', '{"__debezium.newkey":{"id":2}}'), t.event('s2', 1, '', 'x', '{"__debezium.newkey":{"id":2}}'),
       t.event('s2', 2, '__debezium_unavailable_value', 'c', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM app.one ORDER BY 1, 2, 3;
-- Marked as deleted.
UPDATE kafka_cdc_sink.routes SET target = 'app.soft', delete_mode = 'soft';
SELECT t.event('s1', 1, 'one'), t.event('s2', 1, 'two'), t.event('s1', 1, '', 'd'), t.event('s1', 1, '', 'x');
SELECT t.shape('app.soft');
SELECT * FROM app.soft ORDER BY "__dbz__physicalTableIdentifier";
-- A history tells it of every row.
UPDATE kafka_cdc_sink.routes SET target = 'app.history', delete_mode = NULL, history = true;
SELECT t.event('s1', 1, 'one'), t.event('s2', 1, 'two'), t.event('s1', 1, '', 'd'), t.event('s1', 1, '', 'x');
SELECT t.shape('app.history');
SELECT id, v, "__dbz__physicalTableIdentifier", __op FROM app.history ORDER BY __offset DESC;
UPDATE kafka_cdc_sink.routes SET target = '${schema}.${table}_history';
SELECT t.event('s1', 1, 'one'), t.event('s1', 1, '', 'd');
SELECT t.shape('app.s1_history');
-- A route's own key, with and without it; and one that does not want it.
UPDATE kafka_cdc_sink.routes SET target = 'app.by_v', history = false, key_columns = '{v}';
SELECT t.event('s1', 1, 'one'), t.event('s2', 1, 'two');
SELECT t.shape('app.by_v');
UPDATE kafka_cdc_sink.routes SET target = 'app.named', key_columns = '{__dbz__physicalTableIdentifier,id}';
SELECT t.event('s1', 1, 'one'), t.event('s2', 1, 'two'), t.event('s1', 1, '', 'd');
SELECT t.shape('app.named');
SELECT * FROM app.named;
UPDATE kafka_cdc_sink.routes SET target = 'app.unwanted', key_columns = NULL, excluded_columns = '{__dbz__physicalTableIdentifier}';
SELECT t.event('s1', 1, 'one'), t.event('s2', 1, 'two');
SELECT t.shape('app.unwanted');
SELECT * FROM app.unwanted;
UPDATE kafka_cdc_sink.routes SET target = 'app.one', excluded_columns = NULL;
SELECT t.letters();
-- By schema: tables of one name in several.
INSERT INTO kafka_cdc_sink.routes (topic, target, priority) VALUES ('^srv[.]app[.]merged', 'app.${table}_of_all', 1);
SELECT t.event('s1', 1, 'one');
SELECT t.shape('app.s1_of_all');
DELETE FROM kafka_cdc_sink.routes WHERE priority = 1;

-- What is told of it.
\pset format unaligned
SELECT part, name, incoming, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('srv.app.merged', t.key('s1', 9), t.envelope('s1', 'c', '{"id":9,"v":"x"}', NULL)::text, '{"__debezium.oldkey":{"id":8}}') WHERE part <> 'record' OR name IN ('outcome', 'key index');
SELECT part, name, incoming, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('srv.app.plain', t.key('s1', 9), '{"id":9,"v":"x","w":1,"__op":"c"}') WHERE part = 'key' OR name IN ('outcome', 'ddl', 'w');
SELECT part, name, incoming, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('srv.app.news', t.key('s1', 9), '{"id":9,"v":"x","__op":"c"}') WHERE part = 'key' OR name IN ('outcome', 'ddl');
DELETE FROM kafka_cdc_sink.routes;
SELECT part, name, incoming, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('srv.app.merged', t.key('s9', 9), t.envelope('s9', 'c', '{"id":9,"v":"x"}', NULL)::text) WHERE part = 'key' OR name IN ('outcome', 'ddl');

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
