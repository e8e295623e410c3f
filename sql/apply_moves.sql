-- Key changes whose halves meet through the table moves: in another order, batch or partition.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
SET check_function_bodies = off;
-- Both halves of a change have one lsn.
CREATE FUNCTION t.half(op text, key int, other int, lsn int, part int, title text DEFAULT NULL,
                       body text DEFAULT '__debezium_unavailable_value')
RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.docs', json_build_object('id', key)::text,
        jsonb_set(t.envelope('docs', op,
            CASE op WHEN 'c' THEN json_build_object('id', key, 'title', title, 'body', body) END,
            CASE op WHEN 'd' THEN json_build_object('id', key, 'title', '', 'body', '') END)::jsonb,
            '{source,lsn}', to_jsonb(lsn))::text,
        jsonb_build_object(CASE op WHEN 'd' THEN '__debezium.newkey' ELSE '__debezium.oldkey' END,
            jsonb_build_object('id', other)), part)
$$;
CREATE FUNCTION t.docs() RETURNS TABLE (id int, title text, body text, own text)
LANGUAGE sql AS 'SELECT id, title, body, own FROM app.docs ORDER BY id';
CREATE FUNCTION t.moves() RETURNS TABLE (target text, old_key text[], new_key text[], state "char", columns text[], "values" text[])
LANGUAGE sql AS 'SELECT target, old_key, new_key, state, columns, "values" FROM kafka_cdc_sink.moves ORDER BY old_key, new_key';
RESET client_min_messages;
\set ECHO all
\pset null '(null)'
CREATE TABLE app.docs (id int PRIMARY KEY, title text, body text, own text, made text GENERATED ALWAYS AS (title) STORED, at timestamptz, n numeric, j json);

-- R5: the delete half first; values that the record lacks, and columns that it does not have, move along.
INSERT INTO app.docs VALUES (1, 'one', 'long', 'local', DEFAULT, '2020-01-01 00:00:00.123456+02', 1.50, '{"a":  1}');
SELECT t.half('d', 1, 2, 100, 0);
SELECT * FROM t.docs();
SELECT t.moves();
SELECT t.half('c', 2, 1, 100, 1, 'two');
SELECT * FROM app.docs;
SELECT t.moves();
-- Once more, in either order and each alone: as it was.
SELECT t.half('d', 1, 2, 100, 0), t.half('c', 2, 1, 100, 1, 'two'), t.half('c', 2, 1, 100, 1, 'two'), t.half('d', 1, 2, 100, 0);
SELECT * FROM app.docs;
-- Also where the row went on and its old key has another row meanwhile.
INSERT INTO app.docs (id, title, body) VALUES (1, 'other', 'other body');
SELECT t.half('d', 1, 2, 100, 0), t.give('docs', 'c', '{"id":1}', '{"id":1,"title":"other","body":"other body"}');
SELECT t.half('c', 2, 1, 100, 1, 'two');
SELECT * FROM t.docs();
DELETE FROM app.docs;
SELECT t.half('c', 2, 1, 100, 1, 'two');
SELECT * FROM app.docs;
TRUNCATE app.docs, kafka_cdc_sink.moves;

-- R6: the create half first. A whole row does not wait, and leaves word.
INSERT INTO app.docs (id, title, body, own) VALUES (1, 'one', 'long', 'local');
SELECT t.half('c', 2, 1, 200, 1, 'two', 'short');
SELECT t.moves();
SELECT t.half('d', 1, 2, 200, 0);
SELECT * FROM t.docs();
SELECT t.moves();
-- One that lacks values needs the other half (a worker waits for it).
SELECT t.half('c', 3, 2, 201, 1, 'three');
SELECT * FROM t.docs();
SELECT t.half('d', 2, 3, 201, 0);
SELECT t.half('c', 3, 2, 201, 1, 'three');
SELECT * FROM t.docs();
-- The same keys in another change are another change.
SELECT t.half('d', 3, 2, 202, 0), t.half('c', 2, 3, 202, 1, 'two', 'body two'), t.half('d', 2, 3, 203, 0), t.half('c', 3, 2, 203, 1, 'third');
SELECT * FROM t.docs();
SELECT old_key, new_key, state, "values" FROM t.moves();
TRUNCATE app.docs, kafka_cdc_sink.moves;

