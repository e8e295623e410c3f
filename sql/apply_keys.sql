-- Keys: equal when the key's index says so, changed keys, and values that are not in the record.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
CREATE SCHEMA IF NOT EXISTS ext;
CREATE EXTENSION IF NOT EXISTS citext SCHEMA ext;
RESET client_min_messages;
\set ECHO all
\pset null '(null)'

-- citext: one row, with the last spelling.
CREATE TABLE app.mail (address ext.citext PRIMARY KEY, n int);
SELECT t.give('mail', 'c', '{"address":"Ann@Example.org"}', '{"address":"Ann@Example.org","n":1}');
SELECT t.give('mail', 'u', '{"address":"ANN@example.org"}', '{"address":"ANN@example.org","n":2}');
SELECT * FROM app.mail;
SELECT t.take('mail', '{"address":"ann@example.ORG"}');
SELECT count(*) FROM app.mail;

-- numeric, char(n), a collation that ignores case, text, uuid, bytea, timestamps, enums, domains.
CREATE TABLE app.money (amount numeric PRIMARY KEY, n int);
SELECT t.give('money', 'c', '{"amount":1.50}', '{"amount":1.50,"n":1}');
SELECT t.give('money', 'c', '{"amount":1.5}', '{"amount":1.5,"n":2}');
SELECT * FROM app.money;
CREATE TABLE app.codes (code char(5) PRIMARY KEY, n int);
SELECT t.give('codes', 'c', '{"code":"ab"}', '{"code":"ab","n":1}');
SELECT t.give('codes', 'u', '{"code":"ab   "}', '{"code":"ab   ","n":2}');
SELECT '[' || code || ']', length(code), n FROM app.codes;
CREATE TABLE app.texts (k text COLLATE "C" PRIMARY KEY, n int);
SELECT t.give('texts', 'c', '{"k":"é"}', '{"k":"é","n":1}');
SELECT t.give('texts', 'u', '{"k":"é"}', '{"k":"é","n":2}');
SELECT t.give('texts', 'c', '{"k":""}', '{"k":"","n":3}');
SELECT * FROM app.texts ORDER BY n;
SELECT t.take('texts', '{"k":""}');
SELECT * FROM app.texts;
CREATE TYPE app.color AS ENUM ('red', 'green');
CREATE DOMAIN app.positive AS int CHECK (VALUE > 0);
CREATE TABLE app.mixed (c app.color, p app.positive, u uuid, v varchar(10), n text, PRIMARY KEY (c, p, u, v));
SELECT t.give('mixed', 'c', '{"c":"red","p":1,"u":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d","v":"x"}', '{"c":"red","p":1,"u":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d","v":"x","n":"a"}');
SELECT t.give('mixed', 'u', '{"c":"red","p":1,"u":"6F2C1F8E-3B0A-4A57-9C8A-0E1F2A3B4C5D","v":"x"}', '{"c":"red","p":1,"u":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d","v":"x","n":"b"}');
SELECT t.give('mixed', 'c', '{"c":"green","p":0,"u":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d","v":"x"}', '{"c":"green","p":0,"u":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d","v":"x","n":"b"}');
SELECT * FROM app.mixed;
SELECT t.take('mixed', '{"c":"red","p":1,"u":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d","v":"x"}');
SELECT count(*) FROM app.mixed;
CREATE TABLE app.arrays (k int[] PRIMARY KEY, n int);
SELECT t.give('arrays', 'c', '{"k":[1,2]}', '{"k":[1,2],"n":1}');
SELECT t.give('arrays', 'u', '{"k":[1,2]}', '{"k":[1,2],"n":2}');
SELECT * FROM app.arrays;
SELECT t.take('arrays', '{"k":[1,2]}');
SELECT count(*) FROM app.arrays;

-- A unique index serves as well as a primary key; one that is partial, deferrable, on an
-- expression or on other columns does not.
CREATE TABLE app.uniq (a int NOT NULL, b int NOT NULL, n int);
CREATE UNIQUE INDEX ON app.uniq (a) WHERE b > 0;
CREATE UNIQUE INDEX ON app.uniq ((a + 1));
CREATE UNIQUE INDEX ON app.uniq (a, b);
ALTER TABLE app.uniq ADD UNIQUE (a) DEFERRABLE;
SELECT t.give('uniq', 'c', '{"a":1}', '{"a":1,"b":2,"n":3}');
ALTER TABLE app.uniq DROP CONSTRAINT uniq_a_key;
CREATE UNIQUE INDEX ON app.uniq (a) INCLUDE (n);
SELECT t.give('uniq', 'c', '{"a":1}', '{"a":1,"b":2,"n":3}');
SELECT t.give('uniq', 'u', '{"a":1}', '{"a":1,"b":2,"n":4}');
SELECT * FROM app.uniq;
SELECT t.give('uniq', 'c', '{"z":1}', '{"z":1}');
SELECT t.give('uniq', 'c', '{"a":null}', '{"a":null,"b":1,"n":1}');

-- Values that the source did not send stay as they are.
CREATE TABLE app.docs (id int PRIMARY KEY, title text, body text, blob bytea);
SELECT t.give('docs', 'c', '{"id":1}', '{"id":1,"title":"a","body":"long","blob":"3q2+7w=="}');
SELECT t.give('docs', 'u', '{"id":1}', '{"id":1,"title":"b","body":"__debezium_unavailable_value","blob":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}');
SELECT * FROM app.docs;
SELECT t.give('docs', 'u', '{"id":2}', '{"id":2,"title":"b","body":"__debezium_unavailable_value","blob":null}');
SELECT t.give('docs', 'u', '{"id":2}', '{"id":2,"title":"__debezium_unavailable_value","body":"__debezium_unavailable_value","blob":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}');
SELECT t.give('docs', 'u', '{"id":1}', '{"id":1,"title":"__debezium_unavailable_value","body":"__debezium_unavailable_value","blob":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}');
SELECT * FROM app.docs;

