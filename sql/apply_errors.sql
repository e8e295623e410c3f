-- Bad records, allowances, and whose rights and settings count.
\set ECHO none
\i sql/apply_events.inc
\set ECHO all
\pset null '(null)'

-- A record that cannot be applied is kept whole; its neighbours are applied.
CREATE TABLE app.strict (id int PRIMARY KEY, n int NOT NULL CHECK (n > 0), u int UNIQUE, d date);
SELECT t.give('strict', 'c', '{"id":1}', '{"id":1,"n":1,"u":1,"d":1}');
SELECT t.give('strict', 'c', '{"id":2}', '{"id":2,"n":null,"u":2,"d":1}');
SELECT t.give('strict', 'c', '{"id":3}', '{"id":3,"n":-1,"u":3,"d":1}');
SELECT t.give('strict', 'c', '{"id":4}', '{"id":4,"n":1,"u":1,"d":1}');
SELECT t.give('strict', 'c', '{"id":5}', '{"id":5,"n":99999999999,"u":5,"d":1}');
SELECT t.give('strict', 'c', '{"id":6}', '{"id":6,"n":6,"u":6,"d":1}');
SELECT * FROM app.strict ORDER BY id;
SELECT topic, "partition", "offset" < 0 AS own, convert_from(key, 'UTF8') AS key, left(convert_from(value, 'UTF8'), 60) AS value, headers, target, sqlstate, message, detail, status
FROM kafka_cdc_sink.dead_letters ORDER BY id;

-- Headers as they came; one pending letter for a record, the newest error.
SELECT kafka_cdc_sink.apply_event('srv.app.strict', '\x7b7d'::bytea, '\xff00'::bytea,
    '[{"name":"a","value":"x\"y"},{"name":"b","value":null},{"name":"c","hex":"ff00"},{"name":"a","value":""}]', 3, 42);
SELECT kafka_cdc_sink.apply_event('srv.app.strict', '\x7b7d'::bytea, NULL::bytea, '{"h":"v"}', 3, 42);
SELECT "partition", "offset", key, value, headers FROM kafka_cdc_sink.dead_letters WHERE "offset" = 42;
UPDATE kafka_cdc_sink.dead_letters SET status = 'discarded' WHERE "offset" = 42;
SELECT kafka_cdc_sink.apply_event('srv.app.strict', '\x7b7d'::bytea, '\x01'::bytea, NULL, 3, 42);
SELECT status, value FROM kafka_cdc_sink.dead_letters WHERE "offset" = 42 ORDER BY id;
TRUNCATE kafka_cdc_sink.dead_letters;

-- The allowance of an hour, which records that are only tried do not use up; resume() gives a fresh one.
CREATE FUNCTION t.at(at bigint) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.strict', '{"id":7}',
        t.envelope('strict', 'c', '{"id":7,"n":null}', NULL)::text, NULL, 0, at)
$$;
ALTER SYSTEM SET kafka_cdc_sink.max_dead_letters = 2;
SELECT pg_reload_conf();
\c -
SELECT t.at(NULL);
SELECT t.at(100);
SELECT t.at(101);
SELECT t.at(102);
SELECT kafka_cdc_sink.resume();
SELECT t.at(102);
ALTER SYSTEM SET kafka_cdc_sink.max_dead_letters = 0;
SELECT pg_reload_conf();
\c -
SELECT t.give('strict', 'c', '{"id":7}', '{"id":7,"n":null}');
ALTER SYSTEM RESET kafka_cdc_sink.max_dead_letters;
SELECT pg_reload_conf();
\c -
\pset null '(null)'
SET kafka_cdc_sink.on_error = 'pause';
SELECT t.give('strict', 'c', '{"id":7}', '{"id":7,"n":null}');
SELECT t.give('strict', 'c', '{"id":7}', '{"id":7,"n":7}');
RESET kafka_cdc_sink.on_error;
SELECT count(*) FROM kafka_cdc_sink.dead_letters;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.control;

