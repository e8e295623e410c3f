-- Flattened records: what ExtractNewRecordState makes of one run of events under each way of handling
-- deletes, with and without schemas, with added fields under each prefix and in headers.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
CREATE TABLE t.modes (n int, mode text, deletes text, tombstones text);
INSERT INTO t.modes VALUES
    (1, 'drop', 'nothing', 'dropped'), (2, 'tombstone', 'pseudo', 'dropped'), (3, 'rewrite', 'row', 'dropped'),
    (4, 'rewrite-with-tombstone', 'row', 'kept'), (5, 'delete-to-tombstone', 'null', 'dropped'),
    (6, 'none, tombstones kept (legacy)', 'pseudo', 'kept'), (7, 'drop, tombstones kept (legacy)', 'nothing', 'kept');
-- One event as the transform writes it; applied. op 'x': the tombstone behind a delete.
CREATE FUNCTION t.flat(m t.modes, with_schema bool, prefix text, op text, key int, columns jsonb, headers jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    field_names text[] := CASE prefix WHEN '' THEN '{op,source_ts_ms,transaction_id}' ELSE '{op,ts_ms,table,lsn,source_ts_ms,transaction_id}' END;
    added jsonb := (SELECT jsonb_object_agg(prefix || f, CASE WHEN f = 'op' THEN to_jsonb(op) WHEN f LIKE '%ms' THEN '1700000000000' WHEN f = 'table' THEN '"flat"' WHEN f = 'lsn' THEN '24023128' ELSE '"571:100"' END) FROM unnest(field_names) AS f);
    fields jsonb := '[{"type":"int32","optional":false,"field":"id"},{"type":"string","optional":true,"field":"big"},{"type":"string","optional":false,"field":"name"}]'
        || CASE m.deletes WHEN 'row' THEN '[{"type":"string","optional":true,"field":"__deleted"}]' ELSE '[]' END::jsonb
        || (SELECT jsonb_agg(jsonb_build_object('type', CASE WHEN f LIKE '%ms' OR f = 'lsn' THEN 'int64' ELSE 'string' END, 'optional', true, 'field', prefix || f)) FROM unnest(field_names) AS f);
    value jsonb := columns || added || CASE m.deletes WHEN 'row' THEN jsonb_build_object('__deleted', (op = 'd')::text) ELSE '{}' END;
    key_text text := json_build_object('id', key);
    said text;
BEGIN
    IF op = 'x' AND m.tombstones = 'dropped' OR op = 'd' AND m.deletes = 'nothing' THEN
        RETURN 'dropped';
    ELSIF op = 'x' OR op = 'd' AND m.deletes = 'null' THEN
        value := NULL;
    ELSIF op = 'd' AND m.deletes = 'pseudo' THEN
        value := 'null';
    END IF;
    IF with_schema THEN
        key_text := jsonb_build_object('schema', '{"type":"struct","fields":[{"type":"int32","optional":false,"field":"id"}],"optional":false,"name":"srv.app.flat.Key"}'::jsonb, 'payload', key_text::jsonb);
        value := jsonb_build_object('schema', jsonb_build_object('type', 'struct', 'fields', fields, 'optional', true, 'name', 'srv.app.flat.Value'), 'payload', value);
        IF op = 'x' OR op = 'd' AND m.deletes = 'null' THEN
            value := NULL;
        END IF;
    END IF;
    said := kafka_cdc_sink.apply_event('srv.app.flat', key_text, value::text, headers || jsonb_build_object('__op', CASE op WHEN 'x' THEN 'd' ELSE op END, '__source_ts_ms', '1700000000000'));
    RETURN said;
END $$;
CREATE FUNCTION t.run(m t.modes, with_schema bool, prefix text, delete_mode text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text[]; rows text; columns text;
BEGIN
    PERFORM set_config('kafka_cdc_sink.flattened_prefix', prefix, true), set_config('kafka_cdc_sink.delete_mode', delete_mode, true);
    DROP TABLE IF EXISTS app.flat;
    DELETE FROM kafka_cdc_sink.routes;
    IF NOT with_schema THEN -- else it would not be seen that they are Debezium's
        INSERT INTO kafka_cdc_sink.routes (topic) VALUES ('srv.app.flat');
    END IF;
    TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
    said := ARRAY[
        t.flat(m, with_schema, prefix, 'r', 1, '{"id":1,"name":"ann","big":"large"}'),
        t.flat(m, with_schema, prefix, 'c', 2, '{"id":2,"name":"bob","big":"larger"}'),
        t.flat(m, with_schema, prefix, 'c', 4, '{"id":4,"name":"eve","big":null}'),
        t.flat(m, with_schema, prefix, 'u', 1, '{"id":1,"name":"ann b.","big":"__debezium_unavailable_value"}'),
        -- a delete, whose former row has its key only
        t.flat(m, with_schema, prefix, 'd', 2, '{"id":2,"name":"","big":null}'),
        t.flat(m, with_schema, prefix, 'x', 2, NULL),
        -- a key that is deleted and comes again
        t.flat(m, with_schema, prefix, 'd', 4, '{"id":4,"name":"","big":null}'),
        t.flat(m, with_schema, prefix, 'x', 4, NULL),
        t.flat(m, with_schema, prefix, 'c', 4, '{"id":4,"name":"eve again","big":"new"}'),
        -- a changed key
        t.flat(m, with_schema, prefix, 'd', 1, '{"id":1,"name":"","big":null}', '{"__debezium.newkey":{"id":3}}'),
        t.flat(m, with_schema, prefix, 'x', 1, NULL, '{"__debezium.newkey":{"id":3}}'),
        t.flat(m, with_schema, prefix, 'c', 3, '{"id":3,"name":"ann c.","big":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"id":1}}')];
    IF to_regclass('app.flat') IS NULL THEN
        RETURN 'no table: ' || said[1];
    END IF;
    EXECUTE 'SELECT string_agg(f::text, '' '' ORDER BY id) FROM app.flat AS f' INTO rows;
    SELECT string_agg(attname, ',' ORDER BY attnum) INTO columns FROM pg_attribute WHERE attrelid = 'app.flat'::regclass AND attnum > 0;
    RETURN columns || ': ' || coalesce(rows, 'none') || coalesce(' ' || (SELECT string_agg(message, ' ') FROM kafka_cdc_sink.dead_letters), '');
END $$;
CREATE TABLE t.results AS
SELECT m.n, m.mode, d AS delete_mode, with_schema, p AS prefix, t.run(m, with_schema, p, d) AS result
FROM t.modes AS m, unnest('{delete,soft,ignore}'::text[]) AS d, unnest('{t,f}'::bool[]) AS with_schema, unnest('{__,dbz.,""}'::text[]) AS p;
RESET client_min_messages;
\set ECHO all
-- All six forms of each do the same.
SELECT delete_mode, mode, result, count(*) AS forms FROM t.results GROUP BY n, mode, delete_mode, result ORDER BY delete_mode, n, result;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
DELETE FROM kafka_cdc_sink.routes;
