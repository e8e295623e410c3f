-- Key changes whose headers each header converter of Connect wrote: every key type, in either order of
-- arrival, for tables that are there and for tables made from the record.
\set ECHO none
\i sql/values.inc
SET client_min_messages = warning;
CREATE TYPE app.color AS ENUM ('red', 'it''s, "x"');
-- As Kafka 4.1.2's converters write a key struct of one field k, before and after the change: JsonConverter
-- without schema (also the payload of one with schema), SimpleHeaderConverter, StringConverter.
-- `target` may end with the source's mode.
CREATE TABLE t.keys (n int GENERATED ALWAYS AS IDENTITY, target text, field text, old_json text, new_json text, old_simple text, new_simple text, old_string text, new_string text);
INSERT INTO t.keys (target, field, old_json, new_json, old_simple, new_simple, old_string, new_string) VALUES
    ('smallint', '{"type":"int16","optional":false,"field":"k"}', '{"k":-1}', '{"k":7}', '{"k":-1}', '{"k":7}', 'Struct{k=-1}', 'Struct{k=7}'),
    ('int', '{"type":"int32","optional":false,"field":"k"}', '{"k":7}', '{"k":8}', '{"k":7}', '{"k":8}', 'Struct{k=7}', 'Struct{k=8}'),
    ('bigint', '{"type":"int64","optional":false,"field":"k"}', '{"k":-9223372036854775808}', '{"k":9223372036854775807}', '{"k":-9223372036854775808}', '{"k":9223372036854775807}', 'Struct{k=-9223372036854775808}', 'Struct{k=9223372036854775807}'),
    ('real', '{"type":"float","optional":false,"field":"k"}', '{"k":1.5}', '{"k":1.0E10}', '{"k":1.5}', '{"k":1.0E10}', 'Struct{k=1.5}', 'Struct{k=1.0E10}'),
    ('float8', '{"type":"double","optional":false,"field":"k"}', '{"k":"NaN"}', '{"k":"-Infinity"}', '{"k":NaN}', '{"k":-Infinity}', 'Struct{k=NaN}', 'Struct{k=-Infinity}'),
    ('float8', '{"type":"double","optional":false,"field":"k"}', '{"k":1.0E-7}', '{"k":-2.5E300}', '{"k":1.0E-7}', '{"k":-2.5E300}', 'Struct{k=1.0E-7}', 'Struct{k=-2.5E300}'),
    ('boolean', '{"type":"boolean","optional":false,"field":"k"}', '{"k":true}', '{"k":false}', '{"k":true}', '{"k":false}', 'Struct{k=true}', 'Struct{k=false}'),
    ('text', '{"type":"string","optional":false,"field":"k"}', '{"k":"plain"}', E'{"k":"it''s, k=\\"x\\"\\\\{a}"}', '{"k":"plain"}', E'{"k":"it''s, k=\\"x\\"\\\\{a}"}', 'Struct{k=plain}', E'Struct{k=it''s, k="x"\\{a}}'),
    ('text', '{"type":"string","optional":false,"field":"k"}', E'{"k":"line\\nbreak\\t"}', E'{"k":"ü\\uD83D\\uDE00"}', E'{"k":"line\nbreak\t"}', '{"k":"ü😀"}', E'Struct{k=line\nbreak\t}', 'Struct{k=ü😀}'),
    ('text', '{"type":"string","optional":false,"field":"k"}', '{"k":""}', '{"k":"2018-06-20"}', '{"k":""}', '{"k":"2018-06-20"}', 'Struct{k=}', 'Struct{k=2018-06-20}'),
    ('text', '{"type":"string","optional":false,"field":"k"}', '{"k":" lead "}', E'{"k":"{\\"a\\":1}"}', '{"k":" lead "}', E'{"k":"{\\"a\\":1}"}', 'Struct{k= lead }', 'Struct{k={"a":1}}'),
    ('text', '{"type":"string","optional":false,"field":"k"}', '{"k":"null"}', '{"k":"12"}', '{"k":"null"}', '{"k":"12"}', 'Struct{k=null}', 'Struct{k=12}'),
    ('text', '{"type":"string","optional":false,"field":"k"}', '{"k":"true"}', '{"k":"NaN"}', '{"k":"true"}', '{"k":"NaN"}', 'Struct{k=true}', 'Struct{k=NaN}'),
    ('char(4)', '{"type":"string","optional":false,"field":"k"}', '{"k":"ab  "}', '{"k":"cd  "}', '{"k":"ab  "}', '{"k":"cd  "}', 'Struct{k=ab  }', 'Struct{k=cd  }'),
    ('bytea', '{"type":"bytes","optional":false,"field":"k"}', '{"k":"AQL/"}', '{"k":""}', '{"k":"AQL/"}', '{"k":""}', 'Struct{k=[B@35a50a4c}', 'Struct{k=[B@35a50a4c}'),
    ('numeric(12,2)', '{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"2"},"field":"k"}', '{"k":"BOI="}', '{"k":"kg=="}', '{"k":12.50}', '{"k":-1.10}', 'Struct{k=12.50}', 'Struct{k=-1.10}'),
    ('numeric(20,10)', '{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"10"},"field":"k"}', '{"k":"AA=="}', '{"k":"A+g="}', '{"k":0E-10}', '{"k":1.000E-7}', 'Struct{k=0E-10}', 'Struct{k=1.000E-7}'),
    ('numeric(40,10)', '{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"10"},"field":"k"}', '{"k":"AJvTCjxkWUPdFcKV0AE="}', '{"k":"/av0HAA="}', '{"k":1234567890123456789012.0000000001}', '{"k":-1.0000000000}', 'Struct{k=1234567890123456789012.0000000001}', 'Struct{k=-1.0000000000}'),
    ('numeric(6,-3)', '{"type":"bytes","optional":false,"name":"org.apache.kafka.connect.data.Decimal","version":1,"parameters":{"scale":"-3"},"field":"k"}', '{"k":"AQ=="}', '{"k":"DA=="}', '{"k":1E+3}', '{"k":1.2E+4}', 'Struct{k=1E+3}', 'Struct{k=1.2E+4}'),
    ('numeric', '{"type":"struct","fields":[{"type":"int32","optional":false,"field":"scale"},{"type":"bytes","optional":false,"field":"value"}],"optional":false,"name":"io.debezium.data.VariableScaleDecimal","version":1,"field":"k"}', '{"k":{"scale":4,"value":"AYr3"}}', '{"k":{"scale":0,"value":"Cg=="}}', '{"k":{"scale":4,"value":"AYr3"}}', '{"k":{"scale":0,"value":"Cg=="}}', 'Struct{k=Struct{scale=4,value=[B@35a50a4c}}', 'Struct{k=Struct{scale=0,value=[B@35a50a4c}}'),
    ('numeric(12,2)/string', '{"type":"string","optional":false,"field":"k"}', '{"k":"12.50"}', '{"k":"-1.10"}', '{"k":"12.50"}', '{"k":"-1.10"}', 'Struct{k=12.50}', 'Struct{k=-1.10}'),
    ('numeric/string', '{"type":"string","optional":false,"field":"k"}', '{"k":"NAN"}', '{"k":"NEGATIVE_INFINITY"}', '{"k":"NAN"}', '{"k":"NEGATIVE_INFINITY"}', 'Struct{k=NAN}', 'Struct{k=NEGATIVE_INFINITY}'),
    ('numeric(12,2)/double', '{"type":"double","optional":false,"field":"k"}', '{"k":12.5}', '{"k":1.2345678E7}', '{"k":12.5}', '{"k":1.2345678E7}', 'Struct{k=12.5}', 'Struct{k=1.2345678E7}'),
    ('date', '{"type":"int32","optional":false,"name":"io.debezium.time.Date","version":1,"field":"k"}', '{"k":17109}', '{"k":-735160}', '{"k":17109}', '{"k":-735160}', 'Struct{k=17109}', 'Struct{k=-735160}'),
    ('timestamp', '{"type":"int64","optional":false,"name":"io.debezium.time.MicroTimestamp","version":1,"field":"k"}', '{"k":1529507596945104}', '{"k":-1}', '{"k":1529507596945104}', '{"k":-1}', 'Struct{k=1529507596945104}', 'Struct{k=-1}'),
    ('timestamp(3)', '{"type":"int64","optional":false,"name":"io.debezium.time.Timestamp","version":1,"field":"k"}', '{"k":1529507596945}', '{"k":9223372036825200}', '{"k":1529507596945}', '{"k":9223372036825200}', 'Struct{k=1529507596945}', 'Struct{k=9223372036825200}'),
    ('timestamp/nanoseconds', '{"type":"int64","optional":false,"name":"io.debezium.time.NanoTimestamp","version":1,"field":"k"}', '{"k":1529507596945104000}', '{"k":-1000}', '{"k":1529507596945104000}', '{"k":-1000}', 'Struct{k=1529507596945104000}', 'Struct{k=-1000}'),
    ('time', '{"type":"int64","optional":false,"name":"io.debezium.time.MicroTime","version":1,"field":"k"}', '{"k":86400000000}', '{"k":1}', '{"k":86400000000}', '{"k":1}', 'Struct{k=86400000000}', 'Struct{k=1}'),
    ('timestamptz', '{"type":"string","optional":false,"name":"io.debezium.time.ZonedTimestamp","version":1,"field":"k"}', '{"k":"2018-06-20T15:13:16.945104Z"}', '{"k":"-4713-12-31T23:59:59.999999Z"}', '{"k":"2018-06-20T15:13:16.945104Z"}', '{"k":"-4713-12-31T23:59:59.999999Z"}', 'Struct{k=2018-06-20T15:13:16.945104Z}', 'Struct{k=-4713-12-31T23:59:59.999999Z}'),
    ('timetz', '{"type":"string","optional":false,"name":"io.debezium.time.ZonedTime","version":1,"field":"k"}', '{"k":"15:13:16.945104Z"}', '{"k":"24:00:00Z"}', '{"k":"15:13:16.945104Z"}', '{"k":"24:00:00Z"}', 'Struct{k=15:13:16.945104Z}', 'Struct{k=24:00:00Z}'),
    ('date/isostring', '{"type":"string","optional":false,"name":"io.debezium.time.IsoDate","version":1,"field":"k"}', '{"k":"2017-09-15Z"}', '{"k":"-0043-03-15Z"}', '{"k":"2017-09-15Z"}', '{"k":"-0043-03-15Z"}', 'Struct{k=2017-09-15Z}', 'Struct{k=-0043-03-15Z}'),
    ('timestamp/isostring', '{"type":"string","optional":false,"name":"io.debezium.time.IsoTimestamp","version":1,"field":"k"}', '{"k":"2019-07-09T02:28:57.123456Z"}', '{"k":"+294247-01-10T04:00:25.2Z"}', '{"k":"2019-07-09T02:28:57.123456Z"}', '{"k":"+294247-01-10T04:00:25.2Z"}', 'Struct{k=2019-07-09T02:28:57.123456Z}', 'Struct{k=+294247-01-10T04:00:25.2Z}'),
    ('date/connect', '{"type":"int32","optional":false,"name":"org.apache.kafka.connect.data.Date","version":1,"field":"k"}', '{"k":17109}', '{"k":1}', '{"k":2016-11-04}', '{"k":1970-01-02}', 'Struct{k=Fri Nov 04 00:00:00 UTC 2016}', 'Struct{k=Fri Jan 02 00:00:00 UTC 1970}'),
    ('date/connect', '{"type":"int32","optional":false,"name":"org.apache.kafka.connect.data.Date","version":1,"field":"k"}', '{"k":-1}', '{"k":17109}', '{"k":00:00:00.000Z}', '{"k":2016-11-04}', 'Struct{k=Wed Dec 31 00:00:00 UTC 1969}', 'Struct{k=Fri Nov 04 00:00:00 UTC 2016}'),
    ('time(3)/connect', '{"type":"int32","optional":false,"name":"org.apache.kafka.connect.data.Time","version":1,"field":"k"}', '{"k":54796945}', '{"k":0}', '{"k":15:13:16.945Z}', '{"k":00:00:00.000Z}', 'Struct{k=Thu Jan 01 15:13:16 UTC 1970}', 'Struct{k=Thu Jan 01 00:00:00 UTC 1970}'),
    ('timestamp(3)/connect', '{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"k"}', '{"k":1529507596945}', '{"k":1478217600000}', '{"k":2018-06-20T15:13:16.945Z}', '{"k":2016-11-04}', 'Struct{k=Wed Jun 20 15:13:16 UTC 2018}', 'Struct{k=Fri Nov 04 00:00:00 UTC 2016}'),
    ('timestamp(3)/connect', '{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"k"}', '{"k":253402300800000}', '{"k":253402300800001}', '{"k":10000-01-01}', '{"k":10000-01-01T00:00:00.001Z}', 'Struct{k=Sat Jan 01 00:00:00 UTC 10000}', 'Struct{k=Sat Jan 01 00:00:00 UTC 10000}'),
    ('timestamp(3)/connect', '{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"k"}', '{"k":54796945}', '{"k":1529507596945}', '{"k":15:13:16.945Z}', '{"k":2018-06-20T15:13:16.945Z}', 'Struct{k=Thu Jan 01 15:13:16 UTC 1970}', 'Struct{k=Wed Jun 20 15:13:16 UTC 2018}'),
    ('timestamp(3)/connect', '{"type":"int64","optional":false,"name":"org.apache.kafka.connect.data.Timestamp","version":1,"field":"k"}', '{"k":1529507596945}', '{"k":-1}', '{"k":2018-06-20T15:13:16.945Z}', '{"k":23:59:59.999Z}', 'Struct{k=Wed Jun 20 15:13:16 UTC 2018}', 'Struct{k=Wed Dec 31 23:59:59 UTC 1969}'),
    ('uuid', '{"type":"string","optional":false,"name":"io.debezium.data.Uuid","version":1,"field":"k"}', '{"k":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"}', '{"k":"00000000-0000-0000-0000-000000000001"}', '{"k":"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"}', '{"k":"00000000-0000-0000-0000-000000000001"}', 'Struct{k=6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d}', 'Struct{k=00000000-0000-0000-0000-000000000001}'),
    ('app.color', E'{"type":"string","optional":false,"name":"io.debezium.data.Enum","version":1,"parameters":{"allowed":"red,it''s, \\"x\\""},"field":"k"}', '{"k":"red"}', E'{"k":"it''s, \\"x\\""}', '{"k":"red"}', E'{"k":"it''s, \\"x\\""}', 'Struct{k=red}', 'Struct{k=it''s, "x"}'),
    ('interval', '{"type":"int64","optional":false,"name":"io.debezium.time.MicroDuration","version":1,"field":"k"}', '{"k":37091106780000}', '{"k":-1}', '{"k":37091106780000}', '{"k":-1}', 'Struct{k=37091106780000}', 'Struct{k=-1}'),
    ('interval/text', '{"type":"string","optional":false,"name":"io.debezium.time.Interval","version":1,"field":"k"}', '{"k":"P1Y2M3DT4H5M6.7S"}', '{"k":"P0Y0M-3DT0H0M0S"}', '{"k":"P1Y2M3DT4H5M6.7S"}', '{"k":"P0Y0M-3DT0H0M0S"}', 'Struct{k=P1Y2M3DT4H5M6.7S}', 'Struct{k=P0Y0M-3DT0H0M0S}'),
    ('int[]', '{"type":"array","items":{"type":"int32","optional":true},"optional":false,"field":"k"}', '{"k":[1,null,3]}', '{"k":[]}', '{"k":[1,null,3]}', '{"k":[]}', 'Struct{k=[1, null, 3]}', 'Struct{k=[]}'),
    ('text[]', '{"type":"array","items":{"type":"string","optional":true},"optional":false,"field":"k"}', E'{"k":["a\\"b",null,"c}"]}', '{"k":["x"]}', E'{"k":["a\\"b",null,"c}"]}', '{"k":["x"]}', 'Struct{k=[a"b, null, c}]}', 'Struct{k=[x]}'),
    ('bit(10)', '{"type":"bytes","optional":false,"name":"io.debezium.data.Bits","version":1,"parameters":{"length":"10"},"field":"k"}', '{"k":"AQI="}', '{"k":"BQ=="}', '{"k":"AQI="}', '{"k":"BQ=="}', 'Struct{k=[B@35a50a4c}', 'Struct{k=[B@35a50a4c}'),
    ('int4range', '{"type":"string","optional":false,"field":"k"}', '{"k":"[1,5)"}', '{"k":"empty"}', '{"k":"[1,5)"}', '{"k":"empty"}', 'Struct{k=[1,5)}', 'Struct{k=empty}'),
    ('inet', '{"type":"string","optional":false,"field":"k"}', '{"k":"10.0.0.1/8"}', '{"k":"::1"}', '{"k":"10.0.0.1/8"}', '{"k":"::1"}', 'Struct{k=10.0.0.1/8}', 'Struct{k=::1}'),
    ('jsonb', '{"type":"string","optional":false,"name":"io.debezium.data.Json","version":1,"field":"k"}', E'{"k":"{\\"a\\": [1, \\"x\\"]}"}', '{"k":"null"}', E'{"k":"{\\"a\\": [1, \\"x\\"]}"}', '{"k":"null"}', 'Struct{k={"a": [1, "x"]}}', 'Struct{k=null}'),
    ('date/structured', '{"type":"struct","fields":[{"type":"int32","optional":true,"field":"year"},{"type":"int8","optional":true,"field":"month"},{"type":"int8","optional":true,"field":"day"},{"type":"string","optional":true,"field":"specialValue"}],"optional":false,"name":"io.debezium.time.StructuredDate","version":1,"field":"k"}', '{"k":{"year":2024,"month":2,"day":29,"specialValue":null}}', '{"k":{"year":null,"month":null,"day":null,"specialValue":"POSITIVE_INFINITY"}}', '{"k":{"year":2024,"month":2,"day":29,"specialValue":null}}', '{"k":{"year":null,"month":null,"day":null,"specialValue":"POSITIVE_INFINITY"}}', 'Struct{k=Struct{year=2024,month=2,day=29}}', 'Struct{k=Struct{specialValue=POSITIVE_INFINITY}}');

