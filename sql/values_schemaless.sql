-- Records without schema: the target's type decides what a JSON value means (wire format 3.8).
\set ECHO none
\i sql/values.inc

SET client_min_messages = warning;
CREATE EXTENSION hstore SCHEMA app;
CREATE TYPE app.pair AS (x int, y text);
CREATE TYPE app.color AS ENUM ('red', 'green');
CREATE TYPE app.amountrange AS RANGE (subtype = numeric);
CREATE TYPE app.own;
CREATE FUNCTION app.own_in(cstring) RETURNS app.own LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION app.own_out(app.own) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE app.own (INPUT = app.own_in, OUTPUT = app.own_out, LIKE = int4);
RESET client_min_messages;

INSERT INTO t.vectors (value, target, expected, settings) VALUES
    ('0', 'boolean', 'f', NULL), ('7', 'boolean', 't', NULL), ('-1', 'boolean', 't', NULL), ('0.5', 'boolean', '!22P02', NULL),
-- bits: base64, the least significant byte first
    ('"AQID"', 'bit(24)', '000000110000001000000001', NULL), ('""', 'bit(2)', '00', NULL), ('"AQI="', 'bit(10)', '1000000001', NULL), ('"AQI="', 'bit(9)', '!22026', NULL),
    ('"BQ=="', 'varbit', '101', NULL), ('"BQ=="', 'varbit(8)', '00000101', NULL), ('true', 'bit(1)', '1', NULL), ('"101"', 'bit(3)', '!22P02', NULL), ('["BQ==",null,""]', 'bit(3)[]', '{101,NULL,000}', NULL),
-- structured times
    ('{"year":2024,"month":2,"day":29,"specialValue":null}', 'date', '2024-02-29', '{"time_precision_mode":"structured"}'), ('{"year":null,"month":null,"day":null,"specialValue":"NEGATIVE_INFINITY"}', 'date', '-infinity', NULL),
    ('{"year":0,"month":0,"day":0,"specialValue":null}', 'date', '!22008', '{"connector":"mysql"}'), ('{"hour":24,"minute":0,"second":0,"nanos":0,"precision":null}', 'time', '24:00:00', NULL),
    ('{"hour":23,"minute":59,"second":59,"nanos":999999500,"offsetSeconds":-12600}', 'timetz', '24:00:00-03:30', NULL), ('{"hour":1,"minute":2,"second":3,"nanos":4000,"offsetSeconds":3600}', 'timetz', '01:02:03.000004+01', NULL),
    ('{"year":2024,"month":2,"day":29,"hour":1,"minute":2,"second":3,"nanos":4500,"specialValue":null,"precision":6}', 'timestamp', '2024-02-29 01:02:03.000004', NULL),
    ('{"year":-4712,"month":1,"day":1,"hour":0,"minute":0,"second":0,"nanos":0,"offsetSeconds":3600,"zoneId":null}', 'timestamptz', '4714-12-31 23:00:00+00 BC', NULL),
    ('{"years":1,"months":-2,"days":3,"hours":-4,"minutes":0,"seconds":0,"nanos":0}', 'interval', '10 mons 3 days -04:00:00', NULL), ('{"x":1}', 'interval', '!0A000', NULL),
    ('[{"year":2024,"month":2,"day":29},null]', 'date[]', '{2024-02-29,NULL}', NULL),
-- numbers
    ('12345.669921875', 'real', '12345.67', NULL), ('12345.67', 'real', '12345.67', NULL), ('12345.6699', 'real', '!22003', NULL),
    ('{"scale":4,"value":"AYr3"}', 'numeric(10,4)', '10.1111', NULL), ('{"scale":0,"value":"BQ=="}', 'int', '5', NULL), ('"1234"', 'numeric(10,2)', '-26588.24', NULL), ('"1234"', 'numeric(10,2)', '1234.00', '{"decimal_handling_mode":"string"}'),
    ('["ew==",null]', 'numeric(5,1)[]', '{12.3,NULL}', NULL), ('["1.5","POSITIVE_INFINITY"]', 'numeric[]', '{1.5,Infinity}', '{"decimal_handling_mode":"string"}'), ('1.5E2', 'numeric', '150', '{"decimal_handling_mode":"double"}'),
