-- The type in the table wins: wire types against columns of other types. What does not fit exactly
-- is a dead letter.
\set ECHO none
\i sql/values.inc

SET client_min_messages = warning;
CREATE DOMAIN app.short AS varchar(3);
CREATE DOMAIN app.code AS app.short CHECK (VALUE ~ '^[a-z]*$');
CREATE DOMAIN app.amount AS numeric(6,2) CHECK (VALUE > 0);
CREATE DOMAIN app.amounts AS numeric(6,2)[] CHECK (array_length(VALUE, 1) < 4);
CREATE DOMAIN app.filled AS text NOT NULL;
CREATE TYPE app.color AS ENUM ('red', 'green', 'it''s, "x"');
CREATE TYPE app.pair AS (x int, y text);
CREATE TYPE app.sums AS (s numeric(5,2), d date, c char(3), i interval(0), a app.amount, ns numeric(4,1)[]);
CREATE DOMAIN app.positive_pair AS app.pair CHECK ((VALUE).x > 0);
CREATE TYPE app.amountrange AS RANGE (subtype = numeric, multirange_type_name = app.amountmultirange);
CREATE DOMAIN app.cents AS numeric(8,2);
CREATE TYPE app.centrange AS RANGE (subtype = app.cents);
-- a type of a user's own, with input and output functions
CREATE TYPE app.own;
CREATE FUNCTION app.own_in(cstring) RETURNS app.own LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION app.own_out(app.own) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE app.own (INPUT = app.own_in, OUTPUT = app.own_out, LIKE = int4);
RESET client_min_messages;

INSERT INTO t.vectors (schema, value, target, expected) VALUES
-- boolean
    ('boolean', 'true', 'boolean', 't'), ('boolean', 'false', 'text', 'false'), ('boolean', 'true', 'int', '1'),
    ('boolean', 'true', 'varbit', '1'), ('boolean', 'true', 'bit(2)', '!22026'), ('boolean', 'true', 'numeric(3,1)', '1.0'),
    ('int16', '2', 'boolean', '!22003'), ('int16', '0', 'boolean', 'f'), ('string', '"yes"', 'boolean', 't'),
    ('string', '"maybe"', 'boolean', '!22P02'), ('boolean', 'true', 'date', '!22000'), ('boolean', 'true', 'jsonb', 'true'),
-- integers
    ('int64', '32767', 'smallint', '32767'), ('int64', '32768', 'smallint', '!22003'), ('int64', '-2147483648', 'int', '-2147483648'),
    ('int64', '2147483648', 'int', '!22003'), ('int64', '42', 'text', '42'), ('int64', '42', 'varchar(2)', '42'), ('int64', '42', 'varchar(1)', '!22001'),
    ('int64', '42', 'numeric(4,2)', '42.00'), ('int64', '42', 'numeric(3,2)', '!22003'), ('int64', '1234', 'numeric(3,-2)', '!22003'),
    ('int64', '12300', 'numeric(3,-2)', '12300'), ('int64', '16777217', 'real', '!22003'), ('int64', '16777216', 'real', '1.6777216e+07'),
    ('int64', '9007199254740993', 'double precision', '!22003'), ('int64', '9007199254740992', 'double precision', '9.007199254740992e+15'),
    ('int64', '42', 'money', '$42.00'), ('int64', '4294967295', 'oid', '4294967295'), ('int64', '4294967296', 'oid', '!22003'), ('int64', '-1', 'oid', '!22003'),
    ('int64', '5', 'xid', '5'), ('int64', '9223372036854775807', 'xid8', '9223372036854775807'), ('int64', '-1', 'xid8', '!22003'),
    ('double', '"NaN"', 'xid', '!22003'), ('double', '"Infinity"', 'xid8', '!22003'), ('string', '"0x10"', 'cid', '!22003'), ('double', '1.5', 'cid', '!22003'), ('double', '1.25E2', 'xid', '125'), ('decimal(-1)', '1.28E+3', 'xid', '1280'), ('decimal(1)', '128.0', 'xid8', '128'), ('double', '1.0E10', 'oid', '!22003'), ('double', '0.0', 'oid', '0'), ('string', '"4294967296"', 'xid', '!22003'),
    ('string', '"18446744073709551615"', 'xid8', '18446744073709551615'), ('string', '"18446744073709551616"', 'xid8', '!22003'),
    ('int32', '1259', 'regclass', 'pg_class'), ('string', '"pg_class"', 'regclass', 'pg_class'), ('string', '"pg_catalog.int4"', 'regtype', 'integer'),
    ('string', '"nowhere.nothing"', 'regclass', '!3F000'), ('int32', '7', 'bytea', '!22000'), ('int32', '7', 'app.own', '7'), ('string', '"8"', 'app.own', '8'),
    ('int32', '7', 'jsonb', '7'), ('int32', '7', 'bit(3)', '!22000'), ('int32', '7', '"char"', '7'), ('int32', '77', '"char"', '!22003'),
    ('Year', '2024', 'int', '2024'), ('Year', '2024', 'text', '2024'), ('Year', '2024', 'smallint', '2024'),
