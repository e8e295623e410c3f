-- Databases that are not UTF8.
\set ECHO none
\set encoding LATIN1
\i sql/values_encodings.inc
INSERT INTO t.vectors (schema, value, target, expected) VALUES ('string', '"\u20ac"', 'text', '!22P05');
\set ECHO all
SELECT * FROM t.values_check();
-- Keys are equal as the database has them.
SELECT kafka_cdc_sink.apply_event('srv.app.k', '{"k":"caf\u00e9"}', '{"before":null,"after":{"k":"caf\u00e9","n":1},"source":{"connector":"postgresql","db":"d","schema":"app","table":"k"},"op":"c","ts_ms":1}');
SELECT kafka_cdc_sink.apply_event('srv.app.k', '{"k":"caf\u00e9"}', '{"before":null,"after":{"k":"caf\u00e9","n":2},"source":{"connector":"postgresql","db":"d","schema":"app","table":"k"},"op":"u","ts_ms":1}');
SELECT encode(k::bytea, 'hex'), n FROM app.k;
SELECT kafka_cdc_sink.apply_event('srv.app.k', '{"k":"\u20ac"}', '{"before":null,"after":{"k":"\u20ac","n":2},"source":{"connector":"postgresql","db":"d","schema":"app","table":"k"},"op":"u","ts_ms":1}');
SELECT sqlstate, message, detail FROM kafka_cdc_sink.dead_letters;
SELECT kafka_cdc_sink.apply_event('srv.app.k', '{"k":"caf\u00e9"}', '{"before":null,"after":null,"source":{"connector":"postgresql","db":"d","schema":"app","table":"k"},"op":"d","ts_ms":1}');
SELECT count(*) FROM app.k;
-- explain_event compares and shows names as the database has them.
CREATE SCHEMA U&"caf\00E9";
CREATE TABLE U&"caf\00E9".U&"th\00E9" (U&"cl\00E9" int PRIMARY KEY, U&"\00E9t\00E9" text NOT NULL, U&"somme\00E9" int GENERATED ALWAYS AS (1) STORED);
SELECT part, name, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('s.caf.the', '{"cl\u00e9":1}', '{"before":null,"after":{"cl\u00e9":1,"\u00e9t\u00e9":"\u00e9","somme\u00e9":5},"source":{"connector":"postgresql","db":"d","schema":"caf\u00e9","table":"th\u00e9"},"op":"c","ts_ms":1}') WHERE name <> 'role';
SELECT part, name, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('s.caf.the', '{"cl\u00e9":1}', '{"before":null,"after":{"cl\u00e9":1,"\u00e9t\u00e9":"\u00e9","neuf\u00e9":5},"source":{"connector":"postgresql","db":"d","schema":"caf\u00e9","table":"th\u00e9"},"op":"c","ts_ms":1}') WHERE name <> 'role';
SELECT part, name, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('s.caf.the', '{"cl\u00e9":1}', '{"before":null,"after":{"cl\u00e9":1},"source":{"connector":"postgresql","db":"d","schema":"caf\u00e9","table":"neuf\u00e9"},"op":"c","ts_ms":1}') WHERE name <> 'role';
SELECT part, name, target_type, conversion, result, error FROM kafka_cdc_sink.explain_event('s.caf.the', '{"cl\u00e9":1}', '{"before":null,"after":{"cl\u00e9":1},"source":{"connector":"postgresql","db":"d","schema":"neuf\u00e9","table":"\u20ac"},"op":"c","ts_ms":1}') WHERE name <> 'role';
\set ECHO none
\c :home
DROP DATABASE values_encoding;

\set encoding WIN1252
\i sql/values_encodings.inc
INSERT INTO t.vectors (schema, value, target, expected) VALUES ('string', '"\u20ac"', 'text', U&'\20AC');
\set ECHO all
SELECT * FROM t.values_check();
\set ECHO none
\c :home
DROP DATABASE values_encoding;

\set encoding EUC_JP
\i sql/values_encodings.inc
INSERT INTO t.vectors (schema, value, target, expected) VALUES
    ('string', '"\u65e5\u672c"', 'varchar(2)', U&'\65E5\672C'), ('string', '"\u65e5\u672c\u8a9e"', 'varchar(2)', '!22001'), ('string', '"\u65e5\u672c"', 'char(3)', U&'\65E5\672C '), ('string', '"{\"\u8868,\",\u80fd}"', 'text[]', U&'{"\8868,",\80FD}');
\set ECHO all
SELECT * FROM t.values_check();
\set ECHO none
\c :home
DROP DATABASE values_encoding;

-- Knows no characters: UTF-8 stays as it is, byte by byte.
CREATE DATABASE values_encoding TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C';
\set home :DBNAME
\c values_encoding
\encoding SQL_ASCII
CREATE EXTENSION kafka_cdc_sink;
\i sql/values.inc
INSERT INTO t.vectors (schema, value, target, expected) VALUES
    ('string', '"caf\u00e9"', 'text', 'café'), ('string', '"caf\u00e9"', 'varchar(4)', '!22001'), ('string', '"caf\u00e9"', 'varchar(5)', 'café'), ('Json', '"{\"k\": \"\u00e9\"}"', 'jsonb', '{"k": "é"}'), ('Json', '"{\"k\": \"\\u00e9\"}"', 'jsonb', '!0A000'), ('string', '"\ud83d\ude00"', 'text', '😀'), ('array(string)', '["\u00e9"]', 'text[]', '{é}');
\set ECHO all
SELECT * FROM t.values_check();
\set ECHO none
\c :home
DROP DATABASE values_encoding;
