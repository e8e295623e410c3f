-- Routes: which table, key, columns and modes the records of a topic have.
\set ECHO none
\i sql/apply_events.inc
\set ECHO all
\pset null '(null)'
SET timezone = 'UTC';
SET datestyle = 'ISO';

-- What cannot be a route is refused.
INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('a b');
INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('^srv[.](app');
INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('a', 'x.y.z');
INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('a', '${nothing}');
INSERT INTO kafka_cdc_sink.routes (topic, key_columns) VALUES ('a', '{x,NULL}');
INSERT INTO kafka_cdc_sink.routes (topic, key_columns, excluded_columns) VALUES ('a', '{x,y}', '{y}');
INSERT INTO kafka_cdc_sink.routes (topic, format) VALUES ('a', 'avro');
INSERT INTO kafka_cdc_sink.routes (topic, delete_mode) VALUES ('a', 'none');
INSERT INTO kafka_cdc_sink.routes (topic, time_precision_mode) VALUES ('a', 'exact');
INSERT INTO kafka_cdc_sink.routes (topic, schemaless_decimal_columns) VALUES ('a', 'x:y');
INSERT INTO kafka_cdc_sink.routes (topic, schemaless_timestamp_columns) VALUES ('a', 'x,,y');
INSERT INTO kafka_cdc_sink.routes (topic, unavailable_value) VALUES ('a', '');
INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('a');
UPDATE kafka_cdc_sink.routes SET decimal_handling_mode = 'exact';
SELECT kafka_cdc_sink.check_route();
BEGIN;
CREATE TABLE app.other (a int, b int, topic int, c int);
CREATE TRIGGER t BEFORE INSERT ON app.other FOR EACH ROW EXECUTE FUNCTION kafka_cdc_sink.check_route();
CREATE TRIGGER u AFTER UPDATE ON app.other EXECUTE FUNCTION kafka_cdc_sink.routes_changed();
SAVEPOINT s;
INSERT INTO app.other VALUES (1, 2, 3, 4);
ROLLBACK TO s;
UPDATE app.other SET a = 1;
ROLLBACK TO s;
CREATE TRIGGER t BEFORE DELETE ON kafka_cdc_sink.routes FOR EACH ROW EXECUTE FUNCTION kafka_cdc_sink.check_route();
DELETE FROM kafka_cdc_sink.routes;
ROLLBACK TO s;
CREATE TRIGGER t AFTER INSERT ON kafka_cdc_sink.routes EXECUTE FUNCTION kafka_cdc_sink.check_route();
INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('b');
ROLLBACK TO s;
CREATE TRIGGER t BEFORE INSERT ON kafka_cdc_sink.routes FOR EACH ROW EXECUTE FUNCTION kafka_cdc_sink.routes_changed();
INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('b');
ROLLBACK;
DELETE FROM kafka_cdc_sink.routes;
BEGIN;
INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('a');
PREPARE TRANSACTION 'p';
-- A row that came past the trigger stops everything: without it, records would go elsewhere.
BEGIN;
SET LOCAL session_replication_role = replica;
INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('^(');
SELECT t.give('stopped', 'c', '{"id":1}', '{"id":1}');
ROLLBACK;

-- Another table; in this session at once, also before it is committed.
BEGIN;
INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('^srv[.]app[.]', 'app.${table}_copy');
SELECT t.give('one', 'c', '{"id":1}', '{"id":1}');
SAVEPOINT s;
UPDATE kafka_cdc_sink.routes SET target = 'app.fixed';
SELECT t.give('one', 'c', '{"id":1}', '{"id":1}');
ROLLBACK TO s;
SELECT t.give('two', 'c', '{"id":1}', '{"id":1}');
COMMIT;
SELECT tablename FROM pg_tables WHERE schemaname = 'app' ORDER BY 1;
-- Highest priority, then a name before a pattern.
INSERT INTO kafka_cdc_sink.routes (topic, target) VALUES ('srv.app.one', 'app.one_named');
SELECT t.give('one', 'c', '{"id":2}', '{"id":2}');
INSERT INTO kafka_cdc_sink.routes (topic, target, priority) VALUES ('one$', 'app.no', 9);
INSERT INTO kafka_cdc_sink.routes (topic, target, priority) VALUES ('^.*one$', 'app.one_first', 1);
SELECT t.give('one', 'c', '{"id":3}', '{"id":3}');
SELECT tableoid::regclass, * FROM app.one_copy UNION ALL SELECT tableoid::regclass, * FROM app.one_named UNION ALL SELECT tableoid::regclass, * FROM app.one_first;
TRUNCATE kafka_cdc_sink.routes;
SELECT t.give('one', 'c', '{"id":4}', '{"id":4}');
SELECT tableoid::regclass, * FROM app.one;

