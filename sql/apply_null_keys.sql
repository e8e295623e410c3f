-- Keys of a unique index, which may have NULLs: such rows are found by what they were.
\set ECHO none
\i sql/apply_events.inc
SET client_min_messages = warning;
CREATE FUNCTION t.change(tbl text, op text, key json, before json, after json, headers jsonb DEFAULT NULL,
                         connector text DEFAULT 'postgresql')
RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, key::text,
        jsonb_set(t.envelope(tbl, op, after, before)::jsonb, '{source,connector}', to_jsonb(connector))::text, headers)
$$;
RESET client_min_messages;
\set ECHO all
\pset null '(null)'

CREATE TABLE app.uniq (a int, b int, note text, UNIQUE (a, b));
SELECT t.change('uniq', 'c', '{"a":1,"b":null}', NULL, '{"a":1,"b":null,"note":"x"}') FROM generate_series(1, 2);
SELECT t.change('uniq', 'r', '{"a":1,"b":1}', NULL, '{"a":1,"b":1,"note":"whole"}'),
       t.change('uniq', 'c', '{"a":null,"b":null}', NULL, '{"a":null,"b":null,"note":"x"}');
SELECT t.change('uniq', 'u', '{"a":1,"b":null}', '{"a":1,"b":null,"note":"x"}', '{"a":1,"b":null,"note":"y"}');
SELECT * FROM app.uniq ORDER BY a, b, note;
SELECT t.change('uniq', 'd', '{"a":1,"b":null}', '{"a":1,"b":null,"note":"x"}', NULL),
       t.change('uniq', 'd', '{"a":null,"b":null}', '{"a":null,"b":null,"note":"x"}', NULL);
-- The tombstone behind it says nothing more.
SELECT kafka_cdc_sink.apply_event('srv.app.uniq', '{"a":1,"b":null}', NULL);
SELECT * FROM app.uniq ORDER BY a, b, note;
-- What is not there, and what tells no former values.
SELECT t.change('uniq', 'd', '{"a":1,"b":null}', '{"a":1,"b":null,"note":"x"}', NULL),
       t.change('uniq', 'u', '{"a":1,"b":null}', NULL, '{"a":1,"b":null,"note":"y"}'),
       t.change('uniq', 'd', '{"a":1,"b":null}', NULL, NULL);
SELECT name, conversion, result, error FROM kafka_cdc_sink.explain_event('srv.app.uniq', '{"a":1,"b":null}',
    t.envelope('uniq', 'c', '{"a":1,"b":null,"note":"z"}', NULL)::text) WHERE name <> 'role';

-- Key changes from and to a NULL, whole.
SELECT t.change('uniq', 'd', '{"a":1,"b":null}', '{"a":1,"b":null,"note":"y"}', NULL, '{"__debezium.newkey":{"a":1,"b":2}}'),
       t.change('uniq', 'c', '{"a":1,"b":2}', NULL, '{"a":1,"b":2,"note":"y"}', '{"__debezium.oldkey":{"a":1,"b":null}}');
SELECT t.change('uniq', 'd', '{"a":1,"b":1}', '{"a":1,"b":1,"note":"whole"}', NULL, '{"__debezium.newkey":{"a":null,"b":1}}'),
       t.change('uniq', 'c', '{"a":null,"b":1}', NULL, '{"a":null,"b":1,"note":"whole"}', '{"__debezium.oldkey":{"a":1,"b":1}}');
SELECT t.change('uniq', 'd', '{"a":null,"b":1}', '{"a":null,"b":1,"note":"whole"}', NULL, '{"__debezium.newkey":{"a":3,"b":null}}'),
       t.change('uniq', 'c', '{"a":3,"b":null}', NULL, '{"a":3,"b":null,"note":"whole"}', '{"__debezium.oldkey":{"a":null,"b":1}}');