-- floating point
    ('float', '3.3', 'real', '3.3'), ('float', '3.3', 'double precision', '3.3'), ('float', '3.3', 'numeric', '3.3'), ('float', '3.3', 'text', '3.3'),
    ('float', '1.0E10', 'text', '10000000000'), ('float', '1.0', 'int', '1'), ('float', '1.5', 'int', '!22003'), ('double', '1.0E10', 'numeric', '10000000000'),
    ('double', '0.1', 'real', '0.1'), ('double', '0.30000000000000004', 'real', '!22003'), ('double', '0.30000000000000004', 'double precision', '0.30000000000000004'),
    ('double', '1.0E39', 'real', '!22003'), ('double', '1.0E-46', 'real', '!22003'), ('double', '-0.0', 'double precision', '-0'), ('double', '4.9E-324', 'double precision', '5e-324'),
    ('double', '1.7976931348623157E308', 'double precision', '1.7976931348623157e+308'), ('double', '"NaN"', 'real', 'NaN'), ('double', '"Infinity"', 'numeric', 'Infinity'),
    ('double', '"Infinity"', 'numeric(5,2)', '!22003'), ('double', '"NaN"', 'int', '!22003'), ('double', '"NaN"', 'text', 'NaN'), ('double', '1.005', 'numeric(5,2)', '!22003'),
    ('double', '2.5', 'money', '$2.50'), ('double', '2.505', 'money', '!22003'), ('double', '1.0E23', 'double precision', '9.999999999999999e+22'), ('float', '1.17549435E-38', 'real', '1.1754944e-38'),
    ('double', '5.6843418860808015E-14', 'double precision', '5.684341886080802e-14'), ('double', '1.0', 'jsonb', '1.0'), ('double', '"NaN"', 'jsonb', '!22P02'),
-- decimals
    ('decimal(2)', '"AJiWfw=="', 'numeric(7,2)', '99999.99'), ('decimal(2)', '"AJiWfw=="', 'numeric(6,2)', '!22003'), ('decimal(2)', '"AJiWfw=="', 'numeric(7,1)', '!22003'),
    ('decimal(2)', '"AJiWfw=="', 'real', '99999.99'), ('decimal(2)', '"AJiWfw=="', 'double precision', '99999.99'), ('decimal(2)', '"AJiWfw=="', 'text', '99999.99'),
    ('decimal(2)', '"AJiWfw=="', 'int', '!22003'), ('decimal(2)', '"ZA=="', 'int', '1'), ('decimal(2)', '"AJiWfw=="', 'money', '$99,999.99'), ('decimal(3)', '"AQ=="', 'money', '!22003'),
    ('decimal(9)', '"XODppWAV/sWq36MorjmBFQ=="', 'text', '123456789012345678901234567890.123456789'), ('decimal(9)', '"XODppWAV/sWq36MorjmBFQ=="', 'double precision', '!22003'),
    ('decimal(9)', '"XODppWAV/sWq36MorjmBFQ=="', 'numeric(38,8)', '!22003'), ('decimal(9)', '"XODppWAV/sWq36MorjmBFQ=="', 'numeric(40,10)', '123456789012345678901234567890.1234567890'),
    ('decimal(-3)', '"AQ=="', 'numeric(1,-3)', '1000'), ('decimal(-3)', '"AQ=="', 'smallint', '1000'), ('decimal(7)', '1E-7', 'text', '0.0000001'), ('decimal(2)', '"AJiWfw=="', 'app.amount', '!22003'),
    ('decimal(2)', '"ZA=="', 'app.amount', '1.00'), ('decimal(2)', '"nA=="', 'app.amount', '!23514'), ('decimal(2)', '"ZA=="', 'jsonb', '1.00'), ('decimal(2)', '"ZA=="', 'date', '!22000'),
    ('VariableScaleDecimal', '{"scale":0,"value":"Cg=="}', 'numeric(10,2)', '10.00'), ('VariableScaleDecimal', '{"scale":4,"value":"AYr3"}', 'numeric(6,3)', '!22003'),
    ('VariableScaleDecimal', '{"scale":4,"value":"AYr3"}', 'double precision', '10.1111'), ('VariableScaleDecimal', '{"scale":-2,"value":"Cg=="}', 'int', '1000'),
    ('VariableScaleDecimal', '{"scale":4,"value":"AYr3"}', 'text', '10.1111'),
    ('string', '"12.50"', 'numeric(10,1)', '12.5'), ('string', '"12.55"', 'numeric(10,1)', '!22003'), ('string', '"12.50"', 'money', '$12.50'), ('string', '""', 'money', '!22P02'), ('string', '"(,)"', 'money', '!22P02'), ('Bits(3)', '"BQ=="', 'money', '!22000'), ('Bits(3)', '"BQ=="', 'oid', '!22000'), ('Bits(3)', '"BQ=="', 'cidr', '!22000'), ('Bits(3)', '"BQ=="', 'regclass', '!22000'), ('string', '"$1,234.567"', 'money', '!22003'),
    ('string', '"$1,234.560"', 'money', '$1,234.56'), ('string', '"1e2"', 'numeric', '100'), ('string', '"0.1"', 'double precision', '0.1'), ('string', '"12.5"', 'int', '!22P02'),