-- Triggers sleep, as under a subscription, unless they are told to fire.
CREATE TABLE app.watched (id int PRIMARY KEY, n int, seen text);
CREATE FUNCTION app.note() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.seen := current_user || ' ' || current_setting('session_replication_role') || ' ' ||
        current_setting('search_path') || ' ' || current_setting('timezone');
    PERFORM set_config('work_mem', '12345kB', false);
    RETURN NEW;
END $$;
CREATE ROLE apply_errors_owner;
GRANT USAGE, CREATE ON SCHEMA app TO apply_errors_owner;
ALTER TABLE app.watched OWNER TO apply_errors_owner;
CREATE TRIGGER note BEFORE INSERT OR UPDATE ON app.watched FOR EACH ROW EXECUTE FUNCTION app.note();
SELECT t.give('watched', 'c', '{"id":1}', '{"id":1,"n":1}');
ALTER TABLE app.watched ENABLE ALWAYS TRIGGER note;
SELECT t.give('watched', 'c', '{"id":2}', '{"id":2,"n":1}');
ALTER TABLE app.watched ENABLE TRIGGER note;
SET kafka_cdc_sink.fire_triggers = on;
SELECT t.give('watched', 'c', '{"id":3}', '{"id":3,"n":1}');
RESET kafka_cdc_sink.fire_triggers;
SELECT * FROM app.watched ORDER BY id;
SELECT current_setting('work_mem') = '12345kB' AS leaked, current_user = session_user AS back,
       current_setting('session_replication_role');

-- What the owner may not do, nobody does for them; and nobody becomes somebody else.
CREATE TABLE app.secret (id int PRIMARY KEY, who text);
CREATE FUNCTION app.climb() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RESET SESSION AUTHORIZATION;
    RETURN NEW;
END $$;
CREATE FUNCTION app.pry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO app.secret VALUES (NEW.id, current_user);
    RETURN NEW;
END $$;
SET kafka_cdc_sink.fire_triggers = on;
CREATE TRIGGER climb BEFORE INSERT ON app.watched FOR EACH ROW EXECUTE FUNCTION app.climb();
SELECT t.give('watched', 'c', '{"id":4}', '{"id":4,"n":1}');
DROP TRIGGER climb ON app.watched;
CREATE TRIGGER pry AFTER INSERT ON app.watched FOR EACH ROW EXECUTE FUNCTION app.pry();
SELECT t.give('watched', 'c', '{"id":5}', '{"id":5,"n":1}');
DROP TRIGGER pry ON app.watched;
RESET kafka_cdc_sink.fire_triggers;
SELECT count(*) FROM app.secret;

-- Row-level security that would apply is refused, not obeyed.
ALTER TABLE app.watched ENABLE ROW LEVEL SECURITY;
SELECT t.give('watched', 'c', '{"id":6}', '{"id":6,"n":1}');
ALTER TABLE app.watched FORCE ROW LEVEL SECURITY;
SELECT t.give('watched', 'c', '{"id":7}', '{"id":7,"n":1}');
ALTER TABLE app.watched NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY;

-- Foreign keys sleep, too; deferred ones are checked at once when they are awake.
CREATE TABLE app.refs (id int PRIMARY KEY, w int REFERENCES app.strict DEFERRABLE INITIALLY DEFERRED);
SELECT t.give('refs', 'c', '{"id":1}', '{"id":1,"w":404}');
SET kafka_cdc_sink.fire_triggers = on;
SELECT t.give('refs', 'c', '{"id":2}', '{"id":2,"w":404}');
SELECT t.give('refs', 'c', '{"id":3}', '{"id":3,"w":1}');
RESET kafka_cdc_sink.fire_triggers;
-- Asleep, they stay the caller's to defer.
BEGIN;
SELECT t.give('refs', 'c', '{"id":4}', '{"id":4,"w":404}');
INSERT INTO app.refs VALUES (5, 404);
UPDATE app.refs SET w = 1 WHERE id > 3;
COMMIT;
CREATE FUNCTION app.late() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER late AFTER INSERT ON app.refs DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.late();
ALTER TABLE app.refs ENABLE ALWAYS TRIGGER late;
SELECT t.give('refs', 'c', '{"id":6}', '{"id":6,"w":404}');
SELECT * FROM app.refs ORDER BY id;
SELECT t.letters();
TRUNCATE kafka_cdc_sink.dead_letters;

