-- Dead letters and later records of the same rows; replays.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
SET check_function_bodies = off;
-- A record at its place in the partition.
CREATE FUNCTION t.at(place bigint, op text, key json, after json, headers jsonb DEFAULT NULL, part int DEFAULT 0) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.acc', key::text, t.envelope('acc', op, after, CASE op WHEN 'd' THEN key END)::text, headers, part, place)
$$;
CREATE FUNCTION t.acc() RETURNS TABLE (id int, n int, big text) LANGUAGE sql AS 'SELECT id, n, big FROM app.acc ORDER BY id';
CREATE FUNCTION t.open_letters() RETURNS TABLE (place bigint, status text, message text, resolved boolean)
LANGUAGE sql AS 'SELECT "offset", status, left(message, 60), resolved_at IS NOT NULL FROM kafka_cdc_sink.dead_letters ORDER BY "partition", "offset", id';
RESET client_min_messages;
\set ECHO all
\pset null '(null)'
CREATE TABLE app.acc (id int PRIMARY KEY, n int CHECK (n < 100), big text);

-- A whole row, or a delete, makes up for what was refused before; so does a truncate.
SELECT t.at(1, 'c', '{"id":1}', '{"id":1,"n":1,"big":"one"}'), t.at(2, 'u', '{"id":1}', '{"id":1,"n":200,"big":"two"}'), t.at(3, 'c', '{"id":2}', '{"id":2,"n":300,"big":"x"}');
SELECT * FROM t.open_letters();
SELECT t.at(4, 'u', '{"id":1}', '{"id":1,"n":4,"big":"four"}'), t.at(5, 'd', '{"id":2}', NULL);
SELECT * FROM t.acc();
SELECT * FROM t.open_letters();
SELECT t.at(6, 'c', '{"id":3}', '{"id":3,"n":300,"big":"x"}'), t.at(7, 't', NULL, NULL);
SELECT * FROM t.open_letters() WHERE place > 5;
TRUNCATE kafka_cdc_sink.dead_letters, app.acc;

-- What lacks values goes behind: the row that it builds on is not there. In their order they are applied.
SELECT t.at(1, 'c', '{"id":1}', '{"id":1,"n":1,"big":"one"}'), t.at(2, 'u', '{"id":1}', '{"id":1,"n":200,"big":"two"}');
SELECT t.at(3, 'u', '{"id":1}', '{"id":1,"n":3,"big":"__debezium_unavailable_value"}'), t.at(4, 'u', '{"id":1}', '{"id":1,"n":4,"big":"__debezium_unavailable_value"}'),
    t.at(5, 'c', '{"id":2}', '{"id":2,"n":5,"big":"other row"}');
SELECT * FROM t.acc();
SELECT * FROM t.open_letters();
SELECT letter_offset, result, left(message, 60) AS message FROM kafka_cdc_sink.replay_dead_letters();
ALTER TABLE app.acc DROP CONSTRAINT acc_n_check;
SELECT letter_topic, letter_partition, letter_offset, result, message FROM kafka_cdc_sink.replay_dead_letters();
SELECT * FROM t.acc();
SELECT * FROM t.open_letters();
SELECT count(*) FROM kafka_cdc_sink.replay_dead_letters();
ALTER TABLE app.acc ADD CHECK (n < 100);
TRUNCATE kafka_cdc_sink.dead_letters, app.acc;

-- One that is replayed alone does not take the row back, nor run ahead of those before it.
SELECT t.at(1, 'u', '{"id":1}', '{"id":1,"n":200,"big":"one"}'), t.at(2, 'u', '{"id":1}', '{"id":1,"n":300,"big":"two"}'), t.at(3, 'u', '{"id":1}', '{"id":1,"n":3,"big":"__debezium_unavailable_value"}');
SELECT id AS second FROM kafka_cdc_sink.dead_letters WHERE "offset" = 2 \gset
SELECT id AS third FROM kafka_cdc_sink.dead_letters WHERE "offset" = 3 \gset
SELECT letter_offset, result FROM kafka_cdc_sink.replay_dead_letters(ids => ARRAY[:third]);
SELECT letter_offset, result, message FROM kafka_cdc_sink.replay_dead_letter(:second, t.envelope('acc', 'u', '{"id":1,"n":2,"big":"edited"}', NULL)::text);
SELECT * FROM t.acc();
SELECT * FROM t.open_letters();
SELECT letter_offset, result FROM kafka_cdc_sink.replay_dead_letters('srv.app.acc');
SELECT * FROM t.acc();
SELECT letter_offset, result FROM kafka_cdc_sink.replay_dead_letter(:second, NULL::text);
SELECT * FROM kafka_cdc_sink.replay_dead_letter(-1, NULL::text);
TRUNCATE kafka_cdc_sink.dead_letters, app.acc;