-- Key columns of the row in place of the record key's.
INSERT INTO kafka_cdc_sink.routes (topic, key_columns) VALUES ('srv.app.coded', '{code}');
SELECT t.give('coded', 'c', '{"id":1}', '{"id":1,"code":"a","n":1}');
SELECT t.give('coded', 'c', '{"id":2}', '{"id":2,"code":"b","n":2}');
SELECT t.give('coded', 'u', '{"id":1}', '{"id":1,"code":"a","n":3}');
SELECT t.columns('app.coded');
SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'app.coded'::regclass;
SELECT * FROM app.coded ORDER BY id;
-- The former row tells that one of them changed.
SELECT kafka_cdc_sink.apply_event('srv.app.coded', '{"id":1}', t.envelope('coded', 'u', '{"id":1,"code":"c","n":4}', '{"id":1,"code":"a","n":3}')::text);
SELECT kafka_cdc_sink.apply_event('srv.app.coded', '{"id":2}', t.envelope('coded', 'u', '{"id":2,"code":"d","n":"__debezium_unavailable_value"}', '{"id":2,"code":"b","n":2}')::text);
SELECT * FROM app.coded ORDER BY id;
-- A delete by the former row, where that was sent; the tombstone behind it repeats it.
SELECT kafka_cdc_sink.apply_event('srv.app.coded', '{"id":1}', t.envelope('coded', 'd', NULL, '{"id":1,"code":"c","n":4}')::text);
SELECT kafka_cdc_sink.apply_event('srv.app.coded', '{"id":1}', NULL);
SELECT t.take('coded', '{"id":2}');
SELECT kafka_cdc_sink.apply_event('srv.app.coded', '{"id":2}', t.envelope('coded', 'd', NULL, '{"id":2,"code":"","n":0}')::text);
SELECT t.give('coded', 'c', '{"id":3}', '{"id":3,"n":5}');
SELECT * FROM app.coded ORDER BY id;
SELECT t.letters();
TRUNCATE kafka_cdc_sink.dead_letters;
-- Typed, without record key.
INSERT INTO kafka_cdc_sink.routes (topic, key_columns) VALUES ('srv.app.keyless', '{a,b}');
SELECT kafka_cdc_sink.apply_event('srv.app.keyless', NULL, t.envelope('keyless', 'c', '{"a":1,"b":2,"n":3}', NULL)::text);
SELECT kafka_cdc_sink.apply_event('srv.app.keyless', NULL, t.envelope('keyless', 'u', '{"a":1,"b":2,"n":4}', '{"a":1,"b":2,"n":3}')::text);
SELECT * FROM app.keyless;
SELECT kafka_cdc_sink.apply_event('srv.app.keyless', NULL, t.envelope('keyless', 'd', NULL, '{"a":1,"b":2,"n":4}')::text);
SELECT * FROM app.keyless;

-- Excluded columns are neither created nor written, whatever their values are.
INSERT INTO kafka_cdc_sink.routes (topic, excluded_columns) VALUES ('^srv[.]app[.]less', '{secret}');
SELECT t.typed('less', 'c', '[{"type":"int32","optional":false,"field":"id"},{"type":"int32","optional":true,"field":"secret"},{"type":"string","optional":true,"field":"b"}]', '{"id":1}', '{"id":1,"secret":"no number","b":"x"}');
SELECT t.give('less2', 'c', '{"id":1}', '{"id":1,"secret":1,"b":"x"}');
SELECT t.give('less2', 'c', '{"secret":1}', '{"id":1,"secret":1,"b":"x"}');
SELECT to_jsonb(l) FROM app.less l UNION ALL SELECT to_jsonb(l) FROM app.less2 l;