-- A value that its type refuses is the record's fault, whatever the class of the type's error.
CREATE TABLE app.picky (id int PRIMARY KEY, q tsquery, r regclass, p jsonpath);
CREATE TABLE app.by_query (q tsquery PRIMARY KEY);
SELECT t.give('picky', 'c', '{"id":1}', '{"id":1,"q":"a & b","r":"pg_class","p":"$.a"}');
SELECT t.give('picky', 'c', '{"id":2}', '{"id":2,"q":"a & & b"}');
SELECT t.give('picky', 'c', '{"id":3}', '{"id":3,"r":"nowhere"}');
SELECT t.give('picky', 'c', '{"id":4}', '{"id":4,"p":"$.["}');
SELECT t.give('by_query', 'c', '{"q":"a & & b"}', '{"q":"a & & b"}');
SELECT t.take('by_query', '{"q":"a & & b"}');
SELECT * FROM app.picky;
SELECT target, sqlstate FROM t.letters();
TRUNCATE kafka_cdc_sink.dead_letters;

-- The session's settings bend nothing.
SET timezone = 'Asia/Kolkata';
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'sql_standard';
SET search_path = app, pg_catalog;
SET bytea_output = 'escape';
SET extra_float_digits = -3;
SET standard_conforming_strings = off;
SET escape_string_warning = off;
CREATE OPERATOR app.= (LEFTARG = int, RIGHTARG = int, FUNCTION = int4ne);
CREATE TABLE app.moments (id int PRIMARY KEY, d date, ts timestamp, tz timestamptz, i interval, f float8, b bytea);
SELECT t.give('moments', 'c', '{"id":1}', '{"id":1,"d":"2024-02-01","ts":"2024-02-01 10:00:00","tz":"2024-02-01T10:00:00Z","i":"P-1DT2H","f":0.1,"b":"3q2+7w=="}');
SELECT t.give('moments', 'u', '{"id":1}', '{"id":1,"d":"2024-02-03","ts":"2024-02-01 10:00:00","tz":"2024-02-01T10:00:00+02:00","i":"P-1DT2H","f":0.30000000000000004,"b":"3q2+7w=="}');
SELECT t.take('moments', '{"id":2}');
SHOW timezone;
RESET ALL;
SET timezone = 'UTC';
SET datestyle = 'ISO';
SELECT * FROM app.moments;
SELECT t.letters();

-- Only those who were let.
CREATE ROLE apply_errors_caller;
SET ROLE apply_errors_caller;
SELECT kafka_cdc_sink.apply_event('srv.app.strict', '{"id":8}', NULL);
RESET ROLE;
GRANT USAGE ON SCHEMA kafka_cdc_sink TO apply_errors_caller;
GRANT EXECUTE ON FUNCTION kafka_cdc_sink.apply_event(text, text, text, jsonb, integer, bigint) TO apply_errors_caller;
-- With no rights but their own: who could not become the table's owner does not act as it.
CREATE ROLE apply_errors_other;
GRANT USAGE, CREATE ON SCHEMA app TO apply_errors_other;
ALTER TABLE app.strict OWNER TO apply_errors_other;
SET ROLE apply_errors_caller;
SELECT kafka_cdc_sink.apply_event('srv.app.strict', '{"id":1}', NULL);
RESET ROLE;
GRANT apply_errors_other TO apply_errors_caller;
SET ROLE apply_errors_caller;
SELECT kafka_cdc_sink.apply_event('srv.app.strict', '{"id":1}', NULL);
SELECT kafka_cdc_sink.apply_event('srv.app.strict', '{"id":1}', '[]');
RESET ROLE;
ALTER TABLE app.strict OWNER TO CURRENT_USER;
SELECT count(*) FROM app.strict;
SELECT t.letters();

