-- Key and value have converters of their own: one may write schemas where the other does not.
\set ECHO none
\i sql/apply_events.inc
-- The key without schema, the value with one; and the other way around.
CREATE FUNCTION t.bare_key(tbl text, op text, fields json, key json, after json, headers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, key::text, r.v, headers)
    FROM t.typed_record(tbl, op, fields, CASE json_typeof(key) WHEN 'object' THEN key ELSE '{}' END, after) AS r
$$;
CREATE FUNCTION t.bare_value(tbl text, op text, fields json, key json, after json, headers jsonb DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, r.k, t.envelope(tbl, op, after, CASE op WHEN 'd' THEN key END)::text, headers)
    FROM t.typed_record(tbl, op, fields, key, after) AS r
$$;
-- A field of each type that one can be, and two values of it.
CREATE TABLE t.kinds (n serial, tbl text, field text, one text, two text, made text);
INSERT INTO t.kinds (tbl, field, one, two, made) VALUES
    ('k_decimal', '"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"10"}', '"MDk="', '"MDo="', 'numeric(10,2)'),
    ('k_money', '"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}', '"MDk="', '"MDo="', 'numeric'),
    ('k_variable', '"type":"struct","name":"io.debezium.data.VariableScaleDecimal","fields":[{"type":"int32","optional":false,"field":"scale"},{"type":"bytes","optional":false,"field":"value"}]', '{"scale":1,"value":"MDk="}', '{"scale":1,"value":"MDo="}', 'numeric'),
    ('k_micro', '"type":"int64","name":"io.debezium.time.MicroTimestamp"', '1529507596945104', '1529507596945105', 'timestamp'),
    ('k_milli', '"type":"int64","name":"io.debezium.time.Timestamp"', '1529507596945', '1529507596946', 'timestamp'),
    ('k_nano', '"type":"int64","name":"io.debezium.time.NanoTimestamp"', '1529507596945104000', '1529507596945105000', 'timestamp'),
    ('k_date', '"type":"int32","name":"io.debezium.time.Date"', '17702', '17703', 'date'),
    ('k_time', '"type":"int64","name":"io.debezium.time.NanoTime"', '55516945104000', '55516945105000', 'time'),
    ('k_zoned', '"type":"string","name":"io.debezium.time.ZonedTimestamp"', '"2018-06-20T15:13:16.945Z"', '"2018-06-20T15:13:16.946Z"', 'timestamptz'),
    ('k_bytes', '"type":"bytes"', '"3q2+7w=="', '"3q2+8A=="', 'bytea'),
    ('k_uuid', '"type":"string","name":"io.debezium.data.Uuid"', '"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"', '"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5e"', 'uuid'),
    ('k_double', '"type":"double"', '1.5', '2.5', 'double precision'),
    ('k_small', '"type":"int16"', '1', '2', 'smallint'),
    ('k_bits', '"type":"bytes","name":"io.debezium.data.Bits","parameters":{"length":"5"}', '"FQ=="', '"FA=="', 'bit(5)'),
    ('k_array', '"type":"array","items":{"type":"int32","optional":true,"name":"io.debezium.time.Date"}', '[17702]', '[17703]', 'date[]');
-- Inserts both, changes the first, deletes the second, moves the first and back; with a tombstone in between.
CREATE FUNCTION t.run(how text) RETURNS TABLE (tbl text, types text, pk text, row_left text, results text) LANGUAGE plpgsql AS $$
DECLARE k t.kinds; f json; name text; call text; said text; out text[];
    one json; two json;
