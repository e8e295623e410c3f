-- Key columns that a route names, where record keys change: both halves are about one row, whatever
-- their order, and in one partition or several.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
SET check_function_bodies = off;
-- Both halves of a change have one lsn; a delete tells the row that was.
CREATE FUNCTION t.half(op text, id int, other int, code text, v text, lsn int, part int, tbl text DEFAULT 'coded')
RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, json_build_object('id', id)::text,
        jsonb_set(t.envelope(tbl, op,
            CASE op WHEN 'c' THEN json_build_object('id', id, 'code', code, 'v', v) END,
            CASE op WHEN 'd' THEN json_build_object('id', id, 'code', code, 'v', v) END)::jsonb,
            '{source,lsn}', to_jsonb(lsn))::text,
        jsonb_build_object(CASE op WHEN 'd' THEN '__debezium.newkey' ELSE '__debezium.oldkey' END,
            jsonb_build_object('id', other)), part)
$$;
CREATE FUNCTION t.coded() RETURNS TABLE (id int, code text, v text) LANGUAGE sql AS 'SELECT id, code, v FROM app.coded ORDER BY code';
CREATE FUNCTION t.moves() RETURNS TABLE (old_key text[], new_key text[], state "char", columns text[], "values" text[])
LANGUAGE sql AS 'SELECT old_key, new_key, state, columns, "values" FROM kafka_cdc_sink.moves ORDER BY at, state';
CREATE EXTENSION citext;
RESET client_min_messages;
\set ECHO all
\pset null '(null)'
INSERT INTO kafka_cdc_sink.routes (topic, key_columns) VALUES ('^srv[.]app[.]', '{code}');
CREATE TABLE app.coded (id int, code citext PRIMARY KEY, v text);
INSERT INTO app.coded VALUES (1, 'a', 'one');

-- One partition: the row is on its way between the halves, and comes whole.
SELECT t.half('d', 1, 2, 'a', 'one', 100, 0);
SELECT * FROM t.coded();
SELECT t.moves();
SELECT t.half('c', 2, 1, 'a', '__debezium_unavailable_value', 100, 0);
SELECT * FROM t.coded();
SELECT t.half('d', 2, 3, 'a', 'one', 101, 0), t.half('c', 3, 2, 'a', 'three', 101, 0);
SELECT * FROM t.coded();
SELECT t.moves();
-- Once more, and each alone.
SELECT t.half('d', 1, 2, 'a', 'one', 100, 0), t.half('c', 2, 1, 'a', '__debezium_unavailable_value', 100, 0), t.half('d', 2, 3, 'a', 'one', 101, 0), t.half('c', 3, 2, 'a', 'three', 101, 0);
SELECT * FROM t.coded();
TRUNCATE kafka_cdc_sink.moves;

-- Several, and the delete half comes last: the row lives on under its key, however that is spelled.
SELECT t.half('c', 4, 3, 'A', 'four', 102, 1);
SELECT * FROM t.coded();
SELECT t.moves();
SELECT t.half('d', 3, 4, 'a', 'three', 102, 0);
SELECT * FROM t.coded();
SELECT t.moves();
SELECT t.half('c', 4, 3, 'A', 'four', 102, 1), t.half('d', 3, 4, 'a', 'three', 102, 0), t.half('d', 3, 4, 'a', 'three', 102, 0);
SELECT * FROM t.coded();
-- A row that lacks values has them from the one that is there.
SELECT t.half('c', 5, 4, 'a', '__debezium_unavailable_value', 103, 1);
SELECT t.half('d', 4, 5, 'a', 'four', 103, 0);
SELECT * FROM t.coded();
-- Both keys change, in either order.
SELECT t.half('c', 6, 5, 'b', 'six', 104, 1), t.half('d', 5, 6, 'a', 'four', 104, 0);
SELECT * FROM t.coded();
SELECT t.half('d', 6, 7, 'b', 'six', 105, 0), t.half('c', 7, 6, 'c', '__debezium_unavailable_value', 105, 1);
SELECT * FROM t.coded();
SELECT t.half('c', 7, 6, 'c', '__debezium_unavailable_value', 105, 1), t.half('d', 6, 7, 'b', 'six', 105, 0);
SELECT * FROM t.coded();
-- There was no row to delete: a whole one needs none, another one does.
SELECT t.half('d', 20, 21, 'x', 'none', 106, 0), t.half('c', 21, 20, 'x', 'whole', 106, 1);
SELECT t.half('d', 30, 31, 'y', 'none', 107, 0);
SELECT t.half('c', 31, 30, 'y', '__debezium_unavailable_value', 107, 1);
SELECT * FROM t.coded();
SELECT t.letters();
TRUNCATE app.coded, kafka_cdc_sink.moves, kafka_cdc_sink.dead_letters;

-- What explain_event says of it.
CREATE FUNCTION t.told(op text, before json, after json, header text) RETURNS TABLE (conversion text, result text) LANGUAGE sql AS $$
    SELECT conversion, result FROM kafka_cdc_sink.explain_event('srv.app.coded', '{"id":1}', t.envelope('coded', op, after, before)::text, jsonb_build_object(header, jsonb_build_object('id', 2))) WHERE name = 'operation'
$$;
SELECT * FROM t.told('d', '{"id":1,"code":"a","v":"one"}', NULL, '__debezium.newkey');
SELECT * FROM t.told('c', NULL, '{"id":1,"code":"a","v":"__debezium_unavailable_value"}', '__debezium.oldkey');
-- Where deletes mark, or are ignored, the former row goes nevertheless.
SET kafka_cdc_sink.delete_mode = ignore;
INSERT INTO app.coded VALUES (1, 'a', 'one');
SELECT t.half('d', 1, 2, 'a', 'one', 200, 0), t.half('c', 2, 1, 'b', 'two', 200, 0);
SELECT * FROM t.coded();
SELECT t.half('d', 2, 3, 'b', 'two', 201, 0), t.half('c', 3, 2, 'b', 'three', 201, 0);
SELECT t.take('coded', '{"id":3,"code":"b"}');
SELECT * FROM t.coded();
SET kafka_cdc_sink.delete_mode = soft;
SELECT t.half('d', 3, 4, 'b', 'three', 202, 0), t.half('c', 4, 3, 'c', 'four', 202, 0);
SELECT * FROM app.coded ORDER BY code;
RESET kafka_cdc_sink.delete_mode;

-- Rows whose values change places within a transaction.
CREATE TABLE app.places (id int, code text PRIMARY KEY, v text);
INSERT INTO app.places VALUES (1, 'a', 'one'), (2, 'b', 'two');
SELECT kafka_cdc_sink.apply_event('srv.app.places', '{"id":1}', t.envelope('places', 'u', '{"id":1,"code":"b","v":"one"}', '{"id":1,"code":"a","v":"one"}')::text),
    kafka_cdc_sink.apply_event('srv.app.places', '{"id":2}', t.envelope('places', 'u', '{"id":2,"code":"a","v":"two"}', '{"id":2,"code":"b","v":"two"}')::text);
SELECT * FROM app.places ORDER BY id;

\set ECHO none
SET client_min_messages = warning;
DROP EXTENSION citext CASCADE;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.routes, kafka_cdc_sink.moves;