-- Whole rows in the order of one partition leave nothing behind.
INSERT INTO app.docs (id, title, body) VALUES (1, 'one', 'long');
SELECT t.half('d', 1, 2, 300, 0), t.half('c', 2, 1, 300, 0, 'two', 'short');
SELECT * FROM t.docs();
SELECT t.moves();
-- Values of columns that the source has not go with the row also then, in either order of the halves in
-- one partition's batches; where the row is nowhere, it is new.
TRUNCATE app.docs, kafka_cdc_sink.moves;
INSERT INTO app.docs (id, title, body, own) VALUES (1, 'one', 'body one', 'mine');
SELECT t.half('d', 1, 2, 350, 0), t.half('c', 2, 1, 350, 0, 'two', 'body two'), t.half('c', 3, 4, 351, 0, 'three', 'body three');
SELECT * FROM t.docs();
SELECT t.half('d', 1, 2, 350, 0), t.half('c', 2, 1, 350, 0, 'two', 'body two');
SELECT * FROM t.docs();
SELECT t.moves();
-- Rows that change places within a transaction, whose keys the source checked at its end.
TRUNCATE app.docs, kafka_cdc_sink.moves;
INSERT INTO app.docs (id, title, body, own) VALUES (1, 'one', 'body one', 'mine'), (2, 'two', 'body two', 'yours');
SELECT t.half('d', 1, 2, 400, 0), t.half('c', 2, 1, 400, 0, 'one', 'body one'), t.half('d', 2, 1, 401, 0), t.half('c', 1, 2, 401, 0, 'two');
SELECT * FROM t.docs();
SELECT t.half('d', 1, 2, 400, 0), t.half('c', 2, 1, 400, 0, 'one', 'body one'), t.half('d', 2, 1, 401, 0), t.half('c', 1, 2, 401, 0, 'two');
SELECT * FROM t.docs();
TRUNCATE app.docs, kafka_cdc_sink.moves;
-- The old row is nowhere: a dead letter.
SELECT t.half('c', 5, 4, 301, 0, 'five');
SELECT * FROM t.docs();
SELECT t.letters();

-- An old key that the table cannot have had: the row is new.
CREATE TABLE app.narrow (k varchar(3) PRIMARY KEY, n smallint);
SELECT t.give('narrow', 'c', '{"k":"long"}', '{"k":"long","n":1}'), t.give('narrow', 'c', '{"k":"abc"}', '{"k":"abc","n":2}', '{"__debezium.oldkey":{"k":"long"}}');
SELECT * FROM app.narrow;

-- Every type comes through as it was.
CREATE TYPE app.pair AS (a int, b text);
CREATE TABLE app.zoo (id int PRIMARY KEY, i int, f float8, n numeric, t text, v varchar(5), ch char(5), b bytea, d date,
    tm time, tz timestamptz, iv interval, u uuid, js json, jb jsonb, arr int[], x xml, bits bit(4), p point, r int4range, pr app.pair, ts tsvector, mo money, bo bool, nul text);
INSERT INTO app.zoo VALUES (1, -1, 0.1::float8 + 0.2, 1.500, E'a\\b "c"\n', 'vé', 'ch', '\x00ff', '-infinity', '24:00', '2020-01-01 00:00:00.000001+00',
    '1 mon -2 days 3.000004 s', '6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d', '{"a":  1}', '{"b": 1.10}', '{1,NULL,3}', '<a>x</a>', '1010', '(1.5,2)', '[1,5)', '(1,"x y")', 'a b:1', 12.5, true, NULL);
CREATE TABLE app.before AS SELECT * FROM app.zoo;
SELECT kafka_cdc_sink.apply_event('srv.app.zoo', '{"id":1}', jsonb_set(t.envelope('zoo', 'd', NULL, '{"id":1}')::jsonb, '{source,lsn}', '1')::text, '{"__debezium.newkey":{"id":2}}');
SELECT kafka_cdc_sink.apply_event('srv.app.zoo', '{"id":2}', jsonb_set(t.envelope('zoo', 'c', '{"id":2,"t":"__debezium_unavailable_value"}', NULL)::jsonb, '{source,lsn}', '1')::text, '{"__debezium.oldkey":{"id":1}}');
UPDATE app.before SET id = 2;
SELECT (SELECT w::text FROM app.before AS w) = (SELECT w::text FROM app.zoo AS w) AS same;

