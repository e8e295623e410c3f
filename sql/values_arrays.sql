-- Arrays of every type that has others in it, with schemas and without: the elements are what the type
-- alone would be.
\set ECHO none
\i sql/values.inc

SET client_min_messages = warning;
CREATE SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION ltree SCHEMA ext;
CREATE EXTENSION postgis SCHEMA ext;
CREATE EXTENSION vector SCHEMA ext;
CREATE TYPE app.color AS ENUM ('red', 'green');
CREATE TYPE app.pair AS (x int, y text);
CREATE DOMAIN app.posint AS int CHECK (VALUE > 0);
RESET client_min_messages;

CREATE TABLE t.arrays (element text, value text, target text, expected text, settings jsonb);
INSERT INTO t.arrays VALUES
-- numbers and bits
    ('boolean', '[true,null]', 'bit(1)[]', '{1,NULL}', NULL), ('int64', '[4294967295]', 'oid[]', '{4294967295}', NULL), ('int32', '[1,2]', 'app.posint[]', '{1,2}', NULL), ('int32', '[0]', 'app.posint[]', '!23514', NULL), ('Year', '[2024,null]', 'int[]', '{2024,NULL}', NULL),
    ('VariableScaleDecimal', '[{"scale":1,"value":"DQ=="},null]', 'numeric[]', '{1.3,NULL}', NULL), ('string', '["NAN","1.50"]', 'numeric[]', '{NaN,1.50}', '{"decimal_handling_mode":"string"}'), ('double', '[1.5,"NaN"]', 'numeric[]', '{1.5,NaN}', '{"decimal_handling_mode":"double"}'), ('Bits(3)', '["BQ==",null,""]', 'bit(3)[]', '{101,NULL,000}', NULL),
-- times
    ('StructuredDate', '[{"year":2024,"month":2,"day":29,"specialValue":null},null]', 'date[]', '{2024-02-29,NULL}', NULL), ('StructuredDuration', '[{"years":1,"months":0,"days":0,"hours":0,"minutes":0,"seconds":0,"nanos":0,"precision":null}]', 'interval[]', '{"1 year"}', NULL), ('StructuredZonedTime', '[{"hour":1,"minute":2,"second":3,"nanos":0,"precision":6,"offsetSeconds":7200}]', 'timetz[]', '{01:02:03+02}', NULL),
    ('NanoTimestamp', '[1529507596945104123]', 'timestamp[]', '{"2018-06-20 15:13:16.945104"}', '{"time_precision_mode":"nanoseconds"}'), ('Timestamp', '[1529507596945]', 'timestamp(3)[]', '{"2018-06-20 15:13:16.945"}', NULL), ('MicroTimestamp', '[1529507596945104,9223372036825200000]', 'timestamp[]', '{"2018-06-20 15:13:16.945104",infinity}', NULL),
    ('MicroDuration', '[37091106780000]', 'interval[]', '{10303:05:06.78}', NULL), ('Interval', '["P1Y0M0DT0H0M0S",null]', 'interval[]', '{"1 year",NULL}', '{"interval_handling_mode":"string"}'), ('ZonedTime', '["10:00:00+02:00"]', 'timetz[]', '{10:00:00+02}', NULL),
    ('IsoDate', '["2017-09-15Z",null]', 'date[]', '{2017-09-15,NULL}', '{"time_precision_mode":"isostring"}'), ('IsoTimestamp', '["2019-07-09T02:28:57.123456Z"]', 'timestamp[]', '{"2019-07-09 02:28:57.123456"}', '{"time_precision_mode":"isostring"}'), ('ConnectDate', '[17109]', 'date[]', '{2016-11-04}', '{"time_precision_mode":"connect"}'), ('ConnectTime', '[54796945]', 'time(3)[]', '{15:13:16.945}', '{"time_precision_mode":"connect"}'),
-- text and documents
    ('string', '["a","ä"]', 'name[]', '{a,ä}', NULL), ('string', '["x"]', '"char"[]', '{x}', NULL), ('string', '["Ab"]', 'ext.citext[]', '{Ab}', NULL), ('string', '["10.0.0.0/8"]', 'cidr[]', '{10.0.0.0/8}', NULL), ('string', '["08:00:2b:01:02:03"]', 'macaddr[]', '{08:00:2b:01:02:03}', NULL), ('Enum', '["red",null]', 'app.color[]', '{red,NULL}', NULL),
    ('Json', '["null",null,"{\"a\":[1]}"]', 'json[]', '{"null",NULL,"{\"a\":[1]}"}', NULL), ('Json', '["\"x\""]', 'jsonb[]', '{"\"x\""}', NULL), ('map', '[{"a":"1"},null]', 'ext.hstore[]', '{"\"a\"=>\"1\"",NULL}', NULL), ('map', '[{"a":"1"},null]', 'jsonb[]', '{"{\"a\": \"1\"}",NULL}', NULL),
    ('Xml', '["<a/>",null]', 'xml[]', '{<a/>,NULL}', NULL), ('Tsvector', '["''a'':1"]', 'tsvector[]', '{''a'':1}', NULL), ('Ltree', '["a.b",null]', 'ext.ltree[]', '{a.b,NULL}', NULL),
    ('bytes', '["KDEsZm9vKQ==",null]', 'app.pair[]', '{"(1,foo)",NULL}', NULL), ('bytes', '["e1sxLDMpfQ=="]', 'int4multirange[]', '{"{[1,3)}"}', NULL), ('bytes', '["MC8xNkIzNzQ4"]', 'pg_lsn[]', '{0/16B3748}', NULL),
-- shapes and vectors
    ('Circle', '[{"center":{"x":1.0,"y":2.0,"wkb":null,"srid":null},"radius":3.5},null]', 'circle[]', '{"<(1,2),3.5>",NULL}', NULL), ('Line', '[{"a":1.0,"b":2.0,"c":-3.0}]', 'line[]', '{"{1,2,-3}"}', NULL), ('Geography', '[{"wkb":"AQEAACDmEAAAAAAAAAAA8D8AAAAAAAAAQA==","srid":4326}]', 'ext.geography[]', '{0101000020E6100000000000000000F03F0000000000000040}', NULL),
    ('SparseDoubleVector', '[{"dimensions":5,"vector":[[3,2.0],[1,1.0]]},null]', 'ext.sparsevec[]', '{"{1:1,3:2}/5",NULL}', NULL), ('DoubleVector', '[[1.0,2.5],null]', 'ext.vector[]', '{"[1,2.5]",NULL}', NULL), ('FloatVector', '[[1.0,2.5]]', 'ext.halfvec[]', '{"[1,2.5]"}', NULL);
INSERT INTO t.vectors (schema, value, target, expected, settings)
SELECT CASE WHEN with_schema THEN 'array(' || element || ')' END, value, target, expected, settings FROM t.arrays, (VALUES (true), (false)) AS w(with_schema);
\set ECHO all
SELECT * FROM t.values_check();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app, ext CASCADE;
