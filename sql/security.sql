-- What an owner's code can do when a record is applied, replayed or explained in somebody's session.
CREATE ROLE regress_kcs_evil;
CREATE SCHEMA evil AUTHORIZATION regress_kcs_evil;
SET ROLE regress_kcs_evil;
CREATE TABLE evil.loot (place text, who name, won text);
CREATE FUNCTION evil.attack(place text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    s text;
BEGIN
    FOREACH s IN ARRAY ARRAY['RESET ROLE', 'SET SESSION AUTHORIZATION DEFAULT', 'ALTER ROLE regress_kcs_evil SUPERUSER',
        'SELECT 1 / count(*) FROM kafka_cdc_sink.dead_letters', 'DELETE FROM kafka_cdc_sink.routes', 'CREATE TEMP TABLE t (x int)',
        'LISTEN evil', 'PREPARE evil AS SELECT 1', 'DECLARE evil CURSOR WITH HOLD FOR SELECT 1', 'SET session_replication_role = origin',
        'DO $x$ BEGIN SET CONSTRAINTS ALL DEFERRED; INSERT INTO evil.later VALUES (1); END $x$'] LOOP
        BEGIN
            EXECUTE s;
            INSERT INTO evil.loot VALUES (place, current_user, s);
        EXCEPTION WHEN OTHERS THEN NULL;
        END;
    END LOOP;
    INSERT INTO evil.loot VALUES (place, current_user, NULL);
    SET work_mem = '65kB'; SET DateStyle = 'SQL, DMY'; SET search_path = evil; SET TimeZone = 'Asia/Tokyo'; SET evil.setting = 'x';
    RETURN true;
END $$;
CREATE FUNCTION evil.trigger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.attack(TG_TABLE_NAME); RETURN NEW; END $$;
-- What is told by an error is told whatever becomes of the transaction.
CREATE FUNCTION evil.tell() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'I am %', current_user; END $$;
CREATE TABLE evil.later (x int);
CREATE CONSTRAINT TRIGGER t AFTER INSERT ON evil.later DEFERRABLE FOR EACH ROW EXECUTE FUNCTION evil.trigger();
ALTER TABLE evil.later ENABLE ALWAYS TRIGGER t;
CREATE DOMAIN evil.checked AS int CHECK (evil.attack('domain'));
CREATE DOMAIN evil.told AS int CHECK (evil.tell());
CREATE TABLE evil.trapped (id evil.checked PRIMARY KEY, n evil.checked, d boolean DEFAULT evil.attack('default'), CHECK (evil.attack('check')));
CREATE CONSTRAINT TRIGGER t AFTER INSERT OR UPDATE ON evil.trapped DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evil.trigger();
ALTER TABLE evil.trapped ENABLE ALWAYS TRIGGER t;
CREATE TABLE evil.telling (id int PRIMARY KEY, n evil.told);
CREATE TABLE evil.key (id evil.told PRIMARY KEY);
RESET ROLE;

CREATE TEMP TABLE before AS SELECT name, setting FROM pg_settings;
BEGIN;
SELECT kafka_cdc_sink.apply_event('s.evil.trapped', '{"id":1}', '{"id":1,"n":2}');
SELECT kafka_cdc_sink.apply_event('s.evil.trapped', '{"id":1}', '{"id":1,"n":3}');
SELECT name, setting FROM pg_settings EXCEPT SELECT * FROM pg_temp.before;
COMMIT;
SELECT name, setting FROM pg_settings EXCEPT SELECT * FROM pg_temp.before;
SELECT kafka_cdc_sink.apply_event('s.evil.telling', '{"id":1}', '{"id":1,"n":2}');
SELECT kafka_cdc_sink.apply_event('s.evil.key', '{"id":1}', '{"id":1}');
SELECT name, error FROM kafka_cdc_sink.explain_event('s.evil.telling', '{"id":1}', '{"id":1,"n":2}') WHERE error IS NOT NULL;
SELECT name, error FROM kafka_cdc_sink.explain_event('s.evil.key', '{"id":1}', '{"id":1}') WHERE error IS NOT NULL;
SELECT part, name, error FROM kafka_cdc_sink.explain_event('s.evil.trapped', '{"id":1}', '{"id":1,"n":2}') WHERE error IS NOT NULL;
SELECT result, message FROM kafka_cdc_sink.replay_dead_letters();
SELECT place, who, won FROM evil.loot GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT name, setting FROM pg_settings EXCEPT SELECT * FROM pg_temp.before;
SELECT id, n FROM evil.trapped;

-- Nobody can hold a lock that the sink waits for: users' advisory locks end in 1 or 2.
BEGIN;
SELECT kafka_cdc_sink.apply_event('s.evil.made', '{"schema":{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}]},"payload":{"id":1}}',
    '{"schema":{"type":"struct","fields":[{"type":"struct","optional":true,"fields":[{"type":"int32","optional":false,"field":"id"}],"field":"after"},{"type":"struct","optional":false,"fields":[{"type":"string","optional":false,"field":"connector"},{"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"}],"field":"source"},{"type":"string","optional":false,"field":"op"}],"name":"s.evil.made.Envelope"},"payload":{"after":{"id":1},"op":"c","source":{"connector":"postgresql","schema":"evil","table":"made"}}}');
SELECT objsubid > 2 AS ours FROM pg_locks WHERE locktype = 'advisory' AND pid = pg_backend_pid();
ROLLBACK;

-- Who may call the functions lends himself no rights.
CREATE ROLE regress_kcs_caller;
GRANT USAGE ON SCHEMA kafka_cdc_sink TO regress_kcs_caller;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA kafka_cdc_sink TO regress_kcs_caller;
GRANT INSERT, UPDATE ON kafka_cdc_sink.dead_letters TO regress_kcs_caller;
SET ROLE regress_kcs_caller;
SELECT kafka_cdc_sink.apply_event('s.evil.trapped', '{"id":3}', '{"id":3,"n":2}');
SELECT result, message FROM kafka_cdc_sink.replay_dead_letters();
SELECT kafka_cdc_sink.apply_event('s.kafka_cdc_sink.routes', '{"id":1}', '{"id":1,"topic":"x"}');
SELECT kafka_cdc_sink.apply_event('s.pg_catalog.pg_authid', '{"oid":10}', '{"oid":10,"rolpassword":"x"}');
RESET ROLE;
GRANT regress_kcs_evil TO regress_kcs_caller;
SET ROLE regress_kcs_caller;
SELECT kafka_cdc_sink.apply_event('s.evil.trapped', '{"id":2}', '{"id":2,"n":2}');
RESET ROLE;
-- Dead letters are a whole topic's: who owns a table may not close, add or replay any by way of it.
SELECT kafka_cdc_sink.apply_event('s.x.other', '{"id":2}', 'junk', NULL, 0, 7);
REVOKE INSERT, UPDATE ON kafka_cdc_sink.dead_letters FROM regress_kcs_caller;
SET ROLE regress_kcs_caller;
SELECT kafka_cdc_sink.apply_event('s.x.other', '{"id":2}', '{"before":null,"after":{"id":2,"n":2},"op":"c","source":{"schema":"evil","table":"trapped"}}', NULL, 0, 7);
SELECT kafka_cdc_sink.apply_event('s.x.other', '{"id":2}', '{"before":null,"after":{"id":2,"n":2},"op":"c","source":{"schema":"evil","table":"trapped"}}');
SELECT kafka_cdc_sink.apply_event('s.x.other', '{"id":2}', 'junk');
SELECT result FROM kafka_cdc_sink.replay_dead_letters('s.x.other');
RESET ROLE;
SELECT key, status, xmax = 0 AS never_locked FROM kafka_cdc_sink.dead_letters WHERE topic = 's.x.other';
GRANT INSERT, UPDATE ON kafka_cdc_sink.dead_letters TO regress_kcs_caller;
SET ROLE regress_kcs_caller;
SELECT kafka_cdc_sink.apply_event('s.x.other', '{"id":2}', '{"before":null,"after":{"id":2,"n":2},"op":"c","source":{"schema":"evil","table":"trapped"}}', NULL, 0, 7);
RESET ROLE;
SELECT key, status FROM kafka_cdc_sink.dead_letters WHERE topic = 's.x.other';
SELECT DISTINCT who, won FROM evil.loot;
DROP TABLE before;
DELETE FROM kafka_cdc_sink.dead_letters;
DROP OWNED BY regress_kcs_caller, regress_kcs_evil;
DROP ROLE regress_kcs_caller, regress_kcs_evil;