SELECT * FROM app.uniq ORDER BY a, b, note;
-- The insert lacks values, which nothing brings along.
SELECT t.change('uniq', 'c', '{"a":4,"b":1}', NULL, '{"a":4,"b":1,"note":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"a":3,"b":null}}'),
       t.change('uniq', 'c', '{"a":4,"b":null}', NULL, '{"a":4,"b":null,"note":"__debezium_unavailable_value"}', '{"__debezium.oldkey":{"a":1,"b":2}}'),
       t.change('uniq', 'c', NULL, NULL, '{"a":4,"b":4,"note":"__debezium_unavailable_value"}', NULL, 'oracle');
SELECT * FROM t.letters();
SELECT * FROM app.uniq ORDER BY a, b, note;

-- The row goes from its former key whatever deletes do; deletes mark.
TRUNCATE app.uniq;
SET kafka_cdc_sink.delete_mode = 'soft';
SELECT t.change('uniq', 'c', '{"a":1,"b":null}', NULL, '{"a":1,"b":null,"note":"moves"}'),
       t.change('uniq', 'c', '{"a":2,"b":2}', NULL, '{"a":2,"b":2,"note":"moves"}'),
       t.change('uniq', 'c', '{"a":3,"b":null}', NULL, '{"a":3,"b":null,"note":"deleted"}');
SELECT t.change('uniq', 'd', '{"a":3,"b":null}', '{"a":3,"b":null,"note":"deleted"}', NULL),
       t.change('uniq', 'd', '{"a":1,"b":null}', '{"a":1,"b":null,"note":"moves"}', NULL, '{"__debezium.newkey":{"a":1,"b":2}}'),
       t.change('uniq', 'd', '{"a":2,"b":2}', '{"a":2,"b":2,"note":"moves"}', NULL, '{"__debezium.newkey":{"a":2,"b":null}}');
SELECT * FROM app.uniq;
RESET kafka_cdc_sink.delete_mode;

-- A column that takes no NULL.
CREATE TABLE app.strict (a int, b int, PRIMARY KEY (a, b));
SELECT t.change('strict', 'c', '{"a":1,"b":null}', NULL, '{"a":1,"b":null}'),
       t.change('strict', 'd', '{"a":1,"b":null}', '{"a":1,"b":null}', NULL);

-- A table that is made from such records takes NULLs.
SELECT t.typed('made', 'c', '[{"field":"a","type":"int32","optional":true},{"field":"b","type":"int32","optional":false},{"field":"c","type":"string","optional":true}]',
    '{"a":null,"b":1}', '{"a":null,"b":1,"c":"x"}'),
       t.typed('made', 'c', '[{"field":"a","type":"int32","optional":true},{"field":"b","type":"int32","optional":false},{"field":"c","type":"string","optional":true}]',
    '{"a":1,"b":1}', '{"a":1,"b":1,"c":"x"}'),
       t.typed('made', 'u', '[{"field":"a","type":"int32","optional":true},{"field":"b","type":"int32","optional":false},{"field":"c","type":"string","optional":true}]',
    '{"a":1,"b":1}', '{"a":1,"b":1,"c":"y"}');
SELECT * FROM app.made;
SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'app.made'::regclass;
-- A flattened delete that was rewritten tells the row; a tombstone alone does not.
CREATE TABLE app.flat (a int, note text, UNIQUE (a));
INSERT INTO app.flat VALUES (NULL, 'f'), (NULL, 'f'), (1, 'f');
SELECT kafka_cdc_sink.apply_event('srv.app.flat', '{"a":null}', '{"a":null,"note":"f","__op":"d","__deleted":"true"}'),
       kafka_cdc_sink.apply_event('srv.app.flat', '{"a":null}', NULL),
       kafka_cdc_sink.apply_event('srv.app.flat', '{"a":null}', '{"a":null,"note":"g","__op":"u","__deleted":"false"}');
SELECT * FROM app.flat ORDER BY a;
SELECT t.letters();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters;