-- A record that is read again, and applied now, closes its own letter.
SELECT t.at(1, 'u', '{"id":1}', '{"id":1,"n":200,"big":"one"}');
SELECT t.at(1, 'u', '{"id":1}', '{"id":1,"n":20,"big":"one"}');
SELECT * FROM t.open_letters();
-- One that is read again from before a letter leaves it.
SELECT t.at(5, 'u', '{"id":1}', '{"id":1,"n":500,"big":"five"}'), t.at(2, 'u', '{"id":1}', '{"id":1,"n":2,"big":"two"}');
SELECT * FROM t.open_letters();
-- Other partitions, tables and rows are others; a key's schema does not matter.
SELECT t.at(6, 'u', '{"id":1}', '{"id":1,"n":6,"big":"six"}', part => 1), t.at(6, 'u', '{"id":10}', '{"id":10,"n":6,"big":"six"}');
SELECT kafka_cdc_sink.apply_event('srv.app.acc', '{"id":1}', t.envelope('other', 'u', '{"id":1,"n":6}', NULL)::text, NULL, 0, 7);
SELECT * FROM t.open_letters() WHERE place = 5;
SELECT kafka_cdc_sink.apply_event('srv.app.acc', '{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false},"payload":{"id":1}}', t.envelope('acc', 'u', '{"id":1,"n":8,"big":"x"}', NULL)::text, NULL, 0, 8);
SELECT * FROM t.open_letters() WHERE place = 5;
TRUNCATE kafka_cdc_sink.dead_letters, app.acc;

-- Values of a row that a refused record changed do not go with its key.
SELECT t.at(1, 'c', '{"id":1}', '{"id":1,"n":1,"big":"old"}'), t.at(2, 'u', '{"id":1}', '{"id":1,"n":200,"big":"new"}');
SELECT t.at(3, 'd', '{"id":1}', NULL, '{"__debezium.newkey":{"id":2}}'), t.at(4, 'c', '{"id":2}', '{"id":2,"n":4,"big":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM t.acc();
SELECT * FROM t.open_letters();
TRUNCATE kafka_cdc_sink.dead_letters, app.acc, kafka_cdc_sink.moves;

-- Some are given up; what is no row change any more is passed over.
SELECT t.at(1, 'c', '{"id":1}', '{"id":1,"n":200}'), t.at(2, 'c', '{"id":2}', '{"id":2,"n":200}'), t.at(3, 'c', '{"id":3}', '{"id":3,"n":200}');
SELECT kafka_cdc_sink.discard_dead_letters(ids => ARRAY(SELECT id FROM kafka_cdc_sink.dead_letters WHERE "offset" = 1));
SELECT letter_offset, result, message FROM kafka_cdc_sink.replay_dead_letter((SELECT id FROM kafka_cdc_sink.dead_letters WHERE "offset" = 2), '{"ts_ms":1}');
SELECT kafka_cdc_sink.discard_dead_letters('srv.app.other'), kafka_cdc_sink.discard_dead_letters();
SELECT * FROM t.open_letters();
-- In a transaction that is undone, nothing happened.
SELECT t.at(4, 'c', '{"id":4}', '{"id":4,"n":400}');
BEGIN;
ALTER TABLE app.acc DROP CONSTRAINT acc_n_check;
SELECT letter_offset, result FROM kafka_cdc_sink.replay_dead_letters();
ROLLBACK;
SELECT * FROM t.acc();
SELECT * FROM t.open_letters() WHERE place = 4;

-- Rights are the caller's own.
CREATE ROLE kcs_reader;
SET ROLE kcs_reader;
SELECT * FROM kafka_cdc_sink.replay_dead_letters();
SELECT kafka_cdc_sink.discard_dead_letters();
RESET ROLE;
DROP ROLE kcs_reader;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters;