BEGIN
    FOR k IN SELECT * FROM t.kinds ORDER BY n LOOP
        name := k.tbl || '_' || how;
        f := format('[{"field":"k","optional":false,%s},{"field":"v","optional":true,"type":"string"}]', k.field);
        one := format('{"k":%s}', k.one);
        two := format('{"k":%s}', k.two);
        call := format('SELECT t.%I(%L, $1, %L, $2, $3, $4)', how, name, f);
        out := '{}';
        EXECUTE call INTO said USING 'c', one, format('{"k":%s,"v":"a"}', k.one)::json, NULL::jsonb;
        out := out || said;
        EXECUTE call INTO said USING 'c', two, format('{"k":%s,"v":"b"}', k.two)::json, NULL::jsonb;
        out := out || said;
        EXECUTE call INTO said USING 'u', one, format('{"k":%s,"v":"c"}', k.one)::json, NULL::jsonb;
        out := out || said;
        EXECUTE call INTO said USING 'd', two, NULL::json, NULL::jsonb;
        out := out || said;
        out := out || kafka_cdc_sink.apply_event('srv.app.' || name,
            CASE how WHEN 'bare_key' THEN two::text ELSE (SELECT r.k FROM t.typed_record(name, 'd', f, two, NULL) AS r) END, NULL);
        EXECUTE call INTO said USING 'd', one, NULL::json, jsonb_build_object('__debezium.newkey', two);
        out := out || said;
        EXECUTE call INTO said USING 'c', two, format('{"k":%s,"v":"__debezium_unavailable_value"}', k.two)::json,
            jsonb_build_object('__debezium.oldkey', one);
        out := out || said;
        tbl := name;
        SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attnum) INTO types
        FROM pg_attribute WHERE attrelid = to_regclass('app.' || name) AND attnum > 0;
        SELECT pg_get_constraintdef(oid) INTO pk FROM pg_constraint WHERE conrelid = to_regclass('app.' || name) AND contype = 'p';
        results := array_to_string(out, ',', '-');
        BEGIN
            EXECUTE format('SELECT string_agg(t::text, '' '') FROM app.%I AS t', name) INTO row_left;
        EXCEPTION WHEN undefined_table THEN row_left := 'no table';
        END;
        RETURN NEXT;
    END LOOP;
END $$;
-- Flattened, with the schema of the rows.
CREATE FUNCTION t.flat(tbl text, key text, value text) RETURNS text LANGUAGE sql AS $$
    SELECT kafka_cdc_sink.apply_event('srv.app.' || tbl, key, format('{"schema":%s,"payload":%s}',
        t.struct('[{"field":"k","type":"int64","optional":false,"name":"io.debezium.time.Timestamp"},{"field":"v","type":"string","optional":true}]', 'srv.app.' || tbl || '.Value'), value))
$$;
\set ECHO all
\pset format unaligned
\pset fieldsep ' | '
SET datestyle = ISO;

-- Tables that are made have the columns that the schema tells.
SELECT * FROM t.run('bare_key');
SELECT * FROM t.run('bare_value');
SELECT * FROM t.letters();

-- Tables made beforehand get the same values: their columns need not tell what a number means.
TRUNCATE kafka_cdc_sink.dead_letters;
SET client_min_messages = warning;
DROP SCHEMA app CASCADE;
RESET client_min_messages;
CREATE SCHEMA app;
SELECT format('CREATE TABLE app.%I (k %s PRIMARY KEY, v text)', tbl || '_' || how,
              CASE WHEN tbl ~ 'decimal' THEN 'numeric' WHEN tbl ~ 'micro' THEN 'timestamptz' WHEN tbl ~ 'zoned|date' THEN 'text' ELSE made END)
FROM t.kinds, (VALUES ('bare_key'), ('bare_value')) AS w(how) ORDER BY n, how \gexec
SELECT tbl, row_left, results FROM t.run('bare_key');
SELECT tbl, row_left, results FROM t.run('bare_value');
SELECT * FROM t.letters();
TRUNCATE kafka_cdc_sink.dead_letters;

-- Keys of several columns, in another order than the row's, one of which the row lacks.
SELECT t.bare_key('pairs', 'c', '[{"field":"d","type":"int32","optional":false,"name":"io.debezium.time.Date"},{"field":"a","type":"int32","optional":false},{"field":"v","type":"string","optional":true}]',
    '{"a":1,"d":17702}', '{"d":17702,"a":1,"v":"x"}');