-- shapes
    ('{"x":1.0,"y":2.5,"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAARA","srid":null}', 'point', '(1,2.5)', NULL), ('[{"x":1.0,"y":2.5,"wkb":null,"srid":null}]', 'point[]', '{"(1,2.5)"}', NULL), ('{"x":1.0,"y":2.5}', 'circle', '!22000', NULL),
    ('{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":4326}', 'bytea', '\x0101000020e6100000000000000000f03f0000000000000040', NULL), ('{"center":{"x":1.0,"y":2.0},"radius":3.5}', 'circle', '<(1,2),3.5>', NULL), ('{"a":1.0,"b":2.0,"c":-3.0}', 'line', '{1,2,-3}', NULL),
    (json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'path', '((0,0),(1,2))', NULL),
    (json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'bytea', '!22000', NULL), ('{"wkb":"AQIAAAACAAAA","extensions":{"closed":"true"}}', 'jsonb', '{"wkb": "AQIAAAACAAAA", "extensions": {"closed": "true"}}', NULL),
    -- connectors before 3.7 send bytes of their text
    ('"PCgxLDIpLDM+"', 'circle', '<(1,2),3>', NULL), ('"<(1,2),3>"', 'circle', '<(1,2),3>', NULL),
-- what the connector sends as bytes of its text, in each binary mode
    ('"KDEsZm9vKQ=="', 'app.pair', '(1,foo)', NULL), ('"28312c666f6f29"', 'app.pair', '(1,foo)', '{"binary_handling_mode":"hex"}'), ('"(1,foo)"', 'app.pair', '(1,foo)', NULL), ('["KDEsZm9vKQ==",null]', 'app.pair[]', '{"(1,foo)",NULL}', NULL),
    ('"MC8xNkIzNzQ4"', 'pg_lsn', '0/16B3748', NULL), ('"0/16B374"', 'pg_lsn', '0/16B374', NULL), ('"e1sxLDMpfQ=="', 'int4multirange', '{[1,3)}', NULL), ('"WzEuNSwyKQ=="', 'app.amountrange', '[1.5,2)', NULL), ('"Nw=="', 'app.own', '7', NULL),
    ('"eyIoMSxmb28pIixOVUxMfQ=="', 'app.pair[]', '{"(1,foo)",NULL}', NULL), ('"7b2228312c666f6f29222c4e554c4c7d"', 'app.pair[]', '{"(1,foo)",NULL}', '{"binary_handling_mode":"hex"}'), ('"WzA6MV09ezEsMn0="', 'int[]', '[0:1]={1,2}', NULL), ('"{1,NULL}"', 'int[]', '{1,NULL}', NULL), ('"MSwy"', 'int[]', '!22P02', NULL),
    ('"J2EnOjE="', 'tsvector', '''a'':1', NULL), ('"276127"', 'tsvector', '''a''', '{"binary_handling_mode":"hex"}'), ('"''a'':1"', 'tsvector', '''a'':1', NULL), ('"abcd"', 'tsvector', '''abcd''', NULL),
    ('"WzEsMyk="', 'int4range', '!22P02', NULL), ('"[1,3)"', 'int4range', '[1,3)', NULL),
    ('"cGdfY2xhc3M="', 'regclass', 'pg_class', NULL), ('"70675f636c617373"', 'regclass', 'pg_class', '{"binary_handling_mode":"hex"}'), ('"pg_class"', 'regclass', 'pg_class', '{"binary_handling_mode":"hex"}'), ('1259', 'regclass', 'pg_class', '{"binary_handling_mode":"hex"}'), ('"6e6f7768657265"', 'regclass', '!42P01', '{"binary_handling_mode":"hex"}'), ('["70675f636c617373",null]', 'regclass[]', '{pg_class,NULL}', '{"binary_handling_mode":"hex"}'),
    ('"696e7465676572"', 'regtype', 'integer', '{"binary_handling_mode":"hex"}'), ('"70675f6261636b656e645f706964"', 'regproc', 'pg_backend_pid', '{"binary_handling_mode":"hex"}'), ('"6c6f776572287465787429"', 'regprocedure', 'lower(text)', '{"binary_handling_mode":"hex"}'), ('"7c2f"', 'regoper', '|/', '{"binary_handling_mode":"hex"}'), ('"2b28696e74656765722c696e746567657229"', 'regoperator', '+(integer,integer)', '{"binary_handling_mode":"hex"}'), ('"70675f636174616c6f67"', 'regnamespace', 'pg_catalog', '{"binary_handling_mode":"hex"}'),
    ('"70675f6d6f6e69746f72"', 'regrole', 'pg_monitor', '{"binary_handling_mode":"hex"}'), ('"224322"', 'regcollation', '"C"', '{"binary_handling_mode":"hex"}'), ('"656e676c697368"', 'regconfig', 'english', '{"binary_handling_mode":"hex"}'), ('"73696d706c65"', 'regdictionary', 'simple', '{"binary_handling_mode":"hex"}'), ('"cGdfY2xhc3M="', 'regclass', 'pg_class', '{"binary_handling_mode":"base64"}'), ('"bG93ZXIodGV4dCk="', 'regprocedure', 'lower(text)', '{"binary_handling_mode":"base64-url-safe"}'),
-- elements of a domain, which the connector does not know in arrays: bytes of their texts
    ('["Nw==", "OA=="]', 'app.number[]', '{7,8}', '{"binary_handling_mode":"bytes"}'), ('["37", "38"]', 'app.number[]', '{7,8}', '{"binary_handling_mode":"hex"}'), ('["Nw==", "OA=="]', 'app.number[]', '{7,8}', '{"binary_handling_mode":"base64"}'), ('["YWI=", "Yw=="]', 'app.word[]', '{ab,c}', '{"binary_handling_mode":"bytes"}'), ('["6162", "63"]', 'app.word[]', '{ab,c}', '{"binary_handling_mode":"hex"}'), ('["YWI=", "Yw=="]', 'app.word[]', '{ab,c}', '{"binary_handling_mode":"base64"}'), ('["MS41MDAw", "LTI="]', 'app.quantity[]', '{1.5000,-2.0000}', '{"binary_handling_mode":"bytes"}'), ('["312e35303030", "2d32"]', 'app.quantity[]', '{1.5000,-2.0000}', '{"binary_handling_mode":"hex"}'), ('["MS41MDAw", "LTI="]', 'app.quantity[]', '{1.5000,-2.0000}', '{"binary_handling_mode":"base64"}'), ('["MjAyMC0wMS0wMQ=="]', 'app.day[]', '{2020-01-01}', '{"binary_handling_mode":"bytes"}'), ('["323032302d30312d3031"]', 'app.day[]', '{2020-01-01}', '{"binary_handling_mode":"hex"}'), ('["MjAyMC0wMS0wMQ=="]', 'app.day[]', '{2020-01-01}', '{"binary_handling_mode":"base64"}'), ('["eyJhIjogMX0="]', 'app.doc[]', '{"{\"a\": 1}"}', '{"binary_handling_mode":"bytes"}'), ('["7b2261223a20317d"]', 'app.doc[]', '{"{\"a\": 1}"}', '{"binary_handling_mode":"hex"}'), ('["eyJhIjogMX0="]', 'app.doc[]', '{"{\"a\": 1}"}', '{"binary_handling_mode":"base64"}'), ('["XHgwMTAy"]', 'app.raw[]', '{"\\x0102"}', '{"binary_handling_mode":"bytes"}'), ('["5c7830313032"]', 'app.raw[]', '{"\\x0102"}', '{"binary_handling_mode":"hex"}'), ('["XHgwMTAy"]', 'app.raw[]', '{"\\x0102"}', '{"binary_handling_mode":"base64"}'), ('[1,null]', 'app.number[]', '{1,NULL}', NULL), ('["EUR1"]', 'app.word[]', '{EUR1}', NULL), ('["Zm9v","b a r"]', 'app.word[]', '{Zm9v,"b a r"}', NULL), ('["Zm9v",null]', 'app.word[]', '{foo,NULL}', NULL), ('["YQpi"]', 'app.word[]', E'{"a\nb"}', NULL), ('["AQ=="]', 'numeric(5,2)[]', '{0.01}', NULL),
-- objects and arrays
    ('{"a":"1","b":null}', 'app.hstore', '"a"=>"1", "b"=>NULL', NULL), ('"{\"a\":\"1\"}"', 'app.hstore', '"a"=>"1"', NULL), ('["{\"a\":\"1\"}",{"b":null}]', 'app.hstore[]', '{"\"a\"=>\"1\"","\"b\"=>NULL"}', NULL),
    ('{"a":[1,2.0]}', 'jsonb', '{"a": [1, 2.0]}', NULL), ('"{\"a\": 1}"', 'json', '{"a": 1}', NULL), ('"null"', 'jsonb', 'null', NULL), ('null', 'jsonb', NULL, NULL), ('{"a":1}', 'text', '{"a":1}', NULL),
    ('["a",null,"b,c","NULL"]', 'text[]', '{a,NULL,"b,c","NULL"}', NULL), ('[[1,2],[3,4]]', 'int[]', '!0A000', NULL), ('[[1],[2]]', 'jsonb[]', '{[1],[2]}', NULL), ('["red"]', 'app.color[]', '{red}', NULL), ('["6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"]', 'uuid[]', '{6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d}', NULL),
    ('"red,green"', 'app.color[]', '{red,green}', '{"connector":"mysql"}'), ('""', 'text[]', '{}', '{"connector":"mysql"}'), ('"red,green"', 'text[]', '!22P02', NULL), ('"red,green"', 'text', 'red,green', '{"connector":"mysql"}'),
    ('["AQID",""]', 'bytea[]', '{"\\x010203","\\x"}', NULL), ('"-_8="', 'bytea', '\xfbff', '{"binary_handling_mode":"base64-url-safe"}'), ('"10:20:30Z"', 'interval', '10:20:30', '{"connector":"mysql","time_precision_mode":"isostring"}'),
-- tables made from such records
    ('"+294247-01-10T04:00:25.2Z"', 'auto', 'timestamp with time zone infinity', '{"time_precision_mode":"isostring","schemaless_timestamp_columns":"v"}'), ('"-290308-12-21T19:59:27.6Z"', 'auto', 'timestamp with time zone -infinity', '{"time_precision_mode":"isostring","schemaless_timestamp_columns":"v"}'),
    ('{"a":1}', 'auto', 'jsonb {"a": 1}', NULL), ('[1,2]', 'auto', 'jsonb [1, 2]', NULL), ('1', 'auto', 'bigint 1', NULL), ('1.5', 'auto', 'numeric 1.5', NULL), ('true', 'auto', 'boolean t', NULL), ('"x"', 'auto', 'text x', NULL);
-- the same with schemas
INSERT INTO t.vectors (schema, value, target, expected, settings) VALUES
    ('bytes', '"cGdfY2xhc3M="', 'regclass', 'pg_class', NULL), ('string', '"70675f636c617373"', 'regclass', 'pg_class', '{"binary_handling_mode":"hex"}'), ('string', '"pg_class"', 'regclass', 'pg_class', '{"binary_handling_mode":"hex"}'), ('array(string)', '["70675f636c617373",null]', 'regclass[]', '{pg_class,NULL}', '{"binary_handling_mode":"hex"}'),
    ('string', '"6c6f776572287465787429"', 'regprocedure', 'lower(text)', '{"binary_handling_mode":"hex"}'), ('string', '"bG93ZXIodGV4dCk="', 'regprocedure', 'lower(text)', '{"binary_handling_mode":"base64"}'), ('int64', '1259', 'regclass', 'pg_class', '{"binary_handling_mode":"hex"}');
\set ECHO all
SELECT * FROM t.values_check();
-- more memory than a record may take
CREATE TABLE app.much (id int PRIMARY KEY, v numeric[]);
SELECT kafka_cdc_sink.apply_event('srv.app.much', '{"id":1}', '{"before":null,"after":{"id":1,"v":[' || repeat('{"scale":-131071,"value":"AQ=="},', 3000) || 'null]},"source":{"connector":"postgresql","db":"d","schema":"app","table":"much","ts_ms":1},"op":"c","ts_ms":1}');
SELECT name, result, error FROM kafka_cdc_sink.explain_event('srv.app.much', '{"id":1}', '{"before":null,"after":{"id":1,"v":[' || repeat('{"scale":-131071,"value":"AQ=="},', 3000) || 'null]},"source":{"connector":"postgresql","db":"d","schema":"app","table":"much","ts_ms":1},"op":"c","ts_ms":1}') WHERE name = 'outcome' OR error IS NOT NULL;

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