-- Halves that tell nothing of their place in the source, from several partitions: changes between the
-- same keys meet in their order, and one that is read again is one still.
CREATE TABLE app.queue (id int PRIMARY KEY, v int, big text);
CREATE FUNCTION t.flat(part int, place bigint, id int, "row" json, headers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.queue', format('{"id":%s}', id), COALESCE("row"::text, 'null'), headers, part, place)
$$;
SELECT t.flat(0, 1, 1, '{"id":1,"v":1,"big":"A"}');
SELECT t.flat(0, 2, 1, NULL, '{"__debezium.newkey":{"id":2}}');
SELECT t.flat(0, 3, 1, '{"id":1,"v":2,"big":"B"}');
SELECT t.flat(0, 4, 1, NULL, '{"__debezium.newkey":{"id":2}}');
SELECT t.flat(0, 1, 1, '{"id":1,"v":1,"big":"A"}');
SELECT t.flat(0, 2, 1, NULL, '{"__debezium.newkey":{"id":2}}');
SELECT old_key, new_key, state, "offset", "values" FROM kafka_cdc_sink.moves WHERE target LIKE '%queue%' ORDER BY "offset";
SELECT t.flat(1, 1, 2, '{"id":2,"v":11,"big":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM app.queue;
SELECT t.flat(1, 2, 2, NULL);
SELECT t.flat(1, 3, 2, '{"id":2,"v":12,"big":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM app.queue;
SELECT state, count(*) FROM kafka_cdc_sink.moves WHERE target LIKE '%queue%' GROUP BY 1;

-- In one partition the nearest one before counts: also in a second reading that begins while one is
-- on its way, and where the second half of an earlier one was refused.
TRUNCATE app.queue, kafka_cdc_sink.moves;
CREATE FUNCTION t.first(place bigint) RETURNS text LANGUAGE sql AS $$ SELECT t.flat(0, place, 1, '{"id":1,"v":1,"big":"A"}') || ' ' || t.flat(0, place + 1, 1, NULL, '{"__debezium.newkey":{"id":2}}') $$;
CREATE FUNCTION t.second(place bigint) RETURNS text LANGUAGE sql AS $$ SELECT t.flat(0, place, 1, '{"id":1,"v":3,"big":"B"}') || ' ' || t.flat(0, place + 1, 2, NULL) || ' ' || t.flat(0, place + 2, 1, NULL, '{"__debezium.newkey":{"id":2}}') $$;
CREATE FUNCTION t.taken(place bigint, v text) RETURNS text LANGUAGE sql AS $$ SELECT t.flat(0, place, 2, format('{"id":2,"v":%s,"big":"__debezium_unavailable_value"}', v)::json, '{"__debezium.oldkey":{"id":1}}') $$;
SELECT t.first(1), t.taken(3, '2'), t.second(4);
SELECT t.first(1), t.taken(3, '2'), t.second(4), t.taken(7, '4');
SELECT * FROM app.queue;
TRUNCATE app.queue, kafka_cdc_sink.moves, kafka_cdc_sink.dead_letters;
SELECT t.first(1), t.taken(3, '4000000000'), t.second(4), t.taken(7, '4');
SELECT * FROM app.queue;
SELECT state, "offset" FROM kafka_cdc_sink.moves;

-- Flattened rows change places where they tell their commit's time.
TRUNCATE app.queue, kafka_cdc_sink.moves;
INSERT INTO app.queue VALUES (1, 1, 'A'), (2, 2, 'B');
CREATE FUNCTION t.timed(place bigint, id int, "row" jsonb, headers jsonb) RETURNS text LANGUAGE sql AS $$ SELECT t.flat(0, place, id, ("row" || '{"__source_ts_ms":1700000000000}')::json, headers) $$;
SELECT t.timed(1, 1, '{"id":1,"__op":"d","__deleted":"true"}', '{"__debezium.newkey":{"id":2}}'), t.timed(2, 2, '{"id":2,"v":1,"big":"__debezium_unavailable_value","__op":"c"}', '{"__debezium.oldkey":{"id":1}}'),
    t.timed(3, 2, '{"id":2,"__op":"d","__deleted":"true"}', '{"__debezium.newkey":{"id":1}}'), t.timed(4, 1, '{"id":1,"v":2,"big":"__debezium_unavailable_value","__op":"c"}', '{"__debezium.oldkey":{"id":2}}');
SELECT * FROM app.queue ORDER BY id;

-- What a target's owner sets does not reach our own statements.
CREATE ROLE kcs_mallory;
CREATE SCHEMA evil AUTHORIZATION kcs_mallory;
CREATE TABLE evil.seen (who name);
CREATE FUNCTION evil.same(a uuid, b uuid) RETURNS boolean LANGUAGE sql VOLATILE AS
    'INSERT INTO evil.seen VALUES (current_user); SELECT a OPERATOR(pg_catalog.=) b';
CREATE OPERATOR evil.= (FUNCTION = evil.same, LEFTARG = uuid, RIGHTARG = uuid);
CREATE TABLE app.trap (id int PRIMARY KEY, v text, big text);
CREATE FUNCTION evil.bend() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('search_path', 'evil, pg_catalog', false);
    RETURN OLD;
END $$;
CREATE TRIGGER bend BEFORE DELETE ON app.trap FOR EACH ROW EXECUTE FUNCTION evil.bend();
ALTER TABLE app.trap ENABLE ALWAYS TRIGGER bend;
SELECT t.give('trap', 'c', '{"id":1}', '{"id":1,"v":"a","big":"large"}');
SELECT t.take('trap', '{"id":1}', '{"__debezium.newkey":{"id":2}}');
SELECT t.give('trap', 'c', '{"id":2}', '{"id":2,"v":"b","big":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1}}');
SELECT t.take('trap', '{"id":2}', '{"__debezium.newkey":{"id":3}}');
SELECT t.take('trap', '{"id":2}', '{"__debezium.newkey":{"id":3}}');
SELECT t.give('trap', 'c', '{"id":3}', '{"id":3,"v":"c","big":"whole"}', '{"__debezium.oldkey":{"id":2}}');
SELECT * FROM app.trap;
SELECT * FROM evil.seen;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app, evil CASCADE;
DROP ROLE kcs_mallory;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