CREATE FUNCTION t.framed(field text, name text, payload text) RETURNS text LANGUAGE sql AS $$
    SELECT format('{"schema":{"type":"struct","fields":[%s],"optional":false,"name":"%s"},"payload":%s}', field, name, payload)
$$;
-- A record of app.k; `lsn` is that of both halves of a change. `big` NULL: it was not sent.
CREATE FUNCTION t.key_record(op text, field text, key text, big text, lsn int, headers jsonb, with_schema bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    row text := CASE op WHEN 'd' THEN 'null' ELSE left(key, -1) || ',"big":' || to_json(coalesce(big, '__debezium_unavailable_value')) || '}' END;
    payload text := format('{"before":null,"after":%s,"source":{"connector":"postgresql","db":"d","schema":"app","table":"k","ts_ms":1700000000000,"lsn":%s},"op":"%s","ts_ms":1700000000001}', row, lsn, op);
    fields text := field || ',{"type":"string","optional":true,"field":"big"}';
BEGIN
    IF NOT with_schema THEN
        RETURN kafka_cdc_sink.apply_event('srv.app.k', key, payload, headers);
    END IF;
    RETURN kafka_cdc_sink.apply_event('srv.app.k', t.framed(field, 'srv.app.k.Key', key), t.framed(format(
        '{"type":"struct","fields":[%1$s],"optional":true,"name":"srv.app.k.Value","field":"before"},{"type":"struct","fields":[%1$s],"optional":true,"name":"srv.app.k.Value","field":"after"},'
        '{"type":"struct","fields":[{"type":"string","optional":false,"field":"connector"},{"type":"string","optional":false,"field":"db"},{"type":"string","optional":false,"field":"schema"},{"type":"string","optional":false,"field":"table"},{"type":"int64","optional":true,"field":"lsn"}],"optional":false,"name":"io.debezium.connector.postgresql.Source","field":"source"},{"type":"string","optional":false,"field":"op"}',
        fields), 'srv.app.k.Envelope', payload), headers);
END $$;
-- The table after some records: its big values, the keys left out.
CREATE FUNCTION t.bigs() RETURNS text LANGUAGE plpgsql AS $$
DECLARE bigs text;
BEGIN
    EXECUTE 'SELECT string_agg(big, ''+'' ORDER BY big) FROM app.k' INTO bigs;
    RETURN coalesce(bigs, 'none');
END $$;
-- 'moved' where the changed key takes its unchanged value along in each order, and a whole row its place;
-- 'apart' where the header does not tell the other key: a whole row is deleted and inserted, and one that
-- lacks values is a dead letter; 'half' where it depends on the order. All else is wrong.
CREATE FUNCTION t.key_change(k t.keys, target text, form text, with_schema bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    headers text[] := CASE form WHEN 'json' THEN ARRAY[k.old_json, k.new_json] WHEN 'simple' THEN ARRAY[k.old_simple, k.new_simple]
        WHEN 'string' THEN ARRAY[k.old_string, k.new_string]
        ELSE ARRAY[t.framed(k.field, 'srv.app.k.Key', k.old_json), t.framed(k.field, 'srv.app.k.Key', k.new_json)] END;
    tell_new jsonb := jsonb_build_object('__debezium.newkey', headers[2]);
    tell_old jsonb := jsonb_build_object('__debezium.oldkey', headers[1]);
    seen text[];
BEGIN
    IF to_regclass('app.k') IS NOT NULL THEN
        DELETE FROM app.k;
    ELSIF target <> 'auto' THEN
        EXECUTE format('CREATE TABLE app.k (k %s PRIMARY KEY, big text)', target);
    END IF;
    -- in order; what was not sent stays
    PERFORM t.key_record('c', k.field, k.old_json, 'large', 1, NULL, with_schema);
    PERFORM t.key_record('d', k.field, k.old_json, NULL, 2, tell_new, with_schema);
    seen := seen || t.key_record('c', k.field, k.new_json, NULL, 2, tell_old, with_schema);
    seen := seen || t.bigs();
    -- it is at the new key
    PERFORM t.key_record('u', k.field, k.new_json, 'larger', 3, NULL, with_schema);
    seen := seen || t.bigs();
    -- the second half first, whole
    DELETE FROM app.k;
    PERFORM t.key_record('c', k.field, k.old_json, 'large', 4, NULL, with_schema);
    PERFORM t.key_record('c', k.field, k.new_json, 'whole', 5, tell_old, with_schema);
    PERFORM t.key_record('d', k.field, k.old_json, NULL, 5, tell_new, with_schema);
    seen := seen || t.bigs();
    -- the second half first, not whole: a worker tries it again
    DELETE FROM app.k;
    PERFORM t.key_record('c', k.field, k.old_json, 'large', 6, NULL, with_schema);
    PERFORM t.key_record('c', k.field, k.new_json, NULL, 7, tell_old, with_schema);
    PERFORM t.key_record('d', k.field, k.old_json, NULL, 7, tell_new, with_schema);
    PERFORM t.key_record('c', k.field, k.new_json, NULL, 7, tell_old, with_schema);
    seen := seen || t.bigs();
    seen[1] := substr(seen[1], 1, 11);
    RETURN CASE WHEN seen = '{applied,large,larger,whole,large}' THEN 'moved'
        WHEN seen = '{dead letter,none,larger,whole,none}' THEN 'apart'
        WHEN seen = '{dead letter,none,larger,whole,large}' THEN 'half' -- only the old key is understood
        ELSE seen::text || (SELECT message FROM kafka_cdc_sink.dead_letters ORDER BY id DESC LIMIT 1) END;
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ': ' || SQLERRM;
END $$;
CREATE FUNCTION t.key_changes(made bool) RETURNS TABLE (target text, old text, new text, with_schema bool, form text, result text) LANGUAGE plpgsql AS $$
DECLARE k t.keys;
BEGIN
    FOR k IN SELECT * FROM t.keys ORDER BY n LOOP
        PERFORM set_config('kafka_cdc_sink.' || s, coalesce((SELECT m FROM split_part(k.target, '/', 2) AS m WHERE m = ANY (enumvals)), reset_val), false)
        FROM unnest('{time_precision_mode,decimal_handling_mode,interval_handling_mode}'::text[]) AS s JOIN pg_settings ON name = 'kafka_cdc_sink.' || s;
        target := split_part(k.target, '/', 1);
        DROP TABLE IF EXISTS app.k;
        FOREACH with_schema IN ARRAY CASE WHEN made THEN '{f}'::bool[] ELSE '{t,f}' END LOOP
            FOREACH form IN ARRAY '{json,json with schema,simple,string}'::text[] LOOP
                DELETE FROM kafka_cdc_sink.dead_letters;
                DELETE FROM kafka_cdc_sink.moves;
                result := t.key_change(k, CASE WHEN made THEN 'auto' ELSE target END, form, with_schema);
                old := CASE form WHEN 'simple' THEN k.old_simple WHEN 'string' THEN k.old_string ELSE k.old_json END;
                new := CASE form WHEN 'simple' THEN k.new_simple WHEN 'string' THEN k.new_string ELSE k.new_json END;
                RETURN NEXT;
            END LOOP;
        END LOOP;
    END LOOP;
END $$;
CREATE TABLE t.done AS SELECT row_number() OVER () AS n, c.* FROM t.key_changes(false) AS c;
CREATE TABLE t.made AS SELECT row_number() OVER () AS n, c.* FROM t.key_changes(true) AS c;
RESET client_min_messages;
\set ECHO all
SELECT with_schema, form, count(*) FILTER (WHERE result = 'moved') AS moved, count(*) FILTER (WHERE result = 'apart') AS apart, count(*) FILTER (WHERE result = 'half') AS half,
       count(*) FILTER (WHERE result NOT IN ('moved', 'apart', 'half')) AS wrong FROM t.done GROUP BY 1, 2 ORDER BY 1 DESC, 2;
SELECT target, with_schema AS schema, form, old, new, result FROM t.done WHERE result <> 'moved' ORDER BY n;
SELECT with_schema, form, count(*) FILTER (WHERE result = 'moved') AS moved, count(*) FILTER (WHERE result = 'apart') AS apart, count(*) FILTER (WHERE result = 'half') AS half,
       count(*) FILTER (WHERE result NOT IN ('moved', 'apart', 'half')) AS wrong FROM t.made GROUP BY 1, 2 ORDER BY 1 DESC, 2;
SELECT target, form, old, new, result FROM t.made WHERE result <> 'moved' ORDER BY n;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
TRUNCATE kafka_cdc_sink.dead_letters, kafka_cdc_sink.moves;