-- characters
    ('string', '"ab"', 'char(4)', 'ab  '), ('string', '"ab      "', 'char(4)', 'ab  '), ('string', '"abcde"', 'char(4)', '!22001'), ('string', '"abcd "', 'varchar(4)', '!22001'),
    ('string', '"äöü"', 'varchar(3)', 'äöü'), ('string', '"äöüß"', 'varchar(3)', '!22001'), ('string', '"äö"', 'char(3)', 'äö '), ('string', '"x"', '"char"', 'x'), ('string', '""', '"char"', ''),
    ('string', '"xy"', '"char"', '!22003'), ('string', '"ä"', '"char"', '!22003'), (NULL, to_json(repeat('n', 63))::text, 'name', repeat('n', 63)), ('string', to_json(repeat('n', 64))::text, 'name', '!22001'),
    ('string', to_json('{' || repeat('n', 64) || '}')::text, 'name[]', '!22001'), ('string', '"abc"', 'app.code', 'abc'), ('string', '"abcd"', 'app.code', '!22001'), ('string', '"ABC"', 'app.code', '!23514'),
    ('string', 'null', 'app.filled', '!23502'), ('string', '"a\u0000b"', 'text', '!22P05'), ('string', '"red"', 'app.color', 'red'), ('string', '"Red"', 'app.color', '!22P02'), ('string', '""', 'app.color', '!22P02'),
    ('Enum', '"it''s, \"x\""', 'app.color', 'it''s, "x"'), ('EnumSet', '"red,green"', 'text', 'red,green'), ('EnumSet', '"red,green"', 'text[]', '{red,green}'), ('EnumSet', '""', 'text[]', '{}'), ('string', '"red,green"', 'text[]', '!22P02'),
    ('EnumSet', '"red,green"', 'app.color[]', '{red,green}'), ('EnumSet', '"red,blue"', 'app.color[]', '!22P02'),
    ('Uuid', '"6F2C1F8E-3b0a-4a57-9c8a-0e1f2a3b4c5d"', 'uuid', '6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d'), ('Uuid', '"6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"', 'text', '6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d'),
    ('string', '"{6f2c1f8e3b0a4a579c8a0e1f2a3b4c5d}"', 'uuid', '6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d'), ('string', '"no"', 'uuid', '!22P02'),
    ('string', '"10.0.0.1/8"', 'inet', '10.0.0.1/8'), ('string', '"10.0.0.1/8"', 'cidr', '!22P02'), ('string', '"10.0.0.0/8"', 'cidr', '10.0.0.0/8'), ('string', '"::1"', 'inet', '::1'),
    ('string', '"08:00:2b:01:02:03"', 'macaddr', '08:00:2b:01:02:03'), ('string', '"08:00:2b:01:02:03"', 'macaddr8', '08:00:2b:ff:fe:01:02:03'),
    ('string', '"16/B374D848"', 'pg_lsn', '16/B374D848'), ('string', '"''fat'' & ''rat''"', 'tsquery', '''fat'' & ''rat'''), ('Tsvector', '"''a'':1 ''b'':2A"', 'tsvector', '''a'':1 ''b'':2A'),
    ('string', '"$.a[*]"', 'jsonpath', '$."a"[*]'), ('string', '"(0,1)"', 'tid', '(0,1)'), ('string', '"(1,2)x"', 'tid', '!22P02'), ('string', '"(-1,2)"', 'tid', '!22P02'), ('string', '"(4294967295,65535)"', 'tid', '(4294967295,65535)'), ('string', '"101"', 'bit(3)', '101'), ('string', '"101"', 'bit(4)', '!22026'), ('string', '"x1F"', 'varbit', '!22000'),
    ('string', '"1011"', 'varbit(3)', '!22001'), ('string', '"abc"', 'bytea', '!22000'), ('string', '"abc"', 'json', '!22P02'), ('string', '"7"', 'jsonb', '7'),
    ('Xml', '"<a>1</a>"', 'xml', '<a>1</a>'), ('Xml', '"two <b/> roots <c/>"', 'xml', 'two <b/> roots <c/>'), ('Xml', '"<?xml version=\"1.0\"?><!DOCTYPE a><a/>"', 'xml', '<!DOCTYPE a><a/>'), ('Xml', '"<a>"', 'xml', '!2200N'), ('Xml', '"<a/>"', 'text', '<a/>'),
    ('string', '"(1,2)"', 'point', '(1,2)'), ('string', '"<(1,2),3>"', 'circle', '<(1,2),3>'), ('string', '"[(0,0),(1,1)]"', 'lseg', '[(0,0),(1,1)]'), ('string', '"{1,2,3}"', 'line', '{1,2,3}'),
-- bytes
    ('bytes', '"AQID"', 'bytea', '\x010203'), ('bytes', '"KDEsZm9vKQ=="', 'app.pair', '(1,foo)'), ('bytes', '"KDEsZm9vKQ=="', 'text', '(1,foo)'), ('bytes', '"AQID"', 'text', E'\x01\x02\x03'), ('bytes', '"/w=="', 'text', '!22021'),
    ('bytes', '"AAE="', 'text', '!22021'), ('bytes', '"e1sxLDIpLFs1LDcpfQ=="', 'int4multirange', '{[1,2),[5,7)}'), ('bytes', '"MTYvMA=="', 'pg_lsn', '16/0'), ('bytes', '"AQID"', 'int', '!22000'),
-- JSON
    ('Json', '"{\"b\": 1.50, \"a\": [1e400], \"a\": 2}"', 'json', '{"b": 1.50, "a": [1e400], "a": 2}'), ('Json', '"{\"b\": 1.50, \"a\": [1e4]}"', 'jsonb', '{"a": [10000], "b": 1.50}'),
    ('Json', '"{\"n\":1E1000000}"', 'jsonb', '!22003'), ('Json', '"{\"n\":12345678901234567890.123456789012345678901}"', 'jsonb', '{"n": 12345678901234567890.123456789012345678901}'), ('Json', '"{"', 'jsonb', '!22P02'),
    ('Json', '"{\"a\": 1}"', 'text', '{"a": 1}'), ('Json', '"{\"a\": 1}"', 'varchar(3)', '!22001'), ('Json', '"[1]"', 'int[]', '!22000'), ('Json', '"\"\\ud83d\\ude00\""', 'jsonb', '"😀"'), ('Json', '"\"\\ud83d\""', 'jsonb', '!22P02'),
    ('map', '{"a":"1","b":null}', 'jsonb', '{"a": "1", "b": null}'), ('map', '{"a":"1"}', 'tsvector', '!22000'),
-- dates and times
    ('Date', '19000', 'timestamp', '2022-01-08 00:00:00'), ('Date', '19000', 'timestamptz', '2022-01-08 00:00:00+00'), ('Date', '19000', 'text', '2022-01-08'), ('Date', '-735160', 'text', '0044-03-15 BC'),
    ('Date', '19000', 'time', '!22000'), ('Date', '19000', 'int', '!22000'), ('Date', '2145042905', 'date', '5874897-12-31'), ('Date', '2145042905', 'timestamp', '!22008'), ('ConnectDate', '19000', 'date', '2022-01-08'), ('Date', '19000', 'jsonb', '!22000'),
    ('MicroTimestamp', '1700000000123456', 'timestamp(3)', '!22008'), ('MicroTimestamp', '1700000000123000', 'timestamp(3)', '2023-11-14 22:13:20.123'), ('MicroTimestamp', '1700000000123456', 'timestamptz', '2023-11-14 22:13:20.123456+00'),
    ('MicroTimestamp', '1700000000123456', 'date', '!22008'), ('MicroTimestamp', '1699920000000000', 'date', '2023-11-14'), ('MicroTimestamp', '1700000000123456', 'text', '2023-11-14 22:13:20.123456'), ('MicroTimestamp', '-99999999999999999', 'date', '!22008'),
    ('MicroTimestamp', '1700000000123456', 'time', '!22000'), ('ConnectTimestamp', '1700000000123', 'timestamp', '2023-11-14 22:13:20.123'), ('NanoTimestamp', '1700000000123456500', 'timestamp', '2023-11-14 22:13:20.123456'),
    ('ZonedTimestamp', '"2023-11-14T22:13:20.5+02:00"', 'timestamp', '2023-11-14 20:13:20.5'), ('ZonedTimestamp', '"2023-11-14T22:13:20.5Z"', 'timestamptz(0)', '!22008'), ('ZonedTimestamp', '"2023-11-14T00:00:00Z"', 'date', '2023-11-14'),
    ('ZonedTimestamp', '"2023-11-14T22:13:20Z"', 'text', '2023-11-14 22:13:20+00'), ('ZonedTimestamp', '"-infinity"', 'date', '-infinity'),
    ('string', '"2023-11-14 22:13:20+02"', 'timestamp', '2023-11-14 20:13:20'), ('string', '"2023-11-14 22:13:20"', 'timestamptz', '2023-11-14 22:13:20+00'), ('string', '"2023-11-14 22:13:20"', 'date', '!22008'), ('string', '"2023-11-14"', 'date', '2023-11-14'), ('string', '"2020-01-01 10:00:00 Europe/Berlin"', 'timestamp', '2020-01-01 09:00:00'), ('string', '"2020-01-01 01:00:00 Europe/Berlin"', 'date', '2020-01-01'), ('string', '"0044-03-15 10:00:00.5+01:30 BC"', 'timestamp', '0044-03-15 08:30:00.5 BC'),
    ('string', '"now"', 'timestamp', '!22007'), ('string', '"today"', 'date', '!22007'), ('string', '"Tomorrow 10:00"', 'timestamptz', '!22007'), ('string', '"epoch"', 'timestamp', '1970-01-01 00:00:00'), ('string', '"01/02/2003"', 'date', '!22008'),
    ('MicroTime', '3723000001', 'time', '01:02:03.000001'), ('MicroTime', '3723000001', 'time(3)', '!22008'), ('MicroTime', '3723000001', 'timetz', '01:02:03.000001+00'), ('MicroTime', '3723000001', 'interval', '01:02:03.000001'), ('MicroTime', '3723000001', 'text', '01:02:03.000001'),
    ('MicroTime', '3723000001', 'interval(0)', '!22008'), ('MicroTime', '3723000000', 'interval minute', '!22008'), ('MicroTime', '-1', 'time', '!22008'), ('NanoTime', '3723000001499', 'time', '01:02:03.000001'), ('ConnectTime', '86400000', 'time', '24:00:00'),
    ('ZonedTime', '"10:00:00.5+02:00"', 'timetz', '10:00:00.5+02'), ('ZonedTime', '"10:00:00Z"', 'time', '10:00:00'), ('ZonedTime', '"10:00:00+02:00"', 'time', '!22008'), ('ZonedTime', '"10:00:00.55Z"', 'timetz(1)', '!22008'), ('IsoTime', '"10:00:00.5Z"', 'time', '10:00:00.5'),
    ('string', '"2020-01-01 10:00:00"', 'time', '!22007'), ('string', '"10:00"', 'time', '10:00:00'), ('string', '"10:00"', 'timetz', '10:00:00+00'),
    ('Interval', '"P1Y2M3DT4H5M6.7S"', 'interval', '1 year 2 mons 3 days 04:05:06.7'), ('Interval', '"P1Y2M3DT4H5M6.7S"', 'interval(0)', '!22008'), ('Interval', '"P1Y2M3DT0H0M0S"', 'interval year to month', '!22008'), ('Interval', '"P1Y2M0DT0H0M0S"', 'interval year to month', '1 year 2 mons'),
    ('Interval', '"P1Y2M3DT4H5M6.7S"', 'text', '1 year 2 mons 3 days 04:05:06.7'), ('MicroDuration', '3600000000', 'time', '01:00:00'), ('MicroDuration', '37091106780000', 'time', '!22008'), ('NanoDuration', '1499', 'interval', '00:00:00.000001'), ('MicroDuration', '3600000000', 'bigint', '!22000'),
-- arrays
    ('array(int32)', '[1,null,3]', 'bigint[]', '{1,NULL,3}'), ('array(int32)', '[]', 'int[]', '{}'), ('array(int32)', '[70000]', 'smallint[]', '!22003'), ('array(int32)', '[1]', 'text[]', '{1}'), ('array(int32)', '[1,2]', 'jsonb', '[1, 2]'), ('array(int32)', '[1]', 'text', '!22000'),
    ('array(string)', '["abc","d"]', 'varchar(3)[]', '{abc,d}'), ('array(string)', '["abcd"]', 'varchar(3)[]', '!22001'), ('array(string)', '["a"]', 'char(3)[]', '{"a  "}'), ('array(string)', '["abc"]', 'app.code[]', '{abc}'), ('array(string)', '["ABC"]', 'app.code[]', '!23514'),
    ('array(string)', '["red",null]', 'app.color[]', '{red,NULL}'), ('array(decimal(2))', '["ZA==",null]', 'numeric(6,2)[]', '{1.00,NULL}'), ('array(decimal(3))', '["AQ=="]', 'numeric(6,2)[]', '!22003'), ('array(decimal(3))', '["AQ=="]', 'app.amount[]', '!22003'), ('array(decimal(2))', '["AA=="]', 'app.amount[]', '!23514'),
    ('array(decimal(2))', '["ZA==","ZA==","ZA=="]', 'app.amounts', '{1.00,1.00,1.00}'), ('array(decimal(2))', '["ZA==","ZA==","ZA==","ZA=="]', 'app.amounts', '!23514'), ('array(decimal(3))', '["AQ=="]', 'app.amounts', '!22003'), ('array(string)', '[null]', 'app.filled[]', '!23502'),
    ('array(Date)', '[19000,-622191234]', 'date[]', '{2022-01-08,infinity}'), ('array(MicroTimestamp)', '[1700000000123456]', 'timestamp(3)[]', '!22008'), ('array(ZonedTimestamp)', '["2023-11-14T22:13:20.5Z"]', 'timestamptz[]', '{"2023-11-14 22:13:20.5+00"}'),
    ('array(bytes)', '["AQID",null]', 'bytea[]', '{"\\x010203",NULL}'), ('array(Uuid)', '["6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d"]', 'uuid[]', '{6f2c1f8e-3b0a-4a57-9c8a-0e1f2a3b4c5d}'), ('array(Json)', '["{\"a\": 1}"]', 'jsonb[]', '{"{\"a\": 1}"}'), ('array(boolean)', '[true,false]', 'boolean[]', '{t,f}'),
    ('array(string)', '["[1,5)"]', 'int4range[]', '{"[1,5)"}'), ('array(string)', '["10.0.0.1"]', 'inet[]', '{10.0.0.1}'), ('array(float)', '[1.5]', 'real[]', '{1.5}'), ('array(double)', '[0.30000000000000004]', 'real[]', '!22003'),
-- arrays, rows and ranges as text
    ('string', '"{1,2,NULL}"', 'int[]', '{1,2,NULL}'), ('string', '"{{1,2},{3,4}}"', 'int[]', '{{1,2},{3,4}}'), ('string', '"[0:1]={1,2}"', 'int[]', '[0:1]={1,2}'), ('string', '"{{1,2},{3}}"', 'int[]', '!22P02'), ('string', '"{}"', 'int[]', '{}'), ('string', '"{1"', 'int[]', '!22P02'), ('string', '"{1,}"', 'int[]', '!22P02'),
    ('string', '"{\"a,\\\"b\\\\\", c d ,\"NULL\",null}"', 'text[]', '{"a,\"b\\","c d","NULL",NULL}'), ('string', '"{1.005}"', 'numeric(5,2)[]', '!22003'), ('string', '"{1.50}"', 'numeric(5,1)[]', '{1.5}'), ('string', '"{abcd}"', 'varchar(3)[]', '!22001'), ('string', '"{2020-01-01 10:00:00}"', 'date[]', '!22008'),
    ('string', '"{1 day 00:00:00.5}"', 'interval(0)[]', '!22008'), ('string', '"{\"\\\\x0102\"}"', 'bytea[]', '{"\\x0102"}'), ('bytes', '"eygxLGEpLCgyLGIpfQ=="', 'app.pair[]', '!22P02'), ('bytes', '"eyIoMSxhKSIsIigyLGIpIn0="', 'app.pair[]', '{"(1,a)","(2,b)"}'), ('string', '"{(1,2),(0,0);(3,4),(1,1)}"', 'box[]', '{(1,2),(0,0);(3,4),(1,1)}'),
    ('string', '"(1,\"a \"\"b\"\" c\")"', 'app.pair', '(1,"a ""b"" c")'), ('string', '"(,)"', 'app.pair', '(,)'), ('string', '"(1,\"\")"', 'app.pair', '(1,"")'), ('string', '"(1)"', 'app.pair', '!22P02'), ('string', '"(1,2,3)"', 'app.pair', '!22P02'), ('string', '"(x,2)"', 'app.pair', '!22P02'), ('string', '"(0,a)"', 'app.positive_pair', '!23514'), ('string', '"(1,a)"', 'app.positive_pair', '(1,a)'),
    ('string', '"(1.50,2020-01-01,ab,\"1 day\",2.5,\"{1.5,2}\")"', 'app.sums', '(1.50,2020-01-01,"ab ","1 day",2.50,"{1.5,2.0}")'), ('string', '"(1.505,,,,,)"', 'app.sums', '!22003'), ('string', '"(,2020-01-01 10:00:00,,,,)"', 'app.sums', '!22008'), ('string', '"(,,abcd,,,)"', 'app.sums', '!22001'), ('string', '"(,,,00:00:00.5,,)"', 'app.sums', '!22008'), ('string', '"(,,,,-1,)"', 'app.sums', '!23514'), ('string', '"(,,,,,{1.55})"', 'app.sums', '!22003'),
    ('string', '"[1,5)"', 'int4range', '[1,5)'), ('string', '"[1,5]"', 'int4range', '[1,6)'), ('string', '"empty"', 'int4range', 'empty'), ('string', '"(,5)"', 'int8range', '(,5)'), ('string', '"[1,5"', 'int4range', '!22P02'), ('string', '"[5,1)"', 'int4range', '!22000'), ('string', '"[1.5,2.25]"', 'numrange', '[1.5,2.25]'),
    ('string', '"[\"2019-03-31 15:30:00\",infinity)"', 'tsrange', '["2019-03-31 15:30:00",infinity)'), ('string', '"[\"2019-03-31 15:30:00+02\",)"', 'tsrange', '["2019-03-31 13:30:00",)'), ('string', '"[\"2019-03-31 15:30:00+02\",)"', 'tstzrange', '["2019-03-31 13:30:00+00",)'), ('string', '"[2019-03-31 15:30:00,)"', 'daterange', '!22008'), ('string', '"[2019-03-31,2019-04-02]"', 'daterange', '[2019-03-31,2019-04-03)'),
    ('string', '"{[1,2],[5,7)}"', 'int4multirange', '{[1,3),[5,7)}'), ('string', '"{}"', 'int4multirange', '{}'), ('string', '"{[1,2)"', 'int4multirange', '!22P02'), ('string', '"[1.5,2)"', 'app.amountrange', '[1.5,2)'), ('string', '"{[1.5,2),[3,4)}"', 'app.amountmultirange', '{[1.5,2),[3,4)}'), ('string', '"[1.005,2)"', 'app.centrange', '!22003'), ('string', '"[1.5,2)"', 'app.centrange', '[1.50,2.00)'),
-- shapes and bits
    ('Bits(3)', '"BQ=="', 'varbit(3)', '101'), ('Bits(3)', '"BQ=="', 'varbit(2)', '!22001'), ('Bits(3)', '"BQ=="', 'bit(4)', '!22026'), ('Bits(3)', '"BQ=="', 'text', '101'), ('Bits(1)', '"AQ=="', 'boolean', 't'), ('Bits(3)', '"AQ=="', 'boolean', '!22000'), ('Bits(3)', '"BQ=="', 'int', '!22000'), ('Bits(3)', '"BQ=="', 'bytea', '!22000'),
    ('Circle', '{"center":{"x":1.0,"y":2.0,"wkb":null,"srid":null},"radius":3.5}', 'circle', '<(1,2),3.5>'), ('Line', '{"a":1.0,"b":2.0,"c":-3.0}', 'line', '{1,2,-3}'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'lseg'))::text, 'lseg', '[(0,0),(1,2)]'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'path', '((0,0),(1,2))'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'false'))::text, 'path', '[(0,0),(1,2)]'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'))::text, 'point', '!22000'),
    ('Shape', json_build_object('wkb', translate(encode('\x010300000001000000050000000000000000000000000000000000000000000000000000000000000000000040000000000000f03f0000000000000040000000000000f03f000000000000000000000000000000000000000000000000', 'base64'), E'\n', ''), 'extensions', json_build_object('type', 'box'))::text, 'box', '(1,2),(0,0)'),
    ('Shape', json_build_object('wkb', translate(encode('\x010300000001000000050000000000000000000000000000000000000000000000000000000000000000000040000000000000f03f0000000000000040000000000000f03f000000000000000000000000000000000000000000000000', 'base64'), E'\n', ''), 'extensions', json_build_object('type', 'polygon'))::text, 'polygon', '((0,0),(0,2),(1,2),(1,0))'),
    ('Shape', json_build_object('wkb', translate(encode('\x010300000001000000040000000000000000000000000000000000000000000000000000000000000000000040000000000000f03f000000000000004000000000000000000000000000000000', 'base64'), E'\n', ''), 'extensions', json_build_object('type', 'polygon'))::text, 'box', '!22000'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'lseg', '!22000'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'polygon', '!22000'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'bytea', '!22000'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'text', '!22000'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true'))::text, 'jsonb', '!22000'),
    ('array(Shape)', json_build_array(json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true')))::text, 'path[]', '{"((0,0),(1,2))"}'),
    ('array(Shape)', json_build_array(json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'true')))::text, 'bytea[]', '!22000'),
    ('Shape', json_build_object('wkb', encode('\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040', 'base64'), 'extensions', json_build_object('type', 'path', 'closed', 'false'))::text, 'bytea', '\x01020000000200000000000000000000000000000000000000000000000000f03f0000000000000040'),
    ('Shape', json_build_object('wkb', translate(encode('\x010300000001000000050000000000000000000000000000000000000000000000000000000000000000000040000000000000f03f0000000000000040000000000000f03f000000000000000000000000000000000000000000000000', 'base64'), E'\n', ''), 'extensions', json_build_object('type', 'polygon', 'closed', 'true'))::text, 'polygon', '((0,0),(0,2),(1,2),(1,0))'),
    ('Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null}', 'bytea', '\x0101000000000000000000f03f0000000000000040'), ('Geometry', '{"wkb":"AQEAAAAAAAAAAADwPwAAAAAAAABA","srid":null}', 'text', '0101000000000000000000F03F0000000000000040'),
    ('Geometry', '{"wkb":"AAAAAAE/8AAAAAAAAEAAAAAAAAAA","srid":null}', 'point', '(1,2)'), ('Geometry', '{"wkb":"AQEA","srid":null}', 'point', '!22P02'), ('Point', '{"x":1.0,"y":2.0,"wkb":null,"srid":null}', 'point', '(1,2)');
-- elements of a domain: the connector, which does not know it in arrays, sends bytes of their texts
INSERT INTO t.vectors (schema, value, target, expected, settings) VALUES
    ('array(bytes)', '["Nw==", "OA=="]', 'app.number[]', '{7,8}', '{"binary_handling_mode":"bytes"}'), ('array(string)', '["37", "38"]', 'app.number[]', '{7,8}', '{"binary_handling_mode":"hex"}'), ('array(string)', '["Nw==", "OA=="]', 'app.number[]', '{7,8}', '{"binary_handling_mode":"base64"}'), ('array(bytes)', '["YWI=", "Yw=="]', 'app.word[]', '{ab,c}', '{"binary_handling_mode":"bytes"}'), ('array(string)', '["6162", "63"]', 'app.word[]', '{ab,c}', '{"binary_handling_mode":"hex"}'), ('array(string)', '["YWI=", "Yw=="]', 'app.word[]', '{ab,c}', '{"binary_handling_mode":"base64"}'), ('array(bytes)', '["MS41MDAw", "LTI="]', 'app.quantity[]', '{1.5000,-2.0000}', '{"binary_handling_mode":"bytes"}'), ('array(string)', '["312e35303030", "2d32"]', 'app.quantity[]', '{1.5000,-2.0000}', '{"binary_handling_mode":"hex"}'), ('array(string)', '["MS41MDAw", "LTI="]', 'app.quantity[]', '{1.5000,-2.0000}', '{"binary_handling_mode":"base64"}'), ('array(bytes)', '["MjAyMC0wMS0wMQ=="]', 'app.day[]', '{2020-01-01}', '{"binary_handling_mode":"bytes"}'), ('array(string)', '["323032302d30312d3031"]', 'app.day[]', '{2020-01-01}', '{"binary_handling_mode":"hex"}'), ('array(string)', '["MjAyMC0wMS0wMQ=="]', 'app.day[]', '{2020-01-01}', '{"binary_handling_mode":"base64"}'), ('array(bytes)', '["eyJhIjogMX0="]', 'app.doc[]', '{"{\"a\": 1}"}', '{"binary_handling_mode":"bytes"}'), ('array(string)', '["7b2261223a20317d"]', 'app.doc[]', '{"{\"a\": 1}"}', '{"binary_handling_mode":"hex"}'), ('array(string)', '["eyJhIjogMX0="]', 'app.doc[]', '{"{\"a\": 1}"}', '{"binary_handling_mode":"base64"}'), ('array(bytes)', '["XHgwMTAy"]', 'app.raw[]', '{"\\x0102"}', '{"binary_handling_mode":"bytes"}'), ('array(string)', '["5c7830313032"]', 'app.raw[]', '{"\\x0102"}', '{"binary_handling_mode":"hex"}'), ('array(string)', '["XHgwMTAy"]', 'app.raw[]', '{"\\x0102"}', '{"binary_handling_mode":"base64"}'), ('array(int32)', '[1,null]', 'app.number[]', '{1,NULL}', NULL), ('array(bytes)', '["AQID"]', 'app.raw[]', '{"\\x010203"}', NULL);
\set ECHO all
SELECT * FROM t.values_check();

\set ECHO none
SET client_min_messages = warning;
DROP SCHEMA t, app CASCADE;
