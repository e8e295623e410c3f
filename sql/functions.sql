-- Views and functions, without a broker: the sink is idle.
SET search_path = kafka_cdc_sink;

SELECT state, reason, hint, workers, partitions, total_lag, delay, last_error FROM status;
SELECT count(*) FROM workers;
SELECT count(*) FROM partitions;
SELECT count(*) FROM tables;

-- Every object has a comment.
SELECT pg_describe_object(classid, objid, 0) AS "without comment"
FROM pg_depend d
WHERE refclassid = 'pg_extension'::regclass
  AND refobjid = (SELECT oid FROM pg_extension WHERE extname = 'kafka_cdc_sink')
  AND deptype = 'e' AND classid <> 'pg_type'::regclass
  AND coalesce(obj_description(objid, classid::regclass::name), '') = ''
  AND NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = d.objid AND d.classid = 'pg_class'::regclass
                  AND c.relkind IN ('S', 'i'));

-- pause() and resume() follow their transaction.
SELECT * FROM control;
BEGIN;
SELECT pause('rolled back');
ROLLBACK;
SELECT * FROM control;
SELECT pause();
SELECT paused, reason, since IS NOT NULL AS since, resumed_at FROM control;
SELECT since AS first_since FROM control \gset
SELECT pause('for the night');
SELECT paused, reason, since = :'first_since' AS same_since FROM control;
SELECT resume();
SELECT paused, reason, since, resumed_at <= clock_timestamp() AS resumed FROM control;
BEGIN READ ONLY;
SELECT pause();
ROLLBACK;

-- What they tell the workers shows in the status once settings let the sink run.
ALTER SYSTEM SET kafka_cdc_sink.bootstrap_servers = '127.0.0.1:1';
ALTER SYSTEM SET kafka_cdc_sink.topics = 'shop.public.nothing';
ALTER SYSTEM SET kafka_cdc_sink.log_level = 'error';
SELECT pg_reload_conf();
-- A session sees a reload between two statements only.
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.01) WHERE NOT (current_setting('kafka_cdc_sink.topics') <> '')$$ FROM generate_series(1, 1000) \gexec
\o
\set ECHO all
CREATE FUNCTION pg_temp.state_within(wanted text, timeout interval DEFAULT '10s') RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    deadline timestamptz := clock_timestamp() + timeout;
    found text;
BEGIN
    LOOP
        SELECT state INTO found FROM kafka_cdc_sink.status;
        EXIT WHEN found ~ wanted OR clock_timestamp() > deadline;
        PERFORM pg_sleep(0.01);
    END LOOP;
    RETURN found ~ wanted;
END $$;
SELECT pg_temp.state_within('starting|running|error|degraded') AS left_idle;
SELECT pause('maintenance');
SELECT state, reason, hint FROM status;
BEGIN;
SAVEPOINT a;
SELECT resume();
ROLLBACK TO a;
SAVEPOINT b;
SELECT pause('second reason');
RELEASE b;
SELECT state, reason FROM status;
COMMIT;
SELECT state, reason FROM status;
BEGIN;
SELECT resume();
PREPARE TRANSACTION 'resumed';
SELECT state FROM status;
SELECT resume();
SELECT pg_temp.state_within('starting|running|error|degraded') AS resumed;
ALTER SYSTEM RESET ALL;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.01) WHERE NOT (current_setting('kafka_cdc_sink.topics') = '')$$ FROM generate_series(1, 1000) \gexec
\o
\set ECHO all
SELECT pg_temp.state_within('idle') AS idle_again;
SELECT reason FROM status;

-- seek() writes the offset of the current group.
SELECT seek('shop.public.orders', 3, 42);
SELECT group_id, topic, "partition", next_offset, last_offset, last_timestamp, last_hash
FROM offsets ORDER BY 1, 2, 3;
UPDATE offsets SET last_offset = 41, last_timestamp = now(), last_hash = 7;
SELECT seek(topic => 'shop.public.orders', "partition" => 3, "offset" => 7, force => true);
SELECT next_offset, last_offset, last_timestamp, last_hash FROM offsets;
SELECT seek('shop.public.orders', -1, 7);
SELECT seek('shop.public.orders', 0, -7);
SELECT seek('shop public orders', 0, 7);
SELECT seek(NULL, 0, 7);
SELECT seek('shop.public.orders', 0, NULL);
DELETE FROM offsets;

-- wait_for() gives up in time.
SELECT wait_for('shop.public.orders', 3, 43, '20ms');
SELECT wait_for('shop.public.orders', 3, 43, '-1 hour');
SELECT wait_for('shop.public.orders', 3, NULL);
SELECT wait_for('shop.public.orders', 3, 1, NULL);
SET statement_timeout = '100ms';
SELECT wait_for('shop.public.orders', 3, 43, '1 hour');
RESET statement_timeout;

-- reset_stats() is seen in the status.
SELECT stats_reset AS reset_before FROM status \gset
SELECT reset_stats();
SELECT stats_reset > :'reset_before' AS reset FROM status;

-- A dump takes the state along, and nothing else of the extension.
SELECT array_agg(c.relname ORDER BY c.relname) AS dumped
FROM pg_extension e, unnest(e.extconfig) AS t(oid) JOIN pg_class c ON c.oid = t.oid
WHERE extname = 'kafka_cdc_sink';

-- Another database is not the target.
ALTER SYSTEM SET kafka_cdc_sink.database = 'elsewhere';
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.01) WHERE NOT (current_setting('kafka_cdc_sink.database') = 'elsewhere')$$ FROM generate_series(1, 1000) \gexec
\o
\set ECHO all
SELECT state, reason, hint FROM status;
ALTER SYSTEM RESET kafka_cdc_sink.database;
SELECT pg_reload_conf();
\set ECHO none
\o /dev/null
SELECT $$SELECT pg_sleep(0.01) WHERE NOT (current_setting('kafka_cdc_sink.database') = current_database())$$ FROM generate_series(1, 1000) \gexec
\o
\set ECHO all
RESET search_path;