SELECT * FROM t.columns('app.pairs');
SELECT * FROM app.pairs;
CREATE TABLE app.part (a int, d date, v text, PRIMARY KEY (a, d));
SELECT t.bare_key('part', 'c', '[{"field":"a","type":"int32","optional":false},{"field":"v","type":"string","optional":true}]', '{"a":1,"d":17702}', '{"a":1,"v":"x"}');
SELECT * FROM app.part;

-- Flattened records, and the two kinds of tombstone.
SELECT t.flat('flat', '{"k":1529507596945}', '{"k":1529507596945,"v":"a"}'), t.flat('flat', '{"k":1529507596946}', '{"k":1529507596946,"v":"b"}'), t.flat('flat', '{"k":1529507596947}', '{"k":1529507596947,"v":"c"}');
SELECT * FROM app.flat ORDER BY k;
SELECT t.flat('flat', '{"k":1529507596945}', 'null'), kafka_cdc_sink.apply_event('srv.app.flat', '{"k":1529507596946}', NULL);
SELECT * FROM app.flat ORDER BY k;

-- A bare value is of the one column that the route names.
CREATE TABLE app.bare (k numeric PRIMARY KEY, v text);
INSERT INTO kafka_cdc_sink.routes (topic, key_columns) VALUES ('srv.app.bare', '{k}');
\set decimal '[{"field":"k","optional":false,"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"}},{"field":"v","optional":true,"type":"string"}]'
SELECT t.bare_key('bare', 'c', :'decimal', '"MDk="', '{"k":"MDk=","v":"a"}'), t.bare_key('bare', 'c', :'decimal', '"MDo="', '{"k":"MDo=","v":"b"}'), t.bare_key('bare', 'c', :'decimal', '"MDs="', '{"k":"MDs=","v":"c"}');
SELECT * FROM app.bare ORDER BY k;
SELECT t.bare_key('bare', 'd', :'decimal', '"MDk="', NULL), kafka_cdc_sink.apply_event('srv.app.bare', '"MDk="', NULL), kafka_cdc_sink.apply_event('srv.app.bare', '"MDo="', NULL);
SELECT * FROM app.bare;
DELETE FROM kafka_cdc_sink.routes;

-- What is shown is what is done.
SELECT part, name, incoming_type, incoming, target_type, result FROM kafka_cdc_sink.explain_event('srv.app.k_decimal_bare_key', '{"k":"MDk="}',
    (SELECT v FROM t.typed_record('k_decimal_bare_key', 'u', '[{"field":"k","optional":false,"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2","connect.decimal.precision":"10"}}]', '{"k":"MDk="}', '{"k":"MDk="}'))) WHERE part IN ('key', 'column');

-- A key that a schema registry has the schema of says so.
SELECT kafka_cdc_sink.apply_event('srv.app.registry', '{"schemaId":5,"payload":{"id":1}}', t.envelope('registry', 'c', '{"id":1}', NULL)::text);
SELECT * FROM t.letters();
TRUNCATE kafka_cdc_sink.dead_letters;
-- Where a route says that the records are rows, such members are columns.
CREATE TABLE app.named (schema text, payload text, "schemaId" int UNIQUE, PRIMARY KEY (schema, payload));
INSERT INTO kafka_cdc_sink.routes (topic, format) VALUES ('srv.app.named', 'flattened');
SELECT kafka_cdc_sink.apply_event('srv.app.named', '{"schema":"b","payload":"c"}', '{"schema":"b","payload":"c","schemaId":5}'), kafka_cdc_sink.apply_event('srv.app.named', '{"schema":"b","payload":"d"}', '{"schema":"b","payload":"d"}');
SELECT * FROM app.named;
SELECT kafka_cdc_sink.apply_event('srv.app.named', '{"schema":"b","payload":"c"}', NULL);
SELECT * FROM app.named;
SELECT * FROM t.letters();
DELETE FROM kafka_cdc_sink.routes;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters;
