-- Columns made from the record, in a database without the extensions whose types would be better.
\set ECHO none
\i sql/values.inc

ALTER TABLE t.vectors ALTER target SET DEFAULT 'auto';
INSERT INTO t.vectors (schema, value, expected) VALUES
    ('int8', '-1', 'smallint -1'), ('int16', '-1', 'smallint -1'), ('int32', '-1', 'integer -1'), ('int64', '-1', 'bigint -1'), ('float', '3.3', 'real 3.3'), ('double', '1.0E10', 'double precision 10000000000'), ('boolean', 'true', 'boolean t'), ('string', '"a"', 'text a'), ('bytes', '"AQID"', 'bytea \x010203'),
    ('decimal(2,12)', '"MDk="', 'numeric(12,2) 123.45'), ('decimal(2)', '"MDk="', 'numeric 123.45'), ('decimal(-3,5)', '"AQ=="', 'numeric 1000'), ('VariableScaleDecimal', '{"scale":4,"value":"AYr3"}', 'numeric 10.1111'),
    ('Date', '17109', 'date 2016-11-04'), ('MicroTime', '86400000000', 'time without time zone 24:00:00'), ('MicroTimestamp', '-1', 'timestamp without time zone 1969-12-31 23:59:59.999999'), ('ZonedTimestamp', '"infinity"', 'timestamp with time zone infinity'), ('ZonedTime', '"24:00:00Z"', 'time with time zone 24:00:00+00'),
    ('IsoDate', '"2017-09-15Z"', 'date 2017-09-15'), ('IsoTime', '"10:00:00Z"', 'time without time zone 10:00:00'), ('IsoTimestamp', '"2019-07-09T02:28:57.123456Z"', 'timestamp without time zone 2019-07-09 02:28:57.123456'), ('Interval', '"P1Y2M3DT4H5M6S"', 'interval 1 year 2 mons 3 days 04:05:06'), ('MicroDuration', '1', 'interval 00:00:00.000001'), ('Year', '2024', 'integer 2024'),
    ('StructuredDate', '{"year":2024,"month":2,"day":29,"specialValue":null}', 'date 2024-02-29'), ('StructuredTime', '{"hour":24,"minute":0,"second":0,"nanos":0,"precision":6}', 'time without time zone 24:00:00'), ('StructuredTimestamp', '{"year":-43,"month":3,"day":15,"hour":1,"minute":2,"second":3,"nanos":4000,"specialValue":null,"precision":6}', 'timestamp without time zone 0044-03-15 01:02:03.000004 BC'),
    ('StructuredZonedTime', '{"hour":1,"minute":2,"second":3,"nanos":0,"precision":6,"offsetSeconds":7200}', 'time with time zone 01:02:03+02'), ('StructuredZonedTimestamp', '{"year":2024,"month":2,"day":29,"hour":1,"minute":2,"second":3,"nanos":0,"specialValue":null,"precision":6,"offsetSeconds":7200,"zoneId":null}', 'timestamp with time zone 2024-02-28 23:02:03+00'), ('StructuredDuration', '{"years":1,"months":-2,"days":0,"hours":0,"minutes":0,"seconds":0,"nanos":500000000,"precision":null}', 'interval 10 mons 00:00:00.5'),
    ('Bits(24)', '"AQID"', 'bit(24) 000000110000001000000001'), ('Bits(2147483647)', '"BQ=="', 'bit varying 101'), ('Json', '"{\"a\": 1}"', 'jsonb {"a": 1}'), ('Uuid', '"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"', 'uuid 6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d'), ('Enum', '"a"', 'text a'), ('EnumSet', '"a,b"', 'text a,b'), ('Tsvector', '"''a'':1"', 'tsvector ''a'':1'),
    ('Point', '{"x":1.0,"y":2.0,"wkb":null,"srid":null}', 'point (1,2)'), ('Circle', '{"center":{"x":1.0,"y":2.0,"wkb":null,"srid":null},"radius":3.5}', 'circle <(1,2),3.5>'), ('Line', '{"a":1.0,"b":2.0,"c":-3.0}', 'line {1,2,-3}'),
    ('array(int32)', '[1,null]', 'integer[] {1,NULL}'), ('array(string)', '["a,b"]', 'text[] {"a,b"}'), ('array(decimal(2,12))', '["MDk="]', 'numeric(12,2)[] {123.45}'), ('array(Date)', '[17109]', 'date[] {2016-11-04}'), ('array(ZonedTimestamp)', '["2023-11-14T22:13:20.5Z"]', 'timestamp with time zone[] {"2023-11-14 22:13:20.5+00"}'), ('array(Uuid)', '["6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"]', 'uuid[] {6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d}'), ('array(Json)', '["{\"a\": 1}"]', 'jsonb[] {"{\"a\": 1}"}'), ('array(bytes)', '["AQID"]', 'bytea[] {"\\x010203"}'),
    ('map', '{"a":"1","b":null}', 'jsonb {"a": "1", "b": null}'), ('Ltree', '"a.b"', 'text a.b'), ('DoubleVector', '[1.0,0.5]', 'double precision[] {1,0.5}'), ('FloatVector', '[1.0,0.5]', 'real[] {1,0.5}'), ('SparseDoubleVector', '{"dimensions":5,"vector":[[3,2.0],[1,1.5]]}', 'jsonb {"vector": [[1, 1.5], [3, 2]], "dimensions": 5}'),
    ('Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null}', 'bytea \x0101000000000000000000f03f0000000000000040'), ('Geography', '{"wkb":"AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==","srid":4326}', 'bytea \x0101000020e6100000000000000000f03f0000000000000040');
\set ECHO all
SELECT * FROM t.values_check();
\set ECHO none

-- A source type is propagated in the row's schema only; the key's column has it as well.
CREATE FUNCTION t.keyed_key() RETURNS text LANGUAGE sql AS $$
    SELECT '{"schema":{"type":"struct","optional":false,"name":"srv.app.v.Key","fields":[{"field":"k","type":"string","optional":false},{"field":"n","type":"string","optional":false}]},"payload":{"k":"a","n":"5"}}' $$;
CREATE FUNCTION t.keyed_value() RETURNS text LANGUAGE sql AS $$
    SELECT replace(replace(t.value_record('int32', '1', 'postgresql'), '"id":1', '"k":"a","n":5'),
        '{"type": "int32", "field": "id", "optional": false}',
        '{"type":"string","field":"k","optional":false,"parameters":{"__debezium.source.column.type":"VARCHAR","__debezium.source.column.length":"20"}},{"type":"int32","field":"n","optional":false}') $$;
SET client_min_messages = warning;
DROP TABLE IF EXISTS app.v;
RESET client_min_messages;
\set ECHO all
-- where their types differ, the key's stands
SELECT part, name, target_type FROM kafka_cdc_sink.explain_event('srv.app.v', t.keyed_key(), t.keyed_value()) WHERE part IN ('key', 'column');
SELECT kafka_cdc_sink.apply_event('srv.app.v', t.keyed_key(), t.keyed_value());
SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'app.v'::regclass AND attnum > 0 ORDER BY attname;
\set ECHO none

SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