-- Modes of one topic; another one goes by the settings.
INSERT INTO kafka_cdc_sink.routes (topic, decimal_handling_mode, time_precision_mode, binary_handling_mode, unavailable_value)
VALUES ('srv.app.modes', 'string', 'connect', 'hex', '(same)');
CREATE TABLE app.modes (id int PRIMARY KEY, d numeric(10,2), at timestamp, b bytea, big text);
CREATE TABLE app.general (LIKE app.modes INCLUDING ALL);
SELECT t.give('modes', 'c', '{"id":1}', '{"id":1,"d":"1234","at":1529507596945,"b":"0102","big":"long"}');
SELECT t.give('general', 'c', '{"id":1}', '{"id":1,"d":"1234","at":1529507596945104,"b":"AQID","big":"long"}');
SELECT t.give('modes', 'u', '{"id":1}', '{"id":1,"d":"1234","at":1529507596945,"b":"0102","big":"(same)"}');
SELECT t.give('general', 'u', '{"id":1}', '{"id":1,"d":"1234","at":1529507596945104,"b":"AQID","big":"(same)"}');
SELECT tableoid::regclass, * FROM app.modes UNION ALL SELECT tableoid::regclass, * FROM app.general;
SET kafka_cdc_sink.binary_handling_mode = 'base64';
INSERT INTO kafka_cdc_sink.routes (topic, binary_handling_mode) VALUES ('srv.app.blobs', 'hex');
CREATE TABLE app.blobs (id int PRIMARY KEY, b bytea);
SELECT t.typed('blobs', 'c', '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"field":"b"}]', '{"id":1}', '{"id":1,"b":"0102"}');
SELECT * FROM app.blobs;
RESET kafka_cdc_sink.binary_handling_mode;

-- A format that is not detected; rows that are not recognisably Debezium's make a table by a route.
INSERT INTO kafka_cdc_sink.routes (topic, format) VALUES ('srv.app.bare', 'flattened');
SELECT kafka_cdc_sink.apply_event('srv.app.bare', '{"id":1}', '{"id":1,"op":"d","source":{"connector":"x"},"before":null,"after":null}');
SELECT * FROM app.bare;
INSERT INTO kafka_cdc_sink.routes (topic, format) VALUES ('srv.app.wrapped', 'envelope');
SELECT kafka_cdc_sink.apply_event('srv.app.wrapped', '{"id":1}', '{"id":1}');
SELECT kafka_cdc_sink.apply_event('srv.app.wrapped', '{"id":1}', '{"op":"c","after":{"id":1}}');
SELECT * FROM app.wrapped;
TRUNCATE kafka_cdc_sink.dead_letters;

-- History: each change is a row.
INSERT INTO kafka_cdc_sink.routes (topic, target, history) VALUES ('^srv[.]app[.]acc', 'app.${table}_history', true);
SET kafka_cdc_sink.delete_mode = soft; -- which a history has no use for
SELECT t.give('acc', 'r', '{"id":1}', '{"id":1,"n":1}');
SELECT t.give('acc', 'u', '{"id":1}', '{"id":1,"n":2,"big":"__debezium_unavailable_value"}');
SELECT t.take('acc', '{"id":1}');
SELECT kafka_cdc_sink.apply_event('srv.app.acc', '{"id":1}', NULL);
SELECT t.give('acc', 'c', '{"id":2}', '{"id":2,"n":3,"big":"x"}', '{"__debezium.oldkey":{"id":1}}');
SELECT kafka_cdc_sink.apply_event('srv.app.acc', NULL, t.envelope('acc', 't', NULL, NULL)::text);
SELECT id, n, big, __op, __source_time, __source_position, __topic, __partition, __unchanged FROM app.acc_history ORDER BY __offset DESC;
SELECT t.columns('app.acc_history');
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'app.acc_history'::regclass;
-- A second reading changes nothing.
SELECT kafka_cdc_sink.apply_event('srv.app.acc', '{"id":9}', t.envelope('acc', 'c', '{"id":9,"n":1}', NULL)::text, partition => 1, "offset" => 5) FROM generate_series(1, 2);
SELECT id, __partition, __offset FROM app.acc_history WHERE id = 9;
-- With schemas, and with positions.
SELECT t.typed('acc2', 'u', '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":false,"default":"x","field":"b"},{"type":"int64","optional":true,"name":"io.debezium.time.MicroTimestamp","field":"at"}]', '{"id":1}', '{"id":1,"b":"__debezium_unavailable_value","at":1529507596945104}');
SELECT id, b, at, __op, __unchanged FROM app.acc2_history;
SELECT kafka_cdc_sink.apply_event('srv.app.acc3', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"mysql","db":"app","table":"acc3","ts_ms":1700000000123,"file":"b.1","pos":4,"row":0,"gtid":"u:1"},"op":"c"}');
SELECT id, __source_time, __source_position FROM app.acc3_history;
-- Somebody's own table, without a key: appended to; columns are added as to any other.
CREATE TABLE app.acc4_history (id int, n int, __op "char", at timestamptz DEFAULT '2024-01-01');
SELECT t.give('acc4', 'c', '{"id":1}', '{"id":1,"n":1}');
SELECT t.give('acc4', 'u', '{"id":1}', '{"id":1,"n":2}');
SELECT id, n, __op, at, __topic FROM app.acc4_history ORDER BY __offset DESC;
SELECT t.give('acc5', 'c', '{"id":1}', '{"id":1,"__op":"x"}');
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.routes;