-- Not within itself.
CREATE FUNCTION app.again() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM kafka_cdc_sink.apply_event('srv.app.strict', '{"id":1}', NULL);
    RETURN NEW;
END $$;
CREATE TRIGGER again BEFORE INSERT ON app.strict FOR EACH ROW EXECUTE FUNCTION app.again();
SET kafka_cdc_sink.fire_triggers = on;
SELECT t.give('strict', 'c', '{"id":9}', '{"id":9,"n":1}');
RESET kafka_cdc_sink.fire_triggers;
SELECT t.give('strict', 'c', '{"id":9}', '{"id":9,"n":1}');
SELECT kafka_cdc_sink.apply_event(NULL, '{}', '{}');

-- Names of tables and columns are converted, as values are, unless the encoding lacks a character.
CREATE DATABASE apply_errors_latin1 TEMPLATE template0 ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C';
\set home :DBNAME
\c apply_errors_latin1
\encoding UTF8
CREATE EXTENSION kafka_cdc_sink;
CREATE TABLE public.coffee (id int PRIMARY KEY, kind text, U&"caf\00E9" text);
SELECT kafka_cdc_sink.apply_event('srv.public.coffee', '{"id":1}', '{"before":null,"after":{"id":1,"kind":"caf\u00e9"},"source":{"connector":"postgresql","db":"d","schema":"public","table":"coffee"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.coffee', '{"id":2}', '{"before":null,"after":{"id":2,"caf\u00e9":"x"},"source":{"connector":"postgresql","db":"d","schema":"public","table":"coffee"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.new', '{"id":1}', '{"before":null,"after":{"id":1,"caf\u00e9":"x"},"source":{"connector":"postgresql","db":"d","schema":"public","table":"new"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.new', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"public","table":"caf\u00e9"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.new', '{"cl\u00e9":1}', '{"before":null,"after":{"cl\u00e9":1,"a":1},"source":{"connector":"postgresql","db":"d","schema":"sch\u00e9ma","table":"caf\u00e9"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.new', '{"cl\u00e9":1}', '{"before":null,"after":{"cl\u00e9":1,"a":2,"\u00e4":3},"source":{"connector":"postgresql","db":"d","schema":"sch\u00e9ma","table":"caf\u00e9"},"op":"u","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.new', '{"id":1}', '{"before":null,"after":{"id":1},"source":{"connector":"postgresql","db":"d","schema":"public","table":"\u20ac"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.coffee', '{"id":3}', '{"before":null,"after":{"id":3,"\u20ac":1},"source":{"connector":"postgresql","db":"d","schema":"public","table":"coffee"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.public.new', '{"cl\u00e9":"x"}', '{"before":null,"after":{"cl\u00e9":"x"},"source":{"connector":"postgresql","db":"d","schema":"sch\u00e9ma","table":"caf\u00e9"},"op":"c","ts_ms":1}');
SELECT target, message, detail FROM kafka_cdc_sink.dead_letters;
SELECT * FROM U&"sch\00E9ma".U&"caf\00E9";
SELECT id, length(kind), encode(convert_to(kind, 'LATIN1'), 'hex') AS kind FROM public.coffee;
SELECT count(*) AS columns FROM pg_attribute WHERE attrelid = 'coffee'::regclass AND attnum > 0;
SELECT count(*) AS tables FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r';
\c :home
DROP DATABASE apply_errors_latin1;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
REVOKE ALL ON SCHEMA kafka_cdc_sink FROM apply_errors_caller;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA kafka_cdc_sink FROM apply_errors_caller;
DROP ROLE apply_errors_owner, apply_errors_caller;
TRUNCATE kafka_cdc_sink.dead_letters;