-- A key change carries them along: both halves, in order ...
SELECT t.take('docs', '{"id":1}', '{"__debezium.newkey":{"id":11}}');
SELECT kafka_cdc_sink.apply_event('srv.app.docs', '{"id":1}', NULL, '{"__debezium.newkey":{"id":11}}');
SELECT t.give('docs', 'c', '{"id":11}', '{"id":11,"title":"moved","body":"__debezium_unavailable_value","blob":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}', '{"__debezium.oldkey":{"id":1}}');
SELECT * FROM app.docs;
-- ... the second half first ...
SELECT t.give('docs', 'c', '{"id":12}', '{"id":12,"title":"again","body":"__debezium_unavailable_value","blob":"X19kZWJleml1bV91bmF2YWlsYWJsZV92YWx1ZQ=="}', '{"__debezium.oldkey":{"id":11}}');
SELECT * FROM app.docs;
SELECT t.take('docs', '{"id":11}', '{"__debezium.newkey":{"id":12}}');
SELECT * FROM app.docs;
-- ... a whole row needs nothing of the old one ...
SELECT t.give('docs', 'c', '{"id":13}', '{"id":13,"title":"whole","body":"short","blob":null}', '{"__debezium.oldkey":{"id":12}}');
SELECT * FROM app.docs ORDER BY id;
SELECT t.take('docs', '{"id":12}', '{"__debezium.newkey":{"id":13}}');
SELECT * FROM app.docs ORDER BY id;
-- ... and a composite key, only a part of which changes.
CREATE TABLE app.parts (a int, b ext.citext, body text, PRIMARY KEY (b, a));
SELECT t.give('parts', 'c', '{"a":1,"b":"x"}', '{"a":1,"b":"x","body":"long"}');
SELECT t.take('parts', '{"a":1,"b":"X"}', '{"__debezium.newkey":{"a":2,"b":"x"}}');
SELECT t.give('parts', 'c', '{"a":2,"b":"x"}', '{"a":2,"b":"x","body":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"a":1,"b":"x"}}');
SELECT * FROM app.parts;
-- A key that changes its spelling only.
SELECT t.take('parts', '{"a":2,"b":"x"}', '{"__debezium.newkey":{"a":2,"b":"X"}}');
SELECT t.give('parts', 'c', '{"a":2,"b":"X"}', '{"a":2,"b":"X","body":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"a":2,"b":"x"}}');
SELECT * FROM app.parts;
SELECT t.letters();

-- Rows are looked up by the key's index, also after the server has thrown the kept plans away.
CREATE TABLE app.one (id int PRIMARY KEY);
CREATE TABLE app.two (a int, b int, PRIMARY KEY (a, b));
INSERT INTO app.one SELECT generate_series(1, 3);
INSERT INTO app.two SELECT i, i FROM generate_series(1, 3) AS i;
ANALYZE app.one, app.two;
SELECT t.take('one', '{"id":1}'), t.take('two', '{"a":1,"b":1}');
CREATE SCHEMA anew;
DROP SCHEMA anew;
BEGIN;
SELECT sum(seq_scan) AS before FROM pg_stat_xact_user_tables WHERE schemaname = 'app' AND relname IN ('one', 'two') \gset
SELECT t.take('one', '{"id":2}'), t.take('two', '{"a":2,"b":2}');
SELECT sum(seq_scan) - :before AS seq_scans FROM pg_stat_xact_user_tables WHERE schemaname = 'app' AND relname IN ('one', 'two');
COMMIT;
SELECT one.id, two.* FROM app.one, app.two;

-- A key that is a bare value is the one column of the primary key.
CREATE TABLE app.bare (id int PRIMARY KEY, v text);
SELECT t.give('bare', 'c', '11', '{"id":11,"v":"a"}');
SELECT t.give('bare', 'u', '11', '{"id":11,"v":"b"}');
SELECT t.give('bare', 'c', '12', '{"id":12,"v":"c"}');
SELECT t.take('bare', '12');
SELECT * FROM app.bare;
SELECT t.give('bare_new', 'c', '11', '{"id":11}');

-- Without schema the headers of a key change may have another form than the key: decimals are
-- base64 there and numbers here, days and text. The column tells; where it cannot, the change is a
-- delete and an insert.
CREATE TABLE app.forms (kind text, n numeric(6,2), d date, big text, PRIMARY KEY (n, d));
CREATE TABLE app.unformed (kind text, n text, d bigint, big text, PRIMARY KEY (n, d));
SELECT tbl, t.give(tbl, 'c', '{"n":"ew==","d":17109}', '{"n":"ew==","d":17109,"big":"large"}'),
       t.take(tbl, '{"n":"ew==","d":17109}', '{"__debezium.newkey":"{\"n\":1.24,\"d\":2016-11-05}"}'),
       t.give(tbl, 'c', '{"n":"fA==","d":17110}', '{"n":"fA==","d":17110,"big":"__debezium_unavailable_value"}',
              '{"__debezium.oldkey":"{\"n\":1.23,\"d\":2016-11-04}"}'),
       t.give(tbl, 'c', '{"n":"fQ==","d":17111}', '{"n":"fQ==","d":17111,"big":"whole"}',
              '{"__debezium.oldkey":"{\"n\":1.24,\"d\":2016-11-05}"}')
FROM unnest(ARRAY['forms', 'unformed']) AS tbl \gx
SELECT * FROM app.forms;
SELECT * FROM app.unformed;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app, ext CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters;
